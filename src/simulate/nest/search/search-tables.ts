// Prices, word sizes and memories of a hierarchy as flat tables, for the estimate and the bounds of a search.

import type { SparsityFactors } from "../../../dataflow/nest/evaluation.ts";
import { operandKeys } from "../../../mapping/nest/problem.ts";
import type { NestPrice } from "./search-price.ts";
import type { NestSpace } from "./search-space.ts";

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
