// Additions to pages. Every page also works without them.
import { redrawCharts, startCharts } from "./charts";
import { startCopy } from "./copy";
import { startForms } from "./forms";
import { startLive } from "./live";
import { startRows } from "./rows";
import { startThemeSwitch } from "./theme_switch";

startThemeSwitch(redrawCharts);
startForms();
startRows();
startCopy();
startCharts();
startLive();
