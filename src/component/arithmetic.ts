// Multiplication and accumulation in each number format as hardware does it: wrap-around for integers, one rounding
// after each operation for floating point. Operands arrive as numbers that the operand format can hold.

import type { NumberFormat } from "../technology/technology.ts";

/** One step of accumulation: `sum + a * b` in the unit's formats. */
export type MultiplyAdd = (sum: number, a: number, b: number) => number;

/** How two partial sums join outside the unit, in the accumulator's format. */
export type Add = (a: number, b: number) => number;

export interface Arithmetic {
  readonly multiplyAdd: MultiplyAdd;
  readonly add: Add;
}

const wrap32: Arithmetic = {
  // Products of int32 operands exceed 2^53, so the low 32 bits are formed by imul.
  multiplyAdd: (sum, a, b) => (sum + Math.imul(a, b)) | 0,
  add: (a, b) => (a + b) | 0,
};

const exact: Arithmetic = { multiplyAdd: (sum, a, b) => sum + a * b, add: (a, b) => a + b };

const single: Arithmetic = {
  multiplyAdd: (sum, a, b) => Math.fround(sum + Math.fround(a * b)),
  add: (a, b) => Math.fround(a + b),
};

/**
 * Arithmetic of an accumulator format. `int64` sums are exact below 2^53, within which callers keep their values;
 * narrower integer accumulators wrap. float16 rounds like float32: no machine accumulates in it yet.
 */
export const arithmetic: Readonly<Record<NumberFormat, Arithmetic>> = {
  int8: { multiplyAdd: (sum, a, b) => ((sum + Math.imul(a, b)) << 24) >> 24, add: (a, b) => ((a + b) << 24) >> 24 },
  int16: { multiplyAdd: (sum, a, b) => ((sum + Math.imul(a, b)) << 16) >> 16, add: (a, b) => ((a + b) << 16) >> 16 },
  int32: wrap32,
  int64: exact,
  float16: single,
  float32: single,
};
