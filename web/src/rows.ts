// Rows as links: a click anywhere in a row follows its link, unless something in it was meant.

/** A click in a row that has a link. */
interface RowClick {
  readonly isOnControl: boolean; // a link, a button, a field, something that unfolds
  readonly hasSelection: boolean; // text is marked
  readonly hasModifier: boolean; // Ctrl, or ⌘
}

/** Where the row's link opens: here, in a tab of its own, or nowhere. */
export function rowTarget(click: RowClick): "here" | "tab" | null {
  if (click.isOnControl || click.hasSelection) return null;
  return click.hasModifier ? "tab" : "here";
}

export function startRows(): void {
  document.addEventListener("click", (event) => {
    const clicked = event.target instanceof Element ? event.target : null;
    const link = clicked?.closest("table.rows tbody tr")?.querySelector<HTMLAnchorElement>("a.row-link");
    if (!clicked || !link) return;
    const target = rowTarget({
      isOnControl: clicked.closest("a, button, input, summary") !== null,
      hasSelection: Boolean(getSelection()?.toString()),
      hasModifier: event.ctrlKey || event.metaKey,
    });
    if (target === "tab") window.open(link.href, "_blank", "noopener");
    else if (target === "here") location.assign(link.href);
  });
}
