// Copy buttons: each copies the text of the [data-copy-source] beside it.
const SAID_MS = 1600;

/** Returns false if the browser denies access to the clipboard. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // denied, or the address is not secure
  }
}

function select(element: Element): void {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

export function startCopy(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("[data-copy]") : null;
    const source = button?.parentElement?.querySelector("[data-copy-source]");
    if (!button || !source) return;
    void copyText(source.textContent ?? "").then((isCopied) => {
      // Without access to the clipboard, select the text, so that people can copy it by keyboard.
      if (!isCopied) select(source);
      button.textContent = isCopied ? "Copied" : "Selected";
      button.setAttribute("aria-live", "polite");
      setTimeout(() => {
        button.textContent = "Copy";
      }, SAID_MS);
    });
  });
}
