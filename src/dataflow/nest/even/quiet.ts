// The time of an even schedule none of whose steps waits for what moves beside it: the work, and the moves before the first
// step of each tile, which are alike for all steps that the moving of one loop reaches but next to padding.

import type { Ports } from "../ports.ts";
import type { EvenBoundary, EvenNest } from "./even-nest.ts";
import { addLeft, addTaken, changes, clearStage, stageTime, stepsInside } from "./even-ports.ts";
import { apartTime, someApart } from "./even-waits.ts";
import type { SlideCase } from "./slides.ts";
import { slideSteps } from "./slide-steps.ts";
import { noSlide, wordsBrought, wordsBroughtToAll } from "./slides.ts";

/** Steps of the datapath: how many, cycles of each where no port makes it wait, and whether they are rounded. */
export interface DatapathSteps {
  readonly steps: number;
  readonly stepCycles: number;
  readonly whole: boolean;
  /** Whether no step waits. */
  readonly sameStep: boolean;
}

/**
 * Sets the duration of all steps: false where moves beside the work may take longer than it, or words slide in moves that do
 * not run beside it.
 */
export function quietTime(even: EvenNest, ports: Ports, datapath: DatapathSteps, durations: Float64Array): boolean {
  const { levels, boundaries, byChild } = even;
  const { steps, stepCycles, whole, sameStep } = datapath;
  for (let index = 0; index < boundaries.length; index++) {
    const boundary = boundaries[index];
    if (boundary !== undefined && !boundary.beside && boundary.slides && boundary.child < levels) return false;
  }
  const least = sameStep ? stepCycles : Math.max(stepCycles, leastOfStep(even, ports, whole));
  for (let stage = 1; stage < levels; stage++) {
    if (movesTake(even, ports, stage) > stepsInside(even, stage) * least) return false;
  }
  let cycles = steps * stepCycles;
  let fill = 0;
  for (let stage = 1; stage < levels; stage++) {
    const list = byChild[stage] ?? [];
    if (list.length > 0) fill += fills(even, ports, stage);
    const apart = someApart(list) ? apartTime(even, ports, stage) : 0;
    durations[stage + 1] = apart;
    cycles += apart;
  }
  const wait = sameStep ? 0 : datapathWaits(even, ports, stepCycles, whole);
  durations[0] = cycles + fill + wait;
  durations[1] = fill;
  durations[levels + 1] = wait;
  return true;
}

/** Factor of a boundary's slides where no word is padding. */
function fullOf({ slides, room }: EvenNest, boundary: EvenBoundary, byAll: boolean): number {
  if (!boundary.slides) return 1;
  let words = 1;
  for (let index = 0; index < slides.length; index++) {
    const stage = room.stages[boundary.child]?.[index];
    words *= (byAll ? stage?.fullAll : stage?.fullAbove) ?? 1;
  }
  return words;
}

/** No step of the datapath asks for more, in cycles. */
export function mostOfStep(even: EvenNest, ports: Ports): number {
  const list = even.byChild[even.levels] ?? [];
  clearStage(ports, list);
  const { read, written } = ports;
  for (let index = 0; index < list.length; index++) {
    const boundary = list[index];
    if (boundary === undefined) continue;
    const { operand, parentMemory, above, width } = boundary;
    const bytes = above * fullOf(even, boundary, false) * width;
    read[parentMemory] = (read[parentMemory] ?? 0) + bytes;
    if (operand === 2) written[parentMemory] = (written[parentMemory] ?? 0) + bytes;
  }
  return stageTime(ports, list, 0, false);
}

/** No step of the datapath takes less for its ports, in cycles: without partial sums, and slides may lie in padding. */
function leastOfStep(even: EvenNest, ports: Ports, whole: boolean): number {
  const list = even.byChild[even.levels] ?? [];
  clearStage(ports, list);
  for (let index = 0; index < list.length; index++) {
    const boundary = list[index];
    if (boundary === undefined || boundary.slides) continue;
    const { operand, parentMemory, above, width } = boundary;
    const side = operand === 2 ? ports.written : ports.read;
    side[parentMemory] = (side[parentMemory] ?? 0) + above * width;
  }
  return stageTime(ports, list, 0, whole);
}

