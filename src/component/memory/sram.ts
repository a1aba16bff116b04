// On-chip memory: capacity in equal banks, a port width for each bank, optionally split into two halves so that one
// fills while the other is read.

import type { Technology } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";

export interface Sram {
  readonly kind: "sram";
  /** Of one instance, as all below. */
  readonly bytes: number;
  /** Equal memories side by side, one for each group of units; 1 by default. */
  readonly instances?: number;
  readonly banks: number;
  /** Bits that one bank serves in one cycle, one read and one write port each. */
  readonly portBits: number;
  /** Bits read and written in one cycle where what the banks are connected to moves fewer; no limit by default. */
  readonly limits?: { readonly readBits?: number; readonly writeBits?: number };
  /** True: transfers fill one half while the other half is used. */
  readonly doubleBuffered: boolean;
}

export const sram = (parameters: Omit<Sram, "kind">): Sram => ({ kind: "sram", ...parameters });

/** Bytes that a tile may occupy while the next one is filled beside it. */
export const workingBytes = (component: Sram): number =>
  component.doubleBuffered ? Math.floor(component.bytes / 2) : component.bytes;

/** Bits that all banks serve together in one cycle. */
export const portBitsPerCycle = (component: Sram): number => component.banks * component.portBits;

/** Events: `readBit`, `writeBit`, priced as accesses of one bank at its full port width. Area and leakage of all instances. */
export function sramCost(component: Sram, technology: Technology): ComponentCost {
  const { banks, instances = 1 } = component;
  const price = technology.sram(component.bytes / component.banks, component.portBits);
  return {
    energy: {
      readBit: { joules: price.readJoules / component.portBits, table: price.table },
      writeBit: { joules: price.writeJoules / component.portBits, table: price.table },
    },
    squareMillimetres: price.squareMillimetres * banks * instances,
    tables: [price.table],
    leakageWatts: price.leakageWatts * banks * instances,
  };
}
