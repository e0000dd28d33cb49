// The last steps as a table: the ladder for those who do not see it.

import { t } from "../words.js";
import { html } from "./element.js";
import { bytes, duration } from "./number.js";
import { label } from "./ladder-words.js";
import { arrows, read } from "./steps.js";

const ROWS = 20;
/** A table that is being read does not change under the reader more often than this (ms). */
const CALM_MS = 2_000;

/** `{ element, update(panels, nowMs) }`; works only while it is open. */
export function stepTable() {
  const columns = ["ago", "transport", "way", "step", "bytes", "transit"];
  const heads = columns.map((column) => html("th", { scope: "col", text: t(`ladder.column.${column}`) }));
  const body = html("tbody");
  const table = html("table", { class: "sums" }, html("thead", {}, html("tr", {}, ...heads)), body);
  const summary = html("summary", { text: t("ladder.table", { rows: ROWS }) });
  const element = html("details", {}, summary, html("div", { class: "wide", tabindex: 0, role: "region", "aria-label": summary.textContent }, table));
  let filledMs = -Infinity;

  function update(panels, nowMs) {
    if (!element.open || nowMs < filledMs + CALM_MS) return;
    filledMs = nowMs;
    const all = panels.flatMap((panel) => arrows(panel).arrows.map((arrow) => ({ id: panel.id, ...arrow })));
    const newest = all.sort((one, other) => other.serverMs - one.serverMs).slice(0, ROWS);
    body.replaceChildren(...newest.map((arrow) => row(arrow, nowMs)));
  }

  return { element, update };
}

function row({ id, step, serverMs, pageMs }, nowMs) {
  const cells = [
    t(`transport.${id}`),
    t(`ladder.ends.${step.way}`),
    label(step),
    bytes(read(step).bytes),
    pageMs === null ? "–" : duration(Math.abs(serverMs - pageMs)),
  ];
  const ago = html("th", { scope: "row", text: duration(nowMs - serverMs) });
  return html("tr", {}, ago, ...cells.map((text) => html("td", { text })));
}
