// "Show the code": the file that a panel runs, as the browser got it.

import { furnish } from "./dialog.js";
import { html } from "./views/element.js";
import { t } from "./words.js";

/**
 * Fills the dialog.
 * @param {HTMLDialogElement} dialog
 * @returns {(id: string) => void} shows the client of a transport
 */
export function create(dialog) {
  const alone = html("a", { target: "_blank", rel: "noopener" });
  const { heading, body } = furnish(dialog, alone);
  const text = html("pre", { class: "code" });
  body.append(text);

  return async (id) => {
    const path = `/page/transports/${id}.js`;
    heading.textContent = `transports/${id}.js`;
    alone.textContent = t("code.alone");
    alone.href = path;
    text.replaceChildren();
    dialog.showModal();
    try {
      const answer = await fetch(path);
      text.replaceChildren(...lines(await answer.text()));
    } catch (error) {
      text.textContent = error.message;
    }
  };
}

/** Each line in an element of its own, for the numbers; comments stand back. */
function lines(code) {
  return code.trimEnd().split("\n").map((line) => {
    const isComment = /^\s*(\/\/|\/\*\*?|\*)/.test(line);
    return html("span", { class: isComment ? "line comment" : "line", text: `${line}\n` });
  });
}
