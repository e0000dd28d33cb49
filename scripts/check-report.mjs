// What must hold for a page in a real browser; scripts/check-report starts it. Chromium is driven over a pipe with its
// DevTools protocol, so that there is no library to install.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [axePath, file, ...options] = process.argv.slice(2);
const shots = options[0] === "--shots" ? options[1] : undefined;
const url = pathToFileURL(path.resolve(file)).href;
const PATIENCE_MS = 180_000;
const SCHEMES = ["light", "dark"];
// The room of an A4 page inside the margins of the style sheet, in CSS pixels.
const PAPER = { width: ((210 - 2 * 14) / 25.4) * 96, height: ((297 - 2 * 15) / 25.4) * 96 };

let failures = 0;
const expect = (holds, what) => {
  if (holds) return;
  failures += 1;
  console.error(`FAILED: ${what}`);
};

// ---- The browser ----

const profile = mkdtempSync(path.join(tmpdir(), "check-report-"));
const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe", `--user-data-dir=${profile}`];
const browser = spawn("chromium", [...flags, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const [, , , input, output] = browser.stdio;

const waiting = new Map();
const listeners = [];
let rest = "";
let last = 0;
output.setEncoding("utf8");
output.on("data", (chunk) => {
  const parts = (rest + chunk).split("\0");
  rest = parts.pop();
  for (const message of parts.map((part) => JSON.parse(part))) {
    if (message.id === undefined) listeners.forEach((listener) => listener(message));
    else {
      const { resolve, reject } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) reject(new Error(JSON.stringify(message.error)));
      else resolve(message.result);
    }
  }
});

let session;
const send = (method, params = {}) => new Promise((resolve, reject) => {
  last += 1;
  const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), PATIENCE_MS);
  const done = (settle) => (value) => { clearTimeout(timer); settle(value); };
  waiting.set(last, { resolve: done(resolve), reject: done(reject) });
  input.write(`${JSON.stringify({ id: last, method, params, sessionId: session })}\0`);
});
const event = (method) => new Promise((resolve, reject) => {
  const timer = setTimeout(() => reject(new Error(`no ${method}`)), PATIENCE_MS);
  const listener = (message) => {
    if (message.method !== method) return;
    clearTimeout(timer);
    listeners.splice(listeners.indexOf(listener), 1);
    resolve(message.params);
  };
  listeners.push(listener);
});

const evaluate = async (expression) => {
  const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
};

const open = async ({ width, height = 900, scheme = "light", media = "" }) => {
  await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 500 });
  await send("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
  const loaded = event("Page.loadEventFired");
  await send("Page.navigate", { url });
  await loaded;
};

const shoot = async (name) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  const { cssContentSize } = await send("Page.getLayoutMetrics");
  const clip = { x: 0, y: 0, width: cssContentSize.width, height: Math.min(cssContentSize.height, 16_000), scale: 1 };
  const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true, clip });
  writeFileSync(path.join(shots, `${name}.png`), Buffer.from(data, "base64"));
};

// ---- What must hold ----

const shape = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const levels = all("h1, h2, h3, h4, h5, h6").map((heading) => Number(heading.tagName[1]));
  const named = (svg) => svg.getAttribute("role") === "img" && svg.querySelector(":scope > title")?.textContent
    && svg.querySelector(":scope > desc")?.textContent;
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    drawings: all("svg").filter((svg) => !svg.closest("[aria-hidden]")).length,
    nameless: all("svg").filter((svg) => !named(svg)).length,
    language: document.documentElement.lang,
    order: levels[0] === 1 && levels.every((level, index) => index === 0 || level <= levels[index - 1] + 1),
    headless: all("th:not([scope])").length,
    tables: all("table").length,
  };
})()`;

const look = async (where) => {
  const found = await evaluate(shape);
  expect(found.overflow <= 0, `${where}: the page is ${found.overflow} px wider than its window`);
  expect(found.drawings > 0, `${where}: there is no drawing`);
  expect(found.nameless === 0, `${where}: ${found.nameless} drawings have no role, title or description`);
  expect(found.language !== "", `${where}: the page does not name its language`);
  expect(found.order, `${where}: a heading is more than one level below the one before`);
  expect(found.headless === 0, `${where}: ${found.headless} headings of tables have no scope`);
  return found;
};

const axe = async (where) => {
  if (!existsSync(axePath)) return;
  await evaluate(readFileSync(axePath, "utf8"));
  const violations = await evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map((node) => node.html.slice(0, 160)) })))`);
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  for (const { id, impact, where: nodes } of grave) expect(false, `${where}: axe, ${impact}: ${id} at ${nodes.join(" | ")}`);
};

