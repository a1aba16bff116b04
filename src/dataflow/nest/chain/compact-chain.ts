// The table of a dimension whose loops all divide what they cut and whose pieces do not overlap: one state at each stage,
// and three changes: the start, none, and another piece altogether. Same as buildChain's, without walking any step.

import type { Chain, ChainLoop, Change, Stage, Traits } from "./chain.ts";
import { allFlags, atFirst, atLast, keptTable, leftTable, nextFirst, takenTable, wasLast } from "./chain.ts";

const [started, stayed, moved] = [0, 1, 2];

const nothing = { begin: new Int32Array(1), length: new Int32Array(1) };

/** Stages that chains which begin alike share, by a number of the stage and its own loop. */
export type SharedStages = Map<number, Stage>;

/**
 * Every loop of `loops` (nest order) has more than one step and divides; `traits` are not positional. `shared[n]` are the
 * stages that follow the first n loops, found so far.
 */
export function compactChain(
  traits: Traits,
  loops: readonly ChainLoop[],
  levels: number,
  id: number,
  shared: readonly SharedStages[] = [],
): Chain {
  const counts: number[] = [];
  const pieces: number[] = [];
  let piece = traits.size;
  for (const { tile } of loops) {
    counts.push(piece / tile);
    piece = tile;
    pieces.push(tile);
  }
  const stages: Stage[] = [];
  let wrap = stayed;
  let before = 0;
  for (let stage = 0; stage <= levels; stage++) {
    while (before < loops.length && (loops[before]?.level ?? 0) < stage) {
      if (loops[before]?.spatial === false) wrap = moved;
      before++;
    }
    // A stage depends on the loops before it and on its own loop in time.
    const next = loops[before];
    const hasOwn = next?.level === stage && !next.spatial;
    const after = loops[before + 1];
    const store = hasOwn && after?.level === stage && !after.spatial ? undefined : shared[before];
    const key = stage + 64 * (hasOwn ? (counts[before] ?? 1) : 0);
    const known = store?.get(key);
    if (known !== undefined) {
      stages.push(known);
      continue;
    }
    let size = traits.size;
    let outer = 0;
    let all = 1;
    const temporal: number[] = [];
    const ownCounts: number[] = [];
    for (let index = 0; index < loops.length; index++) {
      const loop = loops[index];
      const count = counts[index] ?? 1;
      if (loop === undefined) continue;
      if (loop.level < stage) {
        size = pieces[index] ?? 1;
        if (loop.spatial) all *= count;
        else {
          temporal.push(count);
          outer++;
        }
      } else if (loop.level === stage && !loop.spatial) ownCounts.push(count);
    }
    const own = ownCounts.length;
    // How often each loop's moving is reached: its outer loops are free, the inner ones at their first step.
    const cases = 2 * outer + 1;
    const reached = new Float64Array(cases);
    let settings = 1;
    for (let loop = 0; loop < outer; loop++) {
      const count = temporal[loop] ?? 1;
      reached[2 * loop] = settings;
      reached[2 * loop + 1] = settings * (count - 1);
      settings *= count;
    }
    reached[2 * outer] = settings;
    const data = new Float64Array((stage + 7) * (stage + 1) * 3);
    const sums = new Float64Array(6 * (stage + 1) * cases);
    const most = new Float64Array(3 * (stage + 1));
    for (let operand = 0; operand < 3; operand++) {
      const alone = traits.roles[operand]?.kind === "alone";
      for (let parent = 0; parent <= stage; parent++) {
        let words = size * all;
        if (!alone) {
          words = 1;
          for (let index = 0; index < loops.length; index++) {
            const loop = loops[index];
            if (loop === undefined || !loop.spatial || loop.level >= stage) continue;
            if (loop.level < parent || (operand < 2 && !loop.multicast)) words *= counts[index] ?? 1;
          }
        }
        const last = alone ? 0 : words;
        const taken = takenTable(stage, operand, parent);
        const kept = keptTable(stage, operand, parent);
        most[taken] = words;
        data.fill(words, taken * 3, taken * 3 + 3);
        data[kept * 3 + stayed] = words;
        data[kept * 3 + moved] = last;
        for (let at = 0; at < cases; at++) {
          sums[taken * cases + at] = words * (reached[at] ?? 0);
          sums[kept * cases + at] = (at === 2 * outer ? words : last) * (reached[at] ?? 0);
        }
        if (operand < 2) continue;
        for (let mover = 0; mover <= stage; mover++) {
          const left = leftTable(stage, mover, parent) * 3;
          data[left + stayed] = words;
          data[left + moved] = words;
        }
      }
    }
    const found: Stage = {
      loops: outer,
      changes: threeChanges,
      settings,
      stateOf: oneState,
      firstOf: own > 0 ? firstMoves : firstStays,
      states: 1,
      units: 1,
      start: started,
      wrap,
      measures: { data, sums, most },
      groups: [],
      ownLoops: own,
      ...kindsOf(ownCounts, traits.reduced),
      counts: Int32Array.from(ownCounts),
      total: Float64Array.of(ownCounts.reduce((product, count) => product * count, 1)),
      moves: [],
    };
    stages.push(found);
    store?.set(key, found);
  }
  return { traits, stages, ragged: false, id };
}

