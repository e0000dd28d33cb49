// The bytes of one panel: sums by layer since the page began, and the last exchange byte by byte.

import { t } from "../words.js";
import { html, say } from "./element.js";
import { bar, sumTable, total } from "./layers.js";
import { opening } from "./steps.js";

export { createExchange } from "./exchange.js";

/** `create(container, panel)`: the bars of one panel. */
export function create(container, panel) {
  const bars = { up: bar(), down: bar() };
  const table = sumTable();
  const empty = html("p", { class: "empty" });
  const body = html("div", {}, bars.up.row, bars.down.row, table.element);
  container.append(html("div", { class: "bytes-view" }, empty, body));

  function update() {
    // Seen now, it is there when somebody asks for the last exchange.
    opening(panel);
    const sums = panel.account?.bytes;
    empty.hidden = Boolean(sums);
    body.hidden = !sums;
    if (!sums) return say(empty, t("bytes.none"));
    const longest = Math.max(total(sums.up), total(sums.down), 1);
    for (const way of ["up", "down"]) bars[way].show(t(`way.${way}`), sums[way], longest);
    table.show(sums);
  }

  return { update };
}
