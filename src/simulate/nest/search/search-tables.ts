// Prices, word sizes and memories of a hierarchy and ranks of a problem as flat tables, for the estimate and the bounds of
// a search.

import type { SparsityFactors } from "../../../dataflow/nest/evaluation.ts";
import { operandKeys } from "../../../mapping/nest/problem.ts";
import type { NestPrice } from "./search-price.ts";
import type { NestSpace } from "./search-space.ts";
import { flatRanks } from "./search-space.ts";

/** Prices as a flat table: 6 for each (operand, parent, child), in the order of the fields. */
export function priceTable({ boundaries }: NestPrice, depth: number): Float64Array {
  const table = new Float64Array(3 * (depth + 1) * (depth + 1) * 6);
  for (const row of boundaries) {
    const at = ((operandKeys.indexOf(row.operand) * (depth + 1) + row.parent) * (depth + 1) + row.child) * 6;
    table.set([row.reads, row.deliveries, row.partialWrites, row.finalWrites, row.surrendered, row.readBacks], at);
  }
  return table;
}

/** Bytes a word on its way to `child`, at (operand, partial last) * (depth + 1) + child. */
export function byteTable({ hierarchy, depth }: NestSpace, sparsity: SparsityFactors | undefined): Float64Array {
  const keys = [...operandKeys, "partial"] as const;
  return Float64Array.from({ length: 4 * (depth + 1) }, (_, i) => {
    const key = keys[Math.floor(i / (depth + 1))] ?? "A";
    return sparsity?.bytes(key, i % (depth + 1)) ?? hierarchy.wordBytes[key];
  });
}

/** Memories of all levels in a row; operands as a bit mask. */
export function flatMemories({ hierarchy }: NestSpace) {
  return hierarchy.levels.flatMap(({ memories }, level) =>
    memories.map((memory) => ({
      level,
      mask: operandKeys.reduce((mask, key, i) => mask | (memory.operands.includes(key) ? 1 << i : 0), 0),
      bytes: memory.bytes,
      overlapped: memory.overlapped,
      readBytesPerCycle: memory.readBytesPerCycle,
      writeBytesPerCycle: memory.writeBytesPerCycle,
      sharedPort: memory.sharedPort,
    })),
  );
}

/** By level * 3 + operand: the memory in that row which takes the operand, -1 where none does. */
export const memoryTable = (memories: ReturnType<typeof flatMemories>, depth: number): Int32Array =>
  Int32Array.from({ length: depth * 3 }, (_, i) =>
    memories.findIndex(({ level, mask }) => level === Math.floor(i / 3) && ((mask >> (i % 3)) & 1) === 1),
  );

/** All operands' ranks in a row: where each operand's begin, their dimensions and their tables, as in `FlatRank`. */
export function rankTable(space: NestSpace) {
  const ranks = flatRanks(space);
  const all = ranks.flat();
  return {
    start: Int32Array.of(0, ...[1, 2, 3].map((n) => ranks.slice(0, n).flat().length)),
    first: Int32Array.from(all, ({ first }) => first),
    second: Int32Array.from(all, ({ second }) => second),
    tables: all.map(({ table }) => table),
  };
}

/** Ports of memories in a row: those whose time lies beside the work and those apart from it, and cycles a byte. */
export function portTable(memories: ReturnType<typeof flatMemories>) {
  const timed = (overlapped: boolean): Int32Array =>
    Int32Array.from(
      memories.flatMap((memory, m) =>
        memory.overlapped === overlapped && Math.min(memory.readBytesPerCycle, memory.writeBytesPerCycle) < Infinity
          ? [m]
          : [],
      ),
    );
  return {
    beside: timed(true),
    apart: timed(false),
    memoryLevel: Int32Array.from(memories, ({ level }) => level),
    sharedPort: Uint8Array.from(memories, (memory) => Number(memory.sharedPort)),
    readCycles: Float64Array.from(memories, ({ readBytesPerCycle }) => 1 / readBytesPerCycle),
    writeCycles: Float64Array.from(
      memories,
      (memory) => 1 / (memory.sharedPort ? memory.readBytesPerCycle : memory.writeBytesPerCycle),
    ),
  };
}
