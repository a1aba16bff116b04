// Builds the table of one dimension's loops (chain.ts): walks every kind of step at every level once, and merges the
// steps and changes that nothing further in can tell apart.

import type { Chain, ChainLoop, Measures, Pieces, Stage, SumRule, Traits } from "./chain.ts";
import { allFlags, atFirst, atLast, nextFirst, wasLast } from "./chain.ts";
import type { Draft, RawChange, Tally } from "./chain-parts.ts";
import { addAlike, digitsOf, divides, flatSteps, nextMoves, noSteps, sampled, unitWeights } from "./chain-parts.ts";
import { keyNumber, noLists, startKey, writeAll, writeKept, writePieces } from "./list-numbers.ts";
import { measureChanges, unitGroups } from "./measures.ts";

/** The table of a dimension with these loops (nest order, more than one step each) in a hierarchy of `levels` levels. */
export function buildChain(
  traits: Traits,
  loops: readonly ChainLoop[],
  levels: number,
  rule: SumRule,
  id: number,
): Chain {
  const ragged = !divides(traits.size, loops);
  const compact = !traits.positional && !ragged;
  const pieceOf: number[] = [];
  let piece = traits.size;
  for (const loop of loops) {
    pieceOf.push(Math.ceil(piece / loop.tile));
    piece = loop.tile;
  }
  const spatialCounts = loops.flatMap((loop, index) => (loop.spatial ? [compact ? 1 : (pieceOf[index] ?? 1)] : []));
  const ends = Array.from({ length: levels + 1 }, (_, stage) => loops.filter((loop) => loop.level < stage).length);
  const endOf = (stage: number): number => ends[stage] ?? 0;
  const inTime = [0];
  for (const { spatial } of loops) inTime.push((inTime.at(-1) ?? 0) + (spatial ? 0 : 1));
  const temporalBefore = (index: number): number => inTime[index] ?? 0;
  const spatialBefore = (index: number): number => index - temporalBefore(index);

  const drafts = Array.from({ length: levels + 1 }, (_, stage): Draft => {
    const used = spatialBefore(endOf(stage));
    const units = spatialCounts.slice(0, used).reduce((product, count) => product * count, 1);
    const digits = digitsOf(spatialCounts.slice(0, used), units);
    return {
      units,
      digits,
      states: [],
      stateKeys: noLists(),
      changes: [],
      changeKeys: noLists(),
      firstOf: [],
      stay: [],
      steps: [],
      counts: [],
      total: [],
    };
  });
  const draftOf = (stage: number): Draft => {
    const draft = drafts[stage];
    if (draft === undefined) throw new Error(`a nest of ${levels} levels has no stage ${stage}`);
    return draft;
  };

  /** What a unit had last: the last step in which it has anything, the first `fixed` loops at the steps in `chosen`. */
  const chosen = new Int32Array(loops.length);
  let foundBegin = 0;
  let foundLength = 0;
  const last = (
    index: number,
    end: number,
    begin: number,
    length: number,
    fixed: number,
    at: number,
    draft: Draft,
  ): boolean => {
    if (length <= 0) return false;
    const loop = loops[index];
    if (index >= end || loop === undefined) {
      foundBegin = begin;
      foundLength = length;
      return true;
    }
    const { tile } = loop;
    if (loop.spatial) {
      if (compact) return last(index + 1, end, begin, tile, fixed, at, draft);
      const offset = (draft.digits[at + spatialBefore(index)] ?? 0) * tile;
      return last(index + 1, end, begin + offset, Math.min(tile, length - offset), fixed, at, draft);
    }
    if (temporalBefore(index) < fixed) {
      const step = chosen[index] ?? 0;
      return last(index + 1, end, begin + step * tile, Math.min(tile, length - step * tile), fixed, at, draft);
    }
    const step = Math.ceil(length / tile) - 1;
    if (last(index + 1, end, begin + step * tile, length - step * tile, fixed, at, draft)) {
      chosen[index] = step;
      return true;
    }
    if (step === 0 || !last(index + 1, end, begin + (step - 1) * tile, tile, fixed, at, draft)) return false;
    chosen[index] = step - 1;
    return true;
  };

  /** Pieces that the loops `from`..`to` leave of `pieces` with the temporal ones at `steps`; no spatial loop among them. */
  const cut = (pieces: Pieces, from: number, to: number, steps: readonly number[]): Pieces => {
    const begin = pieces.begin.slice();
    const length = pieces.length.slice();
    for (let index = from; index < to; index++) {
      const tile = loops[index]?.tile ?? 1;
      const offset = (steps[index - from] ?? 0) * tile;
      for (let unit = 0; unit < begin.length; unit++) {
        begin[unit] = (begin[unit] ?? 0) + offset;
        length[unit] = Math.max(0, Math.min(tile, (length[unit] ?? 0) - offset));
      }
    }
    return { begin, length };
  };
  /** Pieces of the units of `stage` + 1 out of the pieces that the temporal loops of level `stage` leave. */
  const spread = (pieces: Pieces, stage: number): Pieces => {
    let { begin, length } = pieces;
    for (let index = endOf(stage); index < endOf(stage + 1); index++) {
      const loop = loops[index];
      if (loop === undefined || !loop.spatial) continue;
      const count = spatialCounts[spatialBefore(index)] ?? 1;
      const nextBegin = new Int32Array(begin.length * count);
      const nextLength = new Int32Array(begin.length * count);
      for (let unit = 0; unit < begin.length; unit++) {
        for (let digit = 0; digit < count; digit++) {
          nextBegin[unit * count + digit] = (begin[unit] ?? 0) + digit * loop.tile;
          nextLength[unit * count + digit] = Math.max(0, Math.min(loop.tile, (length[unit] ?? 0) - digit * loop.tile));
        }
      }
      begin = nextBegin;
      length = nextLength;
    }
    return { begin, length };
  };
  const temporalEnd = (stage: number): number => {
    let index = endOf(stage);
    while (index < endOf(stage + 1) && loops[index]?.spatial === false) index++;
    return index;
  };

  const isSafe = ({ begin, length }: Pieces): boolean => {
    for (let unit = 0; unit < begin.length; unit++) {
      const from = begin[unit] ?? 0;
      const size = length[unit] ?? 0;
      if (size > 0 && !traits.safe(from, from + size)) return false;
    }
    return true;
  };
  const internState = (stage: number, pieces: Pieces): number => {
    const draft = draftOf(stage);
    const moved = traits.positional && isSafe(pieces);
    startKey(moved ? 1 : 0);
    writePieces(pieces, moved ? (pieces.begin[0] ?? 0) : 0, traits.positional);
    const state = keyNumber(draft.stateKeys);
    if (state === draft.states.length) draft.states.push(pieces);
    return state;
  };

  /** Changes by what they are made of, which steps have in common more often than not. */
  const met = noLists();
  const changeOf: number[] = [];
  const internChange = (stage: number, raw: RawChange): number => {
    const { next, context } = raw;
    const moved = !traits.positional || (isSafe(next) && (context === undefined || isSafe(context)));
    const base = moved ? (next.begin[0] ?? 0) : 0;
    startKey(stage, raw.stage, raw.from, moved ? 1 : 0);
    writeAll(next, base);
    if (context !== undefined) writeAll(context, base);
    const number = keyNumber(met);
    const known = changeOf[number];
    if (known !== undefined) return known;
    const change = internNew(stage, raw);
    changeOf[number] = change;
    return change;
  };

  const internNew = (stage: number, raw: RawChange): number => {
    const draft = draftOf(stage);
    const { next, context } = raw;
    const state = internState(stage, next);
    const first =
      stage === levels
        ? -1
        : internNew(stage + 1, { ...raw, next: spread(cut(next, endOf(stage), temporalEnd(stage), []), stage) });
    let before: Pieces | undefined;
    let beforeSums: Pieces | undefined;
    if (context !== undefined) {
      const share = draft.units / draftOf(raw.stage).units;
      const used = spatialBefore(endOf(stage));
      const held = (): Pieces => ({ begin: new Int32Array(draft.units), length: new Int32Array(draft.units) });
      before = held();
      beforeSums = ragged ? held() : before;
      const keepers: number[] = [];
      for (let keeper = stage; keeper > raw.stage; keeper = rule.parent[keeper] ?? -1) keepers.unshift(keeper);
      for (let unit = 0; unit < draft.units; unit++) {
        const parent = Math.floor(unit / share);
        const [begin, length] = [context.begin[parent] ?? 0, context.length[parent] ?? 0];
        if (last(raw.from, endOf(stage), begin, length, 0, unit * used, draft)) {
          before.begin[unit] = foundBegin;
          before.length[unit] = foundLength;
        }
        // Results follow the units that they are written to, from the farthest in.
        let found = ragged;
        for (const keeper of keepers) {
          if (found) found = last(raw.from, endOf(keeper), begin, length, rule.fixed[keeper] ?? 0, unit * used, draft);
        }
        if (found) {
          beforeSums.begin[unit] = foundBegin;
          beforeSums.length[unit] = foundLength;
        }
      }
    }
    const all = [before, ...(ragged ? [beforeSums] : [])].flatMap((pieces) => (pieces === undefined ? [] : [pieces]));
    const moved = traits.positional && isSafe(next) && all.every(isSafe);
    const base = moved ? (next.begin[0] ?? 0) : 0;
    startKey(state, first, moved ? 1 : 0, before === undefined ? 0 : 1);
    writePieces(next, base, traits.positional);
    for (const pieces of all) {
      writePieces(pieces, base, traits.positional);
      // Lengths alone do not say whether a unit kept its piece.
      if (!traits.positional) writeKept(pieces, next);
    }
    const change = keyNumber(draft.changeKeys);
    if (change === draft.changes.length) {
      draft.changes.push({ state, next, before, beforeSums });
      draft.firstOf.push(first);
    }
    return change;
  };

  const stayOf = (stage: number, pieces: Pieces): number =>
    internChange(stage, { next: pieces, context: pieces, stage, from: endOf(stage) });

  const whole: Pieces = { begin: new Int32Array(1), length: Int32Array.of(traits.size) };
  internState(0, whole);
  const start0 = internChange(0, { next: whole, context: undefined, stage: 0, from: 0 });
  const wrap0 = stayOf(0, whole);

  /** Steps of level `stage` in one of its states. */
  const walk = (stage: number, state: number): void => {
    const draft = draftOf(stage);
    const pieces = draft.states[state] ?? whole;
    draft.stay[state] = stayOf(stage, pieces);
    const from = endOf(stage);
    const own = temporalEnd(stage) - from;
    const cases = 2 * own + 1;
    const list = Array.from({ length: cases * cases }, () => noSteps);
    // Steps of each loop for the first unit, given the outer ones.
    const countsAt = (steps: readonly number[]): number[] => {
      let length = pieces.length[0] ?? 0;
      return Array.from({ length: own }, (_, loop) => {
        const tile = loops[from + loop]?.tile ?? 1;
        const count = Math.ceil(length / tile);
        length = Math.min(tile, length - (steps[loop] ?? 0) * tile);
        return count;
      });
    };
    const changeBy = (steps: readonly number[], moved: number): number => {
      const at = cut(pieces, from, from + own, steps);
      const next = spread(at, stage);
      if (moved === 2 * own) {
        return internChange(stage + 1, { next, context: next, stage: stage + 1, from: endOf(stage + 1) });
      }
      const loop = moved >> 1;
      if (moved % 2 === 0) {
        return internChange(stage + 1, {
          next,
          context: cut(pieces, from, from + loop, steps),
          stage,
          from: from + loop,
        });
      }
      const past = steps.slice(0, loop + 1);
      past[loop] = (past[loop] ?? 0) - 1;
      return internChange(stage + 1, {
        next,
        context: cut(pieces, from, from + loop + 1, past),
        stage,
        from: from + loop + 1,
      });
    };
    let total = 0;
    /** The change that each case leaves a step by, once found. */
    const leaving = new Int32Array(cases);
    const visit = (steps: readonly number[], weight: number): void => {
      total += weight;
      const counts = countsAt(steps);
      const first = (loop: number): boolean => steps[loop] === 0;
      const final = (loop: number): boolean => steps[loop] === (counts[loop] ?? 1) - 1;
      const every = (test: (loop: number) => boolean, begin: number, end: number): boolean => {
        for (let loop = begin; loop < end; loop++) if (!test(loop)) return false;
        return true;
      };
      const [isFirst, isLast] = [every(first, 0, own), every(final, 0, own)];
      const datapath = stage + 1 === levels;
      leaving.fill(-1);
      for (let moved = datapath ? 2 * own : 0; moved < cases; moved++) {
        const loopMoved = moved >> 1;
        if (moved % 2 === 1 ? first(loopMoved) || !every(first, loopMoved + 1, own) : !every(first, loopMoved, own)) {
          continue;
        }
        const arrive = changeBy(steps, moved);
        const lastBefore = moved === 2 * own ? isLast : moved % 2 === 0 && every(final, 0, loopMoved);
        for (let moving = datapath ? 2 * own : 0; moving < cases; moving++) {
          const loop = moving >> 1;
          if (moving % 2 === 1 ? final(loop) || !every(final, loop + 1, own) : !every(final, loop, own)) continue;
          let leave = leaving[moving] ?? -1;
          if (leave < 0) {
            const then = steps.map((step, index) =>
              index < loop ? step : index === loop && moving % 2 === 1 ? step + 1 : 0,
            );
            leave = changeBy(moving === 2 * own ? steps : then, moving);
            leaving[moving] = leave;
          }
          const firstNext = moving === 2 * own ? isFirst : moving % 2 === 0 && every(first, 0, loop);
          const flags = traits.reduced
            ? (isFirst ? atFirst : 0) | (isLast ? atLast : 0) | (lastBefore ? wasLast : 0) | (firstNext ? nextFirst : 0)
            : allFlags;
          const index = moved * cases + moving;
          let entry = list[index] ?? noSteps;
          if (entry === noSteps) {
            entry = { arrive: [], leave: [], flags: [], count: [] };
            list[index] = entry;
          }
          addAlike(entry, arrive, leave, flags, weight);
        }
      }
    };
    const descend = (steps: readonly number[], weight: number): void => {
      if (steps.length === own) {
        visit(steps, weight);
        return;
      }
      const at = cut(pieces, from, from + steps.length, steps);
      const tile = loops[from + steps.length]?.tile ?? 1;
      const count = Math.ceil((at.length[0] ?? 0) / tile);
      // Where inner loops cut a ragged piece, only the walk over all steps sees every kind.
      for (const [step, times] of sampled(count, tile, at.length, traits.positional)) {
        descend([...steps, step], weight * times);
      }
    };
    descend([], 1);
    draft.steps[state] = list;
    draft.counts[state] = Int32Array.from(countsAt(Array.from({ length: own }, () => 0)));
    draft.total[state] = total;
  };
  for (let stage = 0; stage < levels; stage++) {
    const { states } = draftOf(stage);
    for (let state = 0; state < states.length; state++) walk(stage, state);
  }
  const final = draftOf(levels);
  for (let state = 0; state < final.states.length; state++) {
    final.stay[state] = stayOf(levels, final.states[state] ?? whole);
  }

  // Starts and wraps, one stage after the other; then every change by which loop moved.
  const starts = [start0];
  const wraps = [wrap0];
  for (let stage = 1; stage <= levels; stage++) {
    starts.push(draftOf(stage - 1).firstOf[starts[stage - 1] ?? 0] ?? 0);
    wraps.push(draftOf(stage - 1).firstOf[wraps[stage - 1] ?? 0] ?? 0);
  }
  let reached: Tally = new Map([[0, 1]]);
  let moves: readonly Tally[] = [new Map([[wrap0, 1]])];
  const stages: Stage[] = [];
  for (let stage = 0; stage <= levels; stage++) {
    const draft = draftOf(stage);
    const weights = unitWeights(loops, pieceOf, stage, compact);
    const groups = unitGroups(loops, spatialCounts, draft.digits, draft.units, stage);
    const movesHere = moves.map((map) => ({ change: [...map.keys()], count: [...map.values()] }));
    const measures: Measures = measureChanges(traits, draft.changes, groups, weights, stage, movesHere);
    const own = stage === levels ? 0 : temporalEnd(stage) - endOf(stage);
    stages.push({
      loops: temporalBefore(endOf(stage)),
      // Only windows ask where pieces lie.
      changes: traits.positional ? draft.changes : [],
      stateOf: Int32Array.from(draft.changes, ({ state }) => state),
      firstOf: Int32Array.from(draft.firstOf),
      states: draft.states.length,
      units: draft.units,
      start: starts[stage] ?? 0,
      wrap: wraps[stage] ?? 0,
      measures,
      groups: traits.positional ? groups : [],
      ownLoops: own,
      ...flatSteps(draft.steps),
      counts: Int32Array.from(draft.counts.flatMap((counts) => [...counts])),
      total: Float64Array.from(draft.total),
      moves: movesHere,
      settings: movesHere.at(-1)?.count.reduce((sum, count) => sum + count, 0) ?? 1,
    });
    if (stage === levels) break;
    ({ reached, moves } = nextMoves(draft, draftOf(stage + 1), reached, moves, 2 * own + 1));
  }
  return { traits, stages, ragged, id };
}
