// What a schedule moves and how long it takes, in closed form: sums over all steps of a loop nest as products of sums over
// single dimensions, and time as a recursion over the kinds of steps at each level. Equal to walking the nest.

import { InputError } from "../../base/error.ts";
import type { OperandKey } from "../../mapping/nest/problem.ts";
import { operandKeys } from "../../mapping/nest/problem.ts";
import type { Schedule } from "../../mapping/nest/schedule.ts";
import type { Chain, SumRule } from "./chain/chain.ts";
import { takenTable } from "./chain/chain.ts";
import { countsOf } from "./boundary-counts.ts";
import type { BoundaryCounts, NestEvaluation, SparsityFactors } from "./evaluation.ts";
import type { ChainNode, PreparedNest } from "./prepare.ts";
import { chainAt, followLoop, limitTables, windowOf } from "./prepare.ts";
import { evaluateEven } from "./even/evaluate-even.ts";
import type { BoundaryTables } from "./tables.ts";
import { boundaryTables, newWords, sumOfWords } from "./tables.ts";
import { nestTime } from "./time.ts";
import type { WindowTable } from "./chain/window.ts";

/** An operand's boundary between two levels that keep it, or the last one to the datapath. */
export interface Boundary {
  readonly operand: number;
  readonly parent: number;
  readonly child: number;
  /** Results: position of the innermost loop that changes the parent's tile; -1 where nothing changes it. */
  readonly fence: number;
  /** Whether the child is the level that the datapath works on. */
  innermost: boolean;
}

/** A schedule as the formulas see it: its loops that have more than one step, and the chain of each dimension. */
export interface Bound {
  readonly prepared: PreparedNest;
  /** Temporal loops in nest order: the dimension (index into prepared.dimensions) and the level. */
  readonly slots: readonly number[];
  readonly levelOf: readonly number[];
  readonly chains: readonly Chain[];
  /** By operand and window: the table for the two chains. */
  readonly windows: readonly (readonly WindowTable[])[];
  /** Units in use of each level and, last, multipliers. */
  readonly inUse: Float64Array;
  /** By level and n: whether reduced dimensions are spread over the units of the level. */
  readonly spread: readonly boolean[];
  readonly boundaries: readonly Boundary[];
}

/** Loops, chains and boundaries of a schedule. Throws InputError for one that does not fit the problem. */
export function bindSchedule(prepared: PreparedNest, schedule: Schedule): Bound {
  const { hierarchy, dimensions, slotOf } = prepared;
  const levels = hierarchy.levels.length;
  const piece = dimensions.map(({ traits }) => traits.size);
  const nodes: ChainNode[] = dimensions.map(({ root }) => root);
  const slots: number[] = [];
  const levelOf: number[] = [];
  const inUse = new Float64Array(levels + 1).fill(1);
  const spread = [false];
  for (let level = 0; level < levels; level++) {
    const own = schedule.levels[level];
    const { axes } = hierarchy.levels[level] ?? { axes: [] };
    let units = inUse[level] ?? 1;
    let reducedHere = spread[level] ?? false;
    for (const { dimension, tile } of own?.temporal ?? []) {
      const slot = slotOf[dimension] ?? -1;
      if (slot < 0 || tile >= (piece[slot] ?? 1)) continue;
      const node = nodes[slot];
      if (node === undefined) continue;
      nodes[slot] = followLoop(node, level, -1, piece[slot] ?? 1, tile, false);
      piece[slot] = tile;
      slots.push(slot);
      levelOf.push(level);
    }
    for (const { dimension, tile, axis } of own?.spatial ?? []) {
      const slot = slotOf[dimension] ?? -1;
      if (slot < 0 || tile >= (piece[slot] ?? 1)) continue;
      const node = nodes[slot];
      let index = 0;
      while (index < axes.length && axes[index]?.name !== axis) index++;
      const found = axes[index];
      if (node === undefined) continue;
      if (found === undefined) {
        throw new InputError({
          message: "a spatial loop names an axis that its level lacks",
          path: `levels[${level}].spatial`,
          found: axis,
          known: axes.map((candidate) => candidate.name),
        });
      }
      units *= Math.ceil((piece[slot] ?? 1) / tile);
      nodes[slot] = followLoop(node, level, index, piece[slot] ?? 1, tile, found.multicast);
      piece[slot] = tile;
      if (prepared.reduced[slot] === true) reducedHere = true;
    }
    inUse[level + 1] = units;
    spread.push(reducedHere);
  }
  for (let slot = 0; slot < piece.length; slot++) {
    const size = piece[slot] ?? 1;
    if (size > 1) {
      throw new InputError({
        message: "the loops of a dimension do not end at single positions",
        path: "levels",
        found: `${prepared.problem.dimensions[dimensions[slot]?.dimension ?? 0]?.name} in tiles of ${size}`,
        expected: "an innermost tile of 1",
      });
    }
  }
  const boundaries: Boundary[] = [];
  for (let operand = 0; operand < 3; operand++) {
    let parent = 0;
    let before: Boundary | undefined;
    for (let child = 1; child <= levels; child++) {
      if (child < levels) {
        if ((prepared.memoryOf[child]?.[operand] ?? -1) < 0) continue;
        const passed = schedule.bypass[child];
        if (passed !== undefined && passed.length > 0 && passed.includes(operandKeys[operand] ?? "A")) continue;
      }
      let fence = -1;
      if (operand === 2) {
        const has = prepared.operands[2]?.has;
        for (let position = 0; position < slots.length && (levelOf[position] ?? 0) < parent; position++) {
          if (has?.[slots[position] ?? 0] === true) fence = position;
        }
      }
      if (before !== undefined) before.innermost = child === levels;
      before = { operand, parent, child, fence, innermost: false };
      boundaries.push(before);
      parent = child;
    }
  }
  const chains: Chain[] = [];
  for (let slot = 0; slot < dimensions.length; slot++) {
    const [dimension, node] = [dimensions[slot], nodes[slot]];
    if (dimension === undefined || node === undefined) continue;
    chains.push(chainAt(prepared, dimension, node, node.ragged ? sumRule(levels, boundaries, slots, slot) : noRule));
  }
  return { prepared, slots, levelOf, chains, windows: windowsOf(prepared, chains), inUse, spread, boundaries };
}

