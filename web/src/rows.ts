// Rows as links: a click anywhere in a row follows its link, unless something in it was meant.
export function startRows(): void {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest("table.rows tbody tr");
    const link = row?.querySelector<HTMLAnchorElement>("a.row-link");
    if (!target || !link || target.closest("a, button, input, summary") || getSelection()?.toString()) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else location.assign(link.href);
  });
}
