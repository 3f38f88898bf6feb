// A page whose period ends now loads itself again at intervals, and replaces only the parts that changed.
import { updateCharts } from "./charts";

const INTERVAL_MS = 30_000;
const PARTS = [".verdict", ".lead", ".tiles", ".legend", "[data-chart-data]", ".chart-table tbody", "section.panel"];

function isBusy(): boolean {
  const active = document.activeElement;
  return (
    document.hidden ||
    document.querySelector("details[data-popover][open]") !== null ||
    (active instanceof Element && active.closest("main") !== null && active.id !== "main") ||
    (getSelection()?.toString() ?? "") !== ""
  );
}

/** Pairs of an old part and its new version. Empty if the number of parts changed. */
export function changedParts<Part extends { readonly innerHTML: string }>(
  olds: readonly Part[],
  news: readonly Part[],
  isUnfolded: (part: Part) => boolean,
): [Part, Part][] {
  if (olds.length !== news.length) return [];
  return olds.flatMap((old, i): [Part, Part][] => {
    const next = news[i];
    // A part that somebody unfolded is not replaced.
    return next && old.innerHTML !== next.innerHTML && !isUnfolded(old) ? [[old, next]] : [];
  });
}

function take(fresh: Document): void {
  for (const part of PARTS) {
    const [olds, news] = [document.querySelectorAll(`main ${part}`), fresh.querySelectorAll(`main ${part}`)];
    for (const [old, next] of changedParts([...olds], [...news], (at) => at.querySelector("details[open]") !== null))
      old.replaceWith(document.adoptNode(next));
  }
}

/** A page that answered a form is not loaded again, because its address would do something else. */
export function canBeReadAgain(path: string): boolean {
  return !path.endsWith("-token");
}

async function refresh(): Promise<void> {
  if (isBusy()) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected || isBusy()) return;
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    updateCharts();
  } catch {
    // The server is away; try again at the next interval.
  }
}

export function startLive(): void {
  if (!document.querySelector("main[data-live]") || !canBeReadAgain(location.pathname)) return;
  setInterval(() => void refresh(), INTERVAL_MS);
}
