// Server-sent events: one answer of type text/event-stream that does not end, each event in lines `id:` and `data:`
// (HTML Living Standard, section 9.2). The browser's EventSource reads the lines for us. It would also connect again by
// itself, with the last id; here that is left to the feed, so that every transport waits and counts in the same way.

/** Follows the feed until it is closed. */
export async function follow(feed) {
  while (feed.isOpen) await feed.backOff(await untilItEnds(feed));
}

function untilItEnds(feed) {
  const source = new EventSource(feed.url(), { withCredentials: true });

  source.addEventListener("open", () => feed.answered());
  source.addEventListener("message", ({ data, lastEventId }) => {
    feed.position(lastEventId);
    feed.deliver([JSON.parse(data)]);
  });

  return new Promise((resolve) => {
    const end = (reason) => {
      source.close();
      resolve(new Error(reason));
    };
    feed.signal.addEventListener("abort", () => end("closed"), { once: true });
    source.addEventListener("error", () => end("the event stream ended"));
  });
}
