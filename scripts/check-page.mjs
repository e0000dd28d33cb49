// What must hold for the classroom page in a real browser; scripts/check-page starts it.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import * as chromium from "./browser.mjs";
import * as firefox from "./firefox.mjs";

const options = { browser: { type: "string", default: "chromium" }, shots: { type: "string" } };
const { values: { browser: engine, shots }, positionals: [axePath, feedbench] } = parseArgs({ options, allowPositionals: true });
const TRANSPORTS = ["polling", "long-polling", "iframe-streaming", "sse", "fetch-streaming", "websocket"];
const PUSHED = TRANSPORTS.slice(2);
const RATE_PER_S = 5;
const TEXT = "</script><img src=x onerror=\"globalThis.pwned=1\">\u2028<b>&amp;";

let failures = 0;
const expect = (holds, what) => {
  if (holds) return;
  failures += 1;
  console.error(`FAILED: ${what}`);
};
const same = (found, wanted, what) => expect(JSON.stringify(found) === JSON.stringify(wanted),
  `${what}: ${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`);
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
// As the browser writes them: without spaces.
const recording = new URL("../server/data/earthquakes.ndjson", import.meta.url);
const recorded = readFileSync(recording, "utf8").trim().split("\n").map((line) => JSON.stringify(JSON.parse(line)));
const scratch = mkdtempSync(path.join(tmpdir(), "feedbench-class-"));

// ---- The server ----

/** Starts a server, on any ports or on these; resolves with its address once it listens. */
const serve = (listen, more) => new Promise((resolve, reject) => {
  const rate = ["--rate", String(RATE_PER_S), "--feed", "earthquakes", "--state", path.join(scratch, "state")];
  const child = spawn(feedbench, ["serve", "--listen", listen, ...rate, ...more], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => { errors += text; });
  child.on("exit", (status) => reject(new Error(`the server ended with ${status}: ${errors}`)));
  child.stdout.on("data", (text) => {
    const address = /http:\/\/(\S+)/.exec(text)?.[1];
    if (address) resolve({ address, child });
  });
});

/** A server on seven ports in a row, which a second one can take again. */
const serveSomewhere = async () => {
  for (let tries = 0; tries < 20; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    try {
      return await serve(`127.0.0.1:${port}`, []);
    } catch (error) {
      if (!error.message.includes("cannot listen")) throw error;
    }
  }
  throw new Error("no seven ports in a row are free");
};

const kill = (child, signal) => new Promise((resolve) => {
  child.removeAllListeners("exit");
  child.on("exit", resolve);
  child.kill(signal);
});

// ---- The browser ----

let browser;
let server;
let where = "";
/** While the server is away a browser writes down that it cannot be reached: no page can prevent that. */
let mayBeAway = false;

const newPage = async () => {
  const page = await browser.page();
  page.onNote(({ text, isNetwork }) => expect(mayBeAway && isNetwork, `${where}: ${text}`));
  return page;
};

const open = async (page, query = "") => {
  await page.open(`http://${server.address}/${query}`);
  await page.until(`document.body.dataset.ready === ""`, "the page comes to life");
};

const begun = (page) => page.until(`classroom.panels.every((panel) => panel.received > 0)`, "every panel receives an event");
const panels = (page, expression) => page.evaluate(`Object.fromEntries(classroom.panels.map((panel) => [panel.id, ${expression}]))`);

const set = async (wish) => {
  const { ports } = await (await fetch(`http://${server.address}/classroom`)).json();
  const answer = await fetch(`http://127.0.0.1:${ports.control}/settings`, { method: "POST", body: JSON.stringify(wish) });
  if (!answer.ok) throw new Error(await answer.text());
};

// ---- What must hold ----

