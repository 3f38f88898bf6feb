// Work in Potto as a user does it, in a real browser with a real stack.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  admin,
  apiClient,
  ingest,
  launch,
  makeAgentConnection,
  open,
  openSignedIn,
  reportNode,
  signIn,
  until,
  url,
} from "./browser.mjs";

const PLAN = {
  Plan: {
    "Node Type": "Sort",
    "Total Cost": 20,
    "Plan Rows": 5,
    Plans: [
      { "Node Type": "Seq Scan", "Relation Name": "parcels", Alias: "parcels", "Total Cost": 18, "Plan Rows": 5 },
    ],
  },
};
const HOSTILE =
  `SELECT "<script>alert('column')</script>", "</pre><img src=x onerror=alert(1)>" FROM "{{CSRF}}&amp;<b>"`;
const SHIFT_MAX = 0.02;

let browser, api, shop, hostile;

before(async () => {
  browser = await launch();
  api = await apiClient();
  shop = await makeAgentConnection(api, "parcel shop");
  hostile = await makeAgentConnection(api, `<script>alert("name")</script>&amp;"'`);
  const slow = "SELECT weight, sender FROM parcels WHERE label = 'x-42' ORDER BY weight";
  await ingest(shop, slow, { count: 40, plan: PLAN });
  await ingest(hostile, HOSTILE, { count: 3 });
  for (const connection of [shop, hostile])
    await until(
      async () => (await api.get(`/api/v1/slow-queries/fingerprints?connection_id=${connection.id}`)).items.length > 0,
      `the rollup of ${connection.name}`,
    );
});
after(() => browser?.close());

/** The page's address with the database of `connection` chosen. */
const of = (path, connection) => `${path}?connection_id=${connection.id}`;

async function assertWell(page) {
  assert.deepEqual(page.wrong, []);
  const shift = await page.evaluate(() => window.layoutShift);
  assert.ok(shift < SHIFT_MAX, `layout shift ${shift}`);
}

test("a wrong password is refused and the right one leads to where one wanted to go", async () => {
  const page = await open(browser);
  await page.goto(`${url}/queries?period=7d`);
  assert.equal(new URL(page.url()).pathname, "/login");
  await page.fill("#email", admin.email);
  await page.fill("#password", admin.password + "x");
  await page.click("button[type=submit]");
  await page.waitForSelector("[role=alert]");
  assert.match(await page.textContent("[role=alert]"), /do not go together/);
  assert.equal(await page.inputValue("#email"), admin.email);
  await page.fill("#password", admin.password);
  await page.click("button[type=submit]");
  await page.waitForURL("**/queries?period=7d");
  assert.equal(await page.textContent(".presets [aria-current]"), "7\u00a0d");
  await page.context().close();
});

test("the overview shows a query, which opens with its numbers, plan and samples", async () => {
  const page = await openSignedIn(browser, of("/", shop));
  await page.waitForSelector("[data-chart=time] canvas");
  const row = page.locator("table.queries tbody tr", { hasText: "parcels" });
  assert.equal(await row.count(), 1);
  assert.equal(await row.locator("td[data-name=Calls]").textContent(), "40");
  assert.ok(await row.locator(".spark path").getAttribute("d"));
  await assertWell(page);

  await row.locator("a.row-link").click();
  await page.waitForURL(/\/queries\/[0-9a-f]{32}/);
  const statement = await page.textContent(".statement pre");
  assert.match(statement, /^SELECT weight, sender\nFROM parcels\nWHERE label = \?\nORDER BY weight$/);
  await page.waitForSelector("[data-chart=mean] canvas");
  assert.deepEqual(await page.locator(".plan-node strong").allTextContents(), ["Sort", "Seq Scan"]);
  assert.equal(await page.locator(".samples tbody tr").count(), 20);
  assert.match(await page.locator(".samples code.sql").first().textContent(), /'x-42'/);
  assert.equal(await page.locator(".tables a").first().textContent(), "parcels");
  await assertWell(page);
  await page.context().close();
});

