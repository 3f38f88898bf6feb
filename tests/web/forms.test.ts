// The key that leads to the search.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isSearchKey } from "../../web/src/forms";

const SLASH = { key: "/", ctrlKey: false, metaKey: false, altKey: false };

test("a slash leads to the search", () => {
  assert.equal(isSearchKey(SLASH, false), true);
  assert.equal(isSearchKey({ ...SLASH, key: "s" }, false), false);
});

test("a slash in a field is a slash", () => {
  assert.equal(isSearchKey(SLASH, true), false);
});

test("shortcuts of the browser stay its own", () => {
  for (const key of ["ctrlKey", "metaKey", "altKey"])
    assert.equal(isSearchKey({ ...SLASH, [key]: true }, false), false);
});
