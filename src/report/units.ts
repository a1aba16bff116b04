// Turns numbers into text for people: engineering prefixes, grouped digits, percentages and ratios. Nothing here
// depends on the locale, so the same number always prints the same.

const prefixes = ["y", "z", "a", "f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"] as const;
const unityIndex = prefixes.indexOf("");

/** An SI prefix and the power of ten that it stands for. */
export interface Scale {
  readonly prefix: string;
  readonly factor: number;
}

/** The prefix under which `value` has one to three digits before the point; no prefix for 0 and infinity. */
export function scaleOf(value: number): Scale {
  if (value === 0 || !Number.isFinite(value)) return { prefix: "", factor: 1 };
  const exponent = Number(Math.abs(value).toExponential().split("e")[1] ?? 0);
  const index = Math.min(Math.max(Math.floor(exponent / 3) + unityIndex, 0), prefixes.length - 1);
  return { prefix: prefixes[index] ?? "", factor: Number(`1e${String((index - unityIndex) * 3)}`) };
}

/**
 * `value` with an SI prefix and `digits` significant digits: engineering(0.00123, "s") is "1.23 ms". An empty unit
 * leaves the bare prefix ("4.09 G"); infinity reads "unlimited".
 */
export function engineering(value: number, unit: string, digits = 3): string {
  if (value === Infinity) return "unlimited";
  if (Number.isNaN(value)) return "n/a";
  if (value === 0) return unit === "" ? "0" : `0 ${unit}`;
  let scale = scaleOf(value);
  // Rounding may carry into the next prefix: 999.96 k is 1.00 M.
  const rounded = Number((value / scale.factor).toPrecision(digits)) * scale.factor;
  if (scaleOf(rounded).factor > scale.factor) scale = scaleOf(rounded);
  const mantissa = significant(value / scale.factor, digits);
  const suffix = `${scale.prefix}${unit}`;
  return suffix === "" ? mantissa : `${mantissa} ${suffix}`;
}

/** `value` to `digits` significant digits without an exponent where it is between 1e-4 and 1e15. */
export function significant(value: number, digits = 3): string {
  const text = value.toPrecision(digits);
  if (!text.includes("e")) return text;
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e15 ? String(Number(text)) : text;
}

/** Every digit, in groups of three: 118,013,952. A fraction keeps at most three decimals. */
export function grouped(value: number): string {
  if (!Number.isFinite(value)) return value === Infinity ? "unlimited" : "n/a";
  const [whole = "", fraction] = String(Number(value.toFixed(3))).split(".");
  if (whole.includes("e")) return whole;
  const digits = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

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
