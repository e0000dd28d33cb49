// Limits of the browser that look like faults of a transport: said where they are what one sees, and shown on purpose.
//
// Over HTTP/1.1 a browser opens six connections to one host and port, for all of its tabs together. A seventh request
// waits, without an error, until one of the six is over. And a hidden tab's timers run once a second at most.

import { html, mark, say } from "./views/element.js";
import { duration } from "./views/number.js";
import { t, worded } from "./words.js";

/** An answer that takes longer than it can take at the server must be waiting in the browser (ms). */
const PATIENCE_MS = 2_000;
const DEMONSTRATION_MS = 15_000;
const STREAMS_MAX = 8;

/** Sets what the browser's limits do to each panel. */
export function judge({ panels, settings }) {
  for (const panel of panels) {
    const heldMs = panel.id === "long-polling" ? settings.holdMs : 0;
    panel.isBlocked = panel.unansweredMs > heldMs + PATIENCE_MS + settings.rtt_ms;
    panel.isHidden = panel.id === "polling" && document.hidden;
  }
}

/** Adds the notice about hidden tabs, and the demonstration of the six connections. */
export function create(container, { panels, settings, where, classroom }) {
  const hidden = hiddenNotice(panels.find(({ id }) => id === "polling"));
  const six = demonstration(panels.find(({ id }) => id === "sse"), { settings, where, classroom });
  container.append(hidden.element, six.element);
  return {
    update() {
      hidden.update();
      six.update();
    },
  };
}

/** Tells, once the page is seen again, what was skipped meanwhile. */
function hiddenNotice(polling) {
  const text = html("p");
  const close = worded(html("button", { type: "button" }), "limits.close");
  const element = html("div", { class: "notice", role: "status" });
  let left = null;
  let told = null;

  close.addEventListener("click", () => {
    told = null;
    element.replaceChildren();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      left = { atMs: performance.now(), skipped: polling.skipped };
      return;
    }
    const skipped = left && polling.skipped - left.skipped;
    if (skipped > 0) {
      told = { away: performance.now() - left.atMs, skipped };
      element.replaceChildren(text, close);
    }
  });

  function update() {
    if (told) say(text, t("limits.hidden", { away: duration(told.away), skipped: told.skipped }));
  }

  return { element, update };
}

/** Opens streams at the port of server-sent events, one after another, until one has to wait. */
function demonstration(sse, { settings, where, classroom }) {
  const heading = worded(html("h2", { id: "six" }), "six.title");
  const text = worded(html("p"), "six.text");
  const button = html("button", { type: "button", class: "main" });
  const list = html("ol", { "aria-live": "polite" });
  const result = html("p", { class: "result", role: "status" });
  const element = html("section", { class: "six", "aria-labelledby": "six" }, heading, text, button, list, result);
  /** The demonstration that runs: its streams, and what closes them. */
  let run = null;

  button.addEventListener("click", () => (run ? end() : begin()));

  async function begin() {
    const closing = new AbortController();
    // The panel's own stream is one of the six.
    const own = sse.state === "paused" ? 0 : 1;
    const streams = [];
    run = { own, streams, closing, endsMs: performance.now() + DEMONSTRATION_MS, isWhole: false };
    const current = run;
    setTimeout(() => { if (run === current) end(); }, DEMONSTRATION_MS);
    list.replaceChildren(...(own ? [html("li", { "data-open": "true" })] : []));
    while (streams.length < STREAMS_MAX) {
      const stream = open(own + streams.length + 1, closing.signal);
      streams.push(stream);
      await Promise.race([stream.answer, patience(closing.signal)]);
      if (closing.signal.aborted) return;
      if (stream.openedMs === null) break;
    }
    current.isWhole = true;
  }

  function open(number, signal) {
    const address = new URL(`${location.protocol}//${location.hostname}:${classroom.ports.sse}/sse`);
    const topic = where.topic === "all" ? {} : { topic: where.topic };
    // A client of its own, so that the panel's figures stay the panel's.
    address.search = new URLSearchParams({ ...topic, client: `${where.client}x${number}`, n: 1 });
    const stream = { number, askedMs: performance.now(), openedMs: null, row: html("li") };
    stream.answer = fetch(address, { credentials: "include", signal })
      .then(({ ok }) => { if (ok) stream.openedMs = performance.now(); })
      .catch(() => { /* Closed while it waited, or refused. */ });
    list.append(stream.row);
    return stream;
  }

  function end() {
    run.closing.abort();
    run = null;
    list.replaceChildren();
    update();
  }

  function patience(signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS + settings.rtt_ms);
      signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
    });
  }

  function update() {
    const leftMs = run ? Math.max(0, run.endsMs - performance.now()) : 0;
    say(button, run ? t("six.end", { seconds: Math.ceil(leftMs / 1000) }) : t("six.begin"));
    say(result, run?.isWhole ? verdict(run) : "");
    if (run?.own) say(list.firstChild, t("six.own", { number: 1 }));
    for (const { number, row, askedMs, openedMs } of run?.streams ?? []) {
      mark(row, "data-open", String(openedMs !== null));
      if (openedMs === null) say(row, t("six.waiting", { number }));
      else say(row, t("six.open", { number, after: duration(openedMs - askedMs) }));
    }
  }

  return { element, update };
}

/** What the demonstration shows at this moment. */
function verdict({ own, streams }) {
  const connected = own + streams.filter(({ openedMs }) => openedMs !== null).length;
  const waits = connected < own + streams.length;
  return t(waits ? "six.waits" : "six.none", { open: connected, next: connected + 1 });
}
