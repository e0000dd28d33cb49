// Firefox over WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/), JSON messages over a WebSocket: the same
// interface as browser.mjs, without a library to install.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PATIENCE_MS, Tab, ended } from "./tab.mjs";

const NAMES = ["firefox", "firefox-esr"];
const FLAGS = ["--headless", "--no-remote", "--remote-debugging-port=0"];
// Nothing leaves the machine: names are not looked up, and what is not on loopback goes to a proxy that is not there.
const PREFERENCES = {
  "network.dns.disabled": true,
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.topsites.contile.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "messaging-system.rsexperimentloader.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.server": "data:,",
  // No page but ours, in English and light wherever it runs.
  "browser.aboutwelcome.enabled": false,
  "browser.startup.page": 0,
  "intl.accept_languages": "en-US, en",
  "intl.locale.requested": "en-US",
  "layout.css.prefers-color-scheme.content-override": 1,
};
const KEYS = { Tab: "\uE004", Enter: "\uE007", Escape: "\uE00C" };
/** What Firefox writes down when a server cannot be reached, or a tab goes on to another page. */
const NETWORK = /^Cross-Origin Request Blocked: .*did not succeed|can.t establish a connection|was interrupted while/;

/** A browser with a profile of its own, which is gone with it. */
export class Browser {
  #process;
  #socket;
  #profile = mkdtempSync(path.join(tmpdir(), "feedbench-page-"));
  #waiting = new Map();
  #pages = new Map();
  #last = 0;

