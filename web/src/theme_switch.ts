// The switch in the rail: auto, light, dark, in turn. Its words are in potto.css.
import { storedTheme, storeTheme, type Theme } from "./theme_store";

const ORDER: readonly Theme[] = ["auto", "light", "dark"];

export function startThemeSwitch(onChange: () => void): void {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-switch]");
  if (!button) return;

  const show = (theme: Theme): void => {
    const root = document.documentElement;
    if (theme === "auto") delete root.dataset["theme"];
    else root.dataset["theme"] = theme;
    button.setAttribute("aria-label", `Theme: ${theme}. Switch to the next.`);
  };

  show(storedTheme());
  button.addEventListener("click", () => {
    const next = ORDER[(ORDER.indexOf(storedTheme()) + 1) % ORDER.length] ?? "auto";
    storeTheme(next);
    show(next);
    onChange();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
}