const press = async (key) => {
  const code = { ArrowRight: 39, ArrowDown: 40, End: 35 }[key];
  for (const type of ["keyDown", "keyUp"]) await send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: code });
};

// The charts of a report answer; those of a trace and of a comparison are drawings alone.
const interact = async () => {
  const answers = await evaluate(`document.querySelector("script") !== null && document.querySelector("g[data-transport]") !== null`);
  if (!answers) {
    console.log("no chart of this page answers to pointer or keyboard");
    return;
  }
  const shown = (id) => evaluate(`[...document.querySelectorAll('g[data-transport="${id}"]')].filter((g) => g.getClientRects().length).length`);
  const buttons = await evaluate(`[...document.querySelectorAll(".legend button")].map((button) => button.dataset.transport)`);
  expect(buttons.length > 0, "there is no legend");
  for (const id of buttons) {
    const click = `document.querySelector('.legend button[data-transport="${id}"]')`;
    const before = await shown(id);
    await evaluate(`${click}.click()`);
    const pressed = await evaluate(`${click}.getAttribute("aria-pressed")`);
    expect(before > 0 && (await shown(id)) === 0 && pressed === "false", `a button does not hide ${id}`);
    await evaluate(`${click}.click()`);
    expect((await shown(id)) === before, `a button does not show ${id} again`);
  }
  const axes = await evaluate(`(() => {
    const results = [];
    for (const group of document.querySelectorAll(".axis")) {
      const drawing = () => group.nextElementSibling.querySelector("svg").outerHTML;
      const [first, second] = group.querySelectorAll("button");
      const before = drawing();
      second.click();
      const other = drawing();
      first.click();
      results.push(before !== other && drawing() === before);
    }
    return results;
  })()`);
  expect(axes.every(Boolean), "a button does not change an axis and back");
  console.log(`${buttons.length} transports can be hidden, ${axes.length} charts change their axis`);

  // A series without readings has nothing to say.
  const card = `[...document.querySelectorAll("figure.chart .card")].find((card) => card.querySelector('g[data-readings^="[["]'))`;
  if (!(await evaluate(`Boolean(${card})`))) return;
  await evaluate(`${card}.scrollIntoView({ block: "center" }); ${card}.focus()`);
  const said = [];
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "End"]) {
    await press(key);
    said.push(await evaluate(`${card}.closest("figure").querySelector("[aria-live]").textContent`));
  }
  expect(said.every((text) => text !== "") && new Set(said).size > 1, `arrow keys do not read: ${JSON.stringify(said)}`);
  console.log(`arrow keys read: ${said.join(" · ")}`);
  const { x, y } = await evaluate(`(() => {
    const group = ${card}.querySelector('g[data-readings^="[["]');
    const readings = JSON.parse(group.dataset.readings);
    const [x, y] = readings[Math.floor(readings.length / 2)];
    const at = new DOMPoint(x * 8, y * 8).matrixTransform(group.ownerSVGElement.getScreenCTM());
    return { x: at.x, y: at.y };
  })()`);
  await evaluate(`${card}.blur()`);
  await send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  const tip = await evaluate(`(() => { const tip = document.querySelector(".tip"); return tip.hidden ? "" : tip.textContent; })()`);
  expect(tip !== "" && (await evaluate(`document.querySelector(".ring") !== null`)), "a pointer on a reading does not show it");
  if (shots) {
    mkdirSync(shots, { recursive: true });
    const { data } = await send("Page.captureScreenshot", {});
    writeFileSync(path.join(shots, "reading.png"), Buffer.from(data, "base64"));
  }
};

