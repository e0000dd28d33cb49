// Making elements: the one place that talks to `document`.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An HTML element.
 * @param {string} name
 * @param {object} attributes `null` and `undefined` are left out; `text` becomes its text
 * @param {...Node} children
 */
export function html(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, { text, ...attributes }, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

/** Sets a text only if it differs, so that a screen reader and the layout rest where nothing changes. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute only if it differs. */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * A group of buttons of which one is pressed.
 * @param {string} label what is chosen, for a screen reader
 * @param {{id: string|number, text: string}[]} choices
 * @param {string|number} chosen
 * @param {(id: string|number) => void} choose
 */
export function choice(label, choices, chosen, choose) {
  const buttons = choices.map(({ id, text }) => {
    const button = html("button", { type: "button", text, "aria-pressed": String(id === chosen) });
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      choose(id);
    });
    return button;
  });
  return html("div", { class: "choice", role: "group", "aria-label": label }, ...buttons);
}

/** A button that is on or off. */
export function toggle(text, on, change) {
  const button = html("button", { type: "button", class: "toggle", text, "aria-pressed": String(on) });
  button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(pressed));
    change(pressed);
  });
  return button;
}
