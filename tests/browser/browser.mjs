// Shared by the browser tests: Debian's Chromium, a signed-in page, and recording errors that must never happen.
import { createRequire } from "node:module";

// playwright-core is installed with the other web tools.
const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

export const url = required("POTTO_URL").replace(/\/$/, "");
export const admin = { email: required("POTTO_ADMIN_EMAIL"), password: required("POTTO_ADMIN_PASSWORD") };

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run dev/test browser`);
  return value;
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.POTTO_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page that records console errors, exceptions and layout shift; `options` are those of newContext. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.wrong = [];
  page.on("console", (message) => {
    if (message.type() === "error" || /Content Security Policy/i.test(message.text())) page.wrong.push(message.text());
  });
  page.on("pageerror", (error) => page.wrong.push(String(error)));
  page.on("dialog", (dialog) => {
    page.wrong.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  if (options.javaScriptEnabled !== false)
    await page.addInitScript(() => {
      window.layoutShift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
  return page;
}

export async function signIn(page, next = "/") {
  await page.goto(`${url}/login?next=${encodeURIComponent(next)}`);
  await page.fill("#email", admin.email);
  await page.fill("#password", admin.password);
  await page.click("button[type=submit]");
  await page.waitForURL((address) => address.pathname !== "/login");
}

export async function openSignedIn(browser, next = "/", options = {}) {
  const page = await open(browser, options);
  await signIn(page, next);
  return page;
}

/** A client of the API, signed in as the admin. */
export async function apiClient() {
  const answer = await call("/api/v1/auth/login", admin);
  const token = answer.access_token;
  return {
    get: (path) => call(path, undefined, token),
    post: (path, body) => call(path, body ?? {}, token),
  };
}

export async function call(path, body, token) {
  const answer = await fetch(url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

let made = 0;

/** Make a connection that everybody sees and only an agent sends data for, named after the test. */
export async function makeAgentConnection(api, about, engine = "postgresql") {
  const name = `${about} ${process.pid}-${Date.now().toString(36)}-${++made}`;
  const body = { name, engine, visibility_scope: "ORG_WIDE" };
  const connection = await api.post("/api/v1/database-connections", body);
  return { id: connection.id, name, token: connection.agent_token };
}

/** Send `count` executions of one statement, as an agent does. */
export function ingest(connection, sql, { count = 1, durationMs = 750, plan } = {}) {
  const now = Date.now();
  return call("/api/v1/collectors/ingest/slow-queries", {
    agent_token: connection.token,
    queries: Array.from({ length: count }, (_, i) => ({
      fingerprint: sql,
      full_sql: sql,
      duration_ms: durationMs + i,
      rows_examined: 10000,
      rows_returned: 1,
      captured_at: new Date(now - 1000 * (i + 1)).toISOString(),
      user_host: "app@10.0.0.5",
      ...(plan ? { plan } : {}),
    })),
  });
}

/** Send `count` reports of a MongoDB node, a minute apart, the newest of now. */
export function reportNode(connection, nodeId, fields, count = 5) {
  const now = Date.now();
  return call("/api/v1/metrics", {
    agent_token: connection.token,
    type: "mongodb",
    data: Array.from({ length: count }, (_, i) => ({
      nodeId,
      timestamp: new Date(now - 60_000 * i).toISOString(),
      opsQuery: 600 + 60 * (i % 3),
      connectionsCurrent: 40 + i,
      replLagSeconds: 0.5,
      wtCacheUsedBytes: 3e8,
      wtCacheMaxBytes: 6e8,
      ...fields,
    })),
  });
}

/** Repeat `find` until it returns something; collection and rollups take a moment. */
export async function until(find, what, timeoutMs = 60_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
