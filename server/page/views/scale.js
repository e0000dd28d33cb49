// Axes: from a value to its place between 0 and 1, with round ticks.

/** The lowest of 1, 2, 5, 10, 20, … (and 0.1, 0.2, …) that is not below a number. */
export function roundUp(number) {
  const power = 10 ** Math.floor(Math.log10(number));
  // A hair of tolerance: 0.1 * 3 is not 0.3.
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= number * (1 - 1e-9));
}

/** A linear axis from 0 that holds `largest`, with at most `most` steps. */
export function linear(largest, most = 5) {
  const step = roundUp(Math.max(largest, 1e-9) / most);
  const count = Math.max(Math.ceil(largest / step - 1e-9), 1);
  const top = step * count;
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step);
  return { top, ticks, place: (value) => clamp(value / top) };
}

/** A logarithmic axis from `low`, a power of ten, to `high`; what lies outside is drawn at its end. */
export function logarithmic(low, high) {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  const count = Math.floor(to - from + 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, index) => 10 ** Math.round(from + index));
  return { top: high, ticks, place: (value) => clamp((Math.log10(Math.max(value, low)) - from) / (to - from)) };
}

/** The power of ten that is not below a number. */
export function decadeAbove(number) {
  return 10 ** Math.ceil(Math.log10(Math.max(number, 1e-6)) - 1e-9);
}

function clamp(share) {
  return Math.min(Math.max(share, 0), 1);
}
