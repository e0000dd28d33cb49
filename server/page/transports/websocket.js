// WebSocket: an HTTP request asks to leave HTTP, and after the answer 101 both sides may send messages at any time over
// the same connection (RFC 6455). A message from the server takes 2 to 10 bytes beside its text, and no request.
// The server's first message is the position in the feed; each one after it is an event.

/** Follows the feed until it is closed. */
export async function follow(feed) {
  while (feed.isOpen) await feed.backOff(await untilItCloses(feed));
}

function untilItCloses(feed) {
  const socket = new WebSocket(feed.url({}, "ws:"));
  socket.binaryType = "arraybuffer";

  socket.addEventListener("open", () => feed.answered());
  socket.addEventListener("message", ({ data }) => {
    // A server may be told to send its text in binary frames.
    const message = JSON.parse(typeof data === "string" ? data : new TextDecoder().decode(data));
    if ("cursor" in message) feed.position(message.cursor);
    else feed.deliver([message]);
  });
  feed.signal.addEventListener("abort", () => socket.close(), { once: true });

  return new Promise((resolve) => {
    // 1001: the server goes away. 1006: the connection ended without a close frame (RFC 6455 section 7.4.1).
    socket.addEventListener("close", ({ code }) => resolve(new Error(`closed with code ${code}`)));
  });
}