const noRule: SumRule = { parent: [], fixed: [] };

/** How the results of idle units fare in a dimension. */
function sumRule(levels: number, boundaries: readonly Boundary[], slots: readonly number[], slot: number): SumRule {
  const parent = Array.from({ length: levels }, () => -1);
  const fixed = Array.from({ length: levels }, () => 0);
  for (const boundary of boundaries) {
    if (boundary.operand !== 2 || boundary.child === levels) continue;
    parent[boundary.child] = boundary.parent;
    let outer = 0;
    for (let position = 0; position <= boundary.fence; position++) if (slots[position] === slot) outer++;
    fixed[boundary.child] = outer;
  }
  return { parent, fixed };
}

const noWindows: readonly (readonly WindowTable[])[] = [[], [], []];

function windowsOf(prepared: PreparedNest, chains: readonly Chain[]): readonly (readonly WindowTable[])[] {
  if (prepared.groups.length === chains.length) return noWindows;
  return prepared.operands.map((operand) =>
    operand.windows.flatMap((window) => {
      const [first, second] = [chains[window.first], chains[window.second]];
      return first === undefined || second === undefined ? [] : [windowOf(window, first, second)];
    }),
  );
}

/** Words moved at a boundary, by the formulas over all steps. */
export function countBoundary(bound: Bound, boundary: Boundary, table: BoundaryTables): BoundaryCounts {
  const { prepared, chains, slots, levelOf, spread } = bound;
  const { operand, parent, child } = boundary;
  const levels = prepared.hierarchy.levels.length;
  const { moved } = prepared;
  let taken = 0;
  let delivered = 0;
  if (child === levels) {
    for (let slot = 0; slot < chains.length; slot++) moved[slot] = 2 * (chains[slot]?.stages[child]?.loops ?? 0);
    taken = sumOfWords(table, moved, false, false);
    delivered = sumOfWords(table, moved, false, true);
  } else {
    for (let slot = 0; slot < chains.length; slot++) moved[slot] = chains[slot]?.stages[child]?.start ?? 0;
    taken = newWords(table, moved, false, false);
    delivered = newWords(table, moved, false, true);
    moved.fill(0);
    // Loops inside the last one that the operand has bring nothing new.
    const has = prepared.operands[operand]?.has;
    let last = slots.length - 1;
    while (last >= 0 && ((levelOf[last] ?? 0) >= child || has?.[slots[last] ?? 0] !== true)) last--;
    for (let position = 0; position <= last; position++) {
      const slot = slots[position] ?? 0;
      moved[slot] = (moved[slot] ?? 0) + 1;
      taken += sumOfWords(table, moved, true, false);
      delivered += sumOfWords(table, moved, true, true);
      moved[slot] = (moved[slot] ?? 0) + 1;
    }
  }
  const distinct = operand === 2 ? distinctResults(bound, parent) : 0;
  return countsOf(boundary, taken, delivered, distinct, child < levels && spread[parent] !== true);
}

/** Each unit of the parent sees all words of its part of the result: once for every unit that adds to the same sum. */
function distinctResults({ prepared, chains }: Bound, parent: number): number {
  let distinct = prepared.results;
  for (let slot = 0; slot < chains.length; slot++) {
    const stage = chains[slot]?.stages[parent];
    if (stage === undefined || prepared.reduced[slot] !== true) continue;
    distinct *= stage.measures.data[takenTable(parent, 2, parent) * stage.stateOf.length + stage.start] ?? 0;
  }
  return distinct;
}

/** Words and cycles of a schedule; `factors` for sparse operands. Exact for every schedule that fits the problem. */
export function evaluateSchedule(
  prepared: PreparedNest,
  schedule: Schedule,
  factors?: SparsityFactors,
): NestEvaluation {
  const even = evaluateEven(prepared, schedule, factors);
  if (even !== undefined) return even;
  limitTables(prepared);
  const bound = bindSchedule(prepared, schedule);
  const { hierarchy } = prepared;
  const levels = hierarchy.levels.length;
  const widthOf = (operand: OperandKey | "partial", child: number): number =>
    factors === undefined ? hierarchy.wordBytes[operand] : factors.bytes(operand, child);
  const tables: BoundaryTables[] = [];
  const boundaries: BoundaryCounts[] = [];
  for (const boundary of bound.boundaries) {
    const table = boundaryTables(bound, boundary, widthOf);
    tables.push(table);
    boundaries.push(countBoundary(bound, boundary, table));
  }
  let steps = 1;
  for (const chain of bound.chains) steps *= chain.stages[levels]?.settings ?? 1;
  const { cycles, stack } = nestTime(bound, tables, boundaries, steps, factors);
  return { cycles, stack, macs: prepared.macs, steps, units: bound.inUse[levels] ?? 1, boundaries };
}
