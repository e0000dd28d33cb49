// Long polling: the client asks, and the server holds the request until there is an event or the hold time is over;
// then the client asks again at once (RFC 6202 section 2). An event need not wait for a timer, but each one still costs
// a request and an answer with their heads, and one that is published meanwhile waits for the next request to arrive.

/** Follows the feed until it is closed. */
export async function follow(feed) {
  while (feed.isOpen) {
    try {
      const address = feed.url({ hold: feed.holdMs });
      const answer = await fetch(address, { credentials: "include", signal: feed.signal });
      if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
      feed.answered();
      const events = await answer.json();
      feed.position(answer.headers.get("feed-cursor"));
      feed.deliver(events);
    } catch (error) {
      await feed.backOff(error);
    }
  }
}
