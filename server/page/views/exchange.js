// The raw bytes of the last exchange, in the order of the wire: each run with its name, its layer and its length.

import { layers } from "../style.js";
import { t } from "../words.js";
import { html, toggle } from "./element.js";
import { frameHeader } from "./frame.js";
import { sumTable, swatch } from "./layers.js";
import { bytes } from "./number.js";
import { lastExchange, read, runBytes, sums } from "./steps.js";

/** A longer run shows its ends (characters). */
const LONGEST = 420;
const SHOWN_START = 300;
const SHOWN_END = 60;
const LINE_ENDS = { "\r\n": "CR LF", "\r": "CR", "\n": "LF" };

/** `createExchange(container, panel)`: the last exchange of one panel. */
export function createExchange(container, panel) {
  const state = { isHeld: false, withEvent: true };
  const steps = html("div");
  let drawn = null;
  const change = (values) => {
    Object.assign(state, values);
    // The button that holds still holds what is shown; the other one asks for another exchange.
    if ("withEvent" in values) drawn = null;
    update();
  };
  const buttons = html("div", { class: "choices" },
    toggle(t("exchange.with-event"), state.withEvent, (withEvent) => change({ withEvent })),
    toggle(t("hold-still"), state.isHeld, (isHeld) => change({ isHeld })));
  container.append(html("div", { class: "exchange-view" }, buttons, steps));

  function update() {
    if (state.isHeld && drawn !== null) return;
    const exchange = lastExchange(panel, state.withEvent);
    const key = [...exchange.opening, ...exchange.steps].map(({ n }) => n).join(" ");
    if (key === drawn) return;
    drawn = key;
    const isOpen = steps.querySelector("details")?.open ?? false;
    steps.replaceChildren(...draw(exchange, isOpen));
  }

  return { update };
}

function draw({ steps, opening }, isOpen) {
  const parts = steps.map(stepElement);
  if (steps.length === 0) parts.push(html("p", { class: "empty", text: t("exchange.none") }));
  if (steps.length > 0) {
    const table = sumTable();
    table.show(sums(steps));
    parts.push(html("h3", { text: t("exchange.sums") }), table.element);
    if (steps.some(({ cut }) => cut)) parts.push(html("p", { class: "note", text: t("exchange.cut") }));
  }
  if (opening.length > 0) {
    const size = bytes(opening.reduce((sum, step) => sum + read(step).bytes, 0));
    const summary = html("summary", { text: t("exchange.opening", { size }) });
    parts.push(html("details", { open: isOpen ? "" : null }, summary, ...opening.map(stepElement)));
  }
  return parts;
}

function stepElement(step) {
  const { bytes: size, events } = read(step);
  const text = t(`exchange.way.${step.way}`, { what: t(`step.${step.kind}`), size: bytes(size) });
  const isEmpty = step.kind === "answer" && events.length === 0;
  const empty = isEmpty ? html("span", { class: "basis", text: t("exchange.empty") }) : "";
  return html("section", { class: `step ${step.way}` }, html("h3", {}, text, empty), ...step.runs.map(runElement));
}

function runElement(run) {
  const names = { what: t(`run.${run.what}`), layer: t(`layer.${run.layer}`), size: bytes(runBytes(run)) };
  const nodes = run.hex === undefined ? textNodes(run.text) : hexNodes(run);
  const code = html("code", { title: t("exchange.run", names) }, ...nodes);
  const where = html("span", { text: `${names.layer} · ${names.size}` });
  const meaning = html("span", { class: "meaning" }, swatch(run.layer), html("b", { text: names.what }), where);
  const element = html("div", { class: "run" }, code, meaning);
  element.style.setProperty("--layer", layers[run.layer]);
  return element;
}

/** Text with its line ends made visible; the middle of a long one is left out. */
function textNodes(text) {
  if (text.length <= LONGEST) return visible(text);
  const left = text.length - SHOWN_START - SHOWN_END;
  const gap = html("i", { class: "gap", text: t("exchange.gap", { number: left }) });
  return [...visible(text.slice(0, SHOWN_START)), gap, ...visible(text.slice(-SHOWN_END))];
}

function visible(text) {
  const parts = text.split(/(\r\n|\r|\n)/).filter((part) => part !== "");
  return parts.map((part) => (part in LINE_ENDS ? html("i", { class: "end", text: LINE_ENDS[part] }) : part));
}

/** Bytes as hexadecimal pairs; the header of a WebSocket frame also in words. */
function hexNodes({ hex, what }) {
  const pairs = hex.match(/../g) ?? [];
  const shown = pairs.length > 64 ? [...pairs.slice(0, 48), "…", ...pairs.slice(-8)] : pairs;
  const words = what === "frame-header" ? frameHeader(pairs.map((pair) => parseInt(pair, 16))) : null;
  return words ? [shown.join(" "), html("i", { class: "words", text: words })] : [shown.join(" ")];
}
