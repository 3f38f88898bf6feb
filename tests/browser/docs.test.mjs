// /docs: Swagger UI with the description of the API, in a real browser, under the content policy of all pages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { admin, call, launch, open, openSignedIn, url } from "./browser.mjs";

let browser, description;

before(async () => {
  browser = await launch();
  description = await call("/openapi.json");
});
after(() => browser?.close());

function operations() {
  return Object.entries(description.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => [method.toUpperCase(), path]),
  );
}

async function openDocs() {
  const page = await open(browser);
  await page.goto(`${url}/docs`);
  await page.waitForSelector(".opblock");
  return page;
}

/** Opens the block of one operation. Its description is resolved, and its answers are shown, some time after the
 * click. */
async function unfold(page, id) {
  const block = page.locator(`.opblock[id$="-${id}"]`);
  await block.locator(".opblock-summary-control").click();
  await block.locator("tr.response").first().waitFor();
  return block;
}

test("the rail leads to the API's description, which shows every operation", async () => {
  const page = await openSignedIn(browser);
  await page.click(".rail a[href='/docs']");
  await page.waitForSelector(".opblock");
  assert.equal(await page.title(), "API · Potto");
  const shown = await page.locator(".opblock").evaluateAll((blocks) =>
    blocks.map((block) => [
      block.querySelector(".opblock-summary-method").textContent,
      block.querySelector(".opblock-summary-path").getAttribute("data-path"),
    ]),
  );
  const sorted = (rows) => rows.map((row) => row.join(" ")).sort();
  assert.deepEqual(sorted(shown), sorted(operations()));
  assert.deepEqual(page.wrong, []);
  await page.click(".docs-bar a[href='/']");
  await page.waitForSelector(".rail");
  await page.context().close();
});

test("an operation unfolds with its parameters, its answers and their schemas", async () => {
  const page = await openDocs();
  const block = await unfold(page, "slow_query_list");
  for (const name of ["connection_id", "min_duration_ms", "sort", "limit", "cursor"])
    assert.equal(await block.locator(`tr[data-param-name="${name}"]`).count(), 1, name);
  for (const status of ["200", "401", "422"])
    assert.equal(await block.locator(`tr.response[data-code="${status}"]`).count(), 1, status);
  await block.locator('tr.response[data-code="200"]', { hasText: "next_cursor" }).waitFor();
  assert.deepEqual(page.wrong, []);
  await page.context().close();
});

test("with a pasted token an operation can be tried out, and without one it is refused", async () => {
  const session = await call("/api/v1/auth/login", admin);
  const page = await openDocs();
  const block = await unfold(page, "auth_me");
  await block.locator("button.execute").click();
  await block.locator('.live-responses-table td.response-col_status:has-text("401")').waitFor();
  // Chromium logs every 401 to the console; here one is expected.
  page.wrong = page.wrong.filter((text) => !/status of 401/.test(text));

  await page.click(".auth-wrapper button.authorize");
  const field = page.locator(".auth-container", { hasText: "accessToken" }).locator("input");
  await field.fill(session.access_token);
  await page.locator(".auth-container", { hasText: "accessToken" }).locator("button[type=submit]").click();
  await page.locator(".auth-btn-wrapper .btn-done").first().click();
  await block.locator("button.execute").click();
  await block.locator('.live-responses-table td.response-col_status:has-text("200")').waitFor();
  const shown = block.locator(".live-responses-table .response-col_description").last();
  assert.match(await shown.textContent(), new RegExp(admin.email));
  assert.deepEqual(page.wrong, []);
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }));
  assert.ok(!stored.includes(session.access_token), "the token is stored nowhere");
  await page.context().close();
});

test("the page is dark when the system is", async () => {
  const page = await open(browser, { colorScheme: "dark" });
  await page.goto(`${url}/docs`);
  await page.waitForSelector(".opblock");
  const [red, green, blue] = await page.evaluate(() =>
    getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number),
  );
  assert.ok(red + green + blue < 200, `background ${red} ${green} ${blue}`);
  assert.deepEqual(page.wrong, []);
  await page.context().close();
});
