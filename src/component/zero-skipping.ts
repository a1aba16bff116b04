// What lets the lanes of an array skip zeros: bitmaps beside their register files, a find-first for each lane and the
// ranks that address compressed operands. The lanes themselves are priced with the array.

import type { EnergyPrice, Technology } from "../technology/technology.ts";
import type { ComponentCost } from "./component.ts";
import { formatBits } from "./component.ts";
import type { LaneSparsity, RoundBarrier } from "./sparse-lanes/sparse-lanes.ts";
import { bitmapsOf } from "./sparse-lanes/sparse-lanes.ts";

export interface ZeroSkipping {
  readonly kind: "zeroSkipping";
  /** Lanes of all units. */
  readonly lanes: number;
  /** Elements of a bank in one round, which is the width of its bitmap. */
  readonly bankBits: number;
  /** Banks of a lane and operand whose bitmaps are held. */
  readonly banks: number;
  readonly sparsity: LaneSparsity;
  readonly barrier: RoundBarrier;
}

export const zeroSkipping = (parameters: Omit<ZeroSkipping, "kind">): ZeroSkipping => ({
  kind: "zeroSkipping",
  ...parameters,
});

/**
 * Energy of `bitmapRead`, one bank's bitmap at the start of a round, and of `findFirst`, one multiplication found, with
 * the ranks of its operands. Assumed: the find-first costs an adder as wide as the bank, each rank another one.
 */
export function zeroSkippingCost(component: ZeroSkipping, technology: Technology): ComponentCost {
  const { lanes, bankBits, banks, sparsity } = component;
  const { weights, inputs } = bitmapsOf(sparsity);
  const bitmaps = (weights ? 1 : 0) + (inputs ? 1 : 0);
  const bitmap = technology.register(bankBits);
  const adder = technology.add("int8");
  const adders = bitmaps === 0 ? 0 : ((1 + bitmaps) * bankBits) / formatBits.int8;
  const findFirst: EnergyPrice = { joules: adders * adder.joules, table: adder.table };
  return {
    energy: { bitmapRead: bitmap, findFirst },
    squareMillimetres: lanes * (bitmaps * banks * bitmap.squareMillimetres + adders * adder.squareMillimetres),
    tables: [...new Set([bitmap.table, adder.table])],
    leakageWatts: 0,
  };
}
