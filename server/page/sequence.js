// Where a panel stands in the feed, and what it missed. Pure: no clock, no network, no DOM.

/** How many events are remembered by number and instant: more than a server keeps in its history. */
const SEEN_MAX = 20_000;

/** The position of one client in the feed. */
export class Sequence {
  /** Events that were never offered: gaps in the numbers within one life of the server. */
  lost = 0;
  /** Events that were offered a second time, or are older than this client. */
  again = 0;
  /** How often the epoch changed: the server began anew. */
  restarts = 0;
  #sinceUs;
  #epoch = null;
  #seq = 0;
  /** The newest number seen in this epoch. */
  #newest = null;
  #seen = new Map();

  /** @param {number} sinceUs the instant (server's clock) at which the client began to follow */
  constructor(sinceUs) {
    this.#sinceUs = sinceUs;
  }

  /** What the next request says: `EPOCH-SEQ`, or `null` before the server has named a position. */
  get cursor() {
    return this.#epoch === null ? null : `${this.#epoch}-${this.#seq}`;
  }

  /** The server names the position. */
  stand(cursor) {
    const [epoch, seq] = cursor.split("-");
    if (epoch !== this.#epoch) {
      if (this.#epoch !== null) this.restarts += 1;
      this.#epoch = epoch;
      this.#seq = 0;
      this.#newest = null;
    }
    this.#seq = Math.max(this.#seq, Number(seq));
  }

  /**
   * An event was delivered. After a restart the server offers all it has kept, as it cannot know what the client has:
   * number and instant together tell an event.
   * @returns {boolean} is it new?
   */
  take({ seq, at }) {
    const expected = (this.#newest ?? this.#seq) + 1;
    if (seq > expected) this.lost += seq - expected;
    this.#newest = Math.max(this.#newest ?? 0, seq);
    this.#seq = Math.max(this.#seq, seq);
    // The first event says better than any clock where the client's part of the feed begins.
    if (this.restarts === 0 && this.#seen.size === 0) this.#sinceUs = at;
    const isOld = this.#seen.get(seq) === at || (this.restarts > 0 && at < this.#sinceUs);
    if (isOld) {
      this.again += 1;
      return false;
    }
    this.#seen.delete(seq);
    this.#seen.set(seq, at);
    if (this.#seen.size > SEEN_MAX) this.#seen.delete(this.#seen.keys().next().value);
    return true;
  }
}
