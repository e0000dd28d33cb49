// What the client of a transport gets. A transport decides when to ask and how to read an answer; addresses, instants,
// counts and the position in the feed are kept here, below it, the same way for all of them.

const PAUSE_MS = 250;
const PAUSE_MAX_MS = 8_000;

/** The pause before another try (ms): doubled with each failure, half of it random, so that pages spread out. */
export function pauseMs(failures) {
  return Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

/** The feed as the client of one transport sees it: all it may do, and no more. */
export class Feed {
  #panel;
  #where;
  #settings;
  #signal;
  #polledMs = null;
  #failures = 0;

  /**
   * @param {Panel} panel what is told of everything
   * @param {{client: string, topic: string}} where
   * @param {{intervalMs: number, holdMs: number}} settings read at each request
   * @param {AbortSignal} signal ends this feed
   */
  constructor(panel, where, settings, signal) {
    this.#panel = panel;
    this.#where = where;
    this.#settings = settings;
    this.#signal = signal;
  }

  /** The transport's id. */
  get id() {
    return this.#panel.id;
  }

  /** Aborted when the feed is closed: for `fetch`. */
  get signal() {
    return this.#signal;
  }

  /** May the transport go on? */
  get isOpen() {
    return !this.#signal.aborted;
  }

  /** How long the server may hold a long poll (ms). */
  get holdMs() {
    return this.#settings.holdMs;
  }

  /** The address of the next request, which it counts. `n` makes each address unique: no cache answers, or waits. */
  url(extra = {}, scheme = location.protocol) {
    const { client, topic } = this.#where;
    const { cursor } = this.#panel;
    const url = new URL(`${scheme}//${location.hostname}:${this.#panel.port}/${this.id}`);
    const own = topic === "all" ? {} : { topic };
    url.search = new URLSearchParams({ ...own, client, n: this.#panel.asks(), ...(cursor && { cursor }), ...extra });
    return url.href;
  }

  /**
   * The next instant of the timer; at once the first time. Instants that passed during a slow answer are skipped.
   * @returns {Promise<boolean>} may the transport go on?
   */
  async nextPoll() {
    const { intervalMs } = this.#settings;
    const nowMs = performance.now();
    const dueMs = this.#polledMs === null ? nowMs : this.#polledMs + intervalMs;
    const missed = Math.max(0, Math.ceil((nowMs - dueMs) / intervalMs));
    this.#polledMs = dueMs + missed * intervalMs;
    await this.#wait(this.#polledMs - nowMs);
    // A timer that fires late, as in a hidden tab, has skipped instants, too.
    const late = Math.max(0, Math.floor((performance.now() - this.#polledMs) / intervalMs));
    this.#polledMs += late * intervalMs;
    this.#panel.skips(missed + late);
    return this.isOpen;
  }

  /** The head of the answer is there. */
  answered() {
    if (!this.isOpen) return;
    this.#failures = 0;
    this.#panel.answered();
  }

  /** Events have arrived; `events` are `{ seq, at, data }`. Their instant is now. */
  deliver(events) {
    const atMs = this.#panel.clock.now();
    if (this.isOpen) this.#panel.take(events, atMs);
  }

  /** The server names the position; `null` when it did not. */
  position(cursor) {
    if (this.isOpen && cursor) this.#panel.stand(cursor);
  }

  /** Waits before the next try. */
  async backOff(error) {
    if (!this.isOpen) return;
    this.#failures += 1;
    this.#panel.failed(error);
    await this.#wait(pauseMs(this.#failures));
  }

  #wait(ms) {
    if (!this.isOpen) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#signal.addEventListener("abort", done);
    });
  }
}
