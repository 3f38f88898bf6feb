// /docs: Swagger UI shows the description of the API. Its own script is loaded before this one.
interface SwaggerUi {
  (settings: Record<string, unknown>): unknown;
  presets: { apis: unknown };
}
declare const SwaggerUIBundle: SwaggerUi;

// The dark rules of Swagger UI require a class on the root element.
const theme = document.documentElement.dataset["theme"];
const isDark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.classList.toggle("dark-mode", isDark);

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  persistAuthorization: false, // a token is kept in the page alone, and lost with it
  validatorUrl: null, // sends nothing to third parties
  // Requests use the pasted token, not the session of this browser.
  withCredentials: false,
});
