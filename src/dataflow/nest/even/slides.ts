// Words of a rank in which pieces slide, for all steps that the moving of one loop reaches: the same for all of them but
// those near the padding, which are told apart by where their first word lies.

import type { EvenBoundary, EvenNest, Slide } from "./even-nest.ts";
import type { Progressions } from "./progressions.ts";
import {
  addCopies,
  addProgression,
  clearProgressions,
  commonDivisor,
  progressions,
  settle,
  wordsBelow,
  wordsOf,
} from "./progressions.ts";
import type { Ways } from "./ways.ts";
import { countWays, newWays } from "./ways.ts";

/** The words of one slide at one stage: those of the units that read together, and those of each unit. */
export interface SlideStage {
  readonly above: Progressions;
  readonly all: Progressions;
  fullAbove: number;
  fullAll: number;
  /** Whether no units read together. */
  same: boolean;
  /** From the first word to the last one of all units, padding included. */
  span: number;
  /** Words of one piece: a run of so many, so far apart; 0 for a piece with gaps. */
  grain: number;
  run: number;
  /** How far the first word moves from the first step of the loops before the stage to their last. */
  reach: number;
  /** By case: 0 the first step of all, then 2 n + 1 for steps without moving after n loops, 2 n + 2 with that loop moving. */
  readonly cases: SlideCase[];
}

/** Steps of a case that are alike, by number: how many, and factors of the words that each takes and had before. */
export interface SlideCase {
  known: boolean;
  entries: number;
  /** All steps; those with the reduced loops before the one that moves at their first; at their last. */
  readonly times: Float64Array;
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  readonly taken: Float64Array;
  readonly takenAll: Float64Array;
  readonly kept: Float64Array;
  readonly keptAll: Float64Array;
  /** Over all steps. */
  sumTaken: number;
  sumTakenAll: number;
  sumKept: number;
  sumKeptAll: number;
}

/** Words that a move of pieces brings. */
export interface Brought {
  /** None of them new, or all; else those of `above` and `all` that begin so far from each end. */
  none: boolean;
  whole: boolean;
  readonly above: Progressions;
  readonly all: Progressions;
  fullAbove: number;
  fullAll: number;
  fromLow: number;
  fromHigh: number;
}

export interface SlideRoom {
  /** By stage and slide. */
  readonly stages: SlideStage[][];
  readonly ways: Ways;
  readonly brought: Brought;
  /** Whether the formulas did not cover some set of words of the schedule at hand. */
  failed: boolean;
}

export const slideRoom = (levels: number): SlideRoom => ({
  stages: Array.from({ length: levels + 1 }, () => [newStage(), newStage()]),
  ways: newWays(),
  brought: newBrought(),
  failed: false,
});

const newStage = (): SlideStage => ({
  above: progressions(),
  all: progressions(),
  fullAbove: 1,
  fullAll: 1,
  same: true,
  span: 1,
  grain: 1,
  run: 1,
  reach: 0,
  cases: [],
});

export const newBrought = (): Brought => ({
  none: false,
  whole: true,
  above: progressions(),
  all: progressions(),
  fullAbove: 0,
  fullAll: 0,
  fromLow: 0,
  fromHigh: 0,
});

const newCase = (entries: number): SlideCase => ({
  known: false,
  entries: 0,
  times: new Float64Array(entries),
  firsts: new Float64Array(entries),
  lasts: new Float64Array(entries),
  taken: new Float64Array(entries),
  takenAll: new Float64Array(entries),
  kept: new Float64Array(entries),
  keptAll: new Float64Array(entries),
  sumTaken: 0,
  sumTakenAll: 0,
  sumKept: 0,
  sumKeptAll: 0,
});

