// Reads a number with an SI prefix and a unit as people write them: `1.5GHz`, `256GB/s`, `512KiB`, `unlimited`.

import { InputError } from "./error.ts";

const decimal: Readonly<Record<string, number>> = {
  f: 1e-15,
  p: 1e-12,
  n: 1e-9,
  u: 1e-6,
  µ: 1e-6,
  μ: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
};
const binary: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 };

const examples: Readonly<Record<string, string>> = { Hz: "1.5GHz", B: "512KiB", "B/s": "256GB/s", s: "100ns" };

/**
 * The value of `text` in the unit `unit` ("" for none): a decimal number, then an SI prefix (k, M, G, T, P, m, u, n, p;
 * K is k) or, for bytes and bare numbers, a binary one (Ki, Mi, Gi, Ti), then the unit, which may be left out.
 * `unlimited` is Infinity. Throws InputError, at `path`, for anything else.
 */
export function parseQuantity(text: string, unit: string, path: string): number {
  const trimmed = text.trim();
  if (/^(?:unlimited|inf|infinity)$/i.test(trimmed)) return Infinity;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)$/s.exec(trimmed);
  const value = Number(match?.[1] ?? Number.NaN);
  const suffix = match?.[2] ?? "";
  const prefix = unit !== "" && suffix.endsWith(unit) ? suffix.slice(0, -unit.length) : suffix;
  const factor = factorOf(prefix, unit);
  if (!Number.isFinite(value) || factor === undefined) {
    const example = examples[unit];
    const expected = example === undefined ? "a number" : `a number of ${unit} such as ${example}, or unlimited`;
    throw new InputError({
      path,
      message: Number.isFinite(value) ? "unknown unit" : "not a number",
      found: text,
      expected,
    });
  }
  const exact = scaled(match?.[1] ?? "", factor);
  if (!Number.isFinite(exact)) throw new InputError({ path, message: "number too large", found: text });
  return exact;
}

function factorOf(prefix: string, unit: string): number | undefined {
  if (Object.hasOwn(decimal, prefix)) return decimal[prefix];
  return (unit === "" || unit.startsWith("B")) && Object.hasOwn(binary, prefix) ? binary[prefix] : undefined;
}

/** A decimal prefix moves the exponent of the text, so that 1.1GHz is the double nearest to 1.1e9. */
function scaled(number: string, factor: number): number {
  const exponent = Math.round(Math.log10(factor));
  if (factor !== Number(`1e${exponent}`)) return Number(number) * factor;
  const [mantissa = "", given = "0"] = number.toLowerCase().split("e");
  return Number(`${mantissa}e${Number(given) + exponent}`);
}
