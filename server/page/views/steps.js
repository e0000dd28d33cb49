// The steps that the server saw (`/account`), read: which request, which events, and who waited for whom.

import { layerIds } from "../style.js";

const encoder = new TextEncoder();
const known = new WeakMap();

/** How many bytes a run has. */
export function runBytes(run) {
  return run.hex === undefined ? encoder.encode(run.text).length : run.hex.length / 2;
}

/**
 * What a step says: `{ request, events: [{ seq, atMs }], bytes }`. `request` is the page's number of the request (`n=` in its
 * target) or null; an event's `atMs` its intended publish instant (ms of the server).
 */
export function read(step) {
  if (!known.has(step)) known.set(step, readRuns(step.runs));
  return known.get(step);
}

function readRuns(runs) {
  const line = runs.find((run) => run.what === "request-line")?.text;
  const number = line?.match(/[?&]n=(\d+)/)?.[1];
  const texts = runs.filter((run) => run.what === "event-text" && run.text !== undefined).map((run) => run.text);
  const heads = texts.map((text) => text.match(/^\{"seq":\s*(\d+)\s*,\s*"at":\s*(\d+)/)).filter(Boolean);
  return {
    request: number === undefined ? null : Number(number),
    events: heads.map(([, seq, at]) => ({ seq: Number(seq), atMs: Number(at) / 1000 })),
    bytes: runs.reduce((sum, run) => sum + runBytes(run), 0),
  };
}

/** The bytes of some steps by layer, `{ up, down }`. */
export function sums(steps) {
  const empty = () => Object.fromEntries(layerIds.map((id) => [id, 0]));
  const sum = { up: empty(), down: empty() };
  for (const { way, runs } of steps) for (const run of runs) sum[way][run.layer] += runBytes(run);
  return sum;
}

/** Whether a step answers a request. */
function answers(step) {
  return step.kind === "answer" || step.kind === "answer-head";
}

/**
 * The steps of a panel as arrows: `{ step, request, serverMs, pageMs, heldMs }`, in the server's order.
 * `pageMs`: the instant at the page, or null where the page cannot know it (heartbeats, the client's position).
 * `heldMs`: for an answer, how long its request lay at the server.
 * Requests without an answer are told apart: `{ arrows, open: [serverMs] }`.
 */
export function arrows(panel) {
  const waiting = new Map();
  const list = panel.steps.map((step) => {
    const serverMs = step.at_us / 1000;
    if (step.kind === "request") {
      const { request } = read(step);
      waiting.set(step.connection, { request, serverMs });
      return { step, request, serverMs, pageMs: plausible(panel.sent.get(request)?.atMs, serverMs, step.way), heldMs: null };
    }
    if (answers(step)) {
      const asked = waiting.get(step.connection);
      waiting.delete(step.connection);
      const pageMs = plausible(panel.sent.get(asked?.request)?.answeredMs, serverMs, step.way);
      return { step, request: asked?.request ?? null, serverMs, pageMs, heldMs: asked ? serverMs - asked.serverMs : null };
    }
    const seq = read(step).events.at(-1)?.seq;
    return { step, request: null, serverMs, pageMs: plausible(panel.deliveredAt.get(seq), serverMs, step.way), heldMs: null };
  });
  return { arrows: list, open: [...waiting.values()].map(({ serverMs }) => serverMs) };
}

/** An instant of the page, unless it belongs to another life of the server: numbers begin again when it is started anew. */
function plausible(pageMs, serverMs, way) {
  if (!Number.isFinite(pageMs)) return null;
  const later = way === "up" ? serverMs - pageMs : pageMs - serverMs;
  return later > -100 && later < 60_000 ? pageMs : null;
}

/**
 * The last exchange of a panel: for a poll its request and its answer, for a stream its last event, and what opened it.
 * @param {boolean} withEvent only one that brought an event
 * @returns {{ steps: object[], opening: object[] }}
 */
export function lastExchange(panel, withEvent) {
  const { steps } = panel;
  const isOpening = (step) => step.kind === "request" && opensStream(steps, step);
  const ends = steps.findLast((step) => step.way === "down" && (withEvent ? read(step).events.length > 0 : true));
  const openingRequest = steps.findLast(isOpening);
  const opening = openingRequest ? [openingRequest, answerOf(steps, openingRequest)].filter(Boolean) : [];
  if (!ends) return { steps: [], opening };
  if (!answers(ends)) return { steps: [ends], opening };
  const request = steps.findLast((step) => step.kind === "request" && step.connection === ends.connection && step.n < ends.n);
  return { steps: [request, ends].filter(Boolean), opening: [] };
}

function opensStream(steps, request) {
  return answerOf(steps, request)?.kind === "answer-head";
}

function answerOf(steps, request) {
  return steps.find((step) => step.n > request.n && step.connection === request.connection && answers(step));
}