  constructor() {
    const line = ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`;
    writeFileSync(path.join(this.#profile, "user.js"), Object.entries(PREFERENCES).map(line).join(""));
    // A home of its own: Firefox refuses to run as root in a home of somebody else. Its sandbox does not run as root.
    const own = { HOME: this.#profile, MOZ_DISABLE_CONTENT_SANDBOX: "1", MOZ_CRASHREPORTER_DISABLE: "1" };
    const folders = process.env.PATH.split(path.delimiter);
    const program = NAMES.find((name) => folders.some((folder) => existsSync(path.join(folder, name))));
    if (!program) throw new Error("firefox is not installed");
    const how = { env: { ...process.env, ...own }, stdio: ["ignore", "ignore", "pipe"] };
    this.#process = spawn(program, [...FLAGS, "--profile", this.#profile], how);
    // A browser on a pipe ends with it; this one has to be ended, even when a check breaks off.
    process.once("exit", () => this.#process.kill("SIGKILL"));
    this.#socket = this.#connect();
    // Whoever sends something is told; until then nobody waits for it.
    this.#socket.catch(() => {});
  }

  /** A socket on which a session has begun. */
  async #connect() {
    const address = await this.#listening();
    const socket = new WebSocket(`${address}/session`);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error(`no connection to Firefox at ${address}`)));
    });
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(data)));
    socket.addEventListener("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Firefox is gone"));
    });
    await this.#ask(socket, "session.new", { capabilities: {} });
    await this.#ask(socket, "session.subscribe", { events: ["log.entryAdded"] });
    return socket;
  }

  /** The address on which Firefox listens: it says so. */
  #listening() {
    return new Promise((resolve, reject) => {
      let said = "";
      const fail = (what) => reject(new Error(`Firefox ${what}: ${said}`));
      const timer = setTimeout(fail, PATIENCE_MS, "does not start");
      this.#process.once("exit", (status) => { clearTimeout(timer); fail(`ended with ${status}`); });
      this.#process.stderr.setEncoding("utf8");
      this.#process.stderr.on("data", (text) => {
        said = (said + text).slice(-10_000);
        const address = /WebDriver BiDi listening on (ws:\S+)\n/.exec(said)?.[1];
        if (!address) return;
        clearTimeout(timer);
        resolve(address);
      });
    });
  }

  #hear({ id, result, error, message, method, params }) {
    // A frame has a context of its own; what happens in it is told to the page that is there.
    const page = this.#pages.get(params?.context ?? params?.source?.context) ?? [...this.#pages.values()][0];
    if (method) page?.hear({ method, params });
    const asked = this.#waiting.get(id);
    if (!asked) return;
    this.#waiting.delete(id);
    if (error) asked.reject(new Error(`${error}: ${message}`));
    else asked.resolve(result);
  }

  #ask(socket, method, params) {
    return new Promise((resolve, reject) => {
      this.#last += 1;
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), PATIENCE_MS);
      const done = (settle) => (value) => { clearTimeout(timer); settle(value); };
      this.#waiting.set(this.#last, { resolve: done(resolve), reject: done(reject) });
      socket.send(JSON.stringify({ id: this.#last, method, params }));
    });
  }

  async send(method, params = {}) {
    return this.#ask(await this.#socket, method, params);
  }

  /** A new tab, blank, in the one window that shares connections, cookies and storage; the tab before it is hidden. */
  async page() {
    const { context } = await this.send("browsingContext.create", { type: "tab" });
    const page = new Page(this, context);
    this.#pages.set(context, page);
    return page;
  }

  async close() {
    // Without an answer, or without a socket, force is left.
    this.send("browser.close").catch(() => {});
    await ended(this.#process);
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** A tab. */
class Page extends Tab {
  #browser;
  #context;
  #listeners = new Set();

  constructor(browser, context) {
    super();
    this.#browser = browser;
    this.#context = context;
  }

  hear(message) {
    for (const listener of this.#listeners) listener(message);
  }

  /** Tells `listener` of every event of a method. */
  on(method, listener) {
    this.#listeners.add((message) => { if (message.method === method) listener(message.params); });
  }

  /** Tells `listener` of all that is written to the console, `{ text, isNetwork }`: by the page or about it. */
  onNote(listener) {
    this.on("log.entryAdded", ({ level, text, type }) => {
      listener({ text: `${type}, ${level}: ${text}`, isNetwork: type === "javascript" && NETWORK.test(text) });
    });
  }

  /** Counts from now on the bytes of heads; `heads()` lists `{ url, asked: [bytes], answered: [bytes] }`. */
  async countHeads() {
    const requests = new Map();
    const keep = ({ request: { request, url, headersSize }, response }) => {
      const { answered } = requests.get(request) ?? { answered: [] };
      requests.set(request, { url, asked: [headersSize], answered: response ? [response.headersSize] : answered });
    };
    // How long a request's head is, Firefox knows when it is sent: it tells with the answer, or when there is none.
    const events = ["network.responseStarted", "network.fetchError"];
    for (const event of events) this.on(event, keep);
    const { subscription } = await this.#browser.send("session.subscribe", { events, contexts: [this.#context] });
    return {
      heads: () => [...requests.values()],
      stop: () => this.#browser.send("session.unsubscribe", { subscriptions: [subscription] }),
    };
  }

  /** A command about this tab. */
  send(method, params = {}) {
    return this.#browser.send(method, { context: this.#context, ...params });
  }

  async evaluate(expression) {
    const what = { expression, target: { context: this.#context }, awaitPromise: true };
    const { type, result, exceptionDetails } = await this.#browser.send("script.evaluate", what);
    if (type === "exception") throw new Error(exceptionDetails.text);
    return plain(result);
  }

  /** The size of the page. BiDi sets no colour scheme: it is the light one. */
  async shape({ width, height = 900 }) {
    await this.send("browsingContext.setViewport", { viewport: { width, height }, devicePixelRatio: 1 });
  }

  /** Opens an address, in front of the other tabs. */
  async open(url) {
    await this.send("browsingContext.activate");
    await this.send("browsingContext.navigate", { url, wait: "complete" });
  }

  async press(key) {
    const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: KEYS[key] }));
    await this.send("input.performActions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** The whole page as a picture. */
  async shoot(folder, name, { whole = true } = {}) {
    const { data } = await this.send("browsingContext.captureScreenshot", { origin: whole ? "document" : "viewport" });
    this.keep(folder, name, data);
  }

  async close() {
    await this.send("browsingContext.close");
  }
}

/** The value that a "remote value" of BiDi (section 7.3.2.2) stands for; `undefined` for what JSON has no word for. */
function plain({ type, value }) {
  switch (type) {
    case "array": return value.map(plain);
    case "object": return Object.fromEntries(value.map(([name, one]) => [name, plain(one)]));
    case "number": return Number(value);
    case "null": return null;
    default: return value;
  }
}
