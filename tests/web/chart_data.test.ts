// Functions of the data that the server sends for charts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketName, periodAddress, steps, thinned, top, uncut, type ChartData } from "../../web/src/chart_data";
import { layersAt, stackedSteps } from "../../web/src/chart_data";

const DAY = Date.UTC(2026, 10, 20) / 1000;

function data(changes: Partial<ChartData> = {}): ChartData {
  return {
    from_s: DAY,
    to_s: DAY + 3600,
    bucket_s: 300,
    times_s: [],
    time_marks: [],
    units: {},
    value_marks: {},
    values: {},
    ...changes,
  };
}

test("a run of buckets ends at the end of its last bucket", () => {
  const [times, values] = steps(data({ times_s: [DAY, DAY + 300], values: { calls: [2, 3] } }), "calls");
  assert.deepEqual(times, [DAY, DAY + 300, DAY + 599.998, DAY + 599.999]);
  assert.deepEqual(values, [2, 3, 3, null]);
});

test("a missing bucket is a gap", () => {
  const [times, values] = steps(data({ times_s: [DAY, DAY + 900], values: { calls: [2, 3] } }), "calls");
  assert.deepEqual(times, [DAY, DAY + 299.998, DAY + 299.999, DAY + 900, DAY + 1199.998, DAY + 1199.999]);
  assert.deepEqual(values, [2, 2, null, 3, 3, null]);
});

test("a bucket without a value is a gap", () => {
  const times_s = [DAY, DAY + 300, DAY + 600];
  const [times, values] = steps(data({ times_s, values: { p95: [2, null, 4] } }), "p95");
  assert.deepEqual(times, [DAY, DAY + 299.998, DAY + 299.999, DAY + 600, DAY + 899.998, DAY + 899.999]);
  assert.deepEqual(values, [2, 2, null, 4, 4, null]);
});

test("the last bucket does not reach past the period", () => {
  const [times] = steps(data({ to_s: DAY + 100, times_s: [DAY], values: { calls: [1] } }), "calls");
  assert.deepEqual(times, [DAY, DAY + 99.998, DAY + 99.999]);
});

test("a chart that the server did not send is empty", () => {
  assert.deepEqual(steps(data({ times_s: [DAY] }), "calls"), [[], []]);
  assert.equal(top(data(), "calls"), 1);
});

test("the last mark is the upper edge", () => {
  const marks = [0, 2, 4, 6, 8].map((at) => ({ at, label: String(at) }));
  assert.equal(top(data({ value_marks: { slow: marks } }), "slow"), 8);
});

test("a narrow chart has every other mark", () => {
  const marks = ["10:00", "10:05", "10:10"].map((label, i) => ({ at: DAY + i * 300, label }));
  assert.deepEqual(thinned(marks, false), marks);
  assert.deepEqual(
    thinned(marks, true).map((mark) => mark.label),
    ["10:00", "10:10"],
  );
});

test("a mark whose label the right edge would cut is left out", () => {
  const marks = [3000, 3500].map((after) => ({ at: DAY + after, label: String(after) }));
  assert.deepEqual(uncut(marks, data(), 1000), marks);
  assert.deepEqual(uncut(marks, data(), 360), marks.slice(0, 1));
});

test("a bucket has the name of its start", () => {
  assert.equal(bucketName(data(), DAY + 449), "20 Nov 00:05");
  assert.equal(bucketName(data({ bucket_s: 86400 }), DAY + 3 * 3600), "20 Nov");
});

test("a chosen period is widened to whole buckets and goes into the address", () => {
  const address = "https://potto.example/queries?connection_id=7&period=24h&page=3&q=a%20b";
  const changed = new URL(periodAddress(address, DAY + 310, DAY + 899, data()) ?? "");
  assert.equal(changed.pathname, "/queries");
  assert.deepEqual(Object.fromEntries(changed.searchParams), {
    connection_id: "7",
    q: "a b",
    from: "2026-11-20T00:05",
    to: "2026-11-20T00:15",
  });
});

test("a chosen period stays within the one that is shown", () => {
  const changed = new URL(periodAddress("https://potto.example/", DAY - 500, DAY + 9999, data()) ?? "");
  assert.equal(changed.searchParams.get("from"), "2026-11-20T00:00");
  assert.equal(changed.searchParams.get("to"), "2026-11-20T01:00");
});

test("a period with nothing in it is no choice", () => {
  assert.equal(periodAddress("https://potto.example/", DAY + 5000, DAY + 6000, data()), null);
});

test("the answer of a form leads back to its page", () => {
  for (const form of ["reveal-token", "rotate-token"]) {
    const address = periodAddress(`https://potto.example/databases/4/${form}?added=1`, DAY, DAY + 600, data());
    assert.equal(address, "https://potto.example/databases/4?from=2026-11-20T00%3A00&to=2026-11-20T00%3A10");
  }
});

const LAYERS = [
  { key: "cpu", name: "At work" },
  { key: "lock", name: "Locks" },
];

test("each layer is drawn with all below it, the top one first", () => {
  const values = { cpu: [1, 2], lock: [3, 0] };
  const [times, all, cpu] = stackedSteps(data({ times_s: [DAY, DAY + 300], layers: LAYERS, values }));
  assert.deepEqual(times, [DAY, DAY + 300, DAY + 599.998, DAY + 599.999]);
  assert.deepEqual(all, [4, 2, 2, null]);
  assert.deepEqual(cpu, [1, 2, 2, null]);
});

test("layers that nobody knows are a gap", () => {
  const values = { cpu: [1, null, 1], lock: [1, null, 1] };
  const [times, all] = stackedSteps(data({ times_s: [DAY, DAY + 300, DAY + 600], layers: LAYERS, values }));
  assert.equal(times.length, 6);
  assert.deepEqual(all, [2, 2, null, 2, 2, null]);
});

test("the sum is said with its largest layers", () => {
  const shown = data({ times_s: [DAY, DAY + 300], layers: LAYERS, values: { cpu: [1, 0], lock: [3, 0] } });
  assert.equal(layersAt(shown, DAY + 10, String), "4: Locks 3, At work 1");
  assert.equal(layersAt(shown, DAY + 300, String), "0");
});
