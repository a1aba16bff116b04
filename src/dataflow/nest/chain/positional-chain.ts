// The table of a dimension whose loops all divide what they cut, and whose words depend on where a piece lies. All units
// move together, so that a piece is one number; pieces that touch no padding are alike. Same as buildChain's.

import type { Chain, ChainLoop, Change, Stage, Traits } from "./chain.ts";
import { allFlags, atFirst, atLast, nextFirst, wasLast } from "./chain.ts";
import { digitsOf, floats, wholes } from "./chain-parts.ts";
import { unitGroups } from "./measures.ts";
import type { PositionalDraft } from "./positional-measures.ts";
import { measurePieces } from "./positional-measures.ts";

/** Every loop of `loops` (nest order) has more than one step and divides. */
export function positionalChain(traits: Traits, loops: readonly ChainLoop[], levels: number, id: number): Chain {
  const { size, safeFrom, safeTo, reduced } = traits;
  const loopCounts: number[] = [];
  let left = size;
  for (const { tile } of loops) {
    loopCounts.push(left / tile);
    left = tile;
  }
  const drafts: PositionalDraft[] = [];
  let offsets = new Int32Array(1);
  let length = size;
  for (let stage = 0, index = 0; stage <= levels; stage++) {
    const [tiles, counts]: [number[], number[]] = [[], []];
    const highest = offsets[offsets.length - 1] ?? 0;
    const draft: PositionalDraft = {
      offsets,
      span: highest + length,
      length,
      tiles,
      counts,
      stateKeys: new Map(),
      stateBegin: [],
      changeKeys: new Map(),
      begin: [],
      before: [],
      stateOf: [],
      firstOf: [],
    };
    drafts.push(draft);
    for (; index < loops.length && loops[index]?.level === stage; index++) {
      const { tile, spatial } = loops[index] ?? { tile: 1, spatial: false };
      const count = loopCounts[index] ?? 1;
      length = tile;
      if (!spatial) {
        tiles.push(tile);
        counts.push(count);
        continue;
      }
      const wider = new Int32Array(offsets.length * count);
      for (let unit = 0; unit < offsets.length; unit++) {
        for (let step = 0; step < count; step++) wider[unit * count + step] = (offsets[unit] ?? 0) + step * tile;
      }
      offsets = wider;
    }
  }

  const internChange = (stage: number, begin: number, before: number): number => {
    const draft = drafts[stage];
    if (draft === undefined) return -1;
    const { span, counts, tiles, changeKeys, stateKeys } = draft;
    const safe = begin >= safeFrom && begin + span <= safeTo;
    const moves = safe && (before < 0 || (before >= safeFrom && before + span <= safeTo));
    const key = moves ? (before < 0 ? -1 : -2 - (before - begin + size)) : (before + 1) * size + begin;
    const known = changeKeys.get(key);
    if (known !== undefined) return known;
    const stateKey = safe ? -1 : begin;
    let state = stateKeys.get(stateKey);
    if (state === undefined) {
      state = draft.stateBegin.length;
      draft.stateBegin.push(begin);
      stateKeys.set(stateKey, state);
    }
    // The first step inside comes after the last step inside what was there before.
    let last = before;
    if (before >= 0) {
      for (let loop = 0; loop < tiles.length; loop++) last += ((counts[loop] ?? 1) - 1) * (tiles[loop] ?? 1);
    }
    const first = internChange(stage + 1, begin, last);
    const change = draft.begin.length;
    draft.begin.push(begin);
    draft.before.push(before);
    draft.stateOf.push(state);
    draft.firstOf.push(first);
    changeKeys.set(key, change);
    return change;
  };
  const start0 = internChange(0, 0, -1);
  const wrap0 = internChange(0, 0, 0);

  const lists = drafts.map(({ tiles }, stage) => (stage === levels ? emptySteps() : walk(stage, 2 * tiles.length + 1)));

  /** Steps of a level in all its states, by case of the loop that came and of the one that goes. */
  function walk(stage: number, cases: number) {
    const draft = drafts[stage];
    const inner = drafts[stage + 1];
    if (draft === undefined || inner === undefined) return emptySteps();
    const { tiles, counts, stateBegin } = draft;
    const own = tiles.length;
    const datapath = stage + 1 === levels;
    const arrive: number[] = [];
    const leave: number[] = [];
    const flags: number[] = [];
    const count: number[] = [];
    const stepStart: number[] = [0];
    const steps = new Int32Array(own);
    // How far the loops from one on are from first to last; what the outer ones leave.
    const reach = new Int32Array(own + 1);
    for (let loop = own - 1; loop >= 0; loop--) {
      reach[loop] = (reach[loop + 1] ?? 0) + ((counts[loop] ?? 1) - 1) * (tiles[loop] ?? 1);
    }
    const at: number[][] = Array.from({ length: cases * cases }, () => []);
    const visit = (begin: number, weight: number): void => {
      // Loops from `zeros` on are at their first step, those from `ends` on at their last.
      let zeros = own;
      while (zeros > 0 && steps[zeros - 1] === 0) zeros--;
      let ends = own;
      while (ends > 0 && steps[ends - 1] === (counts[ends - 1] ?? 1) - 1) ends--;
      // Loops before these are all at their first, or last.
      let leadZeros = 0;
      while (leadZeros < own && steps[leadZeros] === 0) leadZeros++;
      let leadEnds = 0;
      while (leadEnds < own && steps[leadEnds] === (counts[leadEnds] ?? 1) - 1) leadEnds++;
      const [isFirst, isLast] = [zeros === 0, ends === 0];
      for (let moved = datapath ? 2 * own : 0; moved < cases; moved++) {
        const came = moved >> 1;
        if (moved % 2 === 1 ? came !== zeros - 1 : came < zeros) continue;
        // Inner loops were at their last step.
        const before =
          moved === 2 * own
            ? begin
            : moved % 2 === 1
              ? begin - (tiles[came] ?? 1) + (reach[came + 1] ?? 0)
              : begin + (reach[came] ?? 0);
        const arrives = internChange(stage + 1, begin, before);
        const lastBefore = moved === 2 * own ? isLast : moved % 2 === 0 && leadEnds >= came;
        for (let moving = datapath ? 2 * own : 0; moving < cases; moving++) {
          const goes = moving >> 1;
          if (moving % 2 === 1 ? goes !== ends - 1 : goes < ends) continue;
          const next =
            moving === 2 * own
              ? begin
              : moving % 2 === 1
                ? begin + (tiles[goes] ?? 1) - (reach[goes + 1] ?? 0)
                : begin - (reach[goes] ?? 0);
          const leaves = internChange(stage + 1, next, begin);
          const firstNext = moving === 2 * own ? isFirst : moving % 2 === 0 && leadZeros >= goes;
          const bits = reduced
            ? (isFirst ? atFirst : 0) | (isLast ? atLast : 0) | (lastBefore ? wasLast : 0) | (firstNext ? nextFirst : 0)
            : allFlags;
          const list = at[moved * cases + moving] ?? [];
          const key = (arrives * 65536 + leaves) * 16 + bits;
          let entry = list.length - 2;
          while (entry >= 0 && list[entry] !== key) entry -= 2;
          if (entry >= 0) list[entry + 1] = (list[entry + 1] ?? 0) + weight;
          else list.push(key, weight);
        }
      }
    };
    const descend = (loop: number, begin: number): void => {
      if (loop === own) {
        visit(begin, 1);
        return;
      }
      const steppers = counts[loop] ?? 1;
      const tile = tiles[loop] ?? 1;
      for (let step = 0; step < steppers; step++) {
        steps[loop] = step;
        const here = begin + step * tile;
        let alike = 1;
        if (loop === own - 1 && step > 0 && here - tile >= safeFrom) {
          // Steps between others without padding are all like this one.
          const most = Math.floor((safeTo - inner.span - tile - here) / tile) + 1;
          alike = Math.max(1, Math.min(most, steppers - 1 - step));
        }
        if (alike === 1) descend(loop + 1, here);
        else {
          visit(here, alike);
          step += alike - 1;
        }
      }
    };
    for (let state = 0; state < stateBegin.length; state++) {
      for (const list of at) list.length = 0;
      descend(0, stateBegin[state] ?? 0);
      for (const list of at) {
        for (let entry = 0; entry < list.length; entry += 2) {
          const key = list[entry] ?? 0;
          flags.push(key % 16);
          leave.push(Math.floor(key / 16) % 65536);
          arrive.push(Math.floor(key / 1048576));
          count.push(list[entry + 1] ?? 0);
        }
        stepStart.push(count.length);
      }
    }
    return {
      stepStart: wholes(stepStart),
      stepArrive: wholes(arrive),
      stepLeave: wholes(leave),
      stepFlags: Uint8Array.from(flags),
      stepCount: floats(count),
    };
  }

  let start = start0;
  let wrap = wrap0;
  let settings = 1;
  let outer = 0;
  // How often each state and change is met, changes by the case of the loop that moved.
  let reached = Float64Array.of(1);
  let times: Float64Array[] = [];
  const stages: Stage[] = [];
  for (const [stage, draft] of drafts.entries()) {
    const changes = draft.begin.length;
    if (stage === 0) {
      const once = new Float64Array(changes);
      once[wrap0] = 1;
      times = [once];
    }
    const moves = times.map((counted) => {
      const [change, count]: [number[], number[]] = [[], []];
      for (let index = 0; index < changes; index++) {
        if (counted[index] === 0) continue;
        change.push(index);
        count.push(counted[index] ?? 0);
      }
      return { change, count };
    });
    const spatial = loops.flatMap((loop, index) => (loop.spatial ? [loopCounts[index] ?? 1] : []));
    const units = draft.offsets.length;
    const own = draft.tiles.length;
    const steps = lists[stage] ?? emptySteps();
    const states = draft.stateBegin.length;
    const all = draft.counts.reduce((product, count) => product * count, 1);
    let known: readonly (readonly Int32Array[])[] | undefined;
    let pieces: readonly Change[] | undefined;
    stages.push({
      loops: outer,
      get changes() {
        pieces ??= changesOf(draft);
        return pieces;
      },
      settings,
      stateOf: wholes(draft.stateOf),
      firstOf: wholes(draft.firstOf),
      states,
      units,
      start,
      wrap,
      measures: measurePieces(traits, draft, loops, loopCounts, stage, moves),
      get groups() {
        known ??= unitGroups(
          loops,
          spatial,
          digitsOf(spatial.slice(0, spatialBefore(loops, stage)), units),
          units,
          stage,
        );
        return known;
      },
      ownLoops: own,
      ...steps,
      counts: Int32Array.from({ length: states * own }, (_, at) => draft.counts[at % own] ?? 1),
      total: new Float64Array(states).fill(all),
      moves,
    });
    const next = drafts[stage + 1];
    if (next === undefined) break;
    const size1 = next.begin.length;
    const result = times.slice(0, -1).map((counted) => {
      const inside = new Float64Array(size1);
      for (let index = 0; index < changes; index++) {
        const to = draft.firstOf[index] ?? 0;
        inside[to] = (inside[to] ?? 0) + (counted[index] ?? 0);
      }
      return inside;
    });
    const cases = 2 * own + 1;
    const reaches = new Float64Array(next.stateBegin.length);
    for (let moved = 0; moved < cases; moved++) {
      const counted = new Float64Array(size1);
      for (let state = 0; state < states; state++) {
        const index = (state * cases + moved) * cases + cases - 1;
        for (let step = steps.stepStart[index] ?? 0; step < (steps.stepStart[index + 1] ?? 0); step++) {
          const change = steps.stepArrive[step] ?? 0;
          const count = (reached[state] ?? 0) * (steps.stepCount[step] ?? 0);
          counted[change] = (counted[change] ?? 0) + count;
          if (moved < cases - 1) continue;
          const to = next.stateOf[change] ?? 0;
          reaches[to] = (reaches[to] ?? 0) + count;
        }
      }
      result.push(counted);
    }
    times = result;
    reached = reaches;
    start = draft.firstOf[start] ?? 0;
    wrap = draft.firstOf[wrap] ?? 0;
    settings *= all;
    outer += own;
  }
  return { traits, stages, ragged: false, id };
}

const emptySteps = () => ({
  stepStart: new Int32Array(1),
  stepArrive: new Int32Array(),
  stepLeave: new Int32Array(),
  stepFlags: new Uint8Array(),
  stepCount: new Float64Array(),
});

const spatialBefore = (loops: readonly ChainLoop[], stage: number): number =>
  loops.filter(({ spatial, level }) => spatial && level < stage).length;

/** Pieces of all units at every change. */
function changesOf({ offsets, length, begin, before, stateOf }: PositionalDraft): readonly Change[] {
  const lengths = new Int32Array(offsets.length).fill(length);
  const at = (base: number) => ({ begin: offsets.map((offset) => base + offset), length: lengths });
  return begin.map((base, index) => {
    const from = before[index] ?? -1;
    const held = from < 0 ? undefined : at(from);
    return { state: stateOf[index] ?? 0, next: at(base), before: held, beforeSums: held };
  });
}
