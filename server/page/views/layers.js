// Bytes by layer: the bar, the table, and the number that stands for a layer in both.

import { inkOn, layerIds, layerNumber, layers } from "../style.js";
import { t } from "../words.js";
import { html, mark, say } from "./element.js";
import { bytes } from "./number.js";

/** The sum over the layers of one direction (bytes). */
export function total(sums) {
  return layerIds.reduce((sum, id) => sum + (sums[id] ?? 0), 0);
}

/** The square with the number of a layer, as in every bar and legend. */
export function swatch(id) {
  const square = html("span", { class: "swatch", "aria-hidden": "true", text: layerNumber(id) });
  square.style.setProperty("--layer", layers[id]);
  square.style.setProperty("--on-layer", inkOn(layers[id]));
  return square;
}

/** One bar of layers, with its name before it and its sum behind it. */
export function bar() {
  const name = html("span", { class: "name" });
  const sum = html("span", { class: "sum" });
  const parts = Object.fromEntries(layerIds.map((id) => [id, swatch(id)]));
  const track = html("span", { class: "track" }, ...Object.values(parts));
  const whole = html("span", { class: "swatch", "aria-hidden": "true" });
  track.append(whole, sum);
  const row = html("div", { class: "bar" }, name, track);

  function show(label, sums, longest) {
    say(name, label);
    say(sum, bytes(total(sums)));
    whole.hidden = true;
    for (const id of layerIds) {
      const number = sums[id] ?? 0;
      parts[id].hidden = number === 0;
      parts[id].style.setProperty("--share", number / longest);
      mark(parts[id], "title", `${t(`layer.${id}`)}: ${bytes(number)}`);
    }
  }

  /** Without layers: on a logarithmic axis their lengths would not add up. */
  function showSum(label, number, share, colour) {
    say(name, label);
    say(sum, bytes(number));
    for (const id of layerIds) parts[id].hidden = true;
    whole.hidden = number === 0;
    whole.style.setProperty("--share", share);
    whole.style.setProperty("--layer", colour);
  }

  return { row, show, showSum };
}

/** The table of all layers that have bytes. `show(sums)` takes `{ up, down }`. */
export function sumTable() {
  const heads = ["layer", "way.up", "way.down"].map((key) => html("th", { scope: "col", text: t(key) }));
  const rows = Object.fromEntries(layerIds.map((id) => [id, sumRow(swatch(id))]));
  const sum = sumRow();
  const body = html("tbody", {}, ...Object.values(rows).map((row) => row.element), sum.element);
  const element = html("table", { class: "sums" }, html("thead", {}, html("tr", {}, ...heads)), body);
  sum.element.className = "total";

  function show({ up, down }) {
    for (const id of layerIds) {
      const [sent, received] = [up[id] ?? 0, down[id] ?? 0];
      rows[id].element.hidden = sent + received === 0;
      rows[id].show(t(`layer.${id}`), sent, received);
    }
    sum.show(t("sum"), total(up), total(down));
  }

  return { element, show };
}

function sumRow(square = html("span", { class: "swatch none", "aria-hidden": "true" })) {
  const name = html("span");
  const cells = [html("td"), html("td")];
  const element = html("tr", {}, html("th", { scope: "row" }, square, name), ...cells);
  const show = (text, ...numbers) => {
    say(name, text);
    numbers.forEach((number, index) => say(cells[index], number === 0 ? "0" : bytes(number)));
  };
  return { element, show };
}
