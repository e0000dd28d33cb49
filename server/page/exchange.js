// "Last exchange": the raw bytes of one transport, over the page, where there is room for them.

import { furnish } from "./dialog.js";
import { createExchange } from "./views/bytes.js";
import { t } from "./words.js";

/**
 * Fills the dialog.
 * @param {HTMLDialogElement} dialog
 * @returns {{open: (panel: Panel) => void, update: () => void}}
 */
export function create(dialog) {
  const { heading, body } = furnish(dialog);
  let view = null;

  function open(panel) {
    heading.textContent = t("exchange.title", { transport: t(`transport.${panel.id}`) });
    body.replaceChildren();
    view = createExchange(body, panel);
    view.update();
    dialog.showModal();
  }

  return { open, update: () => { if (dialog.open) view.update(); } };
}
