// Small parts of building a chain's table: which steps to look at, lists one after the other, units that stand for others.

import type { Change, ChainLoop, Pieces, Steps } from "./chain.ts";
import type { Lists } from "./list-numbers.ts";

/** A change before it is told apart from others: the context in which units find what they had. */
export interface RawChange {
  readonly next: Pieces;
  /** Pieces that the loops before `from` (an index into the chain) leave, by unit of `stage`; none before the start. */
  readonly context: Pieces | undefined;
  readonly stage: number;
  readonly from: number;
}

export interface Draft {
  readonly units: number;
  /** Digits of each unit along the chain's spatial loops, [unit * spatial loops + loop]. */
  readonly digits: Int32Array;
  readonly states: Pieces[];
  readonly stateKeys: Lists;
  readonly changes: Change[];
  readonly changeKeys: Lists;
  readonly firstOf: number[];
  readonly stay: number[];
  readonly steps: Steps[][];
  readonly counts: Int32Array[];
  readonly total: number[];
}

/** Whether every loop divides what it cuts, so that all units and steps are alike. */
export function divides(size: number, loops: readonly ChainLoop[]): boolean {
  let piece = size;
  for (const { tile } of loops) {
    if (piece % tile !== 0) return false;
    piece = tile;
  }
  return true;
}

/** Which of `count` steps of a loop to look at, each standing for how many: ends, and where units run out. */
export function sampled(
  count: number,
  tile: number,
  lengths: Int32Array,
  all: boolean,
): readonly (readonly [number, number])[] {
  if (all || count <= 8) return Array.from({ length: count }, (_, step) => [step, 1] as const);
  const marks = new Set<number>();
  const around = (step: number): void => {
    for (let near = step - 2; near <= step + 2; near++) if (near >= 0 && near < count) marks.add(near);
  };
  around(0);
  around(count - 1);
  for (const length of new Set(lengths)) around(Math.ceil(length / tile));
  const ordered = [...marks].sort((a, b) => a - b);
  const result: [number, number][] = [];
  for (const [index, step] of ordered.entries()) {
    result.push([step, 1]);
    const gap = (ordered[index + 1] ?? count) - step - 1;
    if (gap > 0) result.push([step + 1, gap]);
  }
  return result;
}

/** The lists of all states and cases one after the other. */
export function flatSteps(steps: readonly (readonly Steps[])[]) {
  const lists = steps.flat();
  const starts = new Int32Array(lists.length + 1);
  for (const [index, { count }] of lists.entries()) starts[index + 1] = (starts[index] ?? 0) + count.length;
  return {
    stepStart: starts,
    stepArrive: Int32Array.from(lists.flatMap(({ arrive }) => arrive)),
    stepLeave: Int32Array.from(lists.flatMap(({ leave }) => leave)),
    stepFlags: Uint8Array.from(lists.flatMap(({ flags }) => flags)),
    stepCount: Float64Array.from(lists.flatMap(({ count }) => count)),
  };
}

/** Units that each unit of a compact chain stands for, by (operand kind, parent): in groups, and all. */
export function unitWeights(
  loops: readonly ChainLoop[],
  counts: readonly number[],
  stage: number,
  compact: boolean,
): readonly (readonly number[])[] {
  return [0, 1].map((kind) =>
    Array.from({ length: stage + 1 }, (_, parent) => {
      if (!compact) return 1;
      let product = 1;
      for (const [index, loop] of loops.entries()) {
        if (!loop.spatial || loop.level >= stage) continue;
        if (loop.level < parent || (kind === 0 && !loop.multicast)) product *= counts[index] ?? 1;
      }
      return product;
    }),
  );
}

/** How often each state or change is met, by its number. */
export type Tally = ReadonlyMap<number, number>;

const add = (tally: Map<number, number>, key: number, count: number): void => {
  tally.set(key, (tally.get(key) ?? 0) + count);
};

/** States, and changes by which loop moved (`cases` of them for the stage's own loops), of the next stage over all steps. */
export function nextMoves(
  draft: Draft,
  next: Draft,
  reached: Tally,
  moves: readonly Tally[],
  cases: number,
): { readonly reached: Tally; readonly moves: readonly Tally[] } {
  const states = new Map<number, number>();
  // Where an outer loop moved, the first step inside is what is new.
  const result = moves.slice(0, -1).map((tally) => {
    const first = new Map<number, number>();
    for (const [change, count] of tally) add(first, draft.firstOf[change] ?? 0, count);
    return first;
  });
  for (let moved = 0; moved < cases; moved++) {
    const tally = new Map<number, number>();
    for (const [state, times] of reached) {
      const entry = draft.steps[state]?.[moved * cases + cases - 1];
      for (const [index, change] of (entry?.arrive ?? []).entries()) {
        const count = times * (entry?.count[index] ?? 0);
        add(tally, change, count);
        if (moved === cases - 1) add(states, next.changes[change]?.state ?? 0, count);
      }
    }
    result.push(tally);
  }
  return { reached: states, moves: result };
}

/** Lists as typed arrays; quicker than `from`. */
export function wholes(list: readonly number[]): Int32Array {
  const result = new Int32Array(list.length);
  for (let index = 0; index < list.length; index++) result[index] = list[index] ?? 0;
  return result;
}

export function floats(list: readonly number[]): Float64Array {
  const result = new Float64Array(list.length);
  for (let index = 0; index < list.length; index++) result[index] = list[index] ?? 0;
  return result;
}

/** Digits of each unit along the spatial loops, the innermost one fastest. */
export function digitsOf(counts: readonly number[], units: number): Int32Array {
  const digits = new Int32Array(units * counts.length);
  for (let unit = 0; unit < units; unit++) {
    let rest = unit;
    for (let loop = counts.length - 1; loop >= 0; loop--) {
      const count = counts[loop] ?? 1;
      digits[unit * counts.length + loop] = rest % count;
      rest = Math.floor(rest / count);
    }
  }
  return digits;
}

/** No steps, of a case that none has been found of. */
export const noSteps: Steps = { arrive: [], leave: [], flags: [], count: [] };

/** Adds steps to those of their case that are alike. */
export function addAlike(
  { arrive, leave, flags, count }: Steps,
  came: number,
  goes: number,
  bits: number,
  times: number,
): void {
  let at = 0;
  while (at < count.length && (arrive[at] !== came || leave[at] !== goes || flags[at] !== bits)) at++;
  if (at < count.length) count[at] = (count[at] ?? 0) + times;
  else {
    arrive.push(came);
    leave.push(goes);
    flags.push(bits);
    count.push(times);
  }
}
