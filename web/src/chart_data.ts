// The data of the charts of a page, which fcgi/pages/series_view.c writes, and pure functions of the data.
import { clock, day } from "./format";

const NAMED_MAX = 3; // layers that are named below the cursor
const EDGE_PIXELS = 16; // half of "28 Nov", less the room that is right of a plot

/** A mark of an axis: a time in seconds, or a value in the unit of the chart. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

/** One of several values that a chart shows on top of each other. */
interface Layer {
  readonly key: string;
  readonly name: string;
}

/** The keys of each record are the data-chart attributes of the charts. */
export interface ChartData {
  readonly from_s: number;
  readonly to_s: number;
  readonly bucket_s: number;
  readonly times_s: readonly number[];
  readonly time_marks: readonly Mark[];
  readonly units: Readonly<Record<string, string>>; // names of format.ts
  readonly value_marks: Readonly<Record<string, readonly Mark[]>>; // the last one is the upper edge of the chart
  readonly layers?: readonly Layer[]; // of the one chart, from the bottom; their keys are those of `values`
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Draws each bucket over its whole width: the last value of a run of buckets lasts until its end; a gap follows. */
export function steps(data: ChartData, key: string): [number[], (number | null)[]] {
  const times: number[] = [];
  const values: (number | null)[] = [];
  data.times_s.forEach((time, i) => {
    const value = data.values[key]?.[i] ?? null;
    const end = Math.min(time + data.bucket_s, data.to_s);
    const next = data.times_s[i + 1];
    const isFollowed = next !== undefined && next <= time + data.bucket_s && data.values[key]?.[i + 1] != null;
    if (value === null) return;
    times.push(time);
    values.push(value);
    if (!isFollowed) {
      times.push(end - 0.002, end - 0.001);
      values.push(value, null);
    }
  });
  return [times, values];
}

/** The same for a chart of layers: times, then for each layer from the top its sum with all below it. */
export function stackedSteps(data: ChartData): [number[], ...(number | null)[][]] {
  const layers = data.layers ?? [];
  const sums = layers.map(() => [] as (number | null)[]);
  data.times_s.forEach((_, i) => {
    let sum: number | null = 0;
    layers.forEach((layer, l) => {
      const value = data.values[layer.key]?.[i] ?? null;
      sum = sum === null || value === null ? null : sum + value;
      sums[l]?.push(sum);
    });
  });
  const drawn = sums.map((values) => steps({ ...data, values: { sum: values } }, "sum"));
  return [drawn[0]?.[0] ?? [], ...drawn.map(([, values]) => values).reverse()];
}

/** What the layers of a chart say at the time of a point: the sum, and the largest parts of it. */
export function layersAt(data: ChartData, timeS: number, format: (value: number) => string): string {
  const i = data.times_s.filter((time) => time <= timeS).length - 1;
  const parts = (data.layers ?? [])
    .map((layer) => ({ name: layer.name, value: data.values[layer.key]?.[i] ?? 0 }))
    .filter((part) => part.value > 0)
    .sort((a, b) => b.value - a.value);
  const sum = parts.reduce((total, part) => total + part.value, 0);
  const named = parts.slice(0, NAMED_MAX).map((part) => `${part.name} ${format(part.value)}`);
  return [format(sum), ...(named.length > 0 ? [named.join(", ")] : [])].join(": ");
}

/** The upper edge of a chart. */
export function top(data: ChartData, key: string): number {
  return data.value_marks[key]?.at(-1)?.at ?? 1;
}

/** Every second mark if the chart is narrow, else all marks. */
export function thinned(marks: readonly Mark[], isNarrow: boolean): readonly Mark[] {
  return isNarrow ? marks.filter((_, i) => i % 2 === 0) : marks;
}

/** Time marks whose label the right edge of a plot of `pixels` would not cut. */
export function uncut(marks: readonly Mark[], data: ChartData, pixels: number): readonly Mark[] {
  const last = data.to_s - ((data.to_s - data.from_s) * EDGE_PIXELS) / Math.max(pixels, 1);
  return marks.filter((mark) => mark.at <= last);
}

/** The name of the bucket that starts at `timeS`: the day, and the time of day unless buckets are days. */
export function bucketName(data: ChartData, timeS: number): string {
  const start = Math.floor(timeS / data.bucket_s) * data.bucket_s;
  return data.bucket_s >= 86400 ? day(start) : `${day(start)} ${clock(start)}`;
}

/** `address` with the period from `fromS` to `toS`, limited to the shown period, in whole buckets. Null if empty. */
export function periodAddress(address: string, fromS: number, toS: number, data: ChartData): string | null {
  const from = Math.floor(Math.max(fromS, data.from_s) / data.bucket_s) * data.bucket_s;
  const to = Math.ceil(Math.min(toS, data.to_s) / data.bucket_s) * data.bucket_s;
  if (to <= from) return null;
  const changed = new URL(address);
  for (const name of ["period", "page", "added"]) changed.searchParams.delete(name);
  changed.searchParams.set("from", new Date(from * 1000).toISOString().slice(0, 16));
  changed.searchParams.set("to", new Date(to * 1000).toISOString().slice(0, 16));
  // The answer to a form (a revealed token) has no address that can be loaded again.
  changed.pathname = changed.pathname.replace(/\/(reveal|rotate)-token$/, "");
  return changed.href;
}
