// Storing the theme, with and without storage in the browser.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { nextTheme, storedTheme, storeTheme, type Theme } from "../../web/src/theme_store";
import { replaceGlobal } from "./globals";

class MemoryStorage {
  readonly kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

let restore = (): void => {};
afterEach(() => restore());

test("a theme is kept, and auto is kept as nothing", () => {
  const storage = new MemoryStorage();
  restore = replaceGlobal("localStorage", storage);
  assert.equal(storedTheme(), "auto");
  storeTheme("dark");
  assert.equal(storedTheme(), "dark");
  storeTheme("light");
  assert.equal(storedTheme(), "light");
  storeTheme("auto");
  assert.equal(storedTheme(), "auto");
  assert.equal(storage.kept.size, 0);
});

test("what is no theme counts as auto", () => {
  const storage = new MemoryStorage();
  restore = replaceGlobal("localStorage", storage);
  storage.setItem("potto-theme", "sepia");
  assert.equal(storedTheme(), "auto");
});

test("a browser without storage has the theme auto", () => {
  const refuse = (): never => {
    throw new Error("storage is switched off");
  };
  restore = replaceGlobal("localStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
  storeTheme("dark");
  assert.equal(storedTheme(), "auto");
});

test("the switch goes round", () => {
  const seen: Theme[] = ["auto"];
  for (let theme = nextTheme("auto"); theme !== "auto"; theme = nextTheme(theme)) seen.push(theme);
  assert.deepEqual(seen, ["auto", "light", "dark"]);
});