const print = async () => {
  await open({ width: Math.floor(PAPER.width), media: "print" });
  const figures = await evaluate(`[...document.querySelectorAll("figure")].filter((figure) => figure.getClientRects().length).map((figure) => ({
    name: figure.querySelector("h2, h3, h4")?.textContent ?? "",
    inside: getComputedStyle(figure).breakInside,
    height: figure.getBoundingClientRect().height,
  }))`);
  for (const { name, inside, height } of figures) {
    expect(inside === "avoid", `printed, "${name}" may be cut by the end of a page`);
    expect(height <= PAPER.height, `printed, "${name}" is higher than a page: ${Math.round(height)} px`);
  }
  const controls = await evaluate(`[...document.querySelectorAll("button, .tip")].filter((one) => one.getClientRects().length).length`);
  expect(controls === 0, `${controls} controls are printed`);
  await send("Emulation.setEmulatedMedia", { media: "" });
  const { data } = await send("Page.printToPDF", { preferCSSPageSize: true, printBackground: true });
  const pdf = Buffer.from(data, "base64");
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
  expect(pages > 0, "the printed page has no pages");
  if (shots) writeFileSync(path.join(shots, "print.pdf"), pdf);
  console.log(`printed: ${pages} pages of A4, ${figures.length} drawings, none cut`);
};

const withoutScript = async () => {
  await send("Emulation.setScriptExecutionDisabled", { value: true });
  await open({ width: 1280 });
  const found = await look("without JavaScript");
  const lost = await evaluate(`[...document.querySelectorAll("figure svg")].filter((svg) => !svg.getClientRects().length).length`);
  expect(lost === 0, `without JavaScript ${lost} drawings are not there`);
  expect((await evaluate(`document.querySelectorAll("button").length`)) === 0, "without JavaScript there are buttons");
  await send("Emulation.setScriptExecutionDisabled", { value: false });
  console.log(`without JavaScript: ${found.drawings} drawings, ${found.tables} tables`);
};

const check = async () => {
  const { targetId } = (await send("Target.getTargets")).targetInfos.find(({ type }) => type === "page");
  session = (await send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
  for (const domain of ["Page", "Runtime", "Log"]) await send(`${domain}.enable`);
  let where = "";
  listeners.push(({ method, params }) => {
    if (method === "Runtime.exceptionThrown") {
      const { exception, text } = params.exceptionDetails;
      expect(false, `${where}: ${exception?.description ?? text}`);
    }
    if (method === "Runtime.consoleAPICalled") expect(false, `${where}: the page writes to the console: ${params.args.map((one) => one.value).join(" ")}`);
    if (method === "Log.entryAdded") expect(false, `${where}: ${params.entry.level}: ${params.entry.text}`);
  });
  if (!existsSync(axePath)) {
    console.log(`SKIPPED: axe: ${axePath}`);
    if (process.env.FEEDBENCH_REQUIRE_ALL === "1") failures += 1;
  }
  for (const width of [1280, 390]) {
    for (const scheme of SCHEMES) {
      where = `${width} px, ${scheme}`;
      await open({ width, scheme });
      const { drawings, tables } = await look(where);
      await shoot(`${width}-${scheme}`);
      await axe(where);
      console.log(`${where}: ${drawings} drawings, ${tables} tables`);
    }
  }
  where = "pointer and keyboard";
  await open({ width: 1280 });
  await interact();
  where = "printed";
  await print();
  where = "without JavaScript";
  await withoutScript();
};

try {
  await check();
} catch (error) {
  expect(false, error.message);
} finally {
  browser.kill();
  await new Promise((resolve) => { browser.once("exit", resolve); setTimeout(resolve, 5_000); });
  // Helpers of the browser may still write for a moment; a folder that they keep is no fault of the page.
  try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  } catch (error) {
    console.log(`${profile} is left behind: ${error.code}`);
  }
}
console.log(failures === 0 ? `${file}: all holds` : `${file}: ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
