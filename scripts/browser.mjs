// Chromium over a pipe, with its DevTools protocol: what the checks of pages share, without a library to install.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PATIENCE_MS, Tab, ended } from "./tab.mjs";

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update", "--disable-popup-blocking", "--remote-debugging-pipe"];
const KEYS = { Tab: 9, Enter: 13, Escape: 27 };

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
    this.send("Browser.close").catch(() => {});
    await ended(this.#process);
    // Helpers of the browser may still write for a moment; a folder that they keep is no fault of the page.
    try {
      rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    } catch (error) {
      console.log(`${this.#profile} is left behind: ${error.code}`);
    }
  }
}

/** A tab. */
export class Page extends Tab {
  #browser;
  #session;
  #target;
  #listeners = new Set();

  constructor(browser, session, target) {
    super();
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

  /** Tells `listener` of all that is written to the console, `{ text, isNetwork }`: by the page or about it. */
  onNote(listener) {
    const note = (text, isNetwork = false) => listener({ text, isNetwork });
    this.on("Runtime.exceptionThrown", ({ exceptionDetails: { exception, text } }) => {
      note(exception?.description ?? text);
    });
    this.on("Runtime.consoleAPICalled", ({ args }) => note(`console: ${args.map((one) => one.value).join(" ")}`));
    this.on("Log.entryAdded", ({ entry: { level, source, text } }) => {
      note(`${level}: ${text}`, source === "network" || /WebSocket|EventSource/.test(text));
    });
  }

  /** Counts from now on the bytes of heads; `heads()` lists `{ url, asked: [bytes], answered: [bytes] }`. */
  async countHeads() {
    const requests = new Map();
    const of = (id) => requests.get(id) ?? requests.set(id, { asked: [], answered: [] }).get(id);
    const asks = (id, headers) => of(id).asked.push(sum(Object.entries(headers), fieldBytes));
    const answers = (id, text) => of(id).answered.push(text.length);
    this.on("Network.requestWillBeSent", ({ requestId, request }) => { of(requestId).url = request.url; });
    this.on("Network.webSocketCreated", ({ requestId, url }) => { of(requestId).url = url; });
    this.on("Network.requestWillBeSentExtraInfo", ({ requestId, headers }) => asks(requestId, headers));
    this.on("Network.webSocketWillSendHandshakeRequest", ({ requestId, request }) => asks(requestId, request.headers));
    this.on("Network.responseReceivedExtraInfo", ({ requestId, headersText }) => answers(requestId, headersText));
    this.on("Network.webSocketHandshakeResponseReceived", ({ requestId, response }) => {
      answers(requestId, response.headersText);
    });
    await this.send("Network.enable");
    const withLine = ({ url, asked, ...more }) => ({ url, asked: asked.map((bytes) => lineBytes(url) + bytes), ...more });
    return {
      heads: () => [...requests.values()].filter(({ url }) => url).map(withLine),
      stop: () => this.send("Network.disable"),
    };
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

  async shape({ width, height = 900, scheme = "light", media = "" }) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 500 });
    await this.send("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  async open(url) {
    const loaded = this.once("Page.loadEventFired");
    await this.send("Page.navigate", { url });
    await loaded;
  }

  async press(key) {
    const what = { key, code: key, windowsVirtualKeyCode: KEYS[key] };
    await this.send("Input.dispatchKeyEvent", { ...what, type: "keyDown", text: key === "Enter" ? "\r" : undefined });
    await this.send("Input.dispatchKeyEvent", { ...what, type: "keyUp" });
  }

  /** The whole page as a picture. */
  async shoot(folder, name, { whole = true } = {}) {
    const { cssContentSize } = await this.send("Page.getLayoutMetrics");
    const clip = { x: 0, y: 0, width: cssContentSize.width, height: Math.min(cssContentSize.height, 16_000), scale: 1 };
    const { data } = await this.send("Page.captureScreenshot", whole ? { captureBeyondViewport: true, clip } : {});
    this.keep(folder, name, data);
  }

  close() {
    return this.#browser.send("Target.closeTarget", { targetId: this.#target });
  }
}

const sum = (list, bytes) => list.reduce((all, one) => all + bytes(one), 0);

/** The bytes of a field's lines; the values of several fields of one name come as lines, too. */
const fieldBytes = ([name, value]) => sum(value.split("\n"), (one) => `${name}: ${one}\r\n`.length);

/** The bytes of the request line and of the end of the head. */
function lineBytes(url) {
  const { pathname, search } = new URL(url);
  return `GET ${pathname}${search} HTTP/1.1\r\n\r\n`.length;
}
