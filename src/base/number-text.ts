// Numbers as people write them: engineering prefixes, significant and grouped digits. Nothing here depends on the locale,
// so the same number always prints the same.

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