/** For ten seconds every panel receives the same events, with nothing missing and nothing twice. */
const sameSequence = async (page) => {
  where = "the same sequence";
  await begun(page);
  const first = Math.max(...Object.values(await panels(page, "panel.recent[0].seq")));
  await sleep(10_000);
  await page.until(`(() => { const newest = classroom.panels.map((panel) => panel.recent[0].seq); return Math.min(...newest) > ${first} + ${RATE_PER_S * 5}; })()`, "events for ten seconds");
  const seen = await panels(page, `[...panel.deliveredAt.keys()].filter((seq) => seq > ${first})`);
  const last = Math.min(...Object.values(seen).map((numbers) => Math.max(...numbers)));
  const wanted = Array.from({ length: last - first }, (_, n) => first + 1 + n);
  for (const id of TRANSPORTS) same(seen[id].filter((seq) => seq <= last), wanted, `${id}: the sequence`);
  for (const [id, { lost, again }] of Object.entries(await panels(page, "({ lost: panel.lost, again: panel.again })"))) {
    same({ lost, again }, { lost: 0, again: 0 }, `${id}`);
  }
  const latencies = await panels(page, "panel.p50()");
  expect(latencies.websocket < latencies.polling, `WebSocket (${latencies.websocket} ms) is not faster than polling (${latencies.polling} ms)`);
  console.log(`${wanted.length} events, the same for all: ${TRANSPORTS.map((id) => `${id} ${latencies[id].toFixed(1)} ms`).join(", ")}`);
};

/** The heads of a page's requests and answers, as the browser counts them, by transport. */
const sumUp = (heads, client) => {
  const sums = Object.fromEntries(TRANSPORTS.map((id) => [id, { requests: 0, up: 0, down: 0 }]));
  for (const { url, asked, answered } of heads) {
    const { pathname, searchParams } = new URL(url);
    const sum = sums[pathname.slice(1)];
    // The page before this one may have asked once more.
    if (!sum || searchParams.get("client") !== client) continue;
    sum.requests += asked.length;
    sum.up += asked.reduce((all, bytes) => all + bytes, 0);
    sum.down += answered.reduce((all, bytes) => all + bytes, 0);
  }
  return sums;
};

/** The bytes on the page are the server's, and the server's heads are the browser's. */
const sameBytes = async (page) => {
  where = "bytes";
  const counted = await page.countHeads();
  await open(page);
  await begun(page);
  await sleep(3_000);
  // Nothing may be on its way when the panels are paused: the browser could have counted what never left it.
  await set({ paused: true });
  await sleep(2_000);
  await page.until(`(() => {
    const isIdle = classroom.panels.find(({ id }) => id === "polling").unansweredMs === 0;
    if (isIdle) for (const panel of classroom.panels) panel.pause();
    return isIdle;
  })()`, "no poll is on its way");
  // Until what was under way is over, and told.
  let told = "";
  await page.until(`(() => { const now = JSON.stringify(classroom.panels.map((panel) => panel.account?.bytes)); const before = globalThis.toldBefore; globalThis.toldBefore = now; return now === before; })()`, "the account is at rest");
  for (let same = 0; same < 3; same += 1) {
    await sleep(700);
    const now = JSON.stringify(await panels(page, "panel.account.bytes"));
    if (now !== told) same = 0;
    told = now;
  }
  const client = await page.evaluate(`new URL(performance.getEntriesByType("resource").find(({ name }) => name.includes("/polling?")).name).searchParams.get("client")`);
  const { ports } = await (await fetch(`http://${server.address}/classroom`)).json();
  const { transports } = await (await fetch(`http://127.0.0.1:${ports.control}/account?client=${client}&after=0`)).json();
  const heads = sumUp(counted.heads(), client);
  const shown = await panels(page, "panel.account");
  for (const id of TRANSPORTS) {
    const { bytes, requests } = transports[id];
    same(shown[id].bytes, bytes, `${id}: bytes on the page and at the server`);
    const ofHeads = { requests, up: bytes.up.request_headers + bytes.up.opening_handshake, down: bytes.down.response_headers + bytes.down.opening_handshake };
    // What a paused panel has sent and the browser has cut off has no answer that either would count.
    same(ofHeads, heads[id], `${id}: heads at the server and in the browser`);
    same([bytes.up.unclassified, bytes.down.unclassified], [0, 0], `${id}: unclassified`);
  }
  const figure = await page.evaluate(`Object.fromEntries([...document.querySelectorAll("article.panel")].map((card) => [card.dataset.transport, card.querySelector('[data-figure="requests"]').textContent]))`);
  for (const id of TRANSPORTS) same(Number(figure[id].replaceAll(",", "")), heads[id].requests, `${id}: requests shown`);
  console.log(`heads in the browser and at the server: ${TRANSPORTS.map((id) => `${id} ${heads[id].up} + ${heads[id].down} B in ${heads[id].requests}`).join(", ")}`);
  await counted.stop();
  await set({ paused: false });
};

