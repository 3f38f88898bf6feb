// Charts: uPlot takes over the box of each chart that the server drew. The cursors of all charts move together.
// Dragging chooses a period. A missing bucket is a gap.
import uPlot from "uplot";
import {
  bucketName,
  layersAt,
  periodAddress,
  stackedSteps,
  steps,
  thinned,
  top,
  uncut,
  type ChartData,
  type Mark,
} from "./chart_data";
import { formatOf } from "./format";

const DRAG_PIXELS_MIN = 6;
const RIGHT_PIXELS = 8; // beside the plot, as in css/charts.css
const SIDES_PIXELS = 80; // this, and the axis of values
const NARROW_PIXELS = 420; // as in css/charts.css: below it, every second mark of the time axis is left out
const STEPPED = uPlot.paths.stepped?.({ align: 1 });

function token(element: Element, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}

/** The colour that css/charts.css gives a layer. */
function layerColour(figure: HTMLElement, key: string): string {
  const probe = figure.appendChild(document.createElement("i"));
  probe.className = `layer-${key}`;
  const colour = token(probe, "--layer");
  probe.remove();
  return colour;
}

function readData(): ChartData | null {
  const script = document.querySelector("[data-chart-data]");
  return script ? (JSON.parse(script.textContent ?? "null") as ChartData | null) : null;
}

let isLeaving = false;

function choosePeriod(fromS: number, toS: number, data: ChartData): void {
  const address = periodAddress(location.href, fromS, toS, data);
  if (isLeaving || address === null) return;
  isLeaving = true;
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
    this.format = formatOf(data.units[key]);
    this.read = figure.querySelector("output");
    this.plot = new uPlot(this.options(), this.drawn(), box);
    this.plot.root.setAttribute("aria-hidden", "true"); // the name of the drawing and the table serve screen readers
    figure.querySelector(".chart-drawing")?.classList.add("replaced");
    new ResizeObserver(() => this.resize()).observe(box);
    box.addEventListener("pointerleave", () => this.say(null));
  }

  update(data: ChartData): void {
    this.data = data;
    this.plot.setData(this.drawn());
  }

  private drawn(): uPlot.AlignedData {
    return this.data.layers ? stackedSteps(this.data) : steps(this.data, this.key);
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
    const said = this.data.layers ? layersAt(this.data, time, this.format) : this.format(value);
    this.read.textContent = `${bucketName(this.data, time)}  ${said}`;
  }

  private timeMarks(): readonly Mark[] {
    const width = this.box.clientWidth;
    return uncut(thinned(this.data.time_marks, width < NARROW_PIXELS), this.data, width - SIDES_PIXELS);
  }

  private valueMarks(): readonly Mark[] {
    return this.data.value_marks[this.key] ?? [];
  }

  private series(): uPlot.Series[] {
    const shape = { points: { show: false }, ...(STEPPED ? { paths: STEPPED } : {}) };
    const line = (): string => token(this.figure, "--series");
    if (!this.data.layers) return [{ ...shape, stroke: line, fill: () => line() + "29", width: 1.5 }]; // 16 % opacity
    // Each hides the lower part of the one before.
    return this.data.layers
      .map(({ key }) => ({ ...shape, width: 0, fill: () => layerColour(this.figure, key) }))
      .reverse();
  }

  private options(): uPlot.Options {
    const axis = {
      stroke: () => token(this.figure, "--muted"),
      font: `13px ${token(document.body, "font-family") || "sans-serif"}`,
      ticks: { show: false },
    };
    return {
      width: this.box.clientWidth,
      height: this.box.clientHeight,
      padding: [8, RIGHT_PIXELS, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        sync: { key: "potto", setSeries: false },
        drag: { x: true, y: false, setScale: false },
        points: { size: 7, width: 2, ...(this.data.layers ? { show: false } : {}) },
      },
      scales: {
        x: { time: false, range: () => [this.data.from_s, this.data.to_s] },
        y: { range: () => [0, top(this.data, this.key)] },
      },
      axes: [
        {
          ...axis,
          size: 24,
          gap: 6,
          grid: { show: false },
          splits: () => this.timeMarks().map((mark) => mark.at),
          values: () => this.timeMarks().map((mark) => mark.label),
        },
        {
          ...axis,
          size: SIDES_PIXELS - RIGHT_PIXELS,
          gap: 8,
          grid: { stroke: () => token(this.figure, "--line"), width: 1 },
          splits: () => this.valueMarks().map((mark) => mark.at),
          values: () => this.valueMarks().map((mark) => mark.label),
        },
      ],
      series: [{}, ...this.series()],
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

/** Call after the data in the page changed. */
export function updateCharts(): void {
  const data = readData();
  if (!data) return;
  if (charts.length === 0) startCharts();
  else for (const chart of charts) chart.update(data);
}

/** Call after the colours changed. */
export function redrawCharts(): void {
  for (const chart of charts) chart.redraw();
}
