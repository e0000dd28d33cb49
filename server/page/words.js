// The two languages of the page. A text is looked up by its key; what stands in braces is filled in.

import { words as core } from "./words/core.js";
import { words as views } from "./words/views.js";

const catalogue = { ...core, ...views };
const TAGS = { en: "en", zh: "zh-CN" };
const REMEMBERED = "feedbench-language";

let current = [new URLSearchParams(location.search).get("lang"), remembered(), navigator.language.slice(0, 2), "en"]
  .find((name) => name in TAGS);
document.documentElement.lang = TAGS[current];

/** The language of the page: "en" or "zh". */
export function language() {
  return current;
}

/** The text of a key in the page's language. */
export function t(key, values = {}) {
  return catalogue[key][current].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Changes the language of the page, its address and what the browser remembers; tells it as `languagechange`. */
export function setLanguage(name) {
  current = name;
  document.documentElement.lang = TAGS[name];
  try {
    localStorage.setItem(REMEMBERED, name);
  } catch { /* A browser that may not remember still shows the language. */ }
  const address = new URL(location.href);
  address.searchParams.set("lang", name);
  history.replaceState(null, "", address);
  translate(document);
  document.dispatchEvent(new Event("languagechange"));
}

/** Gives an element the text of a key, in this language and in every later one. */
export function worded(element, key) {
  element.dataset.t = key;
  element.textContent = t(key);
  return element;
}

/** Gives every element below `root` that names a key the text of that key. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}
