// Quantities as people write them: a number with its unit, bytes in powers of two. quantity.ts reads them.

import { engineering, grouped } from "./number-text.ts";

/** Every digit of a bare number, four significant ones with a prefix before a unit: 128, 34 GB/s, 1.5 GHz. */
export function quantityText(value: number, unit: string): string {
  if (unit === "B") return bytesText(value);
  return unit === ""
    ? grouped(value)
    : engineering(value, unit, 4)
        .replace(/(\.\d*?)0+(?= )/, "$1")
        .replace(/\.(?= )/, "");
}

/** Bytes in KiB, MiB or GiB where an eighth of one divides them, else every digit. */
export function bytesText(bytes: number): string {
  if (bytes === Infinity) return "unlimited";
  for (const [prefix, factor] of [
    ["Gi", 2 ** 30],
    ["Mi", 2 ** 20],
    ["Ki", 2 ** 10],
  ] as const) {
    if (bytes >= factor && bytes % (factor / 8) === 0) return `${bytes / factor} ${prefix}B`;
  }
  return `${grouped(bytes)} B`;
}
