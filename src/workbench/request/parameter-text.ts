// The value of a parameter as people write it.

import type { Parameter } from "../../accelerator/parameters.ts";
import { quantityText } from "../../base/quantity-text.ts";

/** A value as a person writes it: 128, 34 GB/s, 2 MiB, unlimited; `parseValue` reads it back where no digit is lost. */
export function shownValue(parameter: Parameter, value: number | string): string {
  if (parameter.kind === "choice" || typeof value === "string") return String(value);
  return quantityText(value, parameter.unit);
}
