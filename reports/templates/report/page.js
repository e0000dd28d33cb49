// What charts answer: a pointer and the arrow keys read values, buttons hide transports and change an axis. Without it the
// page is complete: each chart has all its figures as a table.

const OVERSAMPLING = 8; // The units of a drawing in one of its pixels.
const REACH = 40; // A reading is this near to the pointer (px of the screen), or there is none.

const section = document.getElementById("legend");
const charts = [...document.querySelectorAll("figure.chart")].map((figure) => ({
  figure,
  card: figure.querySelector(".card"),
  other: figure.querySelector("template"),
  at: null, // The series and the reading that the keyboard has come to.
}));
const hidden = new Set();

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

// ---- Readings ----

const seriesOf = (chart) => [...chart.card.querySelectorAll("g[data-transport]")]
  .filter((group) => !hidden.has(group.dataset.transport))
  .map((group) => ({ group, label: group.dataset.label, readings: JSON.parse(group.dataset.readings || "[]") }))
  .filter((series) => series.readings.length > 0);

const colon = document.documentElement.lang.startsWith("zh") ? "：" : ": ";
const sentence = (series, [, , text]) => (text.startsWith(series.label) ? text : series.label + colon + text);

const onScreen = (chart, [x, y]) =>
  new DOMPoint(x * OVERSAMPLING, y * OVERSAMPLING).matrixTransform(chart.card.querySelector("svg").getScreenCTM());

const tip = element("div", { class: "tip", hidden: "" });
document.body.append(tip);

const unmark = () => {
  tip.hidden = true;
  document.querySelectorAll(".ring").forEach((ring) => ring.remove());
};

const mark = (chart, series, reading) => {
  unmark();
  const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  const place = { cx: reading[0] * OVERSAMPLING, cy: reading[1] * OVERSAMPLING, r: 7 * OVERSAMPLING, class: "ring" };
  for (const [key, value] of Object.entries(place)) ring.setAttribute(key, value);
  chart.card.querySelector("svg").append(ring);
  tip.textContent = sentence(series, reading);
  tip.hidden = false;
  const { x, y } = onScreen(chart, reading);
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.max(4, Math.min(x - width / 2, document.documentElement.clientWidth - width - 4));
  const above = y - height - 14;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > 4 ? above : y + 14}px`;
};

const nearest = (chart, x, y) => {
  let best = null;
  for (const series of seriesOf(chart)) {
    for (const reading of series.readings) {
      const at = onScreen(chart, reading);
      const distance = Math.hypot(at.x - x, at.y - y);
      if (distance <= (best?.distance ?? REACH)) best = { distance, series, reading };
    }
  }
  return best;
};

const point = (chart) => (event) => {
  const found = nearest(chart, event.clientX, event.clientY);
  if (found) mark(chart, found.series, found.reading);
  else unmark();
};

// Left and right along a series, up and down from one to the next, to its reading that is nearest along the axis.
const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const walk = (chart, key) => {
  const all = seriesOf(chart);
  if (all.length === 0) return false;
  const within = (index, length) => Math.max(0, Math.min(index, length - 1));
  let [line, step] = chart.at ?? [0, -1];
  line = within(line, all.length);
  const before = all[line].readings[within(step, all[line].readings.length)];
  if (key === "Home") step = 0;
  else if (key === "End") step = Infinity;
  else if (chart.at === null) step = 0;
  else {
    const [lines, steps] = MOVES[key];
    const next = within(line + lines, all.length);
    step += steps;
    if (next !== line) {
      const distances = all[next].readings.map(([x]) => Math.abs(x - before[0]));
      step = distances.indexOf(Math.min(...distances));
    }
    line = next;
  }
  step = within(step, all[line].readings.length);
  chart.at = [line, step];
  const reading = all[line].readings[step];
  mark(chart, all[line], reading);
  chart.live.textContent = sentence(all[line], reading);
  return true;
};

// ---- What is shown ----

const show = () => {
  unmark();
  document.querySelectorAll("g[data-transport]").forEach((group) => {
    group.classList.toggle("off", hidden.has(group.dataset.transport));
  });
  document.querySelectorAll(".legend button").forEach((button) => {
    button.setAttribute("aria-pressed", String(!hidden.has(button.dataset.transport)));
  });
  for (const chart of charts) chart.at = null;
};

const toggle = (transport) => {
  if (!hidden.delete(transport)) hidden.add(transport);
  show();
};

const legend = () => {
  const present = new Set([...document.querySelectorAll("g[data-transport]")].map((group) => group.dataset.transport));
  const transports = JSON.parse(section.dataset.transports).filter(([id]) => present.has(id));
  if (transports.length === 0) return;
  const buttons = transports.map(([id, name, colour]) => {
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = colour;
    const button = element("button", { type: "button", "aria-pressed": "true", "data-transport": id }, swatch, name);
    button.addEventListener("click", () => toggle(id));
    return button;
  });
  const bar = element("div", { class: "legend", role: "group", "aria-label": section.dataset.name }, ...buttons);
  section.querySelector("h2").after(element("p", { class: "note hint" }, section.dataset.hint), bar);
};

const axis = (chart) => {
  const names = chart.other.dataset.names.split("|");
  const drawings = [chart.card.querySelector("svg"), chart.other.content.querySelector("svg")];
  const buttons = names.map((name, index) => {
    const button = element("button", { type: "button", "aria-pressed": String(index === 0) }, name);
    button.addEventListener("click", () => {
      buttons.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
      unmark();
      chart.card.querySelector("svg").replaceWith(drawings[index]);
      show();
    });
    return button;
  });
  chart.card.before(element("div", { class: "axis", role: "group", "aria-label": section?.dataset.axis ?? "" }, ...buttons));
};

// ---- Start ----

for (const chart of charts) {
  const { card, figure } = chart;
  if (chart.other) axis(chart);
  if (!card.querySelector("g[data-transport]")) continue;
  chart.live = element("p", { class: "quiet", "aria-live": "polite" });
  figure.querySelector("figcaption").before(chart.live);
  card.addEventListener("pointermove", point(chart));
  card.addEventListener("pointerdown", point(chart));
  card.addEventListener("pointerleave", unmark);
  card.addEventListener("blur", unmark);
  card.addEventListener("click", (event) => {
    const group = event.target.closest("g[data-transport]");
    if (group) toggle(group.dataset.transport);
  });
  card.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "Escape") unmark();
    else if ((event.key in MOVES || event.key === "Home" || event.key === "End") && walk(chart, event.key)) event.preventDefault();
  });
}
if (section) legend();
document.addEventListener("scroll", unmark, { passive: true, capture: true });