const change: Change = { state: 0, next: nothing, before: undefined, beforeSums: undefined };
const threeChanges: readonly Change[] = [change, change, change];

const oneState = Int32Array.of(0, 0, 0);
const firstMoves = Int32Array.of(started, moved, moved);
const firstStays = Int32Array.of(started, stayed, moved);

/** Lists by count of steps, for dimensions that are summed over and others; there are few. */
const known = [
  new Map<number, ReturnType<typeof stepKinds>>(),
  new Map<number, ReturnType<typeof stepKinds>>(),
] as const;

function kindsOf(counts: readonly number[], reduced: boolean): ReturnType<typeof stepKinds> {
  if (counts.length > 1) return stepKinds(counts, reduced);
  const list = known[reduced ? 1 : 0];
  const key = counts[0] ?? 1;
  let kinds = list.get(key);
  if (kinds === undefined) {
    kinds = stepKinds(counts, reduced);
    list.set(key, kinds);
  }
  return kinds;
}

/** How many of a loop's steps of one kind (0 the first, 1 between, 2 the last) there are. */
const ofKind = (count: number, kind: number): number => (kind === 1 ? count - 2 : 1);

/** Kinds of steps of loops with these counts, by case: flags tell them apart where sums run over the dimension. */
function stepKinds(counts: readonly number[], reduced: boolean) {
  const own = counts.length;
  const cases = 2 * own + 1;
  const stepStart = new Int32Array(cases * cases + 1);
  const arrive: number[] = [];
  const leave: number[] = [];
  const flags: number[] = [];
  const count: number[] = [];
  const kinds = 3 ** own;
  for (let came = 0; came < cases; came++) {
    for (let goes = 0; goes < cases; goes++) {
      const byFlags = new Float64Array(16);
      for (let code = 0; code < kinds; code++) {
        let times = 1;
        let rest = code;
        let [isFirst, isLast, wasAtLast, becomesFirst] = [true, true, came % 2 === 0, goes % 2 === 0];
        for (let loop = 0; loop < own && times > 0; loop++) {
          const kind = rest % 3;
          rest = (rest - kind) / 3;
          times *= ofKind(counts[loop] ?? 1, kind);
          if (kind !== 0) isFirst = false;
          if (kind !== 2) isLast = false;
          // Loops inside the one that came are at their first step, those inside the one that goes at their last.
          if (came < 2 * loop + 1 ? kind !== 0 : came === 2 * loop + 1 && kind === 0) times = 0;
          if (goes < 2 * loop + 1 ? kind !== 2 : goes === 2 * loop + 1 && kind === 2) times = 0;
          if (2 * loop < came && kind !== 2) wasAtLast = false;
          if (2 * loop < goes && kind !== 0) becomesFirst = false;
        }
        if (times <= 0) continue;
        const bits = reduced
          ? (isFirst ? atFirst : 0) | (isLast ? atLast : 0) | (wasAtLast ? wasLast : 0) | (becomesFirst ? nextFirst : 0)
          : allFlags;
        byFlags[bits] = (byFlags[bits] ?? 0) + times;
      }
      for (let bits = 0; bits < 16; bits++) {
        const times = byFlags[bits] ?? 0;
        if (times === 0) continue;
        arrive.push(came === cases - 1 ? stayed : moved);
        leave.push(goes === cases - 1 ? stayed : moved);
        flags.push(bits);
        count.push(times);
      }
      stepStart[came * cases + goes + 1] = count.length;
    }
  }
  return {
    stepStart,
    stepArrive: Int32Array.from(arrive),
    stepLeave: Int32Array.from(leave),
    stepFlags: Uint8Array.from(flags),
    stepCount: Float64Array.from(count),
  };
}
