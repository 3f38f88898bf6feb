// Bundles src/ into ../static/app/ under names that hold a hash of their content, and writes
// manifest.json (name -> file) last, so that a page never names a file that is not there yet.
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
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
  // Runs before the first paint, so it is a plain script of its own.
  build({ ...shared, entryPoints: ["src/theme.ts"], format: "iife" }),
  build({ ...shared, entryPoints: ["src/main.ts"], format: "esm" }),
  build({ ...shared, entryPoints: ["src/potto.css"] }),
]);

const manifest = {};
for (const result of results)
  for (const [file, about] of Object.entries(result.metafile.outputs))
    if (about.entryPoint) manifest[basename(about.entryPoint).replace(/\.ts$/, ".js")] = basename(file);

await writeFile(join(out, "manifest.json.new"), JSON.stringify(manifest, null, 2) + "\n");
await rename(join(out, "manifest.json.new"), join(out, "manifest.json"));

const kept = new Set([...Object.values(manifest), "manifest.json"]);
for (const file of await readdir(out)) if (!kept.has(file) && !file.startsWith(".")) await rm(join(out, file));
console.log(Object.values(manifest).join("\n"));