test("the demo's databases show queries that run right now, and open with plan or samples", async (t) => {
  const { items } = await api.get("/api/v1/database-connections");
  const demo = items.filter((connection) => /^Shop \(/.test(connection.name) && connection.host);
  if (demo.length === 0) return t.skip("this stack was started without --demo");
  assert.equal(demo.length, 2);
  for (const connection of demo) {
    await until(
      async () => (await api.get(`/api/v1/slow-queries/fingerprints?connection_id=${connection.id}`)).items.length > 4,
      `queries of ${connection.name}`,
    );
    const page = await openSignedIn(browser, of("/", connection));
    const rows = page.locator("table.queries tbody tr", { hasText: /SELECT/i });
    assert.ok((await rows.count()) > 0, connection.name);
    await rows.first().locator("a.row-link").click();
    await page.waitForURL(/\/queries\/[0-9a-f]{32}/);
    assert.match(await page.textContent(".statement pre"), /SELECT/i);
    const engine = connection.engine === "mysql" ? "MariaDB" : "PostgreSQL";
    assert.match(await page.textContent(".page-head"), new RegExp(engine));
    assert.match(await page.locator(".tile-value").first().textContent(), /^[\d.]+\u00a0(µs|ms|s|min|h)$/);
    await page.waitForSelector("[data-chart=time] canvas");
    await assertWell(page);
    await page.context().close();
  }
});

test("queries are filtered by text, sorted by a head, and the address holds it all", async () => {
  const page = await openSignedIn(browser, of("/queries", shop));
  await page.fill("input[name=q]", "PARCELS");
  await page.press("input[name=q]", "Enter");
  await page.waitForURL(/q=PARCELS/);
  assert.equal(await page.locator("table.queries tbody tr").count(), 1);
  await page.click("thead >> text=Mean");
  await page.waitForURL(/sort=mean/);
  assert.equal(await page.getAttribute("th[aria-sort]", "aria-sort"), "descending");
  assert.match(page.url(), /q=PARCELS/);
  assert.match(page.url(), new RegExp(`connection_id=${shop.id}\\b`));
  await page.selectOption("select[name=kind]", "delete");
  await page.waitForURL(/kind=delete/);
  assert.match(await page.textContent("main"), /No query matches/);
  await page.click("text=clear the filter");
  await page.waitForSelector("table.queries tbody tr");
  await assertWell(page);
  await page.context().close();
});

test("the script draws the marks of the server's own drawing", async () => {
  const page = await openSignedIn(browser, of("/", shop));
  const shown = await page.evaluate(() => {
    const texts = (selector) =>
      [...document.querySelectorAll(`[data-chart=time] ${selector} text`)].map((at) => at.textContent);
    const data = JSON.parse(document.querySelector("[data-chart-data]").textContent);
    const labels = (marks) => marks.map((mark) => mark.label);
    return [
      { drawn: texts(".axis-y"), sent: labels(data.value_marks.time) },
      { drawn: texts(".axis-x"), sent: labels(data.time_marks) },
    ];
  });
  for (const { drawn, sent } of shown) {
    assert.ok(sent.length >= 4, String(sent));
    assert.deepEqual(sent, drawn);
  }
  assert.deepEqual(page.wrong, []);
  await page.context().close();
});

test("dragging over a chart chooses the period", async () => {
  const page = await openSignedIn(browser, of("/", shop) + "&period=24h");
  const box = await (await page.waitForSelector("[data-chart=time] .u-over")).boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=.*&to=|to=.*&from=/);
  const chosen = new URL(page.url()).searchParams;
  const hours = (Date.parse(chosen.get("to") + "Z") - Date.parse(chosen.get("from") + "Z")) / 3600e3;
  assert.ok(hours > 8 && hours < 11, `${hours} h of 24`);
  assert.equal(chosen.get("connection_id"), String(shop.id));
  assert.equal(await page.locator(".custom[data-current]").count(), 1);
  assert.deepEqual(page.wrong, []);
  await page.context().close();
});

test("MongoDB's nodes are shown with what they lack, and one node's charts alone", async () => {
  const carts = await makeAgentConnection(api, "carts", "mongodb");
  await reportNode(carts, "carts-a", { role: "secondary" });
  await reportNode(carts, `<script>alert("node")</script>`, { role: "secondary" });
  await until(
    async () => (await api.get(`/api/v1/metrics/mongodb?connection_id=${carts.id}`)).items.some((i) => i.points.length),
    "the sums of the reports",
  );
  const page = await openSignedIn(browser, of("/mongodb", carts));
  await page.waitForSelector("[data-chart=operations] canvas");
  assert.match(await page.textContent(".panel h2 .state"), /no primary/);
  const row = page.locator("tbody tr", { hasText: "carts-a" });
  assert.equal(await row.locator("[data-name=Lag]").textContent(), "500\u00a0ms");
  await page.click("a.row-link:has-text('carts-a')");
  await page.waitForURL(/node=carts-a/);
  await page.waitForSelector("text=Charts of carts-a alone");
  await assertWell(page);
  await page.context().close();
});

