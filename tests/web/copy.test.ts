// Copying with and without access to the clipboard.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { copyText } from "../../web/src/copy";
import { replaceGlobal } from "./globals";

let restore = (): void => {};
afterEach(() => restore());

test("a text is copied", async () => {
  let copied = "";
  const writeText = async (text: string): Promise<void> => void (copied = text);
  restore = replaceGlobal("navigator", { clipboard: { writeText } });
  assert.equal(await copyText("SELECT 1"), true);
  assert.equal(copied, "SELECT 1");
});

test("a refused text is not copied", async () => {
  restore = replaceGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("not allowed")) } });
  assert.equal(await copyText("SELECT 1"), false);
});

test("an address without a clipboard copies nothing", async () => {
  restore = replaceGlobal("navigator", {});
  assert.equal(await copyText("SELECT 1"), false);
});
