// Rows as links: a click anywhere in a row follows its link, unless the click was on a control.

/** A click in a row that has a link. */
interface RowClick {
  readonly isOnControl: boolean; // a link, a button, a field, or a part that unfolds
  readonly hasSelection: boolean; // text is selected
  readonly hasModifier: boolean; // Ctrl, or ⌘
}

/** Where the link of the row opens: here, in a new tab, or nowhere. */
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
