// One transport's column of the ladder, and what one learns by pointing at a step of it or by its arrow keys.

import { transports } from "../style.js";
import { t } from "../words.js";
import { Sheet } from "./canvas.js";
import { html, mark } from "./element.js";
import { labels, sentence } from "./ladder-words.js";
import { read } from "./steps.js";

/** Instants that differ by less belong to one event (ms). */
const SAME_MS = 0.5;
/** A pointer takes the nearest step up to this far (px). */
const REACH_PX = 40;

/** A column: `take()` gives it the arrows, `draw()` draws them. */
export class Column {
  #sheet;
  #canvas;
  #arrows = [];
  #open = [];
  #chosen = null;
  /** Events that no step is known of yet: published at, delivered at. */
  #delivered = [];
  /** When the newest event was published that this transport has delivered. */
  #newestMs = null;
  #drawn = [];
  #place = null;
  #tell;
  #redraw;

  /**
   * @param {object} panel
   * @param {(text: string) => void} tell shows a step in words
   * @param {() => void} redraw asks for a drawing, when another step is chosen
   */
  constructor(panel, tell, redraw) {
    this.panel = panel;
    this.#tell = tell;
    this.#redraw = redraw;
    this.#canvas = html("canvas", { tabindex: "0", role: "img" });
    this.element = html("div", { class: "column" }, html("h3", { text: t(`transport.${panel.id}`) }), this.#canvas);
    this.element.style.setProperty("--colour", transports[panel.id].colour);
    this.#sheet = new Sheet(this.#canvas);
    this.#canvas.addEventListener("pointermove", (event) => this.#choose(this.#nearest(event.offsetY)));
    for (const leaving of ["pointerleave", "blur"]) this.#canvas.addEventListener(leaving, () => this.#choose(null));
    this.#canvas.addEventListener("keydown", (event) => this.#step(event));
  }

  /** Where the life lines begin and end, the same for all columns and the axis. */
  static frame(sheet) {
    return { top: 2.4 * sheet.em, bottom: sheet.height - 0.8 * sheet.em };
  }

  /** The steps to draw, as `arrows()` of steps.js gives them. */
  take({ arrows, open }) {
    this.#arrows = arrows;
    this.#open = open;
    // The server's steps are asked for twice a second; what the page itself has delivered it knows at once.
    const carriedMs = arrows.reduce((newest, { step }) => Math.max(newest, read(step).events.at(-1)?.atMs ?? 0), 0);
    const { latencies } = this.panel;
    const newest = latencies.at(-1);
    this.#newestMs = newest ? newest.atMs - newest.ms : null;
    const unseen = latencies.filter(({ atMs, ms }) => atMs - ms > carriedMs + SAME_MS);
    this.#delivered = unseen.map(({ atMs, ms }) => [atMs - ms, atMs]);
  }

  /** Draws the time until `nowMs`, with the events `published` in it. */
  draw({ nowMs, seconds, gridS }, published) {
    const sheet = this.#sheet;
    if (!sheet.clear()) return;
    const { em } = sheet;
    const { top, bottom } = Column.frame(sheet);
    const place = {
      page: 1.6 * em,
      server: sheet.width - 1.6 * em - sheet.measure(`#${published.findLast(({ seq }) => seq !== null)?.seq ?? ""}0`),
      y: (atMs) => bottom - ((nowMs - atMs) / (1000 * seconds)) * (bottom - top),
      top,
      bottom,
    };
    this.#place = place;
    const from = nowMs - 1000 * seconds;
    for (let ago = 0; ago <= seconds; ago += gridS) {
      const y = place.y(nowMs - 1000 * ago);
      sheet.line([0, y], [sheet.width, y], { alpha: 0.13 });
    }
    this.#clip(top, bottom + 2);
    this.#holds(place, from, nowMs);
    this.#waits(place, published, nowMs);
    this.#publications(place, published.filter(({ atMs }) => atMs >= from));
    this.#lives(place);
    this.#drawn = this.#arrows.filter(({ serverMs, pageMs }) => Math.max(serverMs, pageMs ?? 0) > from);
    for (const arrow of this.#drawn) this.#arrow(place, arrow);
    this.#labels(place);
    sheet.context.restore();
    sheet.text(t("ladder.page"), place.page, 0.9 * em, { align: "center", bold: true });
    sheet.text(t("ladder.server"), place.server, 0.9 * em, { align: "center", bold: true });
    mark(this.#canvas, "aria-label", t("ladder.text", { transport: t(`transport.${this.panel.id}`), seconds }));
    if (this.#chosen) this.#tell(sentence(this.panel.id, this.#chosen));
  }

  #clip(top, bottom) {
    const { context, width } = this.#sheet;
    context.save();
    context.beginPath();
    context.rect(0, top, width, bottom - top);
    context.clip();
  }

  #lives({ page, server, top, bottom }) {
    for (const x of [page, server]) this.#sheet.line([x, top], [x, bottom], { width: 1.5 });
  }

  /** A request that lies at the server, as a bar on its life line. */
  #holds({ server, y }, from, nowMs) {
    const answered = this.#arrows.filter(({ heldMs }) => heldMs > 0);
    const ended = answered.map(({ serverMs, heldMs }) => [serverMs - heldMs, serverMs]);
    for (const [begin, end] of [...ended, ...this.#open.map((begin) => [begin, nowMs])]) {
      if (end > from) this.#sheet.area(server - 4, y(begin), 8, Math.max(y(end) - y(begin), 1), this.#sheet.ink, 0.4);
    }
  }

  /** From the publish instant of an event to the write that carries it; until now, if none has. */
  #waits({ server, y }, published, nowMs) {
    const oldest = (step) => Math.min(...read(step).events.map(({ atMs }) => atMs));
    const carried = this.#arrows.map(({ step, serverMs }) => [oldest(step), serverMs]);
    const next = published.find(({ atMs }) => this.#newestMs !== null && atMs > this.#newestMs + SAME_MS);
    const pending = next ? [[next.atMs, nowMs]] : [];
    for (const [begin, end] of [...carried, ...this.#delivered, ...pending]) {
      if (end <= begin) continue;
      this.#sheet.area(server + 5, y(begin), 5, Math.max(y(end) - y(begin), 1), transports[this.panel.id].colour, 0.75);
    }
  }

  #publications({ server, y }, published) {
    const { em } = this.#sheet;
    let free = -Infinity;
    for (const { atMs, seq } of published) {
      const at = y(atMs);
      this.#sheet.line([server - 1, at], [server + 1.1 * em, at], { width: 1.5 });
      if (seq !== null && at - free > 1.1 * em) {
        this.#sheet.text(`#${seq}`, server + 1.3 * em, at, { alpha: 0.85 });
        free = at;
      }
    }
  }

  #arrow({ page, server, y }, arrow) {
    const { step, serverMs, pageMs } = arrow;
    const sheet = this.#sheet;
    const atServer = [server, y(serverMs)];
    const isHalf = pageMs === null;
    const atPage = isHalf ? [(page + server) / 2, y(serverMs)] : [page, y(pageMs)];
    const [start, end] = step.way === "up" ? [atPage, atServer] : [atServer, atPage];
    const isChosen = arrow.step === this.#chosen?.step;
    if (isChosen) sheet.line(start, end, { colour: transports[this.panel.id].colour, width: 9, alpha: 0.5 });
    const isBare = step.way === "down" && read(step).events.length === 0;
    const alpha = isBare || isHalf ? 0.55 : 1;
    sheet.line(start, end, { width: isBare || isHalf ? 1.2 : 1.8, dash: isHalf ? [4, 3] : [], alpha });
    if (!isHalf || step.way === "up") head(sheet, start, end, alpha);
  }

  /** What a step is, above or below its arrow, where there is more room; nothing where there is none. */
  #labels({ page, server, y, top, bottom }) {
    const { em } = this.#sheet;
    const heights = this.#drawn.map((arrow) => y(middleMs(arrow)));
    let free = top;
    this.#drawn.forEach(({ step }, index) => {
      const above = heights[index] - (heights[index - 1] ?? top - em);
      const below = (heights[index + 1] ?? bottom) - heights[index];
      const at = heights[index] + (above > below ? -0.7 : 0.75) * em;
      const text = labels(step).find((one) => this.#sheet.measure(one) < server - page - 0.9 * em);
      if (!text || Math.max(above, below) < 1.35 * em || at - 0.55 * em < free) return;
      this.#sheet.text(text, (page + server) / 2, at, { align: "center", halo: true });
      free = at + 0.55 * em;
    });
  }

  #nearest(offsetY) {
    const far = (arrow) => Math.abs(this.#place.y(middleMs(arrow)) - offsetY);
    const within = this.#drawn.filter((arrow) => far(arrow) < REACH_PX);
    return within.length === 0 ? null : within.reduce((best, arrow) => (far(arrow) < far(best) ? arrow : best));
  }

  /** Up and down go from step to step, Escape lets go. */
  #step(event) {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Escape") this.#choose(null);
    if (by === undefined || this.#drawn.length === 0) return;
    event.preventDefault();
    const at = this.#drawn.findIndex(({ step }) => step === this.#chosen?.step);
    // Without a chosen step the newest comes first.
    const next = at < 0 ? this.#drawn.length - 1 : at + by;
    this.#choose(this.#drawn[Math.min(Math.max(next, 0), this.#drawn.length - 1)]);
  }

  #choose(arrow) {
    if (arrow?.step === this.#chosen?.step) return;
    this.#chosen = arrow;
    if (!arrow) this.#tell(t("ladder.point"));
    this.#redraw();
  }
}

function middleMs({ serverMs, pageMs }) {
  return (serverMs + (pageMs ?? serverMs)) / 2;
}

function head(sheet, [fromX, fromY], [x, y], alpha) {
  const angle = Math.atan2(y - fromY, x - fromX);
  const corner = (turn) => [x - 8 * Math.cos(angle + turn), y - 8 * Math.sin(angle + turn)];
  const { context } = sheet;
  context.globalAlpha = alpha;
  context.fillStyle = sheet.ink;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(...corner(0.45));
  context.lineTo(...corner(-0.45));
  context.fill();
  context.globalAlpha = 1;
}
