// The tables of one boundary of a schedule side by side, so that the words of a joint change are a product of few numbers.

import type { OperandKey } from "../../mapping/nest/problem.ts";
import { operandKeys } from "../../mapping/nest/problem.ts";
import type { Chain } from "./chain/chain.ts";
import { keptTable, leftTable, takenTable } from "./chain/chain.ts";
import type { Boundary, Bound } from "./evaluate.ts";
import type { WindowTable } from "./chain/window.ts";

export interface BoundaryTables {
  readonly operand: number;
  readonly parent: number;
  readonly child: number;
  readonly factor: number;
  /** Dimensions that count for themselves: their tables, changes in each, and cases of loops that move. */
  readonly slots: readonly number[];
  readonly data: readonly Float64Array[];
  readonly sums: readonly Float64Array[];
  readonly changes: readonly number[];
  readonly cases: readonly number[];
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
  const own = prepared.operands[operand];
  const levels = prepared.hierarchy.levels.length;
  const parentMemory = prepared.memoryOf[parent]?.[operand] ?? 0;
  const childMemory = child === levels ? -1 : (prepared.memoryOf[child]?.[operand] ?? 0);
  const overlapped =
    prepared.memories[parentMemory]?.overlapped !== false && prepared.memories[childMemory]?.overlapped !== false;
  const slots = own?.single ?? [];
  const data: Float64Array[] = [];
  const sums: Float64Array[] = [];
  const changes: number[] = [];
  const cases: number[] = [];
  for (let index = 0; index < slots.length; index++) {
    const stage = chains[slots[index] ?? 0]?.stages[child];
    if (stage === undefined) continue;
    data.push(stage.measures.data);
    sums.push(stage.measures.sums);
    changes.push(stage.stateOf.length);
    cases.push(2 * stage.loops + 1);
  }
  const width = widthOf(operand === 2 ? "partial" : (operandKeys[operand] ?? "A"), child);
  const final = operand === 2 && child < levels ? widthOf("C", child) : width;
  return {
    operand,
    parent,
    child,
    factor: own?.factor ?? 0,
    slots,
    data,
    sums,
    changes,
    cases,
    windows: bound.windows[operand] ?? [],
    windowSlots: own?.windowSlots ?? [],
    parentMemory,
    childMemory,
    group: overlapped ? 0 : prepared.memories.length,
    width,
    finalWidth: spread[parent] === true ? width : final,
    finalGivenWidth: innermost || spread[child] === true ? width : final,
  };
}

/** The same boundary with the dimensions of each window as one. */
export function withChains(table: BoundaryTables, chains: readonly Chain[]): BoundaryTables {
  const stages = chains.map(({ stages: own }) => own[table.child]);
  return {
    ...table,
    slots: chains.map((_, index) => index),
    data: stages.map((stage) => stage?.measures.data ?? none),
    sums: [],
    changes: stages.map((stage) => stage?.stateOf.length ?? 0),
    cases: [],
    windows: [],
    windowSlots: [],
  };
}

const none = new Float64Array();

/** Words that a joint change brings; those kept are taken off where the child keeps any; over all units or as read. */
export function newWords(table: BoundaryTables, change: Int32Array, keeps: boolean, byAll: boolean): number {
  const { slots, data, changes, windows, windowSlots, child } = table;
  const parent = byAll ? child : table.parent;
  const taken = takenTable(child, table.operand, parent);
  const kept = keptTable(child, table.operand, parent);
  let all = table.factor;
  let had = keeps ? all : 0;
  for (let index = 0; index < slots.length; index++) {
    const at = change[slots[index] ?? 0] ?? 0;
    const size = changes[index] ?? 0;
    const values = data[index];
    all *= values?.[taken * size + at] ?? 0;
    if (had !== 0) had *= values?.[kept * size + at] ?? 0;
  }
  for (let index = 0; index < windows.length; index++) {
    const x = change[windowSlots[2 * index] ?? 0] ?? 0;
    const y = change[windowSlots[2 * index + 1] ?? 0] ?? 0;
    all *= windows[index]?.taken(child, parent, x, y) ?? 0;
    if (had !== 0) had *= windows[index]?.kept(child, parent, x, y) ?? 0;
  }
  return all - had;
}

/** The same summed over all steps that the moving of one loop reaches; `moved` is the case of each dimension. */
export function sumOfWords(table: BoundaryTables, moved: Int32Array, keeps: boolean, byAll: boolean): number {
  const { slots, sums, cases, windows, windowSlots, child } = table;
  const parent = byAll ? child : table.parent;
  const taken = takenTable(child, table.operand, parent);
  const kept = keptTable(child, table.operand, parent);
  let all = table.factor;
  let had = keeps ? all : 0;
  for (let index = 0; index < slots.length; index++) {
    const at = moved[slots[index] ?? 0] ?? 0;
    const size = cases[index] ?? 0;
    const values = sums[index];
    all *= values?.[taken * size + at] ?? 0;
    if (had !== 0) had *= values?.[kept * size + at] ?? 0;
  }
  for (let index = 0; index < windows.length; index++) {
    const x = moved[windowSlots[2 * index] ?? 0] ?? 0;
    const y = moved[windowSlots[2 * index + 1] ?? 0] ?? 0;
    all *= windows[index]?.sumTaken(child, parent, x, y) ?? 0;
    if (had !== 0) had *= windows[index]?.sumKept(child, parent, x, y) ?? 0;
  }
  return all - had;
}

/** Words of the result that a joint change takes away below units of level `mover`; kept ones stay unless at the end. */
export function leftWords(
  table: BoundaryTables,
  change: Int32Array,
  mover: number,
  byAll: boolean,
  keeps: boolean,
): number {
  const { slots, data, changes, child } = table;
  const parent = byAll ? child : table.parent;
  const left = leftTable(child, mover, parent);
  const kept = keptTable(child, 2, parent);
  let all = table.factor;
  let had = keeps ? all : 0;
  for (let index = 0; index < slots.length; index++) {
    const at = change[slots[index] ?? 0] ?? 0;
    const size = changes[index] ?? 0;
    const values = data[index];
    all *= values?.[left * size + at] ?? 0;
    if (had !== 0) had *= values?.[kept * size + at] ?? 0;
  }
  return all - had;
}
