// Runs before the first paint: sets the chosen theme, and marks that scripts run.
import { storedTheme } from "./theme_store";

const root = document.documentElement;
const theme = storedTheme();

root.classList.add("scripted");
if (theme !== "auto") root.dataset["theme"] = theme;
