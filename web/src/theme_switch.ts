// The switch in the rail: auto, light and dark in turn. css/rail.css holds its labels.
import { nextTheme, storedTheme, storeTheme, type Theme } from "./theme_store";

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
    const next = nextTheme(storedTheme());
    storeTheme(next);
    show(next);
    onChange();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
}