/** What one types goes out as an event and appears everywhere as the same text. */
const publish = async (page) => {
  where = "publishing";
  await open(page);
  await begun(page);
  // What comes after it would push it out of sight.
  await set({ paused: true });
  await page.evaluate(`(() => {
    const field = document.getElementById("publish-text");
    field.value = ${JSON.stringify(TEXT)};
    field.dispatchEvent(new Event("input"));
    field.form.requestSubmit();
  })()`);
  // A text field drops nothing but line ends, and this is none to it.
  await page.until(`classroom.panels.every((panel) => panel.recent.some(({ data }) => data === ${JSON.stringify(TEXT)}))`, "the text appears in every panel");
  await page.until(`[...document.querySelectorAll(".appearances .value")].every((value) => /ms|s/.test(value.textContent))`, "the page says when it appeared");
  await page.until(`[...document.querySelectorAll("article.panel")].every((card) => card.textContent.includes(${JSON.stringify(TEXT)}))`, "every panel shows the text as it is");
  const run = await page.evaluate(`({ pwned: globalThis.pwned ?? null, images: [document, ...[...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument)].flatMap((one) => [...one.querySelectorAll("img, b")]).length })`);
  same(run, { pwned: null, images: 0 }, "a text is run or becomes an element");
  await set({ paused: false });
  console.log("a text with a script's end, an element and U+2028 appeared everywhere as a text");
};

/** Two tabs live side by side. */
const twoTabs = async (page) => {
  where = "two tabs";
  await open(page);
  const other = await newPage();
  await open(other);
  await begun(page);
  await begun(other);
  const before = [await panels(page, "panel.received"), await panels(other, "panel.received")];
  await sleep(5_000);
  const after = [await panels(page, "panel.received"), await panels(other, "panel.received")];
  for (const tab of [0, 1]) {
    for (const id of TRANSPORTS) expect(after[tab][id] > before[tab][id], `tab ${tab + 1}: ${id} received nothing for 5 s`);
  }
  same(await panels(other, "panel.lost"), Object.fromEntries(TRANSPORTS.map((id) => [id, 0])), "lost in the second tab");
  console.log("two tabs: all twelve panels receive");
  await other.close();
};

/** Six connections to one port, over all tabs: the seventh waits. */
const sixConnections = async (page) => {
  where = "six connections";
  await open(page);
  await begun(page);
  await page.evaluate(`document.querySelector(".six button").click()`);
  await page.until(`document.querySelector('.six li[data-open="false"]') !== null && document.querySelector(".six .result").textContent !== ""`, "a stream has to wait");
  const streams = await page.evaluate(`document.querySelectorAll('.six li[data-open="true"]').length`);
  // The panel's own is one of them.
  same(streams, 6, "streams that opened");
  await page.evaluate(`document.querySelector(".six button").click()`);
  const now = await panels(page, "panel.received");
  await page.until(`classroom.panels.find(({ id }) => id === "sse").received > ${now.sse}`, "the panel's stream goes on");
  console.log("six connections: the seventh stream waits, and the panel's own goes on");
};

