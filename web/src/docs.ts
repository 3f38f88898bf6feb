// /docs: the API's description, shown by Swagger UI, which is a script of its own and stands before this one.
interface SwaggerUi {
  (settings: Record<string, unknown>): unknown;
  presets: { apis: unknown };
}
declare const SwaggerUIBundle: SwaggerUi;

// Swagger UI's dark rules hang on a class of the root.
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
  persistAuthorization: false, // a token stays in the page, and goes with it
  validatorUrl: null, // nothing is sent to others
  // A pasted token is what is tried out, not the session of this browser.
  withCredentials: false,
});