/** No step of the loops around a stage's tile moves words beside it for longer, in cycles. */
export function movesTake(even: EvenNest, ports: Ports, stage: number): number {
  const list = even.byChild[stage] ?? [];
  if (list.length === 0) return 0;
  const from = even.ends[stage - 1] ?? 0;
  clearStage(ports, list);
  const { read, written } = ports;
  for (let index = 0; index < list.length; index++) {
    const boundary = list[index];
    if (boundary === undefined || boundary.lastHas < from || !boundary.beside) continue;
    const { operand, parentMemory, childMemory, width, finalWidth, finalGivenWidth } = boundary;
    const above = boundary.above * fullOf(even, boundary, false);
    const all = operand === 2 ? above : boundary.all * fullOf(even, boundary, true);
    read[parentMemory] = (read[parentMemory] ?? 0) + above * width;
    written[childMemory] = (written[childMemory] ?? 0) + all * width;
    if (operand < 2) continue;
    written[parentMemory] = (written[parentMemory] ?? 0) + above * Math.max(width, finalWidth);
    read[childMemory] = (read[childMemory] ?? 0) + boundary.all * Math.max(width, finalGivenWidth);
  }
  return stageTime(ports, list, 0, true);
}

/** Cycles of changes that have been found: by which boundaries change, and whether sums begin or end; -1 is not known. */
const known = new Float64Array(32);

/** Cycles of the moves before the first steps of all tiles of a stage. */
function fills(even: EvenNest, ports: Ports, stage: number): number {
  const { ends, slides, slideOf, slotAt, countAt, reduced, byChild } = even;
  const list = byChild[stage] ?? [];
  let slider: EvenBoundary | undefined;
  let sums: EvenBoundary | undefined;
  for (let index = 0; index < list.length; index++) {
    if (list[index]?.slides === true) slider = list[index];
    if (list[index]?.operand === 2) sums = list[index];
  }
  known.fill(-1);
  const two = slides.length > 1;
  // Steps of the loops outside: all, those of reduced dimensions, and those that slides have no part in.
  let steps = 1;
  let settings = 1;
  let plain = 1;
  let plainFirst = 1;
  let cycles = 0;
  for (let position = -1; position < (ends[stage - 1] ?? 0); position++) {
    const slot = slotAt[position] ?? 0;
    const count = position < 0 ? 1 : (countAt[position] ?? 1);
    const moved = position < 0 ? 1 : count - 1;
    const reduces = position >= 0 && reduced[slot] === 1;
    const slides = position >= 0 && (slideOf[slot] ?? -1) >= 0;
    const isSums = sums !== undefined && changes(sums, position);
    const start = position < 0;
    if (slider !== undefined && changes(slider, position)) {
      const x = slideSteps(even, 0, slider, position);
      const y = two ? slideSteps(even, 1, slider, position) : noSlide;
      const times = slides ? plain : plain * moved;
      const ends = slides ? plainFirst : plainFirst * moved;
      const which = start ? 3 : reduces || !isSums ? 0 : settings === 1 ? 3 : 1;
      cycles += slidingFills(ports, list, position, x, y, times, ends, which);
    } else if (isSums && !reduces && settings > 1) {
      const many = changeTime(ports, list, position, false, false);
      const few = changeTime(ports, list, position, true, false) + changeTime(ports, list, position, false, true);
      cycles += steps * moved * many + ((steps * moved) / settings) * (few - 2 * many);
    } else {
      const ends = start || (isSums && !reduces);
      cycles += steps * moved * changeTime(ports, list, position, ends, ends && !start);
    }
    steps *= count;
    if (reduces) settings *= count;
    if (!slides) {
      plain *= count;
      if (!reduces) plainFirst *= count;
    }
  }
  return cycles;
}

/** Cycles of a change of a stage where no boundary slides. */
function changeTime(
  ports: Ports,
  list: readonly EvenBoundary[],
  position: number,
  first: boolean,
  last: boolean,
): number {
  let code = (first ? 1 : 0) + (last ? 2 : 0);
  for (let index = 0; index < list.length; index++) {
    const boundary = list[index];
    if (boundary !== undefined && changes(boundary, position)) code += 4 << index;
  }
  if (position < 0) return changed(ports, list, position, first, last, 0, 0);
  const found = known[code] ?? -1;
  if (found >= 0) return found;
  const cycles = changed(ports, list, position, first, last, 0, 0);
  known[code] = cycles;
  return cycles;
}

/** The same with the words of the boundary that slides. */
function changed(
  ports: Ports,
  list: readonly EvenBoundary[],
  position: number,
  first: boolean,
  last: boolean,
  words: number,
  given: number,
): number {
  clearStage(ports, list);
  for (let index = 0; index < list.length; index++) {
    const boundary = list[index];
    if (boundary === undefined || !changes(boundary, position)) continue;
    if (boundary.slides) addTaken(ports, boundary, 0, words, given);
    else if (boundary.operand < 2) addTaken(ports, boundary, 0, boundary.above, boundary.all);
    else {
      if (!first) addTaken(ports, boundary, 0, boundary.above, boundary.above);
      if (position >= 0) addLeft(ports, boundary, 0, last);
    }
  }
  return stageTime(ports, list, 0, true);
}