/** What is set takes effect: distance is what separates the transports. */
const distance = async (page) => {
  where = "distance";
  await open(page);
  await begun(page);
  await set({ rtt_ms: 400 });
  await page.until(`classroom.settings.rtt_ms === 400`, "the page follows a setting that was made elsewhere");
  // What was on its way when the distance changed does not count.
  await page.evaluate(`globalThis.farMs = classroom.clock.now() + 1000, undefined`);
  const far = "panel.latencies.filter(({ atMs, ms }) => atMs - ms > globalThis.farMs).map(({ ms }) => ms)";
  await page.until(`classroom.panels.every((panel) => ${far}.length > 2)`, "events over the distance");
  const least = await panels(page, `Math.min(...${far})`);
  for (const id of PUSHED) expect(least[id] >= 199, `${id}: an event took ${least[id]} ms over a distance of 200 ms`);
  await set({ rtt_ms: 0 });
  console.log(`with a round trip of 400 ms no event came earlier than ${Math.min(...PUSHED.map((id) => least[id])).toFixed(0)} ms`);
};

/** A server that is killed and begins again: all come back by themselves, and nothing is lost. */
const restart = async (page) => {
  where = "a restart";
  await open(page);
  await page.evaluate(`globalThis.told = classroom.panels.map((panel) => {
    const data = [];
    panel.listen((event) => data.push(JSON.stringify(event.data)));
    return data;
  }), undefined`);
  await begun(page);
  await sleep(2_000);
  mayBeAway = true;
  const { address } = server;
  await kill(server.child, "SIGKILL");
  const before = await panels(page, "panel.recent[0].seq");
  await page.until(`classroom.panels.every((panel) => panel.state === "retrying" || panel.state === "connecting")`, "every panel sees that the server is gone");
  await sleep(1_500);
  server = await serve(address, []);
  const last = Math.max(...Object.values(before));
  await page.until(`classroom.panels.every((panel) => panel.restarts > 0 && panel.recent[0].seq > ${last} + ${2 * RATE_PER_S})`, "every panel comes back and goes on", 60_000);
  const after = await panels(page, `({ restarts: panel.restarts, lost: panel.lost, seqs: [...panel.deliveredAt.keys()] })`);
  for (const id of TRANSPORTS) {
    const { restarts, lost, seqs } = after[id];
    const sorted = [...seqs].sort((one, two) => one - two);
    same({ restarts, lost, gaps: sorted.filter((seq, n) => n > 0 && seq !== sorted[n - 1] + 1).length }, { restarts: 1, lost: 0, gaps: 0 }, `${id}: after a restart`);
  }
  // The recording goes on where it stopped: line by line, over both lives of the server.
  const told = await page.evaluate("globalThis.told");
  for (const [n, id] of TRANSPORTS.entries()) {
    const lines = told[n].map((data) => recorded.indexOf(data));
    const follow = lines.every((line, at) => line === (lines[0] + at) % recorded.length);
    expect(lines.length > 10 && follow, `${id}: lines of the recording one after the other, and not ${lines.join(" ")}`);
  }
  // What the browser wrote down meanwhile may come late.
  await sleep(500);
  mayBeAway = false;
  console.log("a server killed and started again: every panel came back once, and nothing is lost");
};

/** On a projector, a screen and a phone, light and dark, in both languages. */
const look = (sizes, schemes) => async (page) => {
  for (const [width, height] of sizes) {
    for (const [scheme, lang] of schemes) {
      where = `${width} px, ${scheme}, ${lang}`;
      await page.shape({ width, height, scheme });
      await open(page, `?lang=${lang}`);
      await begun(page);
      // A picture is to show plots that have begun.
      await sleep(shots ? 4_000 : 1_000);
      const found = await page.evaluate(`({
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        language: document.documentElement.lang,
        empty: [...document.querySelectorAll("[data-t]")].filter((one) => one.textContent.trim() === "" && !one.dataset.tLabel).length,
        levels: [...document.querySelectorAll("h1, h2, h3, h4")].map((heading) => Number(heading.tagName[1])),
      })`);
      expect(found.overflow <= 0, `${where}: the page is ${found.overflow} px wider than its window`);
      expect(found.language.startsWith(lang), `${where}: the page says that its language is ${found.language}`);
      expect(found.levels[0] === 1 && found.levels.every((level, n) => n === 0 || level <= found.levels[n - 1] + 1), `${where}: a heading is more than one level below the one before`);
      if (shots) await page.shoot(shots, `page-${width}-${scheme}-${lang}`);
      await page.evaluate(`document.querySelectorAll("details").forEach((one) => { one.open = true; })`);
      if (existsSync(axePath)) for (const finding of await page.axe(axePath)) expect(false, `${where}: ${finding}`);
      console.log(`${where}: looked at`);
    }
  }
};

