// A row of multipliers behind a distribution network that brings each of them its own elements: what a sparse product
// is multiplied in. The tree that adds and merges above it is merge-tree.ts.

import { InputError } from "../base/error.ts";
import type { NumberFormat, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { formatBits } from "./component.ts";

export interface ProductArray {
  readonly kind: "productArray";
  /** A power of two, from 2. */
  readonly multipliers: number;
  /** Elements that the distribution network brings to multipliers in a cycle; Infinity brings any number. */
  readonly distributionWidth: number;
  readonly operand: NumberFormat;
  readonly coordinateBits: number;
}

/** @throws InputError for multipliers that are no power of two or a network that brings nothing. */
export function productArray(parameters: Omit<ProductArray, "kind">): ProductArray {
  const { multipliers, distributionWidth } = parameters;
  if (!Number.isInteger(Math.log2(multipliers)) || multipliers < 2) {
    throw impossible("multipliers", multipliers, "a power of two from 2");
  }
  if (distributionWidth !== Infinity && (!Number.isInteger(distributionWidth) || distributionWidth < 1)) {
    throw impossible("distributionWidth", distributionWidth, "a whole number of elements from 1, or Infinity");
  }
  return { kind: "productArray", ...parameters };
}

const impossible = (path: string, found: number, expected: string): InputError =>
  new InputError({ path, message: "impossible array", found: String(found), expected });

/**
 * Energy of `multiply`, one multiplication, and of `deliver`, one element latched at its multiplier after passing a
 * register at each level of the network (assumed: one level for each doubling of the multipliers). Area of multipliers
 * with their two operand registers and of the network's registers; its switches are not counted.
 */
export function productArrayCost(array: ProductArray, technology: Technology): ComponentCost {
  const multiply = technology.multiply(array.operand);
  const register = technology.register(formatBits[array.operand] + array.coordinateBits);
  const levels = Math.log2(array.multipliers);
  return {
    energy: {
      multiply,
      deliver: { joules: (levels + 1) * register.joules, table: register.table },
    },
    squareMillimetres: array.multipliers * (multiply.squareMillimetres + (2 + levels) * register.squareMillimetres),
    tables: [...new Set([multiply.table, register.table])],
    leakageWatts: 0,
  };
}