/** The factor of an operand without the slide. */
export const noSlide: SlideCase = newCase(1);
for (const list of [noSlide.times, noSlide.firsts, noSlide.lasts]) list[0] = 1;
for (const list of [noSlide.taken, noSlide.takenAll, noSlide.kept, noSlide.keptAll]) list[0] = 1;
noSlide.entries = 1;
noSlide.known = true;
noSlide.sumTaken = 1;
noSlide.sumTakenAll = 1;
noSlide.sumKept = 1;
noSlide.sumKeptAll = 1;

/** Words from one position of a slot to the next in a slide. */
export const stepOf = ({ second, steps }: Slide, slot: number): number => (slot === second ? steps[1] : steps[0]);

/** Adds what the units along the slide's spatial loops before the child add to sets of pieces. */
function addUnits(
  even: EvenNest,
  index: number,
  slide: Slide,
  { parent, child }: EvenBoundary,
  sets: Brought | SlideStage,
) {
  const { spatials, spatialSlot, spatialLevel, spatialCount, spatialTile, spatialShares, slideOf } = even;
  const { above, all } = sets;
  let failed = false;
  for (const together of [true, false]) {
    for (let at = 0; at < spatials; at++) {
      const slot = spatialSlot[at] ?? 0;
      const level = spatialLevel[at] ?? 0;
      if (level >= child) break;
      if (slideOf[slot] !== index) continue;
      const shared = level >= parent && spatialShares[at] === 1;
      if (shared !== together) continue;
      const stride = stepOf(slide, slot) * (spatialTile[at] ?? 1);
      const count = spatialCount[at] ?? 1;
      if (together) addProgression(above, stride, count);
      else addCopies(above, stride, count);
    }
    if (together) failed = !settle(above) || !settle(all);
  }
  for (let at = 0; at < spatials; at++) {
    const slot = spatialSlot[at] ?? 0;
    if ((spatialLevel[at] ?? 0) >= child) break;
    if (slideOf[slot] === index) addCopies(all, stepOf(slide, slot) * (spatialTile[at] ?? 1), spatialCount[at] ?? 1);
  }
  sets.fullAbove = wordsOf(above);
  sets.fullAll = wordsOf(all);
  return failed;
}

/** Sets what the boundaries of a schedule need to know of slides: false where the formulas do not cover it. */
export function bindSlides(even: EvenNest): boolean {
  const { slides, boundaries, slideOperand, room } = even;
  room.failed = false;
  if (slides.length === 0) return true;
  for (const boundary of boundaries) {
    if (boundary.operand !== slideOperand) continue;
    for (let index = 0; index < slides.length; index++) {
      const slide = slides[index];
      const stage = room.stages[boundary.child]?.[index];
      if (slide !== undefined && stage !== undefined) bindSlide(even, index, slide, boundary, stage);
    }
  }
  return !room.failed;
}

function bindSlide(even: EvenNest, index: number, slide: Slide, boundary: EvenBoundary, stage: SlideStage): void {
  const { dims, pieces, slideOf, spatials, spatialSlot, spatialLevel, spatialCount, spatialTile, spatialShares } = even;
  const { slotAt, countAt, tileAt, ends } = even;
  const { parent, child } = boundary;
  const { above, all, cases } = stage;
  for (const one of cases) one.known = false;
  const [stepX, stepY] = slide.steps;
  const lengthX = pieces[child * dims + slide.first] ?? 1;
  const lengthY = slide.second < 0 ? 1 : (pieces[child * dims + slide.second] ?? 1);
  clearProgressions(above);
  clearProgressions(all);
  for (const set of [above, all]) {
    addProgression(set, stepX, lengthX);
    addProgression(set, stepY, lengthY);
  }
  setRun(stage, stepX, lengthX, stepY, lengthY);
  if (addUnits(even, index, slide, boundary, stage)) even.room.failed = true;
  stage.span = stepX * (lengthX - 1) + stepY * (lengthY - 1) + 1;
  stage.same = true;
  for (let at = 0; at < spatials && (spatialLevel[at] ?? 0) < child; at++) {
    const slot = spatialSlot[at] ?? 0;
    if (slideOf[slot] !== index) continue;
    stage.span += stepOf(slide, slot) * (spatialTile[at] ?? 1) * ((spatialCount[at] ?? 1) - 1);
    if ((spatialLevel[at] ?? 0) >= parent && spatialShares[at] === 1) stage.same = false;
  }
  stage.reach = 0;
  for (let position = (ends[child] ?? 0) - 1; position >= 0; position--) {
    const slot = slotAt[position] ?? 0;
    if (slideOf[slot] !== index) continue;
    stage.reach += stepOf(slide, slot) * (tileAt[position] ?? 1) * ((countAt[position] ?? 1) - 1);
  }
}

