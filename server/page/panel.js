// The state of one transport: what it received, when, and at what cost. No DOM: cards, drawings and tests read it.

import { Feed } from "./feed.js";
import { Sequence } from "./sequence.js";

const RECENT = 8;
const INSTANTS = 512;
const STEPS = 256;
const LATENCIES_MS = 60_000;
const LATENCIES = 20_000;

/** One transport of this page. Instants are those of the server's clock (ms). */
export class Panel {
  id;
  port;
  clock;
  received = 0;
  requests = 0;
  /** Failures after which the transport tried again. */
  reconnects = 0;
  /** Instants of the poll timer without a request. */
  skipped = 0;
  lastError = null;
  /** The newest events, newest first: `{ seq, data, latencyMs }`. */
  recent = [];
  /** The deliveries of the last minute: `{ atMs, ms }`. */
  latencies = [];
  /** Requests by number: `{ atMs, answeredMs }`. */
  sent = new Map();
  /** Instants of delivery by the event's number. */
  deliveredAt = new Map();
  /** The server's ledger of this panel's exchanges, or `null`. */
  account = null;
  /** The last exchanges as the server saw them. */
  steps = [];
  /** Set by limits.js: a limit of the browser is what one sees. */
  isBlocked = false;
  isHidden = false;
  #phase = "paused";
  /** The last request has no answer yet. */
  #isAsking = false;
  #follow;
  #where;
  #settings;
  #closing;
  #sequence;
  #listeners = new Set();
  #sorted = null;

  /**
   * @param {object} what
   * @param {string} what.id the transport
   * @param {number} what.port
   * @param {(feed: Feed) => Promise<void>} what.follow the transport's client
   * @param {Clock} what.clock
   * @param {{client: string, topic: string}} what.where
   * @param {{intervalMs: number, holdMs: number}} what.settings
   */
  constructor({ id, port, follow, clock, where, settings }) {
    this.id = id;
    this.port = port;
    this.clock = clock;
    this.#follow = follow;
    this.#where = where;
    this.#settings = settings;
    this.#sequence = new Sequence(clock.now() * 1000);
  }

  /** connecting, waiting (for the first event), live, blocked, hidden, retrying, paused. */
  get state() {
    if (this.#phase === "paused") return "paused";
    if (this.isBlocked) return "blocked";
    if (this.#phase === "retrying") return "retrying";
    if (this.isHidden) return "hidden";
    // A held request is unanswered as long as nothing happens.
    if (this.#phase === "connecting") return this.id === "long-polling" ? "waiting" : "connecting";
    return this.received > 0 ? "live" : "waiting";
  }

  get cursor() {
    return this.#sequence.cursor;
  }

  get lost() {
    return this.#sequence.lost;
  }

  /** Events offered a second time, after a restart. */
  get again() {
    return this.#sequence.again;
  }

  get restarts() {
    return this.#sequence.restarts;
  }

  /** How long the last request has been without an answer (ms); 0 when it has one. */
  get unansweredMs() {
    return this.#isAsking ? this.clock.now() - this.sent.get(this.requests).atMs : 0;
  }

  /** Starts the transport, or starts it again where it stopped. */
  resume() {
    if (this.#phase !== "paused") return;
    this.#phase = "connecting";
    this.#closing = new AbortController();
    this.#follow(new Feed(this, this.#where, this.#settings, this.#closing.signal));
  }

  /** Ends its request or connection. The cursor stays, and the server keeps its history. */
  pause() {
    this.#phase = "paused";
    this.#isAsking = false;
    this.#closing.abort();
  }

  /** Calls `listener(event, latencyMs)` for each new event. */
  listen(listener) {
    this.#listeners.add(listener);
  }

  /** Median delivery latency of the last minute (ms), or `null`. */
  p50() {
    return this.#percentile(0.5);
  }

  /** 99 of 100 deliveries of the last minute took this at most (ms), or `null`. */
  p99() {
    return this.#percentile(0.99);
  }

  /** A request is made. @returns {number} its number, from 1 */
  asks() {
    this.requests += 1;
    this.#isAsking = true;
    keep(this.sent, this.requests, { atMs: this.clock.now(), answeredMs: null });
    return this.requests;
  }

  answered() {
    this.#phase = "open";
    this.#isAsking = false;
    const request = this.sent.get(this.requests);
    if (request) request.answeredMs ??= this.clock.now();
  }

  stand(cursor) {
    this.#sequence.stand(cursor);
  }

  take(events, atMs) {
    for (const event of events) {
      if (!this.#sequence.take(event)) continue;
      const latencyMs = atMs - event.at / 1000;
      this.received += 1;
      keep(this.deliveredAt, event.seq, atMs);
      this.latencies.push({ atMs, ms: latencyMs });
      this.recent.unshift({ seq: event.seq, data: event.data, latencyMs });
      if (this.recent.length > RECENT) this.recent.pop();
      for (const listener of this.#listeners) listener(event, latencyMs);
    }
    this.#sorted = null;
    this.forget(atMs);
  }

  /** Drops the latencies that are older than a minute. */
  forget(nowMs) {
    const first = this.latencies.findIndex(({ atMs }) => atMs > nowMs - LATENCIES_MS);
    const dropped = Math.max(first === -1 ? this.latencies.length : first, this.latencies.length - LATENCIES);
    if (dropped === 0) return;
    this.latencies.splice(0, dropped);
    this.#sorted = null;
  }

  skips(instants) {
    this.skipped += instants;
  }

  failed(error) {
    this.#phase = "retrying";
    this.#isAsking = false;
    this.reconnects += 1;
    this.lastError = error.message;
  }

  /** The server's ledger of this panel; `isAnew` when the server began a new one. */
  book(account, isAnew) {
    const { steps, ...sums } = account ?? { steps: [] };
    this.account = account ? sums : null;
    this.steps = [...(isAnew ? [] : this.steps), ...steps].slice(-STEPS);
  }

  #percentile(share) {
    this.#sorted ??= this.latencies.map(({ ms }) => ms).sort((one, other) => one - other);
    // The nearest rank: a value that was measured.
    return this.#sorted[Math.ceil(share * this.#sorted.length) - 1] ?? null;
  }
}

/** Keeps the newest entries of a map. */
function keep(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > INSTANTS) map.delete(map.keys().next().value);
}
