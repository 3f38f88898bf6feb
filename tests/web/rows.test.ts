// Where a click in a row leads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowTarget } from "../../web/src/rows";

const CLICK = { isOnControl: false, hasSelection: false, hasModifier: false };

test("a click in a row opens its link", () => {
  assert.equal(rowTarget(CLICK), "here");
});

test("a click with Ctrl opens a tab", () => {
  assert.equal(rowTarget({ ...CLICK, hasModifier: true }), "tab");
});

test("a click on something in a row is meant for that", () => {
  assert.equal(rowTarget({ ...CLICK, isOnControl: true }), null);
  assert.equal(rowTarget({ ...CLICK, isOnControl: true, hasModifier: true }), null);
});

test("marking text in a row opens nothing", () => {
  assert.equal(rowTarget({ ...CLICK, hasSelection: true }), null);
});
