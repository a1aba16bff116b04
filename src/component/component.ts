// What every hardware building block has in common: a kind, events that cost energy, and a price.

import type { EnergyPrice } from "../technology/technology.ts";

/** Price of one component: joules for each of its events, area, leakage. Tables are named by the prices. */
export interface ComponentCost {
  readonly energy: Readonly<Record<string, EnergyPrice>>;
  readonly squareMillimetres: number;
  /** Every table that its joules and square millimetres come from. */
  readonly tables: readonly string[];
  readonly leakageWatts: number;
}

/** Bits of an element in each number format. */
export const formatBits = {
  int8: 8,
  int16: 16,
  int32: 32,
  int64: 64,
  float16: 16,
  float32: 32,
} as const;
