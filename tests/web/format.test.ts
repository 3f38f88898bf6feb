// Numbers and times as charts show them. The rows are those of tests/unit/test_page_format.c.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, count, day, duration, formatOf, mean, rate, share } from "../../web/src/format";

/** `rows`: each value and its text. A blank in a text stands for a no-break space. */
function check(format: (value: number) => string, rows: readonly (readonly [number, string])[]): void {
  for (const [value, text] of rows) assert.equal(format(value), text.replaceAll(" ", "\u00a0"), `of ${value}`);
}

test("durations have fitting units", () => {
  check(duration, [
    [0, "0 ms"],
    [0.0004, "0.4 µs"],
    [0.087, "87 µs"],
    [0.9996, "1.0 ms"],
    [1.24, "1.2 ms"],
    [9.96, "10 ms"],
    [340.2, "340 ms"],
    [999.6, "1.0 s"],
    [1234, "1.2 s"],
    [59960, "60.0 s"],
    [119900, "120 s"],
    [125000, "2.1 min"],
    [8e6, "2.2 h"],
    [864e6, "10.0 d"],
    [Infinity, "–"],
  ]);
});

test("counts are cut to three figures", () => {
  check(count, [
    [0, "0"],
    [7, "7"],
    [999, "999"],
    [1000, "1,000"],
    [9412, "9,412"],
    [9999.7, "10.0 k"],
    [14300, "14.3 k"],
    [143000, "143 k"],
    [2.13e6, "2.1 M"],
    [999.7e6, "1.0 G"],
    [5e12, "5.0 T"],
    [NaN, "–"],
  ]);
});

test("shares keep small values visible", () => {
  check(share, [
    [0, "0 %"],
    [0.0001, "< 0.1 %"],
    [0.034, "3.4 %"],
    [0.4712, "47 %"],
  ]);
});

test("rates keep small values visible", () => {
  check(rate, [
    [0, "0/s"],
    [1e-9, "0.1/h"],
    [0.0005, "1.8/h"],
    [0.005, "0.005/s"],
    [0.25, "0.25/s"],
    [3.14, "3.1/s"],
    [40, "40/s"],
    [14300, "14.3 k/s"],
  ]);
});

test("the server's units have their formats", () => {
  check(formatOf("ms"), [[340, "340 ms"]]);
  check(formatOf("ms/s"), [[1200, "1.2 s/s"]]);
  check(formatOf("1/s"), [[3.14, "3.1/s"]]);
  check(formatOf("1"), [[9412, "9,412"]]);
  check(formatOf(undefined), [[9412, "9,412"]]);
});

test("times are in UTC", () => {
  const time = Date.UTC(2026, 10, 20, 22, 51, 9) / 1000;
  assert.equal(clock(time), "22:51");
  assert.equal(day(time), "20 Nov");
  assert.equal(clock(Date.UTC(2026, 0, 1) / 1000), "00:00");
  assert.equal(day(Date.UTC(2026, 0, 1) / 1000), "1 Jan");
});

test("means of counts keep what is small", () => {
  check(mean, [
    [0, "0"],
    [0.004, "< 0.01"],
    [0.25, "0.25"],
    [0.996, "1.0"],
    [3.14, "3.1"],
    [47.2, "47"],
  ]);
});
