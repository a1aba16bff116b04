// A small memory beside each unit of an array: equal instances of a few words, and how they are filled while they are
// read.

import type { Technology } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";

export interface RegisterFile {
  readonly kind: "registerFile";
  /** Of one instance. */
  readonly bytes: number;
  /** Bits of one access. */
  readonly wordBits: number;
  /** Words that one instance reads in a cycle, and as many that it writes; one for each lane that it feeds. */
  readonly ports: number;
  readonly instances: number;
  /**
   * How transfers meet the work: they fill one half while the other one is used; queues at the unit let them pass beside
   * the work on all of it; or the work waits for them.
   */
  readonly transfers: "halves" | "queued" | "exclusive";
}

export const registerFile = (parameters: Omit<RegisterFile, "kind">): RegisterFile => ({
  kind: "registerFile",
  ...parameters,
});

/**
 * Events: `readBit`, `writeBit`, priced as accesses of one word to one port's share of an instance. Area and leakage of
 * all instances.
 */
export function registerFileCost(component: RegisterFile, technology: Technology): ComponentCost {
  const { bytes, wordBits, ports, instances } = component;
  const price = technology.sram(bytes / ports, wordBits);
  return {
    energy: {
      readBit: { joules: price.readJoules / wordBits, table: price.table },
      writeBit: { joules: price.writeJoules / wordBits, table: price.table },
    },
    squareMillimetres: price.squareMillimetres * ports * instances,
    tables: [price.table],
    leakageWatts: price.leakageWatts * ports * instances,
  };
}
