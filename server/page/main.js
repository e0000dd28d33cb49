// The page, in the order in which it comes to life: learn the classroom, compare the clocks, make a panel for each
// transport, start them, draw.

import * as card from "./card.js";
import { Clock } from "./clock.js";
import * as code from "./code.js";
import * as controls from "./controls.js";
import * as exchange from "./exchange.js";
import { pauseMs } from "./feed.js";
import * as limits from "./limits.js";
import { Panel } from "./panel.js";
import * as publish from "./publish.js";
import * as server from "./server.js";
import * as status from "./status.js";
import * as comparison from "./views/comparison.js";
import * as ladder from "./views/ladder.js";
import { translate } from "./words.js";

const DRAW_MS = 250;
const ACCOUNT_MS = 500;

const place = (id) => document.getElementById(id);
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

translate(document);
status.chooseLanguage(place("language"));

const classroom = await patiently(server.learn);
const clock = new Clock(server.clockSample);
await patiently(() => clock.synchronise());
clock.keep();

const where = { client: drawClient(), topic: classroom.topic };
const settings = { ...classroom.settings, intervalMs: 1000, holdMs: 25_000 };
const panels = await Promise.all(server.TRANSPORTS.map(async (id) => {
  const { follow } = await import(`./transports/${id}.js`);
  return new Panel({ id, port: classroom.ports[id], follow, clock, where, settings });
}));

const shown = { classroom, clock, panels, settings, where, account: null };
const showCode = code.create(place("code"));
const { open: showExchange, ...exchanges } = exchange.create(place("exchange"));
const board = controls.create(place("controls"), shown);
const parts = [
  status.create(place("status"), shown),
  publish.create(place("publish"), shown),
  limits.create(place("limits"), shown),
  ...panels.map((panel) => card.create(place("panels"), panel, { clock, settings, showCode, showExchange })),
  exchanges,
];
let views = draw();
document.addEventListener("languagechange", () => { views = draw(); });

globalThis.classroom = { panels, clock, settings };
for (const panel of panels) panel.resume();
setInterval(show, DRAW_MS);
document.body.dataset.ready = "";
keepAccount();

/** Draws what is common to all panels, in the page's language. */
function draw() {
  return [[comparison, place("comparison")], [ladder, place("ladder")]].map(([view, container]) => {
    container.replaceChildren();
    return view.create(container, panels, clock);
  });
}

function show() {
  const nowMs = clock.now();
  for (const panel of panels) panel.forget(nowMs);
  limits.judge(shown);
  for (const part of [...parts, ...views]) part.update(nowMs);
}

/** Asks for the server's figures of this page, for as long as somebody looks at them. */
async function keepAccount() {
  let epoch = classroom.epoch;
  let after = 0;
  for (let failures = 0; ;) {
    try {
      const account = await server.account(where.client, after);
      // A server that began anew counts from nothing: so does its ledger, and the clock may be another one.
      const isAnew = account.epoch !== epoch;
      epoch = account.epoch;
      after = isAnew ? 0 : after;
      for (const panel of panels) {
        const own = account.transports[panel.id];
        panel.book(own, isAnew);
        for (const { n } of own?.steps ?? []) after = Math.max(after, n);
      }
      Object.assign(settings, account.settings);
      shown.account = account;
      board.follow();
      if (isAnew) await clock.synchronise();
      failures = 0;
      await sleep(ACCOUNT_MS);
    } catch {
      shown.account = null;
      failures += 1;
      await sleep(pauseMs(failures));
    }
  }
}

/** Tries until it works: a page may be opened before its server answers. */
async function patiently(work) {
  for (let failures = 1; ; failures += 1) {
    try {
      const result = await work();
      delete document.body.dataset.away;
      return result;
    } catch {
      document.body.dataset.away = "";
      await sleep(pauseMs(failures));
    }
  }
}

/** The name of this life of the page in the server's ledger. */
function drawClient() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => (byte % 36).toString(36)).join("");
}
