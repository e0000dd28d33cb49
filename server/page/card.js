// One panel on the page: what a transport is doing, what it brought, what it cost.

import { time } from "./controls.js";
import * as bytesView from "./views/bytes.js";
import { perEvent, sign } from "./views/comparison.js";
import { html, mark, say } from "./views/element.js";
import * as latencyView from "./views/latency.js";
import { total } from "./views/layers.js";
import { bytes, duration, grouped, significant } from "./views/number.js";
import { t, worded } from "./words.js";

const EVENTS = 4;
/** The list of events shows the start of a longer text. */
const EVENT_CHARACTERS = 200;

/**
 * Adds the card of a panel.
 * @param {Element} container
 * @param {Panel} panel
 * @param {{clock: Clock, settings: object, showCode: (id: string) => void, showExchange: (panel: Panel) => void}} page
 */
export function create(container, panel, { clock, settings, showCode, showExchange }) {
  const state = html("span", { class: "state" });
  const reason = html("span", { class: "reason" });
  const stop = html("button", { type: "button" });
  const code = worded(html("button", { type: "button" }), "card.code");
  const exchange = worded(html("button", { type: "button" }), "card.exchange");
  const title = `title-${panel.id}`;
  const latencies = factList("large", ["now", "p50", "p99"]);
  const facts = factList("small", ["received", "lost", "requests", "empty", "up", "down", "overhead"]);
  const more = factList("small", ["again", "skipped", "reconnects", "restarts"]);
  const events = eventList();
  const cors = html("p", { class: "note" });
  const latency = html("div", { class: "latency" });
  const layers = html("div", { class: "bytes" });

  const name = worded(html("h3", { id: title }), `transport.${panel.id}`);
  container.append(html("article", { class: "panel", "aria-labelledby": title, "data-transport": panel.id },
    html("header", {}, sign(panel.id), name, html("p", { class: "status", role: "status" }, state, reason)),
    latencies.element, latency, facts.element, layers, events.element,
    html("div", { class: "actions" }, stop, code, exchange),
    html("details", {}, worded(html("summary"), "card.more"), more.element, cors)));

  stop.addEventListener("click", () => {
    if (panel.state === "paused") panel.resume();
    else panel.pause();
    update(clock.now());
  });
  code.addEventListener("click", () => showCode(panel.id));
  exchange.addEventListener("click", () => showExchange(panel));

  const views = [latencyView.create(latency, panel, clock), bytesView.create(layers, panel)];

  function update(nowMs) {
    mark(state, "data-state", panel.state);
    say(state, t(`state.${panel.state}`));
    say(reason, why(panel, settings));
    say(stop, t(panel.state === "paused" ? "card.resume" : "card.pause"));
    latencies.show({
      now: duration(panel.recent[0]?.latencyMs),
      p50: duration(panel.p50()),
      p99: duration(panel.p99()),
    });
    facts.show({
      received: grouped(panel.received),
      lost: grouped(panel.lost),
      requests: grouped(panel.requests),
      ...costs(panel),
    });
    more.show({
      again: grouped(panel.again),
      skipped: panel.id === "polling" ? grouped(panel.skipped) : "–",
      reconnects: grouped(panel.reconnects),
      restarts: grouped(panel.restarts),
    });
    say(cors, crossing(panel));
    events.show(panel.recent);
    for (const view of views) view.update(nowMs);
  }

  return { update };
}

/** The sentence beside the state. */
function why(panel, { intervalMs }) {
  if (panel.state === "live") return t(`live.${panel.id}`, { interval: time(intervalMs) });
  if (panel.state === "retrying") return t("reason.retrying", { error: panel.lastError });
  if (panel.state === "waiting" && panel.id === "long-polling") return t("reason.held");
  return t(`reason.${panel.state}`);
}

/** What the server's ledger says about the panel: nothing before it says something. */
function costs(panel) {
  const { account } = panel;
  if (!account) return { up: "–", down: "–", overhead: "–", empty: "–" };
  const each = perEvent(panel);
  return {
    up: bytes(total(account.bytes.up)),
    down: bytes(total(account.bytes.down)),
    overhead: each ? bytes(total(each.up) + total(each.down) - each.up.payload - each.down.payload) : "–",
    empty: account.polls > 0 ? `${significant((100 * account.empty_polls) / account.polls)} %` : "–",
  };
}

/** What the transport's own port costs in header fields. */
function crossing({ account, port }) {
  if (String(port) === (location.port || "80")) return t("cors.own", { port });
  const extra = account?.cors_bytes;
  if (!extra) return t("cors.unknown", { port });
  return t("cors.other", { port, up: grouped(extra.up), down: grouped(extra.down) });
}

/** Names and values; the values change, the places do not. */
function factList(kind, names) {
  const values = Object.fromEntries(names.map((name) => [name, html("dd", { "data-figure": name })]));
  const pairs = names.map((name) => html("div", {}, worded(html("dt"), `figure.${name}`), values[name]));
  const show = (texts) => names.forEach((name) => {
    say(values[name], texts[name]);
    mark(values[name], "data-bad", String(name === "lost" && texts[name] !== "0"));
  });
  return { element: html("dl", { class: `facts ${kind}` }, ...pairs), show };
}

/** The last events as text, newest first, in rows that are always there. */
function eventList() {
  const rows = Array.from({ length: EVENTS }, () => {
    const [seq, data, latency] = ["seq", "data", "latency"].map((name) => html("span", { class: name }));
    return { seq, data, latency, element: html("li", {}, seq, data, latency) };
  });
  const element = html("ol", { class: "events" }, ...rows.map((row) => row.element));
  const show = (recent) => {
    mark(element, "aria-label", t("card.events"));
    rows.forEach((row, index) => {
      const event = recent[index];
      mark(row.element, "aria-hidden", String(!event));
      say(row.seq, event ? `${event.seq}` : "");
      say(row.data, event ? short(event.data) : "\u00a0");
      say(row.latency, event ? duration(event.latencyMs) : "");
    });
  };
  return { element, show };
}

function short(data) {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return text.length > EVENT_CHARACTERS ? `${text.slice(0, EVENT_CHARACTERS)}…` : text;
}
