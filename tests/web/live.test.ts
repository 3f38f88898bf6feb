// The parts of a page that are replaced when it loads itself again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { canBeReadAgain, changedParts } from "../../web/src/live";

const part = (innerHTML: string) => ({ innerHTML });
const never = () => false;

test("only what changed is replaced", () => {
  const olds = [part("1"), part("2"), part("3")];
  const news = [part("1"), part("two"), part("3")];
  assert.deepEqual(changedParts(olds, news, never), [[olds[1], news[1]]]);
});

test("what somebody has unfolded stays", () => {
  const olds = [part("open 1"), part("2")];
  const news = [part("one"), part("two")];
  assert.deepEqual(
    changedParts(olds, news, (at) => at.innerHTML.startsWith("open")),
    [[olds[1], news[1]]],
  );
});

test("a page of another shape is left alone", () => {
  assert.deepEqual(changedParts([part("1")], [part("one"), part("two")], never), []);
  assert.deepEqual(changedParts([part("1")], [], never), []);
});

test("a page that answered a form is not read again", () => {
  assert.equal(canBeReadAgain("/"), true);
  assert.equal(canBeReadAgain("/databases/4"), true);
  assert.equal(canBeReadAgain("/databases/4/reveal-token"), false);
  assert.equal(canBeReadAgain("/databases/4/rotate-token"), false);
});
