// Off-chip memory behind one shared channel: a bandwidth, a latency and an energy per bit.

import type { DramKind, Technology } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";

export interface Dram {
  readonly kind: "dram";
  readonly memory: DramKind;
  /** Bytes a second, reads and writes together; Infinity is not timed. */
  readonly bandwidth: number;
  /** Seconds from the request of a read to its first byte. */
  readonly latency: number;
}

export const dram = (parameters: Omit<Dram, "kind">): Dram => ({ kind: "dram", ...parameters });

/**
 * Cycles for which the channel is busy with a transfer: the smallest n with n * bytesPerCycle >= bytes, which is
 * what a channel that moves `bytesPerCycle` every cycle takes. 0 for an unlimited channel.
 */
export function transferCycles(bytes: number, bytesPerCycle: number): number {
  if (bytes === 0 || bytesPerCycle === Infinity) return 0;
  let cycles = Math.ceil(bytes / bytesPerCycle);
  // Past 2^53 there is no cycle before or after to try.
  if (cycles > Number.MAX_SAFE_INTEGER) return cycles;
  // The quotient may round across an integer; the product is what a stepped channel compares.
  while ((cycles - 1) * bytesPerCycle >= bytes) cycles--;
  while (cycles * bytesPerCycle < bytes) cycles++;
  return cycles;
}

/** Events: `readBit`, `writeBit`. Area is off chip and not counted. */
export function dramCost(component: Dram, technology: Technology): ComponentCost {
  const price = technology.dramBit(component.memory);
  return { energy: { readBit: price, writeBit: price }, squareMillimetres: 0, tables: [price.table], leakageWatts: 0 };
}
