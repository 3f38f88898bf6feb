// Before the first paint: the theme that was chosen, and the sign that scripts run.
import { storedTheme } from "./theme_store";

const root = document.documentElement;
const theme = storedTheme();

root.classList.add("scripted");
if (theme !== "auto") root.dataset["theme"] = theme;
