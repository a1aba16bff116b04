// Prices every number format from a table that has only some: widths between two tabulated ones follow the power law
// through both, widths beyond follow the usual rule, adders linear and multipliers quadratic in the width.

import { log } from "../base/transcendental.ts";
import type { ArithmeticFigures } from "./tables/horowitz-45nm.ts";
import { numberFormats } from "./technology.ts";
import type { NumberFormat } from "./technology.ts";

export type Operation = keyof ArithmeticFigures;

/** A figure, and how it follows from the table: empty where the table states it. */
interface Completed {
  readonly value: number;
  readonly rule: string;
}

type CompletedFigures = Readonly<Record<Operation, Readonly<Record<NumberFormat, Completed>>>>;

interface Width {
  readonly family: "int" | "float";
  readonly bits: number;
}

const widths: Readonly<Record<NumberFormat, Width>> = {
  int8: { family: "int", bits: 8 },
  int16: { family: "int", bits: 16 },
  int32: { family: "int", bits: 32 },
  int64: { family: "int", bits: 64 },
  float16: { family: "float", bits: 16 },
  float32: { family: "float", bits: 32 },
};

/** Growth with the width beyond the tabulated ones, as in the Aladdin plug-in of Accelergy. */
const growth: Readonly<Record<Operation, { readonly exponent: number; readonly word: string }>> = {
  add: { exponent: 1, word: "linear" },
  multiply: { exponent: 2, word: "quadratic" },
};

/** Every format of both operations, in the unit of `figures`. Each family needs at least one figure. */
export function completeFigures(figures: ArithmeticFigures): CompletedFigures {
  return { add: completeOperation(figures, "add"), multiply: completeOperation(figures, "multiply") };
}

function completeOperation(figures: ArithmeticFigures, operation: Operation): Record<NumberFormat, Completed> {
  const one = (format: NumberFormat): Completed => completeOne(figures, operation, format);
  return {
    int8: one("int8"),
    int16: one("int16"),
    int32: one("int32"),
    int64: one("int64"),
    float16: one("float16"),
    float32: one("float32"),
  };
}

function completeOne(figures: ArithmeticFigures, operation: Operation, format: NumberFormat): Completed {
  const table = figures[operation];
  const given = table[format];
  if (given !== undefined) return { value: given, rule: "" };
  const { family, bits } = widths[format];
  let below: { format: NumberFormat; bits: number; value: number } | undefined;
  let above: typeof below;
  for (const other of numberFormats) {
    const value = table[other];
    const width = widths[other];
    if (value === undefined || width.family !== family) continue;
    if (width.bits < bits) below = { format: other, bits: width.bits, value };
    else above ??= { format: other, bits: width.bits, value };
  }
  if (below !== undefined && above !== undefined) {
    const share = log(bits / below.bits) / log(above.bits / below.bits);
    return {
      value: below.value ** (1 - share) * above.value ** share,
      rule: `${format} ${operation}, power law through ${below.format} and ${above.format}`,
    };
  }
  const anchor = below ?? above;
  if (anchor === undefined) throw new Error(`the table has no ${family} ${operation} at all`);
  const { exponent, word } = growth[operation];
  return {
    value: anchor.value * (bits / anchor.bits) ** exponent,
    rule: `${format} ${operation}, ${word} in the width from ${anchor.format}`,
  };
}
