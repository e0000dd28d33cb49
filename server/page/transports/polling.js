// Polling: the client asks on a timer, and the server answers at once with what it has, an empty list as a rule
// (RFC 6202 section 1). An event waits at the server for the next request, half an interval on average, and every
// request carries a whole head, whether there is an event or not.

/** Follows the feed until it is closed. */
export async function follow(feed) {
  while (await feed.nextPoll()) {
    try {
      // The address holds the cursor, that is the last event we have, and a number, so that no cache can answer.
      const answer = await fetch(feed.url(), { credentials: "include", signal: feed.signal });
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
