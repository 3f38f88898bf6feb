// Forms of the bar and of filters are sent when somebody makes a choice. Popovers close on Escape or a click elsewhere.

/** Whether a key leads to the search: "/", unless somebody is typing or the browser uses the key as a shortcut. */
export function isSearchKey(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
  isTyping: boolean,
): boolean {
  return event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
}

export function startForms(): void {
  document.addEventListener("change", (event) => {
    const control = event.target;
    if (control instanceof HTMLSelectElement && control.form?.matches("[data-auto-submit]"))
      control.form.requestSubmit();
  });

  // Leave out empty fields, which would only lengthen the address.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "get") return;
    const empty = [...form.elements].filter(
      (control): control is HTMLInputElement | HTMLSelectElement =>
        (control instanceof HTMLInputElement || control instanceof HTMLSelectElement) && control.value === "",
    );
    for (const control of empty) control.disabled = true;
    setTimeout(() => {
      for (const control of empty) control.disabled = false;
    });
  });

  document.addEventListener("click", (event) => {
    for (const popover of document.querySelectorAll<HTMLDetailsElement>("details[data-popover][open]"))
      if (event.target instanceof Node && !popover.contains(event.target)) popover.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape")
      for (const popover of document.querySelectorAll<HTMLDetailsElement>("details[data-popover][open]")) {
        popover.open = false;
        popover.querySelector("summary")?.focus();
      }
    const isTyping =
      event.target instanceof Element && event.target.closest("input, select, textarea, [contenteditable]") !== null;
    if (isSearchKey(event, isTyping)) {
      const search = document.querySelector<HTMLInputElement>("input[type=search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
}
