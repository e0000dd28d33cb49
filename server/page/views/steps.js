// The steps that the server saw (`/account`), read: which request, which events, and who waited for whom.

import { layerIds } from "../style.js";

const encoder = new TextEncoder();
const known = new WeakMap();

/** How many bytes a run has. */
export function runBytes(run) {
  return run.hex === undefined ? encoder.encode(run.text).length : run.hex.length / 2;
}

/**
 * What a step says: `{ request, events: [{ seq, atMs }], bytes }`. `request` is the page's number of the request (`n=`
 * in its target) or null; an event's `atMs` its intended publish instant (ms of the server).
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
 * The steps of a panel as arrows in the server's order, and the instants of requests that have no answer yet.
 * @returns {{ arrows: Arrow[], open: number[] }}
 *
 * @typedef {object} Arrow
 * @property {object} step
 * @property {number|null} request the page's number of the request, or of the one that this answers
 * @property {number} serverMs the instant at the server
 * @property {number|null} pageMs the instant at the page; null where it cannot know it (a heartbeat, its position)
 * @property {number|null} heldMs of an answer: how long its request lay at the server
 */
export function arrows(panel) {
  const waiting = new Map();
  const list = panel.steps.map((step) => {
    const serverMs = step.at_us / 1000;
    const arrow = (pageMs, request = null, heldMs = null) =>
      ({ step, request, serverMs, pageMs: plausible(pageMs, serverMs, step.way), heldMs });
    if (step.kind === "request") {
      const { request } = read(step);
      waiting.set(step.connection, { request, serverMs });
      return arrow(panel.sent.get(request)?.atMs, request);
    }
    if (answers(step) && waiting.has(step.connection)) {
      const asked = waiting.get(step.connection);
      waiting.delete(step.connection);
      return arrow(panel.sent.get(asked.request)?.answeredMs, asked.request, serverMs - asked.serverMs);
    }
    return arrow(panel.deliveredAt.get(read(step).events.at(-1)?.seq));
  });
  return { arrows: list, open: [...waiting.values()].map(({ serverMs }) => serverMs) };
}

/** An instant of the page, unless it belongs to another life of the server: a new one counts from 1 again. */
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
  const end = steps.findLast((step) => step.way === "down" && (!withEvent || read(step).events.length > 0));
  if (!end) return { steps: [], opening: opening(panel) };
  if (!answers(end)) return { steps: [end], opening: opening(panel) };
  return { steps: [requestOf(panel, end), end].filter(Boolean), opening: [] };
}

const openings = new WeakMap();

/**
 * The request that opened a panel's stream, and the head of its answer. A panel keeps only its last steps: who wants to
 * show this later asks for it in time, and it is remembered.
 */
export function opening(panel) {
  const head = panel.steps.findLast((step) => step.kind === "answer-head");
  const request = head && requestOf(panel, head);
  if (request) openings.set(panel, [request, head]);
  return openings.get(panel) ?? [];
}

function requestOf({ steps }, { connection, n }) {
  return steps.findLast((step) => step.kind === "request" && step.connection === connection && step.n < n);
}
