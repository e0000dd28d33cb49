// What people can change: settings of the server, which hold for every page, and settings of this page.

import { settings as change } from "./server.js";
import { html, mark, say } from "./views/element.js";
import { grouped, plain } from "./views/number.js";
import { t, worded } from "./words.js";

/** Sliders move fast; the server is told when they rest. */
const REST_MS = 250;
const COOKIE = "feedbench";
const PAYLOADS = [100, 200, 500, 1000, 2000, 5000, 10_000];

/**
 * The controls.
 * @param {Element} container
 * @param {{classroom: object, settings: object}} shown `settings` are those of the server and of this page
 */
export function create(container, { classroom, settings }) {
  const { adjustable, limits, payload_min_bytes: least } = classroom;
  const refused = html("p", { class: "refused", role: "status" });
  const pending = {};
  let timer = null;
  let isTelling = false;

  const sliders = [
    slider("rate_per_s", [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50], limits.rate_per_s, perSecond, adjustable.rate),
    slider("payload_bytes", [least, ...PAYLOADS], limits.payload_bytes, size, adjustable.payload),
    slider("rtt_ms", [0, 10, 20, 50, 100, 200, 500, 1000, 2000], limits.rtt_ms, time),
  ];
  const own = [
    slider("intervalMs", [100, 200, 500, 1000, 2000, 5000, 10_000], Infinity, time),
    slider("holdMs", [500, 1000, 2000, 5000, 10_000, 25_000, 60_000], Infinity, time),
    slider("cookieBytes", [0, 50, 100, 200, 500, 1000, 2000], limits.cookie_bytes, size),
  ];
  const pause = html("button", { type: "button", class: "main" });
  pause.disabled = !adjustable.pause;

  container.append(
    group("controls.server", ...sliders.map(({ element }) => element), html("div", { class: "control" }, pause)),
    group("controls.page", ...own.map(({ element }) => element)),
    refused);

  for (const { input, name, value } of sliders) {
    input.addEventListener("input", () => tell({ [name]: value() }, REST_MS));
  }
  for (const { input, name, value } of own) {
    input.addEventListener("input", () => {
      if (name === "cookieBytes") setCookie(value());
      settings[name] = value();
      follow();
    });
  }
  pause.addEventListener("click", () => tell({ paused: !settings.paused }, 0));
  document.addEventListener("languagechange", follow);
  settings.cookieBytes = cookieBytes();
  follow();

  /** Shows what holds now, also when another page has changed it; what is being changed here is left alone. */
  function follow() {
    settings.cookieBytes = cookieBytes();
    const isResting = timer === null && !isTelling;
    if (isResting) for (const one of sliders) one.show(settings[one.name]);
    for (const one of own) one.show(settings[one.name]);
    say(pause, t(settings.paused ? "controls.resume" : "controls.pause"));
  }

  function tell(changes, afterMs) {
    Object.assign(pending, changes);
    clearTimeout(timer);
    timer = setTimeout(send, afterMs);
  }

  async function send() {
    const changes = { ...pending };
    for (const name of Object.keys(pending)) delete pending[name];
    timer = null;
    isTelling = true;
    try {
      Object.assign(settings, await change(changes));
      say(refused, "");
    } catch (error) {
      say(refused, t("controls.refused", { reason: error.message }));
    }
    isTelling = false;
    follow();
  }

  return { follow };
}

const perSecond = (rate) => t("unit.rate", { rate: plain(rate) });
const size = (bytes) => `${grouped(bytes)} B`;
/** A duration that was chosen, without digits that say nothing: `500 ms`, `2 s`. */
export const time = (ms) => (ms < 1000 ? `${plain(ms)} ms` : `${plain(ms / 1000)} s`);

/** A slider over a list of values, up to the largest that the server allows. */
function slider(name, steps, most, text, isAdjustable = true) {
  const values = steps.filter((step) => step <= most);
  if (Number.isFinite(most) && values.at(-1) !== most) values.push(most);
  const id = `control-${name}`;
  const input = html("input", { type: "range", id, min: 0, max: values.length - 1, step: 1 });
  const output = html("output", { for: id });
  const label = worded(html("label", { for: id }), `control.${name}`);
  const element = html("div", { class: "control" }, label, output, input);
  input.disabled = !isAdjustable;
  const write = (value) => {
    // A recorded feed has its own pace and sizes: the setting says nothing about it.
    const told = isAdjustable ? text(value) : t("controls.fixed");
    say(output, told);
    mark(input, "aria-valuetext", told);
  };
  input.addEventListener("input", () => write(values[input.value]));

  /** A value that is none of the steps is told as it is, at the place of the nearest. */
  function show(value) {
    const far = values.map((step) => Math.abs(Math.log((step + 1) / (value + 1))));
    const nearest = far.indexOf(Math.min(...far));
    if (Number(input.value) !== nearest) input.value = nearest;
    write(value);
  }

  return { name, input, element, show, value: () => values[input.value] };
}

function group(key, ...controls) {
  return html("fieldset", {}, worded(html("legend"), key), ...controls);
}

/** The demonstration's cookie goes with every request to this host, whatever the port: so do those of real sites. */
function setCookie(bytes) {
  const value = "x".repeat(Math.max(0, bytes - `${COOKIE}=`.length));
  document.cookie = `${COOKIE}=${value}; path=/; SameSite=Lax${bytes === 0 ? "; max-age=0" : ""}`;
}

/** The size of name and value as they are now; all pages of this host in the browser share them. */
function cookieBytes() {
  return document.cookie.split("; ").find((cookie) => cookie.startsWith(`${COOKIE}=`))?.length ?? 0;
}
