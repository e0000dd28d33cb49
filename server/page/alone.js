// One transport alone in a page, to measure it: the same client and the same feed as in the classroom, no drawings.
// /page/alone.html?transport=sse&client=a1 (and interval=MS, hold=MS). The one who measures reads `deliveries`.

import { Clock } from "./clock.js";
import { Panel } from "./panel.js";
import { clockSample, learn, TRANSPORTS } from "./server.js";

/** More are not kept: 1,000 events a second for a quarter of an hour. */
const DELIVERIES = 1_000_000;
const LINE_MS = 500;

const asked = new URLSearchParams(location.search);
const id = asked.get("transport");
const line = document.getElementById("line");

globalThis.deliveries = [];

if (TRANSPORTS.includes(id)) await follow();
else line.textContent = `transport is one of: ${TRANSPORTS.join(", ")}`;

async function follow() {
  const classroom = await learn();
  const clock = new Clock(clockSample);
  await clock.synchronise();
  clock.keep();
  const { follow: client } = await import(`./transports/${id}.js`);
  const where = { client: asked.get("client") ?? "alone", topic: classroom.topic };
  const settings = { intervalMs: Number(asked.get("interval") ?? 1000), holdMs: Number(asked.get("hold") ?? 25_000) };
  const panel = new Panel({ id, port: classroom.ports[id], follow: client, clock, where, settings });
  panel.listen(({ seq, at }, latencyMs) => {
    if (deliveries.length < DELIVERIES) deliveries.push({ seq, atUs: at, latencyMs });
  });
  Object.assign(globalThis, { clock, panel });
  panel.resume();
  setInterval(() => {
    line.textContent = `${id}: ${panel.state}, ${panel.received} events, ${panel.lost} lost`;
  }, LINE_MS);
}
