// Chromium over a pipe, with its DevTools protocol: what the checks of pages share, without a library to install.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const PATIENCE_MS = 180_000;
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update", "--disable-popup-blocking", "--remote-debugging-pipe"];

/** A browser with a profile of its own, which is gone with it. */
export class Browser {
  #process;
  #input;
  #profile = mkdtempSync(path.join(tmpdir(), "feedbench-page-"));
  #waiting = new Map();
  #pages = new Map();
  #last = 0;

  constructor() {
    const flags = [...FLAGS, `--user-data-dir=${this.#profile}`, "about:blank"];
    this.#process = spawn("chromium", flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const [, , , input, output] = this.#process.stdio;
    this.#input = input;
    let rest = "";
    output.setEncoding("utf8");
    output.on("data", (chunk) => {
      const parts = (rest + chunk).split("\0");
      rest = parts.pop();
      for (const part of parts) this.#hear(JSON.parse(part));
    });
  }

  #hear(message) {
    if (message.id === undefined) return this.#pages.get(message.sessionId)?.hear(message);
    const { resolve, reject } = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) reject(new Error(JSON.stringify(message.error)));
    else resolve(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    return new Promise((resolve, reject) => {
      this.#last += 1;
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), PATIENCE_MS);
      const done = (settle) => (value) => { clearTimeout(timer); settle(value); };
      this.#waiting.set(this.#last, { resolve: done(resolve), reject: done(reject) });
      this.#input.write(`${JSON.stringify({ id: this.#last, method, params, sessionId })}\0`);
    });
  }

  /** A new tab, blank, in the one window that shares connections, cookies and storage. */
  async page() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId, targetId);
    this.#pages.set(sessionId, page);
    for (const domain of ["Page", "Runtime", "Log"]) await page.send(`${domain}.enable`);
    return page;
  }

  async close() {
    this.#process.kill();
    await new Promise((resolve) => { this.#process.once("exit", resolve); setTimeout(resolve, 5_000); });
    // Helpers of the browser may still write for a moment; a folder that they keep is no fault of the page.
    try {
      rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    } catch (error) {
      console.log(`${this.#profile} is left behind: ${error.code}`);
    }
  }
}

/** A tab. */
export class Page {
  #browser;
  #session;
  #target;
  #listeners = new Set();

  constructor(browser, session, target) {
    this.#browser = browser;
    this.#session = session;
    this.#target = target;
  }

  hear(message) {
    for (const listener of this.#listeners) listener(message);
  }

  /** Tells `listener` of every event of a method; returns how to stop it. */
  on(method, listener) {
    const heard = (message) => { if (message.method === method) listener(message.params); };
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  once(method) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${method}`)), PATIENCE_MS);
      const stop = this.on(method, (params) => { clearTimeout(timer); stop(); resolve(params); });
    });
  }

  send(method, params = {}) {
    return this.#browser.send(method, params, this.#session);
  }

  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Evaluates until it is true. */
  async until(expression, what, patienceMs = 30_000) {
    const end = Date.now() + patienceMs;
    while (!(await this.evaluate(expression))) {
      if (Date.now() > end) throw new Error(`in vain: ${what}`);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  async shape({ width, height = 900, scheme = "light", media = "" }) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 500 });
    await this.send("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  async open(url) {
    const loaded = this.once("Page.loadEventFired");
    await this.send("Page.navigate", { url });
    await loaded;
  }

  /** The whole page as a picture. */
  async shoot(folder, name, { whole = true } = {}) {
    mkdirSync(folder, { recursive: true });
    const { cssContentSize } = await this.send("Page.getLayoutMetrics");
    const clip = { x: 0, y: 0, width: cssContentSize.width, height: Math.min(cssContentSize.height, 16_000), scale: 1 };
    const { data } = await this.send("Page.captureScreenshot", whole ? { captureBeyondViewport: true, clip } : {});
    writeFileSync(path.join(folder, `${name}.png`), Buffer.from(data, "base64"));
  }

  /** What axe, whose file is at `axePath`, finds serious or critical: a line each. */
  async axe(axePath) {
    // Past the page's policy, which allows no script but its own.
    await this.send("Runtime.evaluate", { expression: readFileSync(axePath, "utf8") });
    const violations = await this.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map((node) => node.html.slice(0, 160)) })))`);
    const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    return grave.map(({ id, impact, where }) => `axe, ${impact}: ${id} at ${where.join(" | ")}`);
  }

  close() {
    return this.#browser.send("Target.closeTarget", { targetId: this.#target });
  }
}
