// A page whose period ends now reads itself again now and then, and changes only what changed.
import { updateCharts } from "./charts";

const INTERVAL_MS = 30_000;
const PARTS = [".verdict", ".tiles", "[data-chart-data]", ".chart-table tbody", "section.panel"];

function isBusy(): boolean {
  const active = document.activeElement;
  return (
    document.hidden ||
    document.querySelector("details[data-popover][open]") !== null ||
    (active instanceof Element && active.closest("main") !== null && active.id !== "main") ||
    (getSelection()?.toString() ?? "") !== ""
  );
}

function take(fresh: Document): void {
  for (const part of PARTS) {
    const olds = document.querySelectorAll(`main ${part}`);
    const news = fresh.querySelectorAll(`main ${part}`);
    if (olds.length !== news.length) continue;
    olds.forEach((old, i) => {
      const next = news[i];
      // What somebody has unfolded stays as it is.
      if (next && old.innerHTML !== next.innerHTML && !old.querySelector("details[open]")) old.replaceWith(document.adoptNode(next));
    });
  }
}

async function refresh(): Promise<void> {
  if (isBusy()) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected || isBusy()) return;
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
    updateCharts();
  } catch {
    // Away for a moment; the next time will tell.
  }
}

export function startLive(): void {
  // A page that answered a form is not read again: its address would do something else.
  if (!document.querySelector("main[data-live]") || /-token$/.test(location.pathname)) return;
  setInterval(() => void refresh(), INTERVAL_MS);
}