test("a database is added, and its token revealed, copied and rotated", async () => {
  const page = await openSignedIn(browser, "/databases", {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const name = `added by hand ${Date.now().toString(36)}`;
  await page.click("main >> text=Add a database");
  await page.click("main button[type=submit]"); // the browser rejects the empty name
  assert.equal(new URL(page.url()).pathname, "/databases/new");
  await page.fill("#name", name);
  await page.selectOption("#engine", "mysql");
  await page.selectOption("#visibility_scope", "ORG_WIDE");
  await page.fill("#port", "99999");
  await page.click("main button[type=submit]");
  assert.match(await page.textContent(".wrong"), /65535/);
  assert.equal(await page.inputValue("#name"), name);
  assert.equal(await page.inputValue("#engine"), "mysql");
  await page.fill("#port", "");
  await page.click("main button[type=submit]");
  await page.waitForURL(/\/databases\/\d+\?added=1/);
  assert.match(await page.textContent("h1"), new RegExp(name));
  assert.match(await page.textContent("[data-token-masked]"), /^agt_….{4}$/);

  await page.click("text=Reveal token");
  await page.waitForSelector("[data-token]");
  const token = await page.textContent("[data-token]");
  assert.match(token, /^agt_[\w-]{43}$/);
  assert.match(await page.locator("#agent pre").first().textContent(), new RegExp(token));
  await page.click(".token [data-copy]");
  await page.waitForSelector("text=Copied");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);

  await page.click("text=Rotate token");
  await page.waitForSelector("text=This is the new token");
  const rotated = await page.textContent("[data-token]");
  assert.match(rotated, /^agt_[\w-]{43}$/);
  assert.notEqual(rotated, token);
  assert.deepEqual(page.wrong.filter((text) => !/422/.test(text)), []);
  await page.context().close();
});

test("a page whose period ends now reads itself again, and an older one does not", async () => {
  const live = await makeAgentConnection(api, "live shop");
  const page = await open(browser);
  await page.clock.install();
  await signIn(page, of("/", live));
  await page.evaluate(() => (window.isSamePage = true));
  assert.match(await page.textContent("main"), /No queries were seen/);
  await ingest(live, "SELECT 1 FROM live_table WHERE a = 5", { count: 2 });
  await until(
    async () => (await api.get(`/api/v1/slow-queries/fingerprints?connection_id=${live.id}`)).items.length > 0,
    "the rollup",
  );
  await until(async () => {
    await page.clock.fastForward(31_000);
    return /^2$/.test(await page.locator(".tile-value").nth(1).textContent());
  }, "the new calls on the page");
  assert.match(await page.textContent("table.queries tbody"), /live_table/);
  await page.waitForSelector("[data-chart=time] canvas");
  assert.equal(await page.evaluate(() => window.isSamePage), true);
  assert.deepEqual(page.wrong, []);
  await page.goto(`${url}/?from=2026-01-01T00:00&to=2026-01-02T00:00`);
  assert.equal(await page.locator("main[data-live]").count(), 0);
  await page.context().close();
});

test("hostile query text and names are shown as text", async () => {
  const page = await openSignedIn(browser, of("/", hostile));
  const pages = ["/", "/queries", "/databases", `/databases/${hostile.id}`, "/collectors"];
  for (const path of pages) {
    await page.goto(url + of(path, hostile));
    assert.equal(await page.locator("main script:not([type='application/json']), main img").count(), 0, path);
    // Checked only where the selector or the list shows the name.
    if (path !== "/collectors") assert.match(await page.content(), /&lt;script&gt;alert/, path);
  }
  await page.goto(url + of("/queries", hostile));
  await page.click("table.queries a.row-link");
  await page.waitForURL(/\/queries\/[0-9a-f]{32}/);
  assert.equal(await page.locator("main img, main b").count(), 0);
  assert.match(await page.textContent(".statement pre"), /"<script>alert\('column'\)<\/script>"/);
  assert.match(await page.textContent(".statement pre"), /"\{\{CSRF\}\}&amp;<b>"/);
  assert.deepEqual(page.wrong, []);
  await page.context().close();
});

test("the theme is switched, kept, and set before the first paint", async () => {
  const page = await openSignedIn(browser, "/", { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.click("[data-theme-switch]"); // auto -> light
  assert.equal(await ground(), light);
  await page.click("[data-theme-switch]"); // light -> dark
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.addInitScript(() => {
    // The background colour when the first element of the body exists: long before scripts of type module run.
    new MutationObserver((_, observer) => {
      if (!document.body?.firstElementChild) return;
      window.firstGround = getComputedStyle(document.body).backgroundColor;
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(url + "/queries");
  assert.equal(await page.evaluate(() => window.firstGround), dark);
  await page.click("[data-theme-switch]"); // dark -> auto
  assert.equal(await ground(), light);
  assert.deepEqual(page.wrong, []);
  await page.context().close();
});

test("the keyboard reaches the content, the rail, the period and the rows", async () => {
  const page = await openSignedIn(browser, of("/queries", shop));
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.name), "q");

  const reached = new Set();
  await page.goto(url + of("/queries", shop));
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() => {
        const active = document.activeElement;
        const outline = getComputedStyle(active);
        if (active === document.body) return "end";
        if (active.matches(":focus-visible") && outline.outlineStyle === "none")
          return "no focus ring: " + active.outerHTML;
        if (active.matches(".row-link")) return "row";
        if (active.matches(".rail a")) return "rail";
        if (active.matches(".presets a")) return "preset";
        if (active.matches(".custom summary")) return "custom";
        if (active.matches("th a")) return "head";
        return active.tagName;
      }),
    );
  }
  for (const part of ["row", "rail", "preset", "custom", "head"])
    assert.ok(reached.has(part), `${part} in ${[...reached]}`);
  for (const part of reached) assert.doesNotMatch(part, /no focus ring/);

  await page.focus(".custom summary");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".popover").isVisible(), true);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".popover").isVisible(), false);
  await page.focus("a.row-link");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/queries\/[0-9a-f]{32}/);
  await page.context().close();
});

