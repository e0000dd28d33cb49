// What must hold for a page of a report in a real browser; scripts/check-report starts it.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Browser } from "./browser.mjs";

const [axePath, file, ...options] = process.argv.slice(2);
const shots = options[0] === "--shots" ? options[1] : undefined;
const url = pathToFileURL(path.resolve(file)).href;
const SCHEMES = ["light", "dark"];
// The room of an A4 page inside the margins of the style sheet, in CSS pixels.
const PAPER = { width: ((210 - 2 * 14) / 25.4) * 96, height: ((297 - 2 * 15) / 25.4) * 96 };

let failures = 0;
const expect = (holds, what) => {
  if (holds) return;
  failures += 1;
  console.error(`FAILED: ${what}`);
};

const browser = new Browser();
let page;
const send = (method, params) => page.send(method, params);
const evaluate = (expression) => page.evaluate(expression);
const open = async (shape) => {
  await page.shape(shape);
  await page.open(url);
};
const shoot = async (name) => { if (shots) await page.shoot(shots, name); };

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
  for (const finding of await page.axe(axePath)) expect(false, `${where}: ${finding}`);
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
  page = await browser.page();
  let where = "";
  page.on("Runtime.exceptionThrown", ({ exceptionDetails: { exception, text } }) => expect(false, `${where}: ${exception?.description ?? text}`));
  page.on("Runtime.consoleAPICalled", ({ args }) => expect(false, `${where}: the page writes to the console: ${args.map((one) => one.value).join(" ")}`));
  page.on("Log.entryAdded", ({ entry }) => expect(false, `${where}: ${entry.level}: ${entry.text}`));
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
  await browser.close();
}
console.log(failures === 0 ? `${file}: all holds` : `${file}: ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
