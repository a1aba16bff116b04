// Cycles of a schedule: a tile's time out of the times of the tiles in it and of what moves beside them, level by level,
// each kind of step once.

import { allFlags, atFirst, atLast, nextFirst, wasLast } from "./chain/chain.ts";
import type { Bound } from "./evaluate.ts";
import type { BoundaryCounts, SparsityFactors } from "./evaluation.ts";
import type { Timing } from "./moves.ts";
import { addReads, addWrites, datapath, jointKey } from "./moves.ts";
import { enterNumber, numberAt } from "./chain/number-table.ts";
import { clearPorts, portTime } from "./ports.ts";
import { addCycles, addDuration, newDuration } from "./room.ts";
import { drainTime, runTime } from "./run-time.ts";
import type { BoundaryTables } from "./tables.ts";
import { leftWords } from "./tables.ts";
import { alwaysSameStep, setPorts, timingOf } from "./timing.ts";

/** Adds `times` steps that take `inner` each, or longer where moves beside it do, and moves between. */
function addStep(
  timing: Timing,
  sum: number,
  stage: number,
  inner: number,
  times: number,
  beside: number,
  between: number,
): void {
  const { room, width } = timing;
  const longer = Math.max(0, beside - (room.durations[inner] ?? 0)) + between;
  addDuration(room, sum, inner, times, width);
  addCycles(room, sum, longer * times);
  addCycles(room, sum + stage + 1, longer * times);
}

/**
 * Adds the steps of a level between two cases, every joint kind once: `came` is the loop that moved to reach them, `goes`
 * the one that moves next, -1 for one around the level.
 */
function addSteps(
  timing: Timing,
  sum: number,
  stage: number,
  states: Int32Array,
  flags: number,
  came: number,
  goes: number,
): void {
  const { dims, cases } = timing;
  const stages = timing.stages[stage] ?? [];
  const next = stage + 1;
  const place = timing.room.stages[stage];
  if (place === undefined) return;
  const { start, end, at, arrive, leave, beside, between } = place;
  // Dimensions whose steps differ in flags alone are folded into one distribution of flags.
  let { spread, folded } = place;
  spread.fill(0);
  spread[allFlags] = 1;
  for (let slot = 0; slot < dims; slot++) {
    const own = stages[slot];
    if (own === undefined) return;
    const width = 2 * own.ownLoops + 1;
    const moving = goes < 0 ? 0 : (cases[goes * dims + slot] ?? 0);
    const index = ((states[slot] ?? 0) * width + (cases[came * dims + slot] ?? 0)) * width + moving;
    const from = own.stepStart[index] ?? 0;
    const to = own.stepStart[index + 1] ?? 0;
    if (from === to) return;
    arrive[slot] = own.stepArrive[from] ?? 0;
    leave[slot] = own.stepLeave[from] ?? 0;
    let alike = true;
    for (let step = from + 1; step < to; step++) {
      if (own.stepArrive[step] !== arrive[slot] || (goes >= 0 && own.stepLeave[step] !== leave[slot])) alike = false;
    }
    start[slot] = from;
    end[slot] = alike ? from + 1 : to;
    at[slot] = from;
    if (!alike) continue;
    if (to === from + 1 && own.stepFlags[from] === allFlags) {
      const count = own.stepCount[from] ?? 0;
      for (let bits = 0; bits < 16; bits++) spread[bits] = (spread[bits] ?? 0) * count;
      continue;
    }
    folded.fill(0);
    for (let bits = 0; bits < 16; bits++) {
      const times = spread[bits] ?? 0;
      if (times === 0) continue;
      for (let step = from; step < to; step++) {
        const both = bits & (own.stepFlags[step] ?? 0);
        folded[both] = (folded[both] ?? 0) + times * (own.stepCount[step] ?? 0);
      }
    }
    [spread, folded] = [folded, spread];
  }
  for (;;) {
    let count = 1;
    let bits = allFlags;
    for (let slot = 0; slot < dims; slot++) {
      if ((end[slot] ?? 0) - (start[slot] ?? 0) === 1) continue;
      const own = stages[slot];
      const step = at[slot] ?? 0;
      arrive[slot] = own?.stepArrive[step] ?? 0;
      leave[slot] = own?.stepLeave[step] ?? 0;
      count *= own?.stepCount[step] ?? 0;
      bits &= own?.stepFlags[step] ?? 0;
    }
    // What moves beside the step depends on two of the flags only.
    beside.fill(-1);
    for (let bit = 0; bit < 16; bit++) {
      const times = count * (spread[bit] ?? 0);
      if (times === 0) continue;
      const inner = bits & bit;
      const last = (flags & atLast) !== 0 && (inner & wasLast) !== 0;
      const body = tileTime(timing, next, arrive, (flags & inner & (atFirst | atLast)) | (last ? wasLast : 0), came);
      const firstTime = (flags & atFirst) !== 0 && (inner & nextFirst) !== 0;
      const kind = (last ? 1 : 0) + (firstTime ? 2 : 0);
      if ((beside[kind] ?? 0) < 0) {
        clearPorts(timing.ports);
        if (goes >= 0) addReads(timing, next, leave, firstTime, true);
        addWrites(timing, next, arrive, last, came, true);
        beside[kind] = portTime(timing.ports, 0, true);
        between[kind] = timing.beside ? 0 : portTime(timing.ports, timing.ports.count, true);
      }
      addStep(timing, sum, next, body, times, beside[kind] ?? 0, between[kind] ?? 0);
    }
    let slot = dims - 1;
    for (; slot >= 0; slot--) {
      at[slot] = (at[slot] ?? 0) + 1;
      if ((at[slot] ?? 0) < (end[slot] ?? 0)) break;
      at[slot] = start[slot] ?? 0;
    }
    if (slot < 0) return;
  }
}

