// Iframe streaming, the "forever frame": a hidden frame loads a document that never ends, and each event is a script
// element in it that calls a function of this page (RFC 6202 section 3). It needs nothing newer than frames and
// scripts; but the document has to come from this page's own port, or its scripts might not call their parent.

/** The server writes something every 15 s at least, if only a comment; longer silence is a broken connection. */
const SILENCE_MS = 20_000;
const LOOK_MS = 500;

/** Follows the feed until it is closed. */
export async function follow(feed) {
  // A frame that is there before the page has loaded would keep the browser's loading sign turning for ever.
  if (document.readyState !== "complete") {
    await new Promise((resolve) => { addEventListener("load", resolve, { once: true }); });
  }
  while (feed.isOpen) await feed.backOff(await untilItEnds(feed));
}

function untilItEnds(feed) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.title = "iframe streaming";

    const end = (reason) => {
      clearTimeout(silence);
      clearInterval(look);
      frame.remove();
      resolve(new Error(reason));
    };
    let silence;
    const hear = () => {
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE_MS, "silence");
    };

    globalThis.position = (cursor) => {
      feed.answered();
      feed.position(cursor);
      new MutationObserver(hear).observe(frame.contentDocument, { childList: true, subtree: true });
      // A connection that breaks: Firefox ends the document without loading it, Chromium tells nobody.
      frame.contentDocument.addEventListener("DOMContentLoaded", () => end("the connection broke"));
      hear();
    };
    globalThis.f = (event) => {
      feed.deliver([event]);
      // What has run is dropped: the document grows for ever, the memory should not.
      frame.contentDocument.head.replaceChildren();
    };

    feed.signal.addEventListener("abort", () => end("closed"), { once: true });
    // A document has loaded when it is over: the server ended it.
    frame.addEventListener("load", () => end("the document ended"));
    // Without a connection Firefox shows a page of its own, and tells nobody: we only see that it is not ours to read.
    const look = setInterval(() => { if (!frame.contentDocument) end("no connection"); }, LOOK_MS);
    frame.src = feed.url();
    document.body.append(frame);
  });
}
