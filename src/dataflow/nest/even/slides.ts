// Words of a rank in which pieces slide that a step brings: they depend on the loop that moved, and next to padding on where
// the first of them lies.

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
import { newWays } from "./ways.ts";

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
  /** By case: 0 the first step of all; after n loops of the slide 2 n + 1 where another one moves, 2 n + 2 where the next. */
  readonly cases: SlideCase[];
}

/** One case of a slide at a stage: the words that a step of it brings, and its steps. */
export interface SlideCase {
  /** Whether `brought` is known of the schedule at hand, and whether `times` and the like are. */
  bound: boolean;
  listed: boolean;
  readonly brought: Brought;
  /** By place: whether the factors are known, and those of the words that are taken, and of those among them had before. */
  readonly known: Uint8Array;
  readonly taken: Float64Array;
  readonly takenAll: Float64Array;
  readonly kept: Float64Array;
  readonly keptAll: Float64Array;
  /** Steps of the whole run that are alike, by number: their place. */
  entries: number;
  readonly place: Int32Array;
  /** All steps; those with the reduced loops before the one that moves at their first; at their last. */
  readonly times: Float64Array;
  readonly firsts: Float64Array;
  readonly lasts: Float64Array;
  /** Factors over all steps. */
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

/** Places next to padding at either end at most, and of all. */
export const middle = 15;
const places = 2 * middle + 1;

export interface SlideRoom {
  /** By stage and slide. */
  readonly stages: SlideStage[][];
  readonly ways: Ways;
  /** Whether the formulas did not cover some set of words of the schedule at hand. */
  failed: boolean;
}

export const slideRoom = (levels: number): SlideRoom => ({
  stages: Array.from({ length: levels + 1 }, () => [newStage(), newStage()]),
  ways: newWays(),
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

const newBrought = (): Brought => ({
  none: false,
  whole: true,
  above: progressions(),
  all: progressions(),
  fullAbove: 0,
  fullAll: 0,
  fromLow: 0,
  fromHigh: 0,
});

const newCase = (): SlideCase => ({
  bound: false,
  listed: false,
  brought: newBrought(),
  known: new Uint8Array(places),
  taken: new Float64Array(places),
  takenAll: new Float64Array(places),
  kept: new Float64Array(places),
  keptAll: new Float64Array(places),
  entries: 0,
  place: new Int32Array(places),
  times: new Float64Array(places),
  firsts: new Float64Array(places),
  lasts: new Float64Array(places),
  sumTaken: 0,
  sumTakenAll: 0,
  sumKept: 0,
  sumKeptAll: 0,
});

/** The factor of an operand without the slide. */
export const noSlide: SlideCase = newCase();
for (const list of [noSlide.times, noSlide.firsts, noSlide.lasts]) list[0] = 1;
for (const list of [noSlide.taken, noSlide.takenAll, noSlide.kept, noSlide.keptAll]) list[0] = 1;
noSlide.known[0] = 1;
noSlide.bound = true;
noSlide.listed = true;
noSlide.entries = 1;
noSlide.sumTaken = 1;
noSlide.sumTakenAll = 1;
noSlide.sumKept = 1;
noSlide.sumKeptAll = 1;

/** Where a tile that begins at a word lies: 0 clear of padding, then by how far it reaches below 0, or past the extent. */
export function placeOf(begin: number, span: number, extent: number): number {
  if (begin < 0) return -begin;
  const past = begin + span - extent;
  return past > 0 ? middle + past : 0;
}

/** Its first word; undefined clear of padding, where it makes no difference. */
export function beginOf(place: number, span: number, extent: number): number | undefined {
  if (place === 0) return undefined;
  return place <= middle ? -place : extent - span + place - middle;
}

/** Words from one position of a slot to the next in a slide. */
const stepOf = ({ second, stepX, stepY }: Slide, slot: number): number => (slot === second ? stepY : stepX);

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
  for (let round = 0; round < 2; round++) {
    const together = round === 0;
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
  for (let index = 0; index < slides.length; index++) {
    let span = slides[index]?.span ?? 1;
    for (let level = 0, at = 0; level <= even.levels; level++) {
      for (; at < (even.ends[level] ?? 0); at++) span -= strideOf(even, index, at) * ((even.countAt[at] ?? 1) - 1);
      even.levelSpans[2 * level + index] = span;
    }
  }
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
  const { dims, pieces, slideOf, spatials, spatialSlot, spatialLevel, spatialShares } = even;
  const { parent, child } = boundary;
  const { above, all, cases } = stage;
  for (let at = 0; at < cases.length; at++) {
    const one = cases[at];
    if (one !== undefined) one.bound = false;
  }
  const { stepX, stepY } = slide;
  const lengthX = pieces[child * dims + slide.first] ?? 1;
  const lengthY = slide.second < 0 ? 1 : (pieces[child * dims + slide.second] ?? 1);
  clearProgressions(above);
  clearProgressions(all);
  addProgression(above, stepX, lengthX);
  addProgression(above, stepY, lengthY);
  addProgression(all, stepX, lengthX);
  addProgression(all, stepY, lengthY);
  setRun(stage, stepX, lengthX, stepY, lengthY);
  if (addUnits(even, index, slide, boundary, stage)) even.room.failed = true;
  stage.same = true;
  for (let at = 0; at < spatials && (spatialLevel[at] ?? 0) < child; at++) {
    const slot = spatialSlot[at] ?? 0;
    if (slideOf[slot] === index && (spatialLevel[at] ?? 0) >= parent && spatialShares[at] === 1) stage.same = false;
  }
  stage.span = even.levelSpans[2 * child + index] ?? 1;
  stage.reach = slide.span - stage.span;
}

/** A piece's words as one run, where they are. */
function setRun(stage: SlideStage, stepX: number, lengthX: number, stepY: number, lengthY: number): void {
  if (lengthX === 1 || lengthY === 1) {
    stage.grain = lengthX === 1 ? stepY : stepX;
    stage.run = lengthX * lengthY;
    return;
  }
  const grain = commonDivisor(stepX, stepY);
  const dense =
    Math.min(stepX, stepY) === grain && Math.max(stepX, stepY) <= grain * (stepX <= stepY ? lengthX : lengthY);
  stage.grain = grain;
  stage.run = dense ? (stepX * (lengthX - 1) + stepY * (lengthY - 1)) / grain + 1 : 0;
}

/** Sets what units get whose pieces lay `back` words further before. */
function setBrought(
  even: EvenNest,
  index: number,
  slide: Slide,
  boundary: EvenBoundary,
  { grain, run }: SlideStage,
  back: number,
  brought: Brought,
): void {
  const far = Math.abs(back) / grain;
  brought.none = back === 0;
  brought.whole = !brought.none && run > 0 && (far >= run || !Number.isInteger(far));
  if (brought.none || brought.whole) return;
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
}

/** How far the slide's loops at positions from `from` to before `to` go from their first step to their last, in words. */
export function reachOf(
  { slotAt, tileAt, countAt, slideOf }: EvenNest,
  index: number,
  slide: Slide,
  from: number,
  to: number,
): number {
  let reach = 0;
  for (let at = from; at < to; at++) {
    const slot = slotAt[at] ?? 0;
    if (slideOf[slot] === index) reach += stepOf(slide, slot) * (tileAt[at] ?? 1) * ((countAt[at] ?? 1) - 1);
  }
  return reach;
}

/** How far a step of the loop at a position goes in a slide, in words; 0 for a loop that has no part in it. */
export function strideOf({ slides, slotAt, tileAt, slideOf }: EvenNest, index: number, position: number): number {
  const slide = slides[index];
  const slot = slotAt[position] ?? 0;
  if (slide === undefined || slideOf[slot] !== index) return 0;
  return stepOf(slide, slot) * (tileAt[position] ?? 1);
}

/** The case of a slide at a boundary when the loop at `position` moves: -1 for the first step, the end for none. */
export function slideCase(even: EvenNest, index: number, boundary: EvenBoundary, position: number): SlideCase {
  const slide = even.slides[index];
  const stage = even.room.stages[boundary.child]?.[index];
  if (slide === undefined || stage === undefined) return noSlide;
  const { slotAt, slideOf, ends } = even;
  const end = ends[boundary.child] ?? 0;
  let number = 0;
  let stride = 0;
  if (position >= 0) {
    for (let at = 0; at < position; at++) if (slideOf[slotAt[at] ?? 0] === index) number += 2;
    stride = position < end ? strideOf(even, index, position) : 0;
    number += stride > 0 ? 2 : 1;
  }
  const { cases } = stage;
  while (cases.length <= number) cases.push(newCase());
  const found = cases[number] ?? noSlide;
  if (found.bound) return found;
  found.bound = true;
  found.listed = false;
  found.known.fill(0);
  if (position < 0) {
    found.brought.none = false;
    found.brought.whole = true;
  } else {
    // The loop goes a step, and those inside it from their last step to their first.
    const back = reachOf(even, index, slide, stride > 0 ? position + 1 : position, end) - stride;
    setBrought(even, index, slide, boundary, stage, back, found.brought);
  }
  return found;
}

/** Makes the factors of a case known at a place. */
export function findWords(stage: SlideStage, { extent }: Slide, found: SlideCase, place: number): void {
  if (found.known[place] === 1) return;
  found.known[place] = 1;
  const begin = beginOf(place, stage.span, extent);
  const low = begin === undefined ? 0 : Math.max(0, -begin);
  const high = begin === undefined ? 0 : Math.max(0, begin + stage.span - extent);
  const taken = stage.fullAbove - wordsBelow(stage.above, low) - wordsBelow(stage.above, high);
  const kept = taken - newWords(found.brought, taken, false, low, high);
  found.taken[place] = taken;
  found.kept[place] = kept;
  if (stage.same) {
    found.takenAll[place] = taken;
    found.keptAll[place] = kept;
    return;
  }
  const all = stage.fullAll - wordsBelow(stage.all, low) - wordsBelow(stage.all, high);
  found.takenAll[place] = all;
  found.keptAll[place] = all - newWords(found.brought, all, true, low, high);
}

/** Those of `taken` words that are new, where so many of all units lie in padding at either end. */
function newWords(brought: Brought, taken: number, byAll: boolean, low: number, high: number): number {
  if (brought.none) return 0;
  if (brought.whole) return taken;
  const set = byAll ? brought.all : brought.above;
  const full = byAll ? brought.fullAll : brought.fullAbove;
  return full - wordsBelow(set, low - brought.fromLow) - wordsBelow(set, high - brought.fromHigh);
}

/** Factor of two slides in the words that a change brings where they lie at these places; `whole` where nothing is kept. */
export function wordsBrought(x: SlideCase, y: SlideCase, atX: number, atY: number, whole: boolean): number {
  const taken = (x.taken[atX] ?? 0) * (y.taken[atY] ?? 0);
  return whole ? taken : taken - (x.kept[atX] ?? 0) * (y.kept[atY] ?? 0);
}

/** The same over all units. */
export function wordsBroughtToAll(x: SlideCase, y: SlideCase, atX: number, atY: number, whole: boolean): number {
  const taken = (x.takenAll[atX] ?? 0) * (y.takenAll[atY] ?? 0);
  return whole ? taken : taken - (x.keptAll[atX] ?? 0) * (y.keptAll[atY] ?? 0);
}
