// Eyeriss's energy hierarchy: what an access at each level costs relative to one 16-bit multiply-accumulate.

import { recalled } from "../../base/source.ts";

export const eyerissName = "Eyeriss ISCA 2016 hierarchy";

export const eyerissSource = recalled(
  "Chen, Emer, Sze, Eyeriss, ISCA 2016: energy of one 16-bit access relative to one 16-bit MAC, 65 nm",
);

/**
 * Per 16-bit word, in multiply-accumulates: a register file of 0.5 to 1 kB, a hop between processing elements, a
 * global buffer of 100 to 500 kB, off-chip memory.
 */
export const eyerissHierarchy = {
  multiplyAccumulate: 1,
  registerFile: 1,
  interElementHop: 2,
  globalBuffer: 6,
  dram: 200,
  wordBits: 16,
  registerFileBytes: 1024,
  globalBufferBytes: { smallest: 100 * 1024, largest: 500 * 1024 },
} as const;
