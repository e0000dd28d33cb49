// What the page asks of the server beside the feed itself. Nothing else in the page knows these paths.
//
// The figures and the clock have a port of their own, which the delay of the link does not touch: they stay true while
// the transports are made slow.

/** The transports in the order of the page: from asking to being told. */
export const TRANSPORTS = ["polling", "long-polling", "iframe-streaming", "sse", "fetch-streaming", "websocket"];

let controlPort;

/** What the classroom is: ports, settings, limits. Comes first, because the other calls need its ports. */
export async function learn() {
  const classroom = await json(await fetch("/classroom"));
  controlPort = classroom.ports.control;
  return classroom;
}

/**
 * The ledger of this page's exchanges.
 * @param {string} client the id that its requests carry
 * @param {number} after the number of the last step that the page has
 */
export async function account(client, after) {
  return json(await fetch(control(`/account?client=${client}&after=${after}`)));
}

/** Changes settings of the server, for every page; answers all of them. An `Error` tells why the server refused. */
export async function settings(changes) {
  return json(await fetch(control("/settings"), { method: "POST", body: JSON.stringify(changes) }));
}

/** Publishes a text as an event. An `Error` tells the server's reason to refuse. */
export async function publish(text) {
  const headers = { "Content-Type": "text/plain; charset=utf-8" };
  await accepted(await fetch("/publish", { method: "POST", headers, body: text }));
}

/** The server's clocks now: `{ monotonic_us, realtime_us, boot_id }`. */
export async function clockSample() {
  return json(await fetch(control("/clock"), { cache: "no-store" }));
}

function control(path) {
  return `${location.protocol}//${location.hostname}:${controlPort}${path}`;
}

async function json(answer) {
  return (await accepted(answer)).json();
}

async function accepted(answer) {
  if (!answer.ok) throw new Error((await answer.text()).trim() || `status ${answer.status}`);
  return answer;
}