/** A piece's words as one run, where they are. */
function setRun(stage: SlideStage, stepX: number, lengthX: number, stepY: number, lengthY: number): void {
  if (lengthX === 1 || lengthY === 1) {
    stage.grain = lengthX === 1 ? stepY : stepX;
    stage.run = lengthX * lengthY;
    return;
  }
  const grain = commonDivisor(stepX, stepY);
  const [least, most, count] = stepX <= stepY ? [stepX, stepY, lengthX] : [stepY, stepX, lengthY];
  stage.grain = grain;
  const dense = least === grain && most <= count * grain;
  stage.run = dense ? (stepX * (lengthX - 1) + stepY * (lengthY - 1)) / grain + 1 : 0;
}

/** Sets what units get whose pieces lay `back` words further before. */
export function setBrought(
  even: EvenNest,
  index: number,
  slide: Slide,
  boundary: EvenBoundary,
  stage: SlideStage,
  back: number,
): Brought {
  const { brought } = even.room;
  const { grain, run } = stage;
  const far = Math.abs(back) / grain;
  brought.none = back === 0;
  brought.whole = !brought.none && run > 0 && (far >= run || !Number.isInteger(far));
  if (brought.none || brought.whole) return brought;
  if (run === 0) even.room.failed = true;
  const { above, all } = brought;
  clearProgressions(above);
  clearProgressions(all);
  addProgression(above, grain, far);
  addProgression(all, grain, far);
  if (addUnits(even, index, slide, boundary, brought)) even.room.failed = true;
  // Words are new at the end that the piece moves to.
  brought.fromLow = back > 0 ? 0 : (run - far) * grain;
  brought.fromHigh = back > 0 ? (run - far) * grain : 0;
  return brought;
}

/** The case of a slide at a boundary when the loop at `position` moves: -1 for the first step, the end for none. */
export function slideCase(even: EvenNest, index: number, boundary: EvenBoundary, position: number): SlideCase {
  const slide = even.slides[index];
  const stage = even.room.stages[boundary.child]?.[index];
  if (slide === undefined || stage === undefined) return noSlide;
  const { slotAt, slideOf } = even;
  let number = 0;
  if (position >= 0) {
    let before = 0;
    for (let at = 0; at < position; at++) if (slideOf[slotAt[at] ?? 0] === index) before++;
    const moves = position < (even.ends[boundary.child] ?? 0) && slideOf[slotAt[position] ?? 0] === index;
    number = 2 * before + (moves ? 2 : 1);
  }
  let found = stage.cases[number];
  if (found === undefined) {
    found = newCase(slide.padLow + slide.padHigh + 1);
    for (let at = stage.cases.length; at < number; at++) stage.cases.push(newCase(slide.padLow + slide.padHigh + 1));
    stage.cases[number] = found;
  }
  if (!found.known) fillCase(even, index, slide, boundary, stage, position, found);
  return found;
}

