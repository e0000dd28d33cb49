// All transports beside each other: bytes per event by layer, and latency, each on one axis. It grows as one watches.

import { layerIds, markerPath, transports } from "../style.js";
import { t } from "../words.js";
import { html, say, svg } from "./element.js";
import { bar, swatch, total } from "./layers.js";
import { bytes, duration, grouped, plain } from "./number.js";
import { decadeAbove, linear, logarithmic } from "./scale.js";

/** Paid once for each connection, not for each event; and what lies below the transport. */
const NOT_PER_EVENT = ["opening_handshake", "tls_handshake", "tls"];

/** `create(container, panels)`: the two figures and the same as a table. */
export function create(container, panels) {
  const inOrder = Object.keys(transports).map((id) => panels.find((panel) => panel.id === id)).filter(Boolean);
  const parts = [bytesFigure(inOrder), latencyFigure(inOrder), table(inOrder)];
  container.append(html("div", { class: "comparison-view" }, ...parts.map((part) => part.element)));

  function update() {
    for (const part of parts) part.update();
  }

  return { update };
}

/** The bytes of a panel divided by its events, `{ up, down, events }`; `null` before its first event. */
export function perEvent(panel) {
  const { bytes: sums, events } = panel.account ?? {};
  if (!sums || !events) return null;
  const share = (way) =>
    Object.fromEntries(layerIds.map((id) => [id, NOT_PER_EVENT.includes(id) ? 0 : (sums[way][id] ?? 0) / events]));
  return { up: share("up"), down: share("down"), events };
}

function bytesFigure(panels) {
  let isLog = false;
  const rows = panels.map((panel) => ({ panel, bars: { up: bar(), down: bar() }, ...heading(panel) }));
  const legend = layerIds.map((id) => html("li", {}, swatch(id), html("span", { text: t(`layer.${id}`) })));
  const tracks = rows.map((row) => track(row, [row.bars.up.row, row.bars.down.row]));
  const frame = figure("bytes", tracks, isLog, (log) => (isLog = log));
  const list = html("ul", { class: "legend" }, ...legend);
  frame.element.append(list);

  function update() {
    const sums = rows.map(({ panel }) => perEvent(panel));
    const numbers = sums.filter(Boolean).flatMap(({ up, down }) => [total(up), total(down)]);
    const largest = Math.max(...numbers, 1);
    const axis = isLog ? logarithmic(1, Math.max(decadeAbove(largest), 10)) : linear(largest, 5);
    frame.draw(axis, byteTick, isLog);
    list.hidden = isLog;
    rows.forEach((row, index) => {
      const sum = sums[index];
      say(row.figure, sum ? bytes(total(sum.up) + total(sum.down)) : "–");
      say(row.basis, sum ? counted(sum.events) : t("comparison.no-event"));
      for (const way of ["up", "down"]) {
        const own = sum?.[way] ?? {};
        const label = t(`way.${way}.short`);
        if (isLog) row.bars[way].showSum(label, total(own), axis.place(total(own)), transports[row.panel.id].colour);
        else row.bars[way].show(label, own, axis.top);
      }
    });
    legend.forEach((item, index) => {
      const id = layerIds[index];
      item.hidden = !sums.some((sum) => sum && sum.up[id] + sum.down[id] > 0);
    });
  }

  return { element: frame.element, update };
}

function latencyFigure(panels) {
  let isLog = true;
  const dots = (panel) => ({ p50: dot(panel, "p50"), p99: dot(panel, "p99") });
  const rows = panels.map((panel) => ({ panel, dots: dots(panel), ...heading(panel) }));
  const tracks = rows.map((row) => track(row, [row.dots.p50.row, row.dots.p99.row]));
  const frame = figure("latency", tracks, isLog, (log) => (isLog = log));

  function update() {
    const known = rows.map(({ panel }) => ({ p50: panel.p50(), p99: panel.p99(), count: panel.latencies.length }));
    const largest = Math.max(...known.map(({ p99 }) => (Number.isFinite(p99) ? p99 : 0)), 1);
    const axis = isLog ? logarithmic(0.1, Math.max(decadeAbove(largest), 1000)) : linear(largest, 5);
    frame.draw(axis, timeTick, isLog);
    rows.forEach((row, index) => {
      const { p50, p99, count } = known[index];
      say(row.basis, count > 0 ? counted(count) : t("comparison.no-event"));
      row.dots.p50.show(count > 0 ? p50 : null, axis);
      row.dots.p99.show(count > 0 ? p99 : null, axis);
    });
  }

  return { element: frame.element, update };
}

