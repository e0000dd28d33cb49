// What people publish, and when it appears in each panel.

import { publish } from "./server.js";
import { html, mark, say } from "./views/element.js";
import { duration } from "./views/number.js";
import { t, worded } from "./words.js";

/** Adds the field, the buttons, and the list of the panels in which the last text has appeared. */
export function create(container, { classroom, clock, panels }) {
  const most = classroom.limits.publish_bytes;
  const described = { "aria-describedby": "publish-size", autocomplete: "off" };
  const field = html("input", { type: "text", id: "publish-text", ...described });
  const size = html("span", { id: "publish-size", class: "size" });
  const send = worded(html("button", { type: "submit", class: "main" }), "publish.send");
  const now = worded(html("button", { type: "button" }), "publish.now");
  const said = html("p", { class: "refused", role: "status" });
  const label = worded(html("label", { for: "publish-text" }), "publish.label");
  const form = html("form", {}, label, field, size, send, now);
  const appeared = appearances(panels);
  container.append(form, said, appeared.element);

  /** The text that is looked for: published after `sinceMs` (server's clock). */
  let last = null;
  for (const panel of panels) {
    panel.listen(({ at, data }, latencyMs) => {
      // The clocks agree up to their error only.
      if (last?.text === data && at / 1000 > last.sinceMs - clock.errorMs) appeared.in(panel.id, latencyMs);
    });
  }

  async function go(text) {
    last = { text, sinceMs: clock.now() };
    appeared.begin(text);
    try {
      await publish(text);
      say(said, "");
    } catch (error) {
      say(said, t("publish.refused", { reason: error.message }));
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value === "" || bytesOf(field.value) > most) return;
    go(field.value);
    field.select();
  });
  now.addEventListener("click", () => go(t("publish.text", { time: new Date().toISOString().slice(11, 23) })));
  field.addEventListener("input", update);

  function update() {
    const bytes = bytesOf(field.value);
    say(size, t("publish.size", { bytes, most }));
    mark(size, "data-bad", String(bytes > most));
    mark(field, "aria-invalid", String(bytes > most));
    appeared.update();
  }

  return { update };
}

/** A place for each transport, in their order: nothing moves when a result arrives. */
function appearances(panels) {
  const text = html("q");
  text.hidden = true;
  const heading = html("p", { class: "published" }, worded(html("span"), "publish.appeared"), text);
  const rows = panels.map(({ id }) => {
    const value = html("span", { class: "value" });
    const name = worded(html("span"), `transport.${id}`);
    return { id, value, ms: null, element: html("li", { "data-transport": id }, name, value) };
  });
  const list = html("ul", { "aria-live": "polite" }, ...rows.map((row) => row.element));
  const element = html("div", { class: "appearances" }, heading, list);

  const update = () => rows.forEach(({ value, ms }) => say(value, ms === null ? "–" : duration(ms)));

  return {
    element,
    update,
    begin(published) {
      for (const row of rows) row.ms = null;
      text.hidden = false;
      say(text, published);
      update();
    },
    in(id, latencyMs) {
      rows.find((row) => row.id === id).ms ??= latencyMs;
      update();
    },
  };
}

function bytesOf(text) {
  return new TextEncoder().encode(text).length;
}
