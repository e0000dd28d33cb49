// A sheet over the page: for code, and for raw bytes. Escape, the button and a click beside it close it.

import { html } from "./views/element.js";
import { worded } from "./words.js";

/**
 * Furnishes a dialog.
 * @param {HTMLDialogElement} dialog
 * @param {...Element} extra what stands beside the heading
 * @returns {{heading: Element, body: Element}}
 */
export function furnish(dialog, ...extra) {
  const heading = html("h2", { id: `${dialog.id}-title` });
  // It scrolls, so that keys must reach it.
  const body = html("div", { class: "body", tabindex: "0", role: "region", "aria-labelledby": heading.id });
  const close = worded(html("button", { type: "button", class: "main", autofocus: "" }), "dialog.close");
  close.addEventListener("click", () => dialog.close());
  // A click on the backdrop hits the dialog itself, one on its content hits the sheet.
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.append(html("div", { class: "sheet" }, html("div", { class: "head" }, heading, ...extra, close), body));
  return { heading, body };
}
