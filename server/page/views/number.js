// Numbers for people: three digits that tell, thousands apart, and a unit.

/** Thousands apart: `12,345`. */
export function grouped(number) {
  return Math.round(number).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Three digits that tell, and all digits before the point: `0.123`, `12.3`, `12,345`. */
export function significant(number) {
  if (!Number.isFinite(number)) return "–";
  // Rounded once before the digits are counted: 9.996 is 10.0, and 999.6 is 1,000.
  const rounded = Number(number.toPrecision(3));
  if (Math.abs(rounded) >= 100) return grouped(number);
  if (rounded === 0) return "0";
  return number.toFixed(Math.min(2 - Math.floor(Math.log10(Math.abs(rounded))), 3));
}

/** A duration (ms): `0.412 ms`, `998 ms`, `14.2 s`. */
export function duration(ms) {
  if (!Number.isFinite(ms)) return "–";
  // From here on three digits would say 1,000 ms.
  return Math.abs(ms) < 999.5 ? `${significant(ms)} ms` : `${significant(ms / 1000)} s`;
}

/** Bytes: `999 B`, `9,999 B`, `12.3 kB`, `1.25 MB` (powers of 1,000). */
export function bytes(number) {
  if (!Number.isFinite(number)) return "–";
  if (number < 9_999.5) return `${number < 100 && number % 1 !== 0 ? significant(number) : grouped(number)} B`;
  return number < 999_500 ? `${significant(number / 1e3)} kB` : `${significant(number / 1e6)} MB`;
}

/** A number of an axis, without digits that say nothing: `0.1`, `20`, `5,000`. */
export function plain(number) {
  return Math.abs(number) >= 1000 ? grouped(number) : String(Number(number.toPrecision(3)));
}
