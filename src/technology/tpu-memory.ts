// Prices of a 7 nm memory of any capacity from TPUv4i's few points.

import { log } from "../base/transcendental.ts";
import { assumed, derived } from "../base/source.ts";
import { cactiSram, checkMemory } from "./sram.ts";
import { capacityExponents } from "./tables/cacti-sram.ts";
import { tpuMemoryPoints, tpuMemorySource, tpuSource, tpuSquareMillimetresPerByte } from "./tables/tpu-v4i-7nm.ts";
import type { MemoryPoint } from "./tables/tpu-v4i-7nm.ts";
import type { PriceTable, SramPrice } from "./technology.ts";

const inside: PriceTable = {
  name: "TPUv4i memories",
  source: derived(
    `8 KiB to 1 MiB: ${tpuSource.text} (${tpuSource.strength}); 4 and 128 MiB: ${tpuMemorySource.text} ` +
      `(${tpuMemorySource.strength}); power laws between; leakage: CACTI 7 at 22 nm, unscaled (assumed)`,
  ),
};

const outside: PriceTable = {
  name: "TPUv4i memories, extrapolated",
  source: assumed("below 8 KiB and above 128 MiB, growth with capacity as CACTI 7 has it at 22 nm"),
};

export const tpuMemoryTables: readonly PriceTable[] = [inside, outside];

const leakageModel = cactiSram(22);

/**
 * A memory at 7 nm: power laws through the points in capacity, proportional to the width (the larger points are
 * figures per bit), area at CMEM's density, leakage as at 22 nm for want of a figure.
 */
export function tpuMemory(bytes: number, widthBits: number): SramPrice {
  checkMemory(bytes, widthBits);
  const { readPicojoules, writePicojoules, table } = atCapacity(bytes);
  const words = widthBits / 64;
  return {
    readJoules: readPicojoules * words * 1e-12,
    writeJoules: writePicojoules * words * 1e-12,
    leakageWatts: leakageModel(bytes, Math.min(64, widthBits)).leakageWatts,
    squareMillimetres: bytes * tpuSquareMillimetresPerByte,
    table: table.name,
  };
}

function atCapacity(bytes: number): { readPicojoules: number; writePicojoules: number; table: PriceTable } {
  let low: MemoryPoint | undefined;
  for (const point of tpuMemoryPoints) {
    if (point.bytes === bytes) return { ...point, table: inside };
    if (point.bytes > bytes) {
      if (low === undefined) return beyond(point, bytes);
      const share = log(bytes / low.bytes) / log(point.bytes / low.bytes);
      return {
        readPicojoules: low.readPicojoules * (point.readPicojoules / low.readPicojoules) ** share,
        writePicojoules: low.writePicojoules * (point.writePicojoules / low.writePicojoules) ** share,
        table: inside,
      };
    }
    low = point;
  }
  if (low === undefined) throw new Error("TPUv4i's table has no memory");
  return beyond(low, bytes);
}

function beyond(
  point: MemoryPoint,
  bytes: number,
): { readPicojoules: number; writePicojoules: number; table: PriceTable } {
  const { read, write } = capacityExponents[22];
  const ratio = bytes / point.bytes;
  return {
    readPicojoules: point.readPicojoules * ratio ** read,
    writePicojoules: point.writePicojoules * ratio ** write,
    table: outside,
  };
}
