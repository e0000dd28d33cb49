// Fetch streaming: one answer that does not end, read while it arrives (Fetch Standard; WHATWG Streams). Each line is
// the JSON text of one event. Chunks come as the network cuts them, so that a line may be spread over two of them, and
// a character, too: the decoder keeps the half of a character, `rest` the half of a line.

/** Follows the feed until it is closed. */
export async function follow(feed) {
  while (feed.isOpen) {
    try {
      const answer = await fetch(feed.url(), { credentials: "include", signal: feed.signal });
      if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
      feed.answered();
      await readLines(answer.body, (line) => {
        const message = JSON.parse(line);
        if ("cursor" in message) feed.position(message.cursor);
        else feed.deliver([message]);
      });
      throw new Error("the stream ended");
    } catch (error) {
      await feed.backOff(error);
    }
  }
}

async function readLines(body, hear) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    // An empty line is a heartbeat: it only shows that the connection is alive.
    lines.filter((line) => line !== "").forEach(hear);
  }
}
