// The running plot of one panel: each delivery of the last minute a marker at its instant and its latency.
//
// The scale is logarithmic and the same in every panel, so that heights can be compared across the page: half a second
// of polling and a millisecond of WebSocket are both seen. The linear scale shows what the logarithm hides: that the
// latency of polling is spread evenly between 0 and the interval. One switch turns all plots at once.

import { markerPath, transports } from "../style.js";
import { language, t } from "../words.js";
import { Sheet } from "./canvas.js";
import { html, mark, say } from "./element.js";
import { duration, plain } from "./number.js";
import { linear, logarithmic, roundUp } from "./scale.js";

/** What is shown (ms). */
const WINDOW_MS = 60_000;
/** The axis of every panel, as long as no latency of any lies above it (ms). */
const LOG_FROM_MS = 0.1;
const LOG_TO_MS = 2_000;
/** Markers within a square of this side count as one (px). */
const SPOT_PX = 1.5;
/** The text for screen readers changes no more often than this (ms). */
const CALM_MS = 5_000;

/** The scale of all plots of the page, and the largest latency in each: what they share. */
let isLog = true;
const largestMs = new Map();

/** `create(container, panel, clock)`: the plot of one panel. */
export function create(container, panel, clock) {
  const heading = html("span", { class: "heading" });
  const button = html("button", { type: "button", class: "quiet" });
  button.addEventListener("click", () => {
    isLog = !isLog;
    draw(clock.now());
  });
  const canvas = html("canvas", { role: "img" });
  const sheet = new Sheet(canvas);
  container.append(html("figure", { class: "latency-view" }, html("figcaption", {}, heading, button), canvas));
  let linearTop = 0;
  let told = { at: -Infinity, language: null };

  function draw(nowMs) {
    say(heading, t(isLog ? "latency.log" : "latency.linear"));
    say(button, t(isLog ? "scale.to-linear" : "scale.to-log"));
    if (!Number.isFinite(nowMs) || !sheet.clear()) return;
    const seen = panel.latencies.filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
    const largest = seen.reduce((most, { ms }) => Math.max(most, ms), 0);
    // Grown at once, shrunk only when little of it is used: an axis that jumps cannot be read.
    if (largest > linearTop || largest < linearTop / 4) linearTop = linear(largest || 1, 4).top;
    largestMs.set(panel.id, largest);
    const top = Math.max(LOG_TO_MS, roundUp(Math.max(...largestMs.values(), 1)));
    const axis = isLog ? logarithmic(LOG_FROM_MS, top) : linear(linearTop, 4);
    plot(sheet, { axis, seen, nowMs, style: transports[panel.id], p50: panel.p50(), p99: panel.p99() });
    tell(seen.length);
  }

  function tell(count) {
    const instant = performance.now();
    if (told.language === language() && instant < told.at + CALM_MS) return;
    told = { at: instant, language: language() };
    const transport = t(`transport.${panel.id}`);
    const values = { transport, p50: duration(panel.p50()), p99: duration(panel.p99()), count };
    mark(canvas, "aria-label", t(count > 0 ? "latency.text" : "latency.none", values));
  }

  return { update: (nowMs) => draw(nowMs ?? clock.now()) };
}

function plot(sheet, { axis, seen, nowMs, style, p50, p99 }) {
  const { em } = sheet;
  const room = sheet.measure("p99 0.888 ms", true);
  const [right, bottom] = [sheet.width - room - 1.2 * em, sheet.height - 1.7 * em];
  const frame = { left: 4.4 * em, right, top: 0.7 * em, bottom };
  const x = (atMs) => frame.right - ((nowMs - atMs) / WINDOW_MS) * (frame.right - frame.left);
  const y = (ms) => frame.bottom - axis.place(ms) * (frame.bottom - frame.top);
  grid(sheet, frame, axis, x, y, nowMs);
  if (seen.length === 0) {
    const middle = [(frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2];
    sheet.text(t("latency.empty"), ...middle, { align: "center", alpha: 0.75 });
    return;
  }
  const marker = stamp(style, seen.length > 600 ? 1.5 : 2.6);
  const taken = new Set();
  for (const { atMs, ms } of seen) {
    // Of markers on the same spot one is drawn: with 50 events a second most lie on others.
    const spot = Math.round(x(atMs) / SPOT_PX) * 10_000 + Math.round(y(ms) / SPOT_PX);
    if (taken.has(spot)) continue;
    taken.add(spot);
    sheet.context.drawImage(marker.image, x(atMs) - marker.half, y(ms) - marker.half, 2 * marker.half, 2 * marker.half);
  }
  const lines = [{ name: "p99", ms: p99, dash: [5, 3] }, { name: "p50", ms: p50, dash: [] }];
  percentiles(sheet, frame, lines, y, x(seen[0].atMs));
}

function grid(sheet, frame, axis, x, y, nowMs) {
  for (const tick of axis.ticks) {
    sheet.line([frame.left, y(tick)], [frame.right, y(tick)], { alpha: tick === axis.ticks[0] ? 0.6 : 0.15 });
    sheet.text(tickText(tick), frame.left - 0.5 * sheet.em, y(tick), { align: "right", alpha: 0.8 });
  }
  for (const seconds of [60, 40, 20, 0]) {
    const at = x(nowMs - 1000 * seconds);
    sheet.line([at, frame.bottom], [at, frame.bottom + 4], { alpha: 0.6 });
    const text = seconds === 0 ? t("now") : seconds === 60 ? t("seconds-ago", { seconds }) : `${seconds}`;
    sheet.text(text, at, frame.bottom + sheet.em, { align: "center", alpha: 0.8 });
  }
}

/**
 * A line for each percentile, from the first delivery that it is based on (`start`), with its name and value at its
 * end; labels that would lie on each other stand apart.
 */
function percentiles(sheet, frame, lines, y, start) {
  const apart = 1.25 * sheet.em;
  const known = lines.filter(({ ms }) => Number.isFinite(ms));
  const places = known.map(({ ms }) => y(ms));
  if (places.length === 2 && places[1] - places[0] < apart) {
    const middle = Math.min(Math.max((places[0] + places[1]) / 2, frame.top), frame.bottom - apart / 2);
    [places[0], places[1]] = [middle - apart / 2, middle + apart / 2];
  }
  known.forEach(({ name, ms, dash }, index) => {
    sheet.line([Math.max(start, frame.left), y(ms)], [frame.right, y(ms)], { width: 1.5, dash });
    sheet.line([frame.right, y(ms)], [frame.right + 0.6 * sheet.em, places[index]], { width: 1.5 });
    sheet.text(`${name} ${duration(ms)}`, frame.right + 0.9 * sheet.em, places[index], { bold: name === "p50" });
  });
}

function tickText(ms) {
  return ms < 1000 ? `${plain(ms)} ms` : `${plain(ms / 1000)} s`;
}

const stamps = new Map();

/** A marker drawn once, to be copied: a canvas copies faster than it draws. */
function stamp({ colour, marker }, r) {
  const ratio = globalThis.devicePixelRatio || 1;
  const key = `${colour} ${r} ${ratio}`;
  if (stamps.has(key)) return stamps.get(key);
  const half = r + 2;
  const size = Math.ceil(2 * half * ratio);
  const image = html("canvas", { width: size, height: size });
  const context = image.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, size / 2, size / 2);
  const path = new Path2D(markerPath(marker, r));
  context.fillStyle = colour;
  context.fill(path);
  context.globalAlpha = 0.45;
  context.lineWidth = 0.7;
  context.stroke(path);
  stamps.set(key, { image, half });
  return stamps.get(key);
}