/**
 * Cycles of all changes by one loop where a boundary slides; `times` for each of its entries, `ends` those with reduced
 * loops outside at their first, or last. `which`: 0 where sums neither begin nor end, 1 where some do, 3 where all do.
 */
function slidingFills(
  ports: Ports,
  list: readonly EvenBoundary[],
  position: number,
  x: SlideCase,
  y: SlideCase,
  times: number,
  ends: number,
  which: number,
): number {
  const slider = list.find((boundary) => boundary.slides);
  if (slider === undefined) return 0;
  const whole = position <= slider.lastAlone;
  const { above, all } = slider;
  let cycles = 0;
  for (let i = 0; i < x.entries; i++) {
    for (let j = 0; j < y.entries; j++) {
      const atX = x.place[i] ?? 0;
      const atY = y.place[j] ?? 0;
      const words = above * wordsBrought(x, y, atX, atY, whole);
      const given = words === 0 ? 0 : all * wordsBroughtToAll(x, y, atX, atY, whole);
      const alike = times * (x.times[i] ?? 0) * (y.times[j] ?? 0);
      if (which === 3) {
        cycles += alike * changed(ports, list, position, true, true, words, given);
        continue;
      }
      const many = changed(ports, list, position, false, false, words, given);
      cycles += alike * many;
      if (which === 0) continue;
      const firsts = ends * (x.firsts[i] ?? 0) * (y.firsts[j] ?? 0);
      const lasts = ends * (x.lasts[i] ?? 0) * (y.lasts[j] ?? 0);
      if (firsts > 0) cycles += firsts * (changed(ports, list, position, true, false, words, given) - many);
      if (lasts > 0) cycles += lasts * (changed(ports, list, position, false, true, words, given) - many);
    }
  }
  return cycles;
}

/** Cycles that steps of the datapath wait for its ports. */
function datapathWaits(even: EvenNest, ports: Ports, stepCycles: number, whole: boolean): number {
  const { levels, loops, slides, slideOf, slotAt, countAt, reduced, byChild } = even;
  const list = byChild[levels] ?? [];
  const slider = list.find((boundary) => boundary.slides);
  let plain = 1;
  let plainFirst = 1;
  for (let at = 0; at < loops; at++) {
    const slot = slotAt[at] ?? 0;
    if (slider !== undefined && (slideOf[slot] ?? -1) >= 0) continue;
    plain *= countAt[at] ?? 1;
    if (reduced[slot] !== 1) plainFirst *= countAt[at] ?? 1;
  }
  const x = slider === undefined ? noSlide : slideSteps(even, 0, slider, loops);
  const y = slider === undefined || slides.length < 2 ? noSlide : slideSteps(even, 1, slider, loops);
  let cycles = 0;
  for (let i = 0; i < x.entries; i++) {
    for (let j = 0; j < y.entries; j++) {
      const words = (x.taken[x.place[i] ?? 0] ?? 0) * (y.taken[y.place[j] ?? 0] ?? 0);
      const many = stepWait(ports, list, stepCycles, whole, false, words);
      cycles += plain * (x.times[i] ?? 0) * (y.times[j] ?? 0) * many;
      const firsts = plainFirst * (x.firsts[i] ?? 0) * (y.firsts[j] ?? 0);
      if (firsts > 0) cycles += firsts * (stepWait(ports, list, stepCycles, whole, true, words) - many);
    }
  }
  return cycles;
}

/** Cycles that a step of the datapath waits; `sliding` is the factor of slides. */
export function stepWait(
  ports: Ports,
  list: readonly EvenBoundary[],
  stepCycles: number,
  whole: boolean,
  first: boolean,
  sliding: number,
): number {
  clearStage(ports, list);
  const { read, written } = ports;
  for (let index = 0; index < list.length; index++) {
    const boundary = list[index];
    if (boundary === undefined) continue;
    const { operand, parentMemory, above, width, slides } = boundary;
    const bytes = above * (slides ? sliding : 1) * width;
    if (operand < 2 || !first) read[parentMemory] = (read[parentMemory] ?? 0) + bytes;
    if (operand === 2) written[parentMemory] = (written[parentMemory] ?? 0) + bytes;
  }
  return Math.max(0, stageTime(ports, list, 0, whole) - stepCycles);
}
