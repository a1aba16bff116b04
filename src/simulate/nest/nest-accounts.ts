// What a schedule moves and consumes on its machine: bytes by memory and operand, events by component.

import type { BoundaryCounts, NestEvaluation, SparsityFactors } from "../../dataflow/nest/evaluation.ts";
import type { MemoryTraffic, OperandName } from "../result.ts";
import type { ReductionCounts } from "./drain/reduction.ts";
import type { NestParts } from "./prepare-nest.ts";

interface Moved {
  read: number;
  write: number;
}

/** Bytes that cross a boundary: read from the parent, written to it, written into the child, given up by the child. */
export interface BoundaryBytes {
  readonly read: number;
  readonly written: number;
  readonly filled: number;
  readonly surrendered: number;
}

/** Bytes of a boundary at the dense word sizes, or at those of the storage formats. */
export function boundaryBytes(
  counts: BoundaryCounts,
  parts: Pick<NestParts, "hierarchy" | "memoryOf">,
  factors?: SparsityFactors,
): BoundaryBytes {
  const { hierarchy } = parts;
  const { operand, child } = counts;
  const size = (what: OperandName | "partial"): number => factors?.bytes(what, child) ?? hierarchy.wordBytes[what];
  if (operand !== "C") {
    return {
      read: counts.reads * size(operand),
      written: 0,
      filled: counts.deliveries * size(operand),
      surrendered: 0,
    };
  }
  const partial = size("partial");
  // At the datapath nothing is finished: the memory holds sums until they leave it.
  const final = child === hierarchy.levels.length ? partial : size("C");
  const written = counts.partialWrites * partial + counts.finalWrites * final;
  return {
    read: counts.readBacks * partial,
    written,
    filled: counts.deliveries * partial,
    surrendered: leavesUnfinished(counts, parts) ? counts.surrendered * partial : written,
  };
}

/**
 * Whether results are read out of the child as sums, whatever they are written as: where sums of several units are added
 * on the way, and where the child is what the multipliers add into.
 */
export const leavesUnfinished = (
  { parent, child }: Pick<BoundaryCounts, "parent" | "child">,
  { hierarchy, memoryOf }: Pick<NestParts, "hierarchy" | "memoryOf">,
): boolean =>
  spansUnits({ parent, child }, hierarchy) || memoryOf.C.slice(child + 1).every((memory) => memory === undefined);

/** Whether units lie between the two memories of a boundary. */
export const spansUnits = (
  { parent, child }: Pick<BoundaryCounts, "parent" | "child">,
  { levels }: NestParts["hierarchy"],
): boolean => levels.slice(parent, child).some(({ axes }) => axes.some(({ units }) => units > 1));

/** Whether the array's network lies between the two memories of a boundary; lanes of a unit read its registers directly. */
export const passesNetwork = (
  { parent, child }: Pick<BoundaryCounts, "parent" | "child">,
  { arrayBelow }: Pick<NestParts, "arrayBelow">,
): boolean => parent <= arrayBelow && child > arrayBelow;

/** Bytes that each memory moves, by operand. */
export function nestTraffic(
  evaluation: NestEvaluation,
  parts: NestParts,
  factors?: SparsityFactors,
): Record<string, MemoryTraffic> {
  const { hierarchy, memoryOf } = parts;
  const operands = new Map<string, Record<OperandName, Moved>>();
  for (const { memories } of hierarchy.levels) {
    for (const { name } of memories) {
      operands.set(name, { A: { read: 0, write: 0 }, B: { read: 0, write: 0 }, C: { read: 0, write: 0 } });
    }
  }
  const move = (level: number, operand: OperandName, read: number, write: number): void => {
    const entry = operands.get(memoryOf[operand][level] ?? "")?.[operand];
    if (entry === undefined) return;
    entry.read += read;
    entry.write += write;
  };
  for (const counts of evaluation.boundaries) {
    const bytes = boundaryBytes(counts, parts, factors);
    move(counts.parent, counts.operand, bytes.read, bytes.written);
    if (counts.child < hierarchy.levels.length) move(counts.child, counts.operand, bytes.surrendered, bytes.filled);
  }
  return Object.fromEntries(
    [...operands].map(([name, by]) => [
      name,
      { read: by.A.read + by.B.read + by.C.read, write: by.A.write + by.B.write + by.C.write, operands: by },
    ]),
  );
}

/** MACs that the units do and those that they wait through; the others are skipped. */
export interface MacEvents {
  readonly executed: number;
  readonly gated: number;
}

/** Events by `component.event`; `reduced` of the additions pass a network of its own. */
export function nestCounts(
  evaluation: NestEvaluation,
  parts: NestParts,
  traffic: Readonly<Record<string, MemoryTraffic>>,
  macs: MacEvents,
  factors?: SparsityFactors,
  reduced: ReductionCounts = { additions: 0, hops: 0 },
): Record<string, number> {
  const { array, reduction, drain } = parts;
  let sent = 0;
  let delivered = 0;
  let additions = 0;
  let drained = 0;
  for (const counts of evaluation.boundaries) {
    if (counts.operand === "C") additions += counts.surrendered - counts.partialWrites - counts.finalWrites;
    if (passesNetwork(counts, parts)) {
      const bytes = boundaryBytes(counts, parts, factors);
      drained += counts.partialWrites + counts.finalWrites;
      sent += 8 * (bytes.read + bytes.written);
      delivered += 8 * (bytes.filled + bytes.surrendered);
    }
  }
  const counts: Record<string, number> = {
    [`${array.name}.multiplyAccumulate`]: macs.executed,
    [`${array.name}.sendBit`]: sent,
    [`${array.name}.deliverBit`]: delivered,
    [`${array.name}.add`]: additions - reduced.additions,
  };
  if (drain !== undefined) counts[`${drain.name}.collect`] = drained;
  if (reduction !== undefined) {
    counts[`${reduction.name}.addition`] = reduced.additions;
    counts[`${reduction.name}.hop`] = reduced.hops;
  }
  if (macs.gated > 0) counts[`${array.name}.gatedMac`] = macs.gated;
  for (const [memory, moved] of Object.entries(traffic)) {
    counts[`${memory}.readBit`] = moved.read * 8;
    counts[`${memory}.writeBit`] = moved.write * 8;
  }
  return counts;
}
