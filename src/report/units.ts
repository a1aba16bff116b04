// Turns numbers into text for people: percentages, ratios, areas and counts of things, beside base/number-text.ts.
// Nothing here depends on the locale, so the same number always prints the same.

import { grouped, significant } from "../base/number-text.ts";

export { engineering, grouped, scaleOf, significant } from "../base/number-text.ts";

/** A fraction as a percentage with one decimal: 0.623 is "62.3 %". */
export function percent(fraction: number): string {
  if (!Number.isFinite(fraction)) return "n/a";
  return `${(fraction * 100).toFixed(1)} %`;
}

/** A ratio with three significant digits and a multiplication sign: "1.05×". */
export function times(ratio: number | undefined): string {
  return ratio === undefined ? "n/a" : `${significant(ratio, 3)}×`;
}

/** An area, which takes no prefix: a square millimetre is a millimetre squared. */
export function squareMillimetres(value: number): string {
  if (!Number.isFinite(value)) return "n/a";
  return value === 0 ? "0 mm²" : `${significant(value, 3)} mm²`;
}

/** `value / reference`; 1 where both are 0, undefined where only the reference is. */
export function ratioTo(value: number, reference: number): number | undefined {
  if (reference === 0) return value === 0 ? 1 : undefined;
  const ratio = value / reference;
  return Number.isFinite(ratio) ? ratio : undefined;
}

/** A word with its count: "1 layer", "54 layers". */
export function plural(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** `text` cut in the middle to at most `width` characters; both ends of a layer's name tell it apart. */
export function elideMiddle(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  if (width <= 1) return width === 1 ? "…" : "";
  const tail = Math.floor((width - 1) / 2);
  const head = width - 1 - tail;
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - tail).join("")}`;
}

/**
 * `text` with every control character replaced, so that a name read from a file can neither move the cursor nor hide
 * part of a line: C0, C1, line separators and the bidirectional overrides.
 */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "\ufffd");
}