function fillCase(
  even: EvenNest,
  index: number,
  slide: Slide,
  boundary: EvenBoundary,
  stage: SlideStage,
  position: number,
  found: SlideCase,
): void {
  const { slotAt, tileAt, countAt, slideOf, ends } = even;
  const { ways, brought } = even.room;
  // From the last step to the first of the loops inside the one that moves.
  let inside = 0;
  const end = ends[boundary.child] ?? 0;
  for (let at = Math.max(0, position); at < end; at++) {
    const slot = slotAt[at] ?? 0;
    if (slideOf[slot] !== index || at === position) continue;
    inside += stepOf(slide, slot) * (tileAt[at] ?? 1) * ((countAt[at] ?? 1) - 1);
  }
  const own = position >= 0 && position < end && slideOf[slotAt[position] ?? 0] === index;
  if (position < 0) {
    brought.none = false;
    brought.whole = true;
  } else {
    const slot = slotAt[position] ?? 0;
    setBrought(even, index, slide, boundary, stage, inside - (own ? stepOf(slide, slot) * (tileAt[position] ?? 1) : 0));
  }
  const low = slide.padLow;
  const high = Math.max(0, slide.padHigh - inside);
  countWays(even, index, slide, 0, Math.max(0, position), own ? 1 : 0, low, high);
  found.known = true;
  found.entries = 0;
  found.sumTaken = 0;
  found.sumTakenAll = 0;
  found.sumKept = 0;
  found.sumKeptAll = 0;
  let [times, firsts, lasts] = [ways.totals[0] ?? 0, ways.totals[1] ?? 0, ways.totals[2] ?? 0];
  for (let side = 0; side < 2; side++) {
    const list = side === 0 ? ways.low : ways.high;
    const need = side === 0 ? low : high;
    for (let far = 0; far < need; far++) {
      const here = list[far] ?? 0;
      if (here === 0) continue;
      const begin = slide.offset + (side === 0 ? far : stage.reach - inside - far);
      if (side === 1 && begin < 0) continue;
      const [first, last] = [list[ways.width + far] ?? 0, list[2 * ways.width + far] ?? 0];
      addEntry(stage, slide, brought, found, begin, here, first, last);
      times -= here;
      firsts -= first;
      lasts -= last;
    }
  }
  if (times > 0) addEntry(stage, slide, brought, found, undefined, times, firsts, lasts);
}

/** Adds steps whose first word is `begin`; undefined for one without padding. */
function addEntry(
  stage: SlideStage,
  slide: Slide,
  brought: Brought,
  found: SlideCase,
  begin: number | undefined,
  times: number,
  first: number,
  last: number,
): void {
  const at = found.entries++;
  const low = begin === undefined ? 0 : Math.max(0, -begin);
  const high = begin === undefined ? 0 : Math.max(0, begin + stage.span - slide.extent);
  const taken = takenWords(stage, false, low, high);
  const takenAll = stage.same ? taken : takenWords(stage, true, low, high);
  const kept = taken - newWords(brought, taken, false, low, high);
  const keptAll = stage.same ? kept : takenAll - newWords(brought, takenAll, true, low, high);
  found.times[at] = times;
  found.firsts[at] = first;
  found.lasts[at] = last;
  found.taken[at] = taken;
  found.takenAll[at] = takenAll;
  found.kept[at] = kept;
  found.keptAll[at] = keptAll;
  found.sumTaken += taken * times;
  found.sumTakenAll += takenAll * times;
  found.sumKept += kept * times;
  found.sumKeptAll += keptAll * times;
}

/** Words that are taken where so many of all units lie in padding at either end. */
export function takenWords(stage: SlideStage, byAll: boolean, low: number, high: number): number {
  const set = byAll ? stage.all : stage.above;
  const full = byAll ? stage.fullAll : stage.fullAbove;
  return full - wordsBelow(set, low) - wordsBelow(set, high);
}

/** Those of `taken` words that are new. */
export function newWords(brought: Brought, taken: number, byAll: boolean, low: number, high: number): number {
  if (brought.none) return 0;
  if (brought.whole) return taken;
  const set = byAll ? brought.all : brought.above;
  const full = byAll ? brought.fullAll : brought.fullAbove;
  return full - wordsBelow(set, low - brought.fromLow) - wordsBelow(set, high - brought.fromHigh);
}
