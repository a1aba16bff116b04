// The changes of one stage that an evaluation without waiting sums over: what each brings at all boundaries, those of two
// dimensions that slide in a window joined and merged where no boundary can tell them apart.

import type { Stage } from "./chain/chain.ts";
import { leftTable } from "./chain/chain.ts";
import type { JointMoves, WindowTable } from "./chain/window.ts";
import type { Bound } from "./evaluate.ts";
import type { BoundaryTables } from "./tables.ts";

/** Numbers of a boundary: words taken by parent and by all, kept likewise, and results that leave likewise. */
export const columns = 6;
export const width = 3 * columns;

/** Which steps: all of a case, or those with all loops outside the one that moved at their first, or at their last. */
export const [everywhere, atFirst, atLast] = [0, 1, 2];

/** One stage's boundaries, and its dimensions: those with one change in each case first, then the others. */
export interface Place {
  readonly bound: Bound;
  readonly stage: number;
  readonly tables: readonly BoundaryTables[];
  /** By group of dimensions: whether it has one change in each case. */
  readonly plain: readonly boolean[];
  /** Which boundaries there are, in a number. */
  readonly code: number;
  /** Cycles that hide those of the moves, at the datapath: all that a step moves is what it takes anew. */
  readonly stepCycles: number;
  /** Whether a step takes whole cycles. */
  readonly whole: boolean;
}

/** Multiplies the values of all boundaries by those of one dimension's change. */
export function multiplyAlone(
  tables: readonly BoundaryTables[],
  { measures, stateOf }: Stage,
  change: number,
  values: Float64Array,
): void {
  const { data } = measures;
  const size = stateOf.length;
  for (let index = 0; index < tables.length; index++) {
    const table = tables[index];
    if (table === undefined) continue;
    const { operand, parent, child } = table;
    const from = index * columns;
    const taken = operand * (child + 1);
    const kept = (3 + operand) * (child + 1);
    multiply(values, from, data[(taken + parent) * size + change] ?? 0);
    multiply(values, from + 1, data[(taken + child) * size + change] ?? 0);
    multiply(values, from + 2, data[(kept + parent) * size + change] ?? 0);
    multiply(values, from + 3, data[(kept + child) * size + change] ?? 0);
    if (operand < 2) continue;
    const left = leftTable(child, child, 0);
    multiply(values, from + 4, data[(left + parent) * size + change] ?? 0);
    multiply(values, from + 5, data[(left + child) * size + change] ?? 0);
  }
}

function multiply(values: Float64Array, at: number, by: number): void {
  values[at] = (values[at] ?? 0) * by;
}

const once: readonly number[] = [1];

/** The changes of a dimension in the case at hand and how often each is met. */
export function movesAt(
  own: Stage,
  at: number,
  reduced: boolean,
  where: number,
): { readonly change: readonly number[]; readonly count: readonly number[] } {
  if (at < 0) return { change: [own.start], count: once };
  const end = where === everywhere || !reduced ? undefined : where === atFirst ? own.ends?.first : own.ends?.last;
  if (end !== undefined) return { change: [end[at] ?? 0], count: once };
  const moves = own.moves[at];
  if (moves !== undefined) return moves;
  return { change: [own.ends?.first[at] ?? 0], count: [own.ends?.reached[at] ?? 0] };
}

const nothing: JointMoves = { values: new Float64Array(), counts: new Float64Array() };

/** Joint changes of a group that is no plain one, found once for each two chains that slide in a window. */
export function listOf(place: Place, group: number, where: number): JointMoves {
  const { bound, stage, tables, code } = place;
  const { chains, prepared } = bound;
  const { moved, reduced, groups } = prepared;
  const { first, second } = groups[group] ?? { first: 0, second: -1 };
  const x = chains[first]?.stages[stage];
  const y = second < 0 ? undefined : chains[second]?.stages[stage];
  if (x === undefined) return nothing;
  const windows: (WindowTable | undefined)[] = [];
  let memory: WindowTable | undefined;
  for (let index = 0; index < tables.length; index++) {
    const { windows: own = [], windowSlots = [] } = tables[index] ?? {};
    let found: WindowTable | undefined;
    for (let at = 0; at < own.length; at++) {
      if (windowSlots[2 * at] === first || windowSlots[2 * at + 1] === first) found = own[at];
    }
    windows.push(found);
    memory ??= found;
  }
  const [atX, atY] = [moved[first] ?? 0, second < 0 ? 0 : (moved[second] ?? 0)];
  const key = (((stage * 64 + atX + 1) * 64 + atY + 1) * 3 + where) * 512 + code;
  const known = memory?.lists.get(key);
  if (known !== undefined) return known;
  const movesX = movesAt(x, atX, reduced[first] === true, where);
  const movesY = y === undefined ? { change: once, count: once } : movesAt(y, atY, reduced[second] === true, where);
  const numbers = tables.length * columns;
  const values: number[] = [];
  const counts: number[] = [];
  const here = new Float64Array(width + 1);
  for (let i = 0; i < movesX.change.length; i++) {
    for (let j = 0; j < movesY.change.length; j++) {
      here.fill(1);
      const [changeX, changeY] = [movesX.change[i] ?? 0, movesY.change[j] ?? 0];
      multiplyAlone(tables, x, changeX, here);
      if (y !== undefined) multiplyAlone(tables, y, changeY, here);
      for (let index = 0; index < tables.length; index++) {
        const window = windows[index];
        const table = tables[index];
        if (window === undefined || table === undefined) continue;
        const from = index * columns;
        const above = window.words(stage, table.parent);
        const atAbove = window.wordsAt(stage, table.parent, changeX, changeY);
        here[from] = above[atAbove] ?? 0;
        here[from + 2] = above[atAbove + 1] ?? 0;
        const all = window.words(stage, stage);
        const atAll = window.wordsAt(stage, stage, changeX, changeY);
        here[from + 1] = all[atAll] ?? 0;
        here[from + 3] = all[atAll + 1] ?? 0;
      }
      const count = (movesX.count[i] ?? 0) * (movesY.count[j] ?? 0);
      let entry = 0;
      for (; entry < counts.length; entry++) {
        let at = 0;
        while (at < numbers && values[entry * numbers + at] === here[at]) at++;
        if (at === numbers) break;
      }
      if (entry < counts.length) {
        counts[entry] = (counts[entry] ?? 0) + count;
        continue;
      }
      counts.push(count);
      for (let at = 0; at < numbers; at++) values.push(here[at] ?? 0);
    }
  }
  const list = { values: Float64Array.from(values), counts: Float64Array.from(counts) };
  memory?.lists.set(key, list);
  return list;
}
