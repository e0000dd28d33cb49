// The last seconds of each transport as a ladder: the page's life line left, the server's right, time downwards, and
// each request, answer and event an arrow between the instant at the page and the instant at the server.

import { transports } from "../style.js";
import { t } from "../words.js";
import { choice, html, say, toggle } from "./element.js";
import { Column } from "./ladder-column.js";
import { stepTable } from "./ladder-table.js";
import { Sheet } from "./canvas.js";
import { arrows, read } from "./steps.js";

const SPANS_S = [5, 10, 30];
/** Unit of the lines across, by span (s). */
const GRID_S = { 5: 1, 10: 2, 30: 5 };
/** Who asked for less motion sees the ladder move on in steps of this length (ms). */
const CALM_MS = 2_000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** `create(container, panels, clock)`: a column for each chosen transport. */
export function create(container, panels, clock) {
  const root = html("div", { class: "ladder-view" });
  container.append(root);
  const state = { seconds: 10, isHeld: false, chosen: new Set(panels.map(({ id }) => id)), heldAt: null };
  const parts = make(root, panels, state, () => update(clock.now()));

  function update(nowMs) {
    if (!Number.isFinite(nowMs)) return;
    // Held still, the columns keep what they had: one can point at a step without chasing it.
    const isDue = !calm.matches || state.heldAt === null || Math.abs(nowMs - state.heldAt) >= CALM_MS;
    if (!state.isHeld && isDue) state.heldAt = nowMs;
    const view = { nowMs: state.heldAt, seconds: state.seconds, gridS: GRID_S[state.seconds] };
    const published = state.isHeld ? parts.published : (parts.published = publications(panels));
    drawAxis(parts.axis, view);
    for (const column of parts.columns) {
      column.element.hidden = !state.chosen.has(column.panel.id);
      if (column.element.hidden) continue;
      if (!state.isHeld) column.take(arrows(column.panel));
      column.draw(view, published);
    }
    if (!state.isHeld) parts.table.update(panels.filter(({ id }) => state.chosen.has(id)), nowMs);
  }

  return { update };
}

function make(root, panels, state, redraw) {
  const spans = SPANS_S.map((id) => ({ id, text: t("seconds", { seconds: id }) }));
  const span = choice(t("ladder.span"), spans, state.seconds, (seconds) => {
    state.seconds = seconds;
    redraw();
  });
  const still = toggle(t("hold-still"), state.isHeld, (on) => {
    state.isHeld = on;
    redraw();
  });
  const which = panels.map(({ id }) => toggle(t(`transport.${id}`), state.chosen.has(id), (on) => {
    if (on) state.chosen.add(id);
    else state.chosen.delete(id);
    redraw();
  }));
  which.forEach((button, index) => button.style.setProperty("--colour", transports[panels[index].id].colour));
  const group = html("div", { class: "choice", role: "group", "aria-label": t("ladder.which") }, ...which);
  const bar = html("div", { class: "choices" }, span, still, group);
  const readout = html("p", { class: "readout", role: "status", text: t("ladder.point") });
  const axis = html("canvas", { class: "axis", "aria-hidden": "true" });
  const columns = panels.map((panel) => new Column(panel, (text) => say(readout, text), redraw));
  const board = html("div", { class: "board" }, axis, ...columns.map((column) => column.element));
  const region = { class: "scroll", role: "region", "aria-label": t("ladder.region"), tabindex: "0" };
  const scroll = html("div", region, board);
  const table = stepTable();
  root.replaceChildren(bar, readout, scroll, legend(), table.element);
  return { axis: { canvas: axis, sheet: new Sheet(axis) }, columns, table, published: [] };
}

function legend() {
  const items = ["event", "wait", "hold", "half"].map((id) => {
    const key = html("span", { class: `key ${id}`, "aria-hidden": "true" });
    return html("li", {}, key, html("span", { text: t(`ladder.key.${id}`) }));
  });
  const list = html("ul", { class: "legend" }, ...items);
  list.style.setProperty("--colour", transports.polling.colour);
  return list;
}

/**
 * The events published in the last minute, oldest first: `{ atMs, seq }`. Every transport has the same feed:
 * what came through the fastest is known before the slowest asks for it.
 */
function publications(panels) {
  const found = new Map();
  const note = (atMs, seq) => {
    const key = Math.round(atMs * 2);
    if (Number.isFinite(atMs) && (seq !== null || !found.has(key))) found.set(key, { atMs, seq });
  };
  for (const { latencies, recent, deliveredAt, steps } of panels) {
    for (const { atMs, ms } of latencies) note(atMs - ms, null);
    for (const { seq, latencyMs } of recent) note(deliveredAt.get(seq) - latencyMs, seq);
    for (const step of steps) for (const { atMs, seq } of read(step).events) note(atMs, seq);
  }
  return [...found.values()].sort((one, other) => one.atMs - other.atMs);
}

function drawAxis({ canvas, sheet }, { seconds, gridS }) {
  if (!sheet.clear()) return;
  const { top, bottom } = Column.frame(sheet);
  for (let ago = 0; ago <= seconds; ago += gridS) {
    const y = bottom - (ago / seconds) * (bottom - top);
    const text = ago === 0 ? t("now") : `−${t("seconds", { seconds: ago })}`;
    sheet.text(text, sheet.width - 0.4 * sheet.em, y, { align: "right", alpha: 0.8 });
  }
}
