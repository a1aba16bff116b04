// Hierarchies of memories and prices for tests and benches of loop nests.

import type { OperandKey } from "../../src/mapping/nest/problem.ts";
import { operandKeys } from "../../src/mapping/nest/problem.ts";
import type { Axis, Hierarchy, NestMemory } from "../../src/mapping/nest/schedule.ts";
import type { BoundaryPrice, NestPrice } from "../../src/simulate/nest/search/search-price.ts";

export const nestMemory = (
  name: string,
  operands: readonly OperandKey[],
  bytes: number,
  bytesPerCycle = Number.POSITIVE_INFINITY,
): NestMemory => ({
  name,
  operands,
  bytes,
  overlapped: true,
  readBytesPerCycle: bytesPerCycle,
  writeBytesPerCycle: bytesPerCycle,
  sharedPort: false,
});

export const nestAxis = (
  name: string,
  units: number,
  reduction: Axis["reduction"] = "tree",
  multicast = true,
): Axis => ({
  name,
  units,
  reduction,
  multicast,
});

/** DRAM, a double-buffered buffer of 1 MiB, 16 x 16 units with registers of 256 B an operand, and lanes. */
export const arrayHierarchy = (lanes = 8): Hierarchy => ({
  levels: [
    { name: "dram", memories: [nestMemory("dram", operandKeys, Number.POSITIVE_INFINITY, 32)], axes: [] },
    {
      name: "buffer",
      memories: [nestMemory("buffer", operandKeys, 2 ** 19, 256)],
      axes: [nestAxis("rows", 16), nestAxis("columns", 16)],
    },
    {
      name: "registers",
      memories: [nestMemory("filter", ["A"], 256), nestMemory("input", ["B"], 256), nestMemory("output", ["C"], 256)],
      axes: [nestAxis("lanes", lanes)],
    },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
});

/**
 * Joules by words read and written at each level, in units of one multiplication, with `hop` for each word that arrives:
 * the ratios of Chen et al. (ISCA 2016) as recalled, 200 for DRAM, 6 for a buffer, 1 for registers, 2 for a hop.
 */
export function levelPrice(perWord: readonly number[], hop = 2, joulesPerCycle = 0): NestPrice {
  const depth = perWord.length;
  const boundaries: BoundaryPrice[] = operandKeys.flatMap((operand) =>
    perWord.flatMap((atParent, parent) =>
      Array.from({ length: depth - parent }, (_, i) => {
        const child = parent + 1 + i;
        const atChild = perWord[child] ?? 0;
        const travel = child - parent > 1 || child < depth ? hop : 0;
        return {
          operand,
          parent,
          child,
          reads: atParent,
          deliveries: atChild + travel,
          partialWrites: atParent,
          finalWrites: atParent,
          surrendered: atChild + travel,
          readBacks: 0,
        };
      }),
    ),
  );
  return { boundaries, joulesPerMac: 1, joulesPerCycle, secondsPerCycle: 1e-9 };
}

export const arrayPrice = levelPrice([200, 6, 1]);
