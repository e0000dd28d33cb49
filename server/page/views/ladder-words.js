// A step of the ladder in words.

import { t } from "../words.js";
import { bytes, duration, grouped } from "./number.js";
import { read } from "./steps.js";

/** What a step is, in a word or two: `request`, `answer, empty`, `answer, 3 events`, `event #12`. */
export function label(step) {
  const name = t(`step.${step.kind}`);
  const { events } = read(step);
  if (step.kind === "event" && events.length > 0) return `${name} #${events.at(-1).seq}`;
  if (step.kind !== "answer") return name;
  if (events.length === 0) return t("ladder.empty", { name });
  if (events.length === 1) return `${name} #${events[0].seq}`;
  return `${name} #${events[0].seq}–${events.at(-1).seq}`;
}

/** What stands beside an arrow, from the longest text to the shortest. An event has its number at its publishing. */
export function labels(step) {
  const { events, bytes: size } = read(step);
  const arrow = step.way === "up" ? "→" : "←";
  const short = `${arrow} ${bytes(size)}`;
  if (step.kind === "event") return [short];
  const name = t(`step.${step.kind}`);
  const long = `${arrow} ${name} · ${bytes(size)}`;
  const isEmpty = step.kind === "answer" && events.length === 0;
  return isEmpty ? [`${arrow} ${t("ladder.empty", { name })} · ${bytes(size)}`, long, short] : [long, short];
}

/** A step with all that is known of it. */
export function sentence(id, { step, request, serverMs, pageMs, heldMs }) {
  const { events, bytes: size } = read(step);
  const parts = [t(`ladder.way.${step.way}`, { what: label(step), size: bytes(size) })];
  if (request !== null) parts.push(t("ladder.request-number", { number: grouped(request) }));
  if (pageMs !== null) parts.push(t("ladder.on-the-way", { duration: duration(Math.abs(serverMs - pageMs)) }));
  else parts.push(t("ladder.not-seen"));
  if (heldMs !== null) parts.push(t("ladder.held", { duration: duration(heldMs) }));
  if (events.length > 0) {
    const waited = duration(serverMs - events[0].atMs);
    parts.push(t(events.length > 1 ? "ladder.waited.several" : "ladder.waited", { duration: waited }));
  }
  return t("ladder.sentence", { transport: t(`transport.${id}`), parts: parts.join(t("comma")) });
}
