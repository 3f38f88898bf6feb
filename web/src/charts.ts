// Charts: uPlot takes over the box of each server-drawn chart. Cursors go together; dragging chooses
// the period; a missing bucket is a gap.
import uPlot from "uplot";
import { clock, count, day, duration, rate } from "./format";

interface ChartData {
  readonly from_s: number;
  readonly to_s: number;
  readonly bucket_s: number;
  readonly times_s: readonly number[];
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

// As the measures of fcgi/pages/series_view.c.
const UNITS: Readonly<Record<string, (value: number) => string>> = {
  time: (value) => duration(value) + "/s",
  calls: rate,
  slow: count,
  mean: duration,
  p95: duration,
};

const VALUE_STEPS = 4;
const TIME_MARKS_WANTED = 8;
const TIME_STEPS_S = [
  300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 345600, 604800, 1209600, 2592000, 7776000,
  31536000,
];
const DRAG_PIXELS_MIN = 6;
const NARROW_PIXELS = 420; // as in potto.css: every other mark of the time axis
const STEPPED = uPlot.paths.stepped?.({ align: 1 });

/** As chart_round_up of fcgi/pages/chart.c: quarters of the top are round. */
function roundUp(value: number, isWhole: boolean): number {
  if (!(value > 0)) return isWhole ? 4 : 1;
  const least = 10 ** (Math.floor(Math.log10(value)) - 1);
  for (let magnitude = isWhole ? Math.max(least, 1) : least; magnitude < 1e18; magnitude *= 10)
    for (const step of [4, 8, 12, 20, 40]) if (step * magnitude >= value * 0.999999) return step * magnitude;
  return value;
}

function timeStep(spanS: number): number {
  return TIME_STEPS_S.find((step) => Math.floor(spanS / step) <= TIME_MARKS_WANTED) ?? 31536000;
}

/** Each bucket over its whole width: a run of buckets ends with its last value at its end, then nothing. */
function steps(data: ChartData, key: string): [number[], (number | null)[]] {
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

function token(element: Element, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

function readData(): ChartData | null {
  const script = document.querySelector("[data-chart-data]");
  return script ? (JSON.parse(script.textContent ?? "null") as ChartData | null) : null;
}

let isLeaving = false;

function choosePeriod(fromS: number, toS: number, data: ChartData): void {
  const address = new URL(location.href);
  const from = Math.floor(Math.max(fromS, data.from_s) / data.bucket_s) * data.bucket_s;
  const to = Math.ceil(Math.min(toS, data.to_s) / data.bucket_s) * data.bucket_s;
  if (isLeaving || to <= from) return;
  isLeaving = true;
  for (const name of ["period", "page", "added"]) address.searchParams.delete(name);
  address.searchParams.set("from", new Date(from * 1000).toISOString().slice(0, 16));
  address.searchParams.set("to", new Date(to * 1000).toISOString().slice(0, 16));
  // A form's answer (a revealed token) has no address of its own to come back to.
  address.pathname = address.pathname.replace(/\/(reveal|rotate)-token$/, "");
  location.assign(address);
}

class Chart {
  private data: ChartData;
  private readonly plot: uPlot;
  private readonly format: (value: number) => string;
  private readonly read: HTMLOutputElement | null;

  constructor(
    private readonly figure: HTMLElement,
    private readonly box: HTMLElement,
    private readonly key: string,
    data: ChartData,
  ) {
    this.data = data;
    this.format = UNITS[key] ?? count;
    this.read = figure.querySelector("output");
    this.plot = new uPlot(this.options(), steps(data, key), box);
    this.plot.root.setAttribute("aria-hidden", "true"); // the drawing's name and the table say it
    figure.querySelector(".chart-drawing")?.classList.add("replaced");
    new ResizeObserver(() => this.resize()).observe(box);
    box.addEventListener("pointerleave", () => this.say(null));
  }

  update(data: ChartData): void {
    this.data = data;
    this.plot.setData(steps(data, this.key));
  }

  redraw(): void {
    this.plot.redraw(false, true);
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (width > 0 && (width !== this.plot.width || height !== this.plot.height)) this.plot.setSize({ width, height });
  }

  private say(index: number | null | undefined): void {
    if (!this.read) return;
    const time = index == null ? undefined : this.plot.data[0][index];
    const value = index == null ? undefined : this.plot.data[1]?.[index];
    if (time === undefined || value == null) {
      this.read.textContent = "";
      return;
    }
    const start = Math.floor(time / this.data.bucket_s) * this.data.bucket_s;
    const isDaily = this.data.bucket_s >= 86400;
    this.read.textContent = `${day(start)}${isDaily ? "" : " " + clock(start)}  ${this.format(value)}`;
  }

  private top(): number {
    const values = (this.data.values[this.key] ?? []).map((value) => value ?? 0);
    return roundUp(Math.max(0, ...values), this.key === "slow");
  }

  private timeMarks(): number[] {
    const step = timeStep(this.data.to_s - this.data.from_s);
    const last = this.data.to_s - (this.data.to_s - this.data.from_s) / 40; // one at the edge would be cut
    const marks: number[] = [];
    for (let at = Math.ceil(this.data.from_s / step) * step; at <= last; at += step) marks.push(at);
    return this.box.clientWidth < NARROW_PIXELS ? marks.filter((_, i) => i % 2 === 0) : marks;
  }

  private options(): uPlot.Options {
    const line = (): string => token(this.figure, "--series");
    const axis = {
      stroke: () => token(this.figure, "--muted"),
      font: `13px ${token(document.body, "font-family") || "sans-serif"}`,
      ticks: { show: false },
    };
    return {
      width: this.box.clientWidth,
      height: this.box.clientHeight,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        sync: { key: "potto", setSeries: false },
        drag: { x: true, y: false, setScale: false },
        points: { size: 7, width: 2 },
      },
      scales: {
        x: { time: false, range: () => [this.data.from_s, this.data.to_s] },
        y: { range: () => [0, this.top()] },
      },
      axes: [
        {
          ...axis,
          size: 24,
          gap: 6,
          grid: { show: false },
          splits: () => this.timeMarks(),
          values: (_, marks) =>
            marks.map((mark) => (timeStep(this.data.to_s - this.data.from_s) < 86400 ? clock(mark) : day(mark))),
        },
        {
          ...axis,
          size: 72,
          gap: 8,
          grid: { stroke: () => token(this.figure, "--line"), width: 1 },
          splits: () => Array.from({ length: VALUE_STEPS + 1 }, (_, i) => (this.top() * i) / VALUE_STEPS),
          values: (_, marks) => marks.map((mark) => (mark === 0 ? "0" : this.format(mark))),
        },
      ],
      series: [
        {},
        {
          stroke: line,
          fill: () => line() + "29", // 16 %, as the drawing
          width: 1.5,
          points: { show: false },
          ...(STEPPED ? { paths: STEPPED } : {}),
        },
      ],
      hooks: {
        setCursor: [(plot) => this.say(plot.cursor.idx)],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < DRAG_PIXELS_MIN) return;
            choosePeriod(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"), this.data);
          },
        ],
      },
    };
  }
}

const charts: Chart[] = [];

export function startCharts(): void {
  const data = readData();
  if (!data || data.times_s.length === 0) return;
  for (const figure of document.querySelectorAll<HTMLElement>("[data-chart]")) {
    const box = figure.querySelector<HTMLElement>(".chart-box");
    const key = figure.dataset["chart"];
    if (box && key) charts.push(new Chart(figure, box, key, data));
  }
}

/** New data stand in the page. */
export function updateCharts(): void {
  const data = readData();
  if (!data) return;
  if (charts.length === 0) startCharts();
  else for (const chart of charts) chart.update(data);
}

/** The colours changed. */
export function redrawCharts(): void {
  for (const chart of charts) chart.redraw();
}
