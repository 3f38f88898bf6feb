// Bundles src/ into ../static/app/ under names that hold a hash of their content, and writes
// manifest.json (name -> file) last, so that a page never names a file that does not exist yet.
// Swagger UI is copied unchanged from its package. nginx serves docs/index.html at /docs.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "app");

const shared = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  minify: true,
  metafile: true,
  target: ["chrome105", "firefox121", "safari16"],
  entryNames: "[name]-[hash]",
  logLevel: "warning",
  legalComments: "none",
};

await mkdir(out, { recursive: true });
const results = await Promise.all([
  // theme.ts runs before the first paint, so it is a plain script of its own.
  build({ ...shared, entryPoints: ["src/theme.ts"], format: "iife" }),
  build({ ...shared, entryPoints: ["src/docs.ts"], format: "iife" }),
  build({ ...shared, entryPoints: ["src/main.ts"], format: "esm" }),
  build({ ...shared, entryPoints: ["src/potto.css", "src/docs.css"] }),
]);

const manifest = {};
for (const result of results)
  for (const [file, about] of Object.entries(result.metafile.outputs))
    if (about.entryPoint) manifest[basename(about.entryPoint).replace(/\.ts$/, ".js")] = basename(file);

const swagger = { "swagger-ui.js": "swagger-ui-bundle.js", "swagger-ui.css": "swagger-ui.css" };
for (const [name, source] of Object.entries(swagger)) {
  const text = (await readFile(join(here, "node_modules", "swagger-ui-dist", source), "utf8"))
    .replace(/^(\/\/|\/\*)# sourceMappingURL=.*$/m, "")
    .trimEnd();
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  manifest[name] = name.replace(".", `-${hash}.`);
  await replace(manifest[name], text + "\n");
}

await mkdir(join(out, "docs"), { recursive: true });
const page = await readFile(join(here, "src", "docs.html"), "utf8");
for (const file of ["LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"])
  await copyFile(join(here, "node_modules", "swagger-ui-dist", file), join(out, "docs", file));
await replace(join("docs", "index.html"), page.replace(/@([\w.-]+)@/g, (_, name) => manifest[name] ?? fail(name)));

await replace("manifest.json", JSON.stringify(manifest, null, 2) + "\n");

const kept = new Set([...Object.values(manifest), "manifest.json", "docs"]);
for (const file of await readdir(out)) if (!kept.has(file) && !file.startsWith(".")) await rm(join(out, file));
console.log(Object.values(manifest).join("\n"));

/** Writes a file of static/app/ in one step, so that nobody reads half of it. */
async function replace(file, text) {
  await writeFile(join(out, `${file}.new`), text);
  await rename(join(out, `${file}.new`), join(out, file));
}

function fail(name) {
  throw new Error(`src/docs.html names ${name}, which is not built`);
}
