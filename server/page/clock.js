// The server's clock as this page sees it. Events carry the instant of publishing on the server's clock; to know their
// delay, the page has to read that clock at the instant of delivery.
//
// A sample asks for the time. The answer was given somewhere between asking and hearing: taking the middle is wrong by
// half of the round trip at most. Of several samples the one of least round trip is the best (Cristian 1989).

const WARM_UP = 5;
const SAMPLES = 20;
/** A page that has just begun has much to do, and samples slowly: it compares again when it has settled. */
const SETTLED_MS = 5_000;
const AGAIN_MS = 60_000;
/** How far two clocks may drift apart (ms in each ms): quartz is good to some 20 parts in a million. */
const DRIFT = 2e-5;

/** The server's monotonic clock. */
export class Clock {
  /** Server minus page (ms); `null` before the first sample. */
  offsetMs = null;
  /** The offset is wrong by this at most (ms). */
  errorMs = null;
  #takenMs = 0;
  #bootId = null;
  #ask;

  /** @param {() => Promise<{monotonic_us: number, boot_id: string}>} ask reads the server's clock */
  constructor(ask) {
    this.#ask = ask;
  }

  /** The server's clock now (ms). */
  now() {
    return performance.now() + this.offsetMs;
  }

  /** Compares the clocks anew. The first requests are slower than the others (connections, caches) and do not count. */
  async synchronise() {
    for (let sample = 0; sample < WARM_UP; sample += 1) await this.#sample();
    let best = await this.#sample();
    for (let sample = 1; sample < SAMPLES; sample += 1) {
      const next = await this.#sample();
      if (next.errorMs < best.errorMs) best = next;
    }
    this.#take(best);
  }

  /** Compares the clocks every minute while the page is seen: a hidden page is answered too late to learn from it. */
  keep() {
    const again = () => {
      if (!document.hidden) this.synchronise().catch(() => { /* The server is away; the clock goes on as it was. */ });
    };
    setTimeout(again, SETTLED_MS);
    setInterval(again, AGAIN_MS);
  }

  async #sample() {
    const asked = performance.now();
    const { monotonic_us: monotonicUs, boot_id: bootId } = await this.#ask();
    const heard = performance.now();
    return { offsetMs: monotonicUs / 1000 - (asked + heard) / 2, errorMs: (heard - asked) / 2, takenMs: heard, bootId };
  }

  /** A better comparison made earlier is kept, unless the new one shows that it is no longer true. */
  #take(sample) {
    const agedMs = this.errorMs + DRIFT * (sample.takenMs - this.#takenMs);
    const agrees = Math.abs(sample.offsetMs - this.offsetMs) <= agedMs + sample.errorMs;
    if (this.#bootId === sample.bootId && agrees && agedMs < sample.errorMs) {
      this.errorMs = agedMs;
      this.#takenMs = sample.takenMs;
      return;
    }
    this.offsetMs = sample.offsetMs;
    this.errorMs = sample.errorMs;
    this.#takenMs = sample.takenMs;
    this.#bootId = sample.bootId;
  }
}
