// Eyeriss's relative energy hierarchy made absolute: the ratios are the paper's, the joules of the one
// multiply-accumulate that they multiply are 65 nm arithmetic.

import { log } from "../base/transcendental.ts";
import { assumed, derived } from "../base/source.ts";
import type { TechnologyParts } from "./assemble.ts";
import { aladdinRegister, horowitzArithmetic } from "./parts.ts";
import { cactiSram } from "./sram.ts";
import type { SramPricer } from "./sram.ts";
import { capacityExponents } from "./tables/cacti-sram.ts";
import { eyerissHierarchy, eyerissName, eyerissSource } from "./tables/eyeriss-65nm.ts";

const { wordBits, registerFileBytes, globalBufferBytes, registerFile, globalBuffer, dram } = eyerissHierarchy;

const point = { nodeNanometres: 65, voltage: 1 } as const;

/**
 * Cost of one 16-bit access to a memory of `bytes` bytes, in multiply-accumulates: flat over the two ranges that the
 * paper names, a power law between them, and beyond the larger one CACTI's growth with capacity at 65 nm.
 */
export function eyerissAccess(bytes: number): number {
  const { smallest, largest } = globalBufferBytes;
  if (bytes <= registerFileBytes) return registerFile;
  if (bytes < smallest) {
    const share = log(bytes / registerFileBytes) / log(smallest / registerFileBytes);
    return registerFile ** (1 - share) * globalBuffer ** share;
  }
  return bytes <= largest ? globalBuffer : globalBuffer * (bytes / largest) ** capacityExponents[65].read;
}

const inNamedRange = (bytes: number): boolean =>
  (bytes >= registerFileBytes / 2 && bytes <= registerFileBytes) ||
  (bytes >= globalBufferBytes.smallest && bytes <= globalBufferBytes.largest);

/** The technology `eyeriss-65nm-normalised`. A pipeline register is below the hierarchy and keeps its 65 nm price. */
export function eyerissTechnology(): TechnologyParts {
  const arithmetic = horowitzArithmetic(point);
  const unit = arithmetic.multiply.int16.joules + arithmetic.add.int32.joules;
  const named = {
    name: eyerissName,
    source: assumed(
      `${eyerissSource.text} (${eyerissSource.strength}); the MAC itself, which the paper gives no joules for, taken ` +
        "as an int16 multiplication and an int32 addition of Horowitz scaled to 65 nm 1 V; area and leakage: CACTI 7 65 nm",
    ),
  };
  const between = {
    name: `${eyerissName}, other capacities`,
    source: derived(
      "the hierarchy's register file and global buffer, interpolated; beyond 500 KiB with CACTI's growth",
    ),
  };
  const cacti = cactiSram(65);
  const price: SramPricer = (bytes, widthBits) => {
    const joules = (unit * eyerissAccess(bytes) * widthBits) / wordBits;
    const { leakageWatts, squareMillimetres } = cacti(bytes, widthBits);
    const table = (inNamedRange(bytes) ? named : between).name;
    return { readJoules: joules, writeJoules: joules, leakageWatts, squareMillimetres, table };
  };
  return {
    name: "eyeriss-65nm-normalised",
    title: "Eyeriss hierarchy (register file 1, buffer 6, DRAM 200 per 16-bit MAC) on 65 nm arithmetic",
    ...point,
    ...arithmetic,
    registerBit: aladdinRegister(point),
    sram: { price, tables: [named, between] },
    dram: { joules: (unit * dram) / wordBits, table: eyerissName, source: named.source },
  };
}