/** Everything can be reached and used by keys. */
const keys = async (page) => {
  where = "keyboard";
  await page.shape({ width: 1280 });
  await open(page);
  await begun(page);
  // The code of a transport is one button away, and the escape key closes it.
  const code = `[...document.querySelectorAll('article.panel[data-transport="websocket"] button')].find((button) => /code/i.test(button.textContent))`;
  await page.evaluate(`${code}.focus()`);
  await page.press("Enter");
  await page.until(`document.getElementById("code").open && document.getElementById("code").textContent.includes("new WebSocket")`, "the code is shown");
  if (shots) await page.shoot(shots, "code", { whole: false });
  await page.press("Escape");
  await page.until(`!document.getElementById("code").open`, "the code is closed");
  const exchange = `[...document.querySelectorAll('article.panel[data-transport="long-polling"] .actions button')].at(-1)`;
  await page.evaluate(`${exchange}.focus()`);
  await page.press("Enter");
  await page.until(`document.getElementById("exchange").open && /GET \\/long-polling/.test(document.getElementById("exchange").textContent)`, "the bytes of the last exchange are shown");
  if (shots) await page.shoot(shots, "exchange", { whole: false });
  await page.press("Escape");
  // Last, because a walk past the end of the page takes the keys away from it: Firefox has buttons, too.
  const reached = new Set();
  for (let presses = 0; presses < 120; presses += 1) {
    await page.press("Tab");
    reached.add(await page.evaluate(`(() => { const one = document.activeElement; return (one.id || one.textContent.trim().slice(0, 20)) + "/" + (one.closest("[data-transport]")?.dataset.transport ?? ""); })()`));
  }
  expect([...reached].some((one) => one.startsWith("publish-text")), "the text field cannot be reached by keys");
  for (const id of TRANSPORTS) expect([...reached].some((one) => one.endsWith(`/${id}`)), `no button of ${id} can be reached by keys`);
  console.log(`${reached.size} places reached by keys; the code and the bytes open and close`);
};

// ---- What is tried in which browser ----

const PROJECTOR = [1920, 1080];
const SCREEN = [1280, 900];
const PHONE = [390, 844];
const BROWSERS = {
  chromium: {
    Browser: chromium.Browser,
    parts: [sameSequence, sameBytes, publish, twoTabs, sixConnections, distance, restart, keys,
      look([PROJECTOR, SCREEN, PHONE], [["light", "en"], ["dark", "zh"]])],
  },
  firefox: {
    Browser: firefox.Browser,
    parts: [sameSequence, sameBytes, publish, twoTabs, sixConnections, distance, restart, keys,
      look([SCREEN, PHONE], [["light", "en"], ["light", "zh"]])],
    without: "dark colours, which WebDriver BiDi does not set",
  },
};

if (!existsSync(axePath)) {
  console.log(`SKIPPED: axe: ${axePath}`);
  if (process.env.FEEDBENCH_REQUIRE_ALL === "1") failures += 1;
}
const { Browser, parts, without } = BROWSERS[engine];
if (without) console.log(`left to Chromium: ${without}`);
try {
  browser = new Browser();
  server = await serveSomewhere();
  const page = await newPage();
  await page.shape({ width: 1280 });
  await open(page);
  for (const part of parts) {
    try {
      await part(page);
    } catch (error) {
      expect(false, `${where}: ${error.message}`);
      mayBeAway = false;
    }
  }
} catch (error) {
  expect(false, error.message);
} finally {
  await browser?.close();
  if (server) await kill(server.child, "SIGINT");
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`the classroom page in ${engine}: ${failures === 0 ? "all holds" : `${failures} failures`}`);
process.exit(failures === 0 ? 0 : 1);