test("pages are useful without JavaScript", async () => {
  const page = await open(browser, { javaScriptEnabled: false });
  await signIn(page, of("/", shop));
  assert.ok(await page.locator("[data-chart=time] .plot .line").getAttribute("d"));
  assert.equal(await page.locator("[data-theme-switch], [data-copy]").first().isVisible(), false);
  await page.click("text=6\u00a0h");
  await page.waitForURL(/period=6h/);
  await page.selectOption("#pick-database", String(hostile.id));
  await page.click(".pick button");
  await page.waitForURL(new RegExp(`connection_id=${hostile.id}`));
  await page.click("text=The charts as a table");
  assert.ok((await page.locator(".chart-table tbody tr").count()) > 0);
  await page.click("table.queries a.row-link");
  await page.waitForURL(/\/queries\/[0-9a-f]{32}/);
  await page.goto(`${url}/databases/${shop.id}`);
  await page.click("text=Reveal token");
  assert.equal(await page.textContent("[data-token]"), shop.token);
  await page.click("text=Sign out");
  await page.waitForURL(/\/login/);
  await page.goto(url + "/");
  assert.equal(new URL(page.url()).pathname, "/login");
  await page.context().close();
});

for (const [width, colorScheme] of [
  [390, "light"],
  [390, "dark"],
  [768, "light"],
  [1440, "dark"],
])
  test(`pages fit ${width} px (${colorScheme}) without errors or layout shift`, async () => {
    const page = await openSignedIn(browser, "/", { viewport: { width, height: 844 }, colorScheme });
    const { items } = await api.get(`/api/v1/slow-queries/fingerprints?connection_id=${shop.id}`);
    const query = `/queries/${items[0].hash ?? items[0].sql_hash}`;
    const database = `/databases/${shop.id}`;
    const databases = ["/databases", database, `${database}/waits`, "/databases/new", "/plans/new"];
    const paths = ["/", "/queries", query, ...databases, "/collectors"];
    for (const path of paths) {
      await page.goto(url + path);
      await page.waitForLoadState("networkidle");
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(over <= 0, `${path} is ${over} px too wide`);
      await assertWell(page);
    }
    await page.context().close();
  });

test("words stand out from their ground by 4.5 to 1", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await openSignedIn(browser, "/queries", { colorScheme });
    const pale = await page.evaluate(() => {
      const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
      const parse = (text) => {
        const canvas = document.createElement("canvas").getContext("2d");
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
      };
      const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
      const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
          const [r, g, b, a] = parse(getComputedStyle(at).backgroundColor);
          if (a === 255) return [r, g, b];
        }
        return [255, 255, 255];
      };
      const found = new Set();
      for (const element of document.querySelectorAll("body *")) {
        const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!hasText || !element.checkVisibility() || element.closest("script, .hidden, .skip")) continue;
        const a = light(parse(getComputedStyle(element).color));
        const b = light(ground(element));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) found.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
      }
      return [...found];
    });
    assert.deepEqual(pale, [], colorScheme);
    await page.context().close();
  }
});
