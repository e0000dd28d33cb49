// Iframe streaming, the "forever frame": a hidden frame loads a document that never ends, and each event is a script
// element in it that calls a function of this page (RFC 6202 section 3). It needs nothing newer than frames and scripts;
// but the document has to come from this page's own port, or its scripts might not call their parent.

/** Follows the feed until it is closed. */
export async function follow(feed) {
  // A frame that is there before the page has loaded would keep the browser's loading sign turning for ever.
  if (document.readyState !== "complete") {
    await new Promise((resolve) => { addEventListener("load", resolve, { once: true }); });
  }
  while (feed.isOpen) await feed.backOff(await untilItEnds(feed));
}

function untilItEnds(feed) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "iframe streaming";

  // Each element is dropped once it has run: the document grows for ever, the memory should not.
  const drop = () => frame.contentDocument.currentScript?.remove();
  globalThis.position = (cursor) => {
    feed.answered();
    feed.position(cursor);
    drop();
  };
  globalThis.f = (event) => {
    feed.deliver([event]);
    drop();
  };

  return new Promise((resolve) => {
    const end = (reason) => {
      frame.remove();
      resolve(new Error(reason));
    };
    feed.signal.addEventListener("abort", () => end("closed"), { once: true });
    // A frame has loaded when its document is over: the only sign that the stream has ended.
    frame.addEventListener("load", () => end("the document ended"));
    frame.src = feed.url();
    document.body.append(frame);
  });
}
