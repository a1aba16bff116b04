// The tables of one boundary of a schedule side by side, so that the words of a joint change are a product of few numbers.

import type { OperandKey } from "../../mapping/nest/problem.ts";
import { operandKeys } from "../../mapping/nest/problem.ts";
import type { Boundary, Bound } from "./evaluate.ts";
import type { WindowTable } from "./window.ts";

export interface BoundaryTables {
  readonly operand: number;
  readonly parent: number;
  readonly child: number;
  readonly factor: number;
  /** Dimensions that count for themselves, and their factors by change: at the parent, and over all units. */
  readonly slots: readonly number[];
  readonly taken: readonly Float64Array[];
  readonly kept: readonly Float64Array[];
  readonly takenByAll: readonly Float64Array[];
  readonly keptByAll: readonly Float64Array[];
  readonly windows: readonly WindowTable[];
  readonly windowSlots: readonly number[];
  readonly parentMemory: number;
  /** -1 for the datapath. */
  readonly childMemory: number;
  /** 0 where the moves run beside the work, else where the other group of ports begins. */
  readonly group: number;
  /** Bytes of a word: of an input or a partial sum, of a finished result above, and of one in the child. */
  readonly width: number;
  readonly finalWidth: number;
  readonly finalGivenWidth: number;
}

export function boundaryTables(
  bound: Bound,
  { operand, parent, child, innermost }: Boundary,
  widthOf: (operand: OperandKey | "partial", child: number) => number,
): BoundaryTables {
  const { prepared, chains, spread } = bound;
  const { factor, single, windows } = prepared.operands[operand] ?? { factor: 0, single: [], windows: [] };
  const levels = prepared.hierarchy.levels.length;
  const parentMemory = prepared.memoryOf[parent]?.[operand] ?? 0;
  const childMemory = child === levels ? -1 : (prepared.memoryOf[child]?.[operand] ?? 0);
  const overlapped = prepared.memories[parentMemory]?.overlapped !== false && prepared.memories[childMemory]?.overlapped !== false;
  const list = (kind: "taken" | "kept", at: number): Float64Array[] => {
    const result: Float64Array[] = [];
    for (const slot of single) {
      const values = chains[slot]?.stages[child]?.measures[kind][operand]?.[at];
      if (values !== undefined) result.push(values);
    }
    return result;
  };
  const width = widthOf(operand === 2 ? "partial" : (operandKeys[operand] ?? "A"), child);
  const final = operand === 2 && child < levels ? widthOf("C", child) : width;
  return {
    operand,
    parent,
    child,
    factor,
    slots: single,
    taken: list("taken", parent),
    kept: list("kept", parent),
    takenByAll: list("taken", child),
    keptByAll: list("kept", child),
    windows: bound.windows[operand] ?? [],
    windowSlots: windows.flatMap(({ first, second }) => [first, second]),
    parentMemory,
    childMemory,
    group: overlapped ? 0 : prepared.memories.length,
    width,
    finalWidth: spread[parent] === true ? width : final,
    finalGivenWidth: innermost || spread[child] === true ? width : final,
  };
}

/** Words that a joint change brings; those kept are taken off where the child keeps any; over all units or as read. */
export function newWords(table: BoundaryTables, change: Int32Array, keeps: boolean, byAll: boolean): number {
  const { slots, windows, windowSlots, child } = table;
  const taken = byAll ? table.takenByAll : table.taken;
  const kept = byAll ? table.keptByAll : table.kept;
  let all = table.factor;
  let had = keeps ? all : 0;
  for (let index = 0; index < slots.length; index++) {
    const at = change[slots[index] ?? 0] ?? 0;
    all *= taken[index]?.[at] ?? 0;
    if (had !== 0) had *= kept[index]?.[at] ?? 0;
  }
  const parent = byAll ? child : table.parent;
  for (let index = 0; index < windows.length; index++) {
    const x = change[windowSlots[2 * index] ?? 0] ?? 0;
    const y = change[windowSlots[2 * index + 1] ?? 0] ?? 0;
    all *= windows[index]?.taken(child, parent, x, y) ?? 0;
    if (had !== 0) had *= windows[index]?.kept(child, parent, x, y) ?? 0;
  }
  return all - had;
}

/** Words of the result that a joint change takes away below units of level `mover`; kept ones stay unless at the end. */
export function leftWords(bound: Bound, table: BoundaryTables, change: Int32Array, mover: number, byAll: boolean, keeps = true): number {
  const { slots, child } = table;
  const kept = byAll ? table.keptByAll : table.kept;
  const parent = byAll ? child : table.parent;
  let all = table.factor;
  let had = keeps ? all : 0;
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index] ?? 0;
    const at = change[slot] ?? 0;
    all *= bound.chains[slot]?.stages[child]?.measures.left[mover]?.[parent]?.[at] ?? 0;
    if (had !== 0) had *= kept[index]?.[at] ?? 0;
  }
  return all - had;
}
