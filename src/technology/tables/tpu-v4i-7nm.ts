// Arithmetic and memories at 7 nm from Google's TPUv4i: the paper's table of energies per operation, and the memory
// energies and areas that AccelForge's description of the chip derives from it.

import { recalled, stated } from "../../base/source.ts";
import type { ArithmeticFigures } from "./horowitz-45nm.ts";

export const tpuName = "TPUv4i ISCA 2021";

/** N. Jouppi et al., Ten Lessons From Three Generations Shaped Google's TPUv4i, ISCA 2021. */
export const tpuSource = recalled("N. Jouppi et al., TPUv4i, ISCA 2021, table 2, column 7 nm");

export const tpuPicojoules: ArithmeticFigures = {
  add: { int8: 0.007, int32: 0.03, float16: 0.16, float32: 0.38 },
  multiply: { int8: 0.07, int32: 1.48, float16: 0.34, float32: 1.31 },
};

/** Reads and writes of 64 bits by capacity. Up to 1 MiB the paper gives one figure for an access. */
export interface MemoryPoint {
  readonly bytes: number;
  readonly readPicojoules: number;
  readonly writePicojoules: number;
}

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** VMEM: 0.249 pJ a bit read, 0.293 written. Below 4 MiB the same ratio prices a write. */
const writeToRead = 0.293 / 0.249;

const paperPoint = (bytes: number, picojoules: number): MemoryPoint => ({
  bytes,
  readPicojoules: picojoules,
  writePicojoules: picojoules * writeToRead,
});

export const tpuMemoryPoints: readonly MemoryPoint[] = [
  paperPoint(8 * kibibyte, 7.5),
  paperPoint(32 * kibibyte, 8.5),
  paperPoint(mebibyte, 14),
  { bytes: 4 * mebibyte, readPicojoules: 0.249 * 64, writePicojoules: 0.293 * 64 },
  { bytes: 128 * mebibyte, readPicojoules: 1.88 * 64, writePicojoules: 2.36 * 64 },
];

export const tpuMemorySource = stated(
  "AccelForge tpu_v4i.yaml: VMEM 4 MiB 0.249/0.293 pJ a bit, CMEM 128 MiB 1.88/2.36 pJ a bit, CMEM 112 mm2",
);

/** CMEM: 112 mm2 for 128 MiB. */
export const tpuSquareMillimetresPerByte = 112 / (128 * mebibyte);