/** The innermost loop of the level that has another step, -1 for none. */
function moverAt({ bound, stages, own, cases, dims }: Timing, stage: number, states: Int32Array): number {
  const positions = own[stage] ?? [];
  for (let index = positions.length - 1; index >= 0; index--) {
    const position = positions[index] ?? 0;
    const slot = bound.prepared.groupOf[bound.slots[position] ?? 0] ?? 0;
    const table = stages[stage]?.[slot];
    const loop = (cases[position * dims + slot] ?? 0) >> 1;
    if ((table?.counts[(states[slot] ?? 0) * (table?.ownLoops ?? 0) + loop] ?? 1) > 1) return position;
  }
  return -1;
}

/** All steps of a tile but the first. */
function restTime(timing: Timing, stage: number, states: Int32Array, flags: number, mover: number): number {
  const { dims, stages, room } = timing;
  const rests = room.stages[stage]?.rests;
  if (rests === undefined) return 0;
  let key = 0;
  for (let slot = 0; slot < dims; slot++) key = key * (stages[stage]?.[slot]?.states ?? 1) + (states[slot] ?? 0);
  key = key * 4 + (flags & (atFirst | atLast));
  const seen = numberAt(rests, key);
  if (seen >= 0) return seen;
  const sum = newDuration(room, timing.width);
  const positions = timing.own[stage] ?? [];
  for (const came of positions) {
    for (const goes of positions) {
      // In a step one of the two is the innermost loop that moves at all.
      if (timing.plain[stage] === true && came !== mover && goes !== mover) continue;
      addSteps(timing, sum, stage, states, flags, came, goes);
    }
    if (timing.plain[stage] !== true || came === mover) addSteps(timing, sum, stage, states, flags, came, -1);
  }
  enterNumber(rests, key, sum);
  return sum;
}

/**
 * A tile held at level `stage`, reached by a joint change when the loop at `position` moved; flags say of all reduced
 * loops around whether they are at their first, at their last, and were at their last before.
 */
function tileTime(timing: Timing, stage: number, change: Int32Array, flags: number, position: number): number {
  const { dims, levels, stages, room } = timing;
  if (timing.sameStep && stage === levels - 1) {
    // Nothing but its length matters of such a tile.
    let steps = 1;
    for (let slot = 0; slot < dims; slot++) {
      const own = stages[stage]?.[slot];
      steps *= own?.total[own.stateOf[change[slot] ?? 0] ?? 0] ?? 1;
    }
    room.durations[0] = steps * timing.stepCycles;
    return 0;
  }
  const tiles = timing.room.stages[stage]?.tiles;
  if (tiles === undefined) return 0;
  let key = jointKey(timing, stage, change) * 8 + flags;
  if (timing.ragged) key = key * 64 + position + 1;
  const seen = numberAt(tiles, key);
  if (seen >= 0) return seen;
  const result =
    stage === levels
      ? datapath(timing, change, (flags & atFirst) !== 0)
      : compose(timing, stage, change, flags, position);
  enterNumber(tiles, key, result);
  return result;
}