/** A figure of rows above one axis, with its title, its switch of scales and a place for the axis's ticks. */
function figure(name, rows, startsLog, choose) {
  const title = html("span", { class: "heading" });
  const button = html("button", { type: "button", class: "quiet" });
  let log = startsLog;
  button.addEventListener("click", () => choose((log = !log)));
  const ticks = html("div", { class: "ticks", "aria-hidden": "true" });
  const plot = html("div", { class: "axes" }, ticks, ...rows);
  const element = html("figure", { class: name }, html("figcaption", {}, title, button), plot);
  element.append(html("p", { class: "note", text: t(`comparison.${name}.note`) }));
  let drawn = "";

  function draw(axis, tickText, isLog) {
    say(title, t(`comparison.${name}.${isLog ? "log" : "linear"}`));
    say(button, t(isLog ? "scale.to-linear" : "scale.to-log"));
    const key = axis.ticks.map(tickText).join(" ");
    if (key === drawn) return;
    drawn = key;
    ticks.replaceChildren(...axis.ticks.map((value) => {
      const tick = html("div", { class: "tick" }, html("span", { text: tickText(value) }));
      tick.style.setProperty("--place", axis.place(value));
      return tick;
    }));
  }

  return { element, draw };
}

/** The line above a row's tracks: marker, name, its figure, and what it is based on. */
function heading(panel) {
  const [figure, basis] = [html("strong"), html("span", { class: "basis" })];
  const name = html("span", { text: t(`transport.${panel.id}`) });
  return { head: html("div", { class: "head" }, sign(panel.id), name, figure, basis), figure, basis };
}

function track({ head }, lines) {
  return html("div", { class: "transport" }, head, ...lines);
}

/** The marker of a transport as a small drawing. */
export function sign(id, isHollow = false) {
  const { colour, marker } = transports[id];
  const look = isHollow
    ? { class: "hollow", fill: "none", stroke: colour }
    : { class: "solid", fill: colour, stroke: "currentColor" };
  const path = svg("path", { d: markerPath(marker, 5), ...look });
  return svg("svg", { class: "sign", viewBox: "-7 -7 14 14", "aria-hidden": "true" }, path);
}

/** A percentile: the transport's marker at its place on the axis, with its name and value beside it. */
function dot(panel, name) {
  const label = html("span", { class: "value" });
  const spot = html("span", { class: "spot" }, sign(panel.id, name === "p99"), label);
  const track = html("span", { class: "track" }, spot);
  const row = html("div", { class: "dot" }, html("span", { class: "name", text: name }), track);

  function show(ms, axis) {
    spot.hidden = !Number.isFinite(ms);
    if (spot.hidden) return;
    spot.style.setProperty("--place", axis.place(ms));
    say(label, duration(ms));
  }

  return { row, show };
}

function table(panels) {
  const columns = ["transport", "events", "up", "down", "sum", "p50", "p99", "latencies"];
  const heads = columns.map((column) => html("th", { scope: "col", text: t(`comparison.column.${column}`) }));
  const rows = panels.map((panel) => {
    const cells = columns.slice(1).map(() => html("td"));
    const name = html("th", { scope: "row", text: t(`transport.${panel.id}`) });
    return { panel, cells, element: html("tr", {}, name, ...cells) };
  });
  const body = html("tbody", {}, ...rows.map((row) => row.element));
  const whole = html("table", { class: "sums" }, html("thead", {}, html("tr", {}, ...heads)), body);
  const summary = html("summary", { text: t("comparison.table") });
  const element = html("details", {}, summary, html("div", { class: "wide", tabindex: 0, role: "region", "aria-label": summary.textContent }, whole));
  element.addEventListener("toggle", update);

  function update() {
    if (!element.open) return;
    for (const { panel, cells } of rows) {
      const sum = perEvent(panel);
      const [up, down] = sum ? [total(sum.up), total(sum.down)] : [NaN, NaN];
      const count = panel.latencies.length;
      const latency = count > 0 ? [duration(panel.p50()), duration(panel.p99()), grouped(count)] : ["–", "–", "0"];
      const texts = [grouped(sum?.events ?? 0), bytes(up), bytes(down), bytes(up + down), ...latency];
      texts.forEach((text, index) => say(cells[index], text));
    }
  }

  return { element, update };
}

function counted(number) {
  return t(number === 1 ? "event.one" : "event.many", { number: grouped(number) });
}

function byteTick(number) {
  return number < 10_000 ? `${plain(number)} B` : `${plain(number / 1000)} kB`;
}

function timeTick(ms) {
  return ms < 1000 ? `${plain(ms)} ms` : `${plain(ms / 1000)} s`;
}
