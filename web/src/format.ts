// Numbers as pages show them, by the rules of fcgi/pages/format.c: for the values under the cursor of a chart.
const NBSP = "\u00a0";

interface Unit {
  readonly limit: number;
  readonly divisor: number;
  readonly wholeFrom: number; // values of at least this have no decimals
  readonly suffix: string;
}

const DURATIONS: readonly Unit[] = [
  { limit: 0.9995, divisor: 0.001, wholeFrom: 10, suffix: NBSP + "µs" },
  { limit: 999.5, divisor: 1, wholeFrom: 10, suffix: NBSP + "ms" },
  { limit: 119950, divisor: 1e3, wholeFrom: 100, suffix: NBSP + "s" },
  { limit: 7197e3, divisor: 6e4, wholeFrom: 100, suffix: NBSP + "min" },
  { limit: 172.8e6, divisor: 36e5, wholeFrom: 100, suffix: NBSP + "h" },
  { limit: Infinity, divisor: 864e5, wholeFrom: 100, suffix: NBSP + "d" },
];

const COUNTS: readonly Unit[] = [
  { limit: 999.5, divisor: 1, wholeFrom: 0, suffix: "" },
  { limit: 999500, divisor: 1e3, wholeFrom: 100, suffix: NBSP + "k" },
  { limit: 999.5e6, divisor: 1e6, wholeFrom: 100, suffix: NBSP + "M" },
  { limit: 999.5e9, divisor: 1e9, wholeFrom: 100, suffix: NBSP + "G" },
  { limit: Infinity, divisor: 1e12, wholeFrom: 100, suffix: NBSP + "T" },
];

function inUnits(units: readonly Unit[], value: number): string {
  const unit = units.find((candidate) => value < candidate.limit);
  if (!unit) return "–";
  const scaled = value / unit.divisor;
  return scaled.toFixed(scaled >= unit.wholeFrom - 0.05 ? 0 : 1) + unit.suffix;
}

export function duration(ms: number): string {
  return ms === 0 ? "0" + NBSP + "ms" : inUnits(DURATIONS, ms);
}

export function count(value: number): string {
  if (value >= 999.5 && value < 9999.5) return Math.round(value).toLocaleString("en-US");
  return inUnits(COUNTS, value);
}

export function rate(perSecond: number): string {
  if (perSecond === 0) return "0/s";
  if (perSecond >= 99.95) return count(perSecond) + "/s";
  if (perSecond >= 0.0995) return perSecond.toFixed(perSecond < 0.995 ? 2 : perSecond < 9.95 ? 1 : 0) + "/s";
  if (perSecond >= 0.000995) return perSecond.toFixed(3) + "/s";
  return Math.max(perSecond * 3600, 0.1).toFixed(1) + "/h";
}

export function mean(value: number): string {
  if (value >= 9.95 || value === 0) return count(value);
  if (value < 0.00995) return `<${NBSP}0.01`;
  return value.toFixed(value < 0.995 ? 2 : 1);
}

export function share(value: number): string {
  const percent = value * 100;
  if (percent > 0 && percent < 0.05) return `<${NBSP}0.1${NBSP}%`;
  return percent.toFixed(percent === 0 || percent >= 9.95 ? 0 : 1) + NBSP + "%";
}

// The keys are the units of the charts' measures (fcgi/pages/charts_view.h).
const FORMATS: Readonly<Record<string, (value: number) => string>> = {
  ms: duration,
  h: (value) => duration(value * 36e5),
  "ms/s": (value) => duration(value) + "/s",
  "1/s": rate,
  "1": count,
  share,
  mean,
};

export function formatOf(unit: string | undefined): (value: number) => string {
  return FORMATS[unit ?? ""] ?? count;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number): string => String(value).padStart(2, "0");

export function clock(timeS: number): string {
  const date = new Date(timeS * 1000);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

export function day(timeS: number): string {
  const date = new Date(timeS * 1000);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ""}`;
}