function compose(timing: Timing, stage: number, change: Int32Array, flags: number, position: number): number {
  const { dims, levels, cases, room, width } = timing;
  const stages = timing.stages[stage] ?? [];
  const place = room.stages[stage];
  const sum = newDuration(room, width);
  if (place === undefined) return sum;
  const { states, first, leaveFirst } = place;
  for (let slot = 0; slot < dims; slot++) states[slot] = stages[slot]?.stateOf[change[slot] ?? 0] ?? 0;
  const next = stage + 1;
  if (next === levels) {
    addDatapathSteps(timing, sum, states, flags);
    return sum;
  }
  for (let slot = 0; slot < dims; slot++) first[slot] = stages[slot]?.firstOf[change[slot] ?? 0] ?? 0;
  clearPorts(timing.ports);
  addReads(timing, next, first, (flags & atFirst) !== 0, false);
  addWrites(timing, next, first, (flags & wasLast) !== 0, position, false);
  const swap = portTime(timing.ports, 0, true);
  addCycles(room, sum, swap);
  addCycles(room, sum + 1, swap);
  // The first step: the innermost loop that has another step moves next.
  const mover = moverAt(timing, stage, states);
  let inner = allFlags;
  for (let slot = 0; slot < dims; slot++) {
    const own = stages[slot];
    const across = 2 * (own?.ownLoops ?? 0) + 1;
    const moving = mover < 0 ? 0 : (cases[mover * dims + slot] ?? 0);
    const step = own?.stepStart[(states[slot] ?? 0) * across * across + moving] ?? 0;
    leaveFirst[slot] = own?.stepLeave[step] ?? 0;
    inner &= own?.stepFlags[step] ?? 0;
  }
  const body = tileTime(timing, next, first, (flags & inner & (atFirst | atLast)) | (flags & wasLast), position);
  clearPorts(timing.ports);
  if (mover >= 0) addReads(timing, next, leaveFirst, (flags & atFirst) !== 0 && (inner & nextFirst) !== 0, true);
  const between = timing.beside ? 0 : portTime(timing.ports, timing.ports.count, true);
  addStep(timing, sum, next, body, 1, portTime(timing.ports, 0, true), between);
  if (mover >= 0) addDuration(room, sum, restTime(timing, stage, states, flags, mover), 1, width);
  return sum;
}

/** Adds all steps of the innermost level. */
function addDatapathSteps(timing: Timing, sum: number, states: Int32Array, flags: number): void {
  const { dims, levels } = timing;
  const stage = levels - 1;
  const stages = timing.stages[stage] ?? [];
  const arrive = timing.room.stages[stage]?.arrive ?? new Int32Array(dims);
  const descend = (slot: number, bits: number, count: number): void => {
    if (slot === dims) {
      addDuration(timing.room, sum, tileTime(timing, levels, arrive, bits & atFirst, -1), count, timing.width);
      return;
    }
    const own = stages[slot];
    const width = 2 * (own?.ownLoops ?? 0) + 1;
    const index = (states[slot] ?? 0) * width * width + width * width - 1;
    for (let step = own?.stepStart[index] ?? 0; step < (own?.stepStart[index + 1] ?? 0); step++) {
      arrive[slot] = own?.stepArrive[step] ?? 0;
      descend(slot + 1, bits & (own?.stepFlags[step] ?? 0), count * (own?.stepCount[step] ?? 0));
    }
  };
  descend(0, flags, 1);
}

/** Cycles and stack of a bound schedule; `counts` are those of its boundaries, `steps` the datapath's. */
export function nestTime(
  bound: Bound,
  single: readonly BoundaryTables[],
  counts: readonly BoundaryCounts[],
  steps: number,
  factors: SparsityFactors | undefined,
): { cycles: number; stack: Readonly<Record<string, number>> } {
  const { prepared, chains } = bound;
  const { room, ports, moved } = prepared;
  const levels = prepared.hierarchy.levels.length;
  const stepCycles = factors?.stepCycles ?? 1;
  setPorts(bound);
  const timing = timingOf(bound, single, factors, alwaysSameStep(bound, single, stepCycles));
  const { places } = room;
  for (let slot = 0; slot < timing.dims; slot++) places[slot] = timing.stages[0]?.[slot]?.start ?? 0;
  const at = tileTime(timing, 0, places, atFirst | atLast, -1);
  // What the last tiles leave; results have no windows, so that each dimension counts for itself.
  let drain = 0;
  for (const table of single) {
    if (table.operand !== 2 || table.child === levels) continue;
    for (let slot = 0; slot < chains.length; slot++) moved[slot] = chains[slot]?.stages[table.child]?.wrap ?? 0;
    drain += drainTime(ports, table, leftWords(table, moved, 0, false, false), leftWords(table, moved, 0, true, false));
  }
  return runTime(
    prepared,
    single,
    counts,
    { durations: room.durations, at, compute: steps * stepCycles, drain },
    factors,
  );
}
