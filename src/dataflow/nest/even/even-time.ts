// The time of an even schedule some of whose steps wait: a tile's time out of the times of the tiles in it and of what moves
// beside them, level by level, each kind of step once. Steps differ by the loops that move before and after them, by
// whether sums begin or end, and by where pieces lie next to padding.

import { enterNumber, numberAt } from "../chain/number-table.ts";
import type { Ports } from "../ports.ts";
import type { Room } from "../room.ts";
import { addCycles, addDuration, emptyRoom, newDuration } from "../room.ts";
import { addReads, addWrites, findAt, placeIn } from "./even-moves.ts";
import type { EvenBoundary, EvenNest } from "./even-nest.ts";
import { clearStage, stageTime, stepsInside } from "./even-ports.ts";
import type { DatapathSteps } from "./quiet.ts";
import { movesTake, stepWait } from "./quiet.ts";
import { noSlide, reachOf, slideCase, strideOf } from "./slides.ts";
import { arriving, between, isReduced, lastStep, leaving, setKind, someReduced, stepKind } from "./step-kinds.ts";
import type { StepPlaces } from "./step-places.ts";
import { findPlaces, newPlaces, settled } from "./step-places.ts";

/** Bits of flags: all loops that sums run over are at their first step, at their last, and were at their last before. */
const [atFirst, atLast, wasLast] = [1, 2, 4];

/** What the recursion needs of the schedule at hand. */
interface Timing extends DatapathSteps {
  readonly even: EvenNest;
  readonly ports: Ports;
  readonly room: Room;
  readonly width: number;
  /** Whether no step of the datapath waits for a port. */
  readonly sameStep: boolean;
  /** Tiles of stages from this one on hold nothing to which padding makes a difference. */
  readonly clear: number;
}

/** By level: scratch for its steps by place in two slides. A level is never inside itself. */
const scratch: { readonly x: StepPlaces; readonly y: StepPlaces }[] = [];

const steps = stepKind();

/** By stage: no moves beside a step take longer; under 0 where some moves do not run beside it. */
const mostBeside: number[] = [];

/** The duration of all steps: its index in the room's. */
export function evenTime(even: EvenNest, ports: Ports, room: Room, datapath: DatapathSteps): number {
  const { levels, boundaries, slides } = even;
  emptyRoom(room);
  newDuration(room, levels + 2);
  let clear = 0;
  for (let stage = 1; stage < levels; stage++) mostBeside[stage] = movesTake(even, ports, stage);
  for (let index = 0; index < boundaries.length; index++) {
    const boundary = boundaries[index];
    if (boundary === undefined) continue;
    const { child } = boundary;
    if (boundary.slides && (child < levels || !datapath.sameStep)) clear = Math.max(clear, child);
    if (!boundary.beside) mostBeside[child] = -1;
  }
  while (scratch.length <= levels) scratch.push({ x: newPlaces(), y: newPlaces() });
  const timing: Timing = { ...datapath, even, ports, room, width: levels + 2, clear };
  const beginX = settled(even, 0, 0, slides[0]?.offset ?? Number.NaN);
  const beginY = settled(even, 1, 0, slides[1]?.offset ?? Number.NaN);
  return tileTime(timing, 0, -1, atFirst | atLast, beginX, beginY);
}

/**
 * A tile held at a level, reached by the moving of the loop at `position`, whose pieces in slides begin at these words, NaN
 * clear of padding.
 */
function tileTime(
  timing: Timing,
  level: number,
  position: number,
  flags: number,
  beginX: number,
  beginY: number,
): number {
  const { even, ports, room, width } = timing;
  const { levels, ends, byChild } = even;
  if (level === levels - 1 && timing.sameStep) {
    // Nothing but its length matters of such a tile.
    room.durations[0] = stepsInside(even, level) * timing.stepCycles;
    return 0;
  }
  const tiles = room.stages[level]?.tiles;
  if (tiles === undefined) return 0;
  const key = ((position + 1) * 8 + flags) * 1024 + placesKey(timing, level, beginX, beginY);
  const seen = numberAt(tiles, key);
  if (seen >= 0) return seen;
  const sum = newDuration(room, width);
  const stage = level + 1;
  if (stage === levels) {
    addDatapathSteps(timing, sum, flags, beginX, beginY);
    enterNumber(tiles, key, sum);
    return sum;
  }
  const list = byChild[stage] ?? [];
  const isFirst = (flags & atFirst) !== 0;
  const firstX = settled(even, 0, stage, beginX);
  const firstY = settled(even, 1, stage, beginY);
  clearStage(ports, list);
  addReads(even, ports, list, position, isFirst, firstX, firstY, false);
  addWrites(ports, list, position, (flags & wasLast) !== 0, false);
  const swap = stageTime(ports, list, 0, true);
  addCycles(room, sum, swap);
  addCycles(room, sum + 1, swap);
  const from = ends[level] ?? 0;
  const last = (ends[stage] ?? 0) - 1;
  const inner = someReduced(even, from, last + 1) ? flags & (atFirst | wasLast) : flags;
  const body = tileTime(timing, stage, position, inner, firstX, firstY);
  if (last < from) addDuration(room, sum, body, 1, width);
  else {
    // The innermost loop of the level moves next.
    const nextX = settled(even, 0, stage, beginX + strideOf(even, 0, last));
    const nextY = settled(even, 1, stage, beginY + strideOf(even, 1, last));
    clearStage(ports, list);
    addReads(even, ports, list, last, isFirst && !isReduced(even, last), nextX, nextY, true);
    addStep(timing, list, sum, stage, body, 1);
    addDuration(room, sum, restTime(timing, level, flags & (atFirst | atLast), beginX, beginY), 1, width);
  }
  enterNumber(tiles, key, sum);
  return sum;
}

/** Places of a tile as a number below 1024. */
function placesKey({ even, clear }: Timing, level: number, beginX: number, beginY: number): number {
  return level >= clear ? 0 : placeIn(even, 0, level, beginX) * 32 + placeIn(even, 1, level, beginY);
}

/** Adds a step that takes `inner`, or longer where the moves in the ports beside it do, `times` over, and moves between. */
function addStep(
  { ports, room, width }: Timing,
  list: readonly EvenBoundary[],
  sum: number,
  stage: number,
  inner: number,
  times: number,
): void {
  const apart = (mostBeside[stage] ?? 0) < 0 ? stageTime(ports, list, ports.count, true) : 0;
  const longer = Math.max(0, stageTime(ports, list, 0, true) - (room.durations[inner] ?? 0)) + apart;
  addDuration(room, sum, inner, times, width);
  addCycles(room, sum, longer * times);
  addCycles(room, sum + stage + 1, longer * times);
}

/** All steps of a tile but the first. In each, the innermost loop of the level has just moved, or moves next. */
function restTime(timing: Timing, level: number, flags: number, beginX: number, beginY: number): number {
  const { even, room } = timing;
  const rests = room.stages[level]?.rests;
  if (rests === undefined) return 0;
  const key = flags * 1024 + placesKey(timing, level, beginX, beginY);
  const seen = numberAt(rests, key);
  if (seen >= 0) return seen;
  const sum = newDuration(room, timing.width);
  const from = even.ends[level] ?? 0;
  const end = even.ends[level + 1] ?? 0;
  const last = end - 1;
  for (let other = from; other < last; other++) {
    addSteps(timing, sum, level, flags, beginX, beginY, other, arriving);
    addSteps(timing, sum, level, flags, beginX, beginY, other, leaving);
  }
  if ((even.countAt[last] ?? 1) > 2) addSteps(timing, sum, level, flags, beginX, beginY, last, between);
  addSteps(timing, sum, level, flags, beginX, beginY, end, lastStep);
  enterNumber(rests, key, sum);
  return sum;
}

/** Adds the steps of a level's tile of one kind. */
function addSteps(
  timing: Timing,
  sum: number,
  level: number,
  flags: number,
  beginX: number,
  beginY: number,
  other: number,
  kind: number,
): void {
  const { even, ports, room, width, clear } = timing;
  const { slides, ends, byChild } = even;
  const stage = level + 1;
  const list = byChild[stage] ?? [];
  const from = ends[level] ?? 0;
  const end = ends[stage] ?? 0;
  setKind(even, from, end, other, kind, true, steps);
  const { came, goes, times: plain, firsts: plainFirsts, lasts: plainLasts, alike } = steps;
  const { notFirst, notLast, cameReduced, goesReduced } = steps;
  const { x, y } = scratch[level] ?? { x: newPlaces(), y: newPlaces() };
  for (let index = 0; index < 2; index++) {
    const slide = slides[index];
    const begin = level >= clear ? Number.NaN : index === 0 ? beginX : beginY;
    // Loops inside the other one are at their first step where it has moved, and at their last where it will.
    const rests = slide === undefined || kind === arriving || kind === between;
    const now = rests ? 0 : reachOf(even, index, slide, kind === lastStep ? from : other + 1, end);
    const next = kind === lastStep ? now : strideOf(even, index, goes);
    const begins = kind === lastStep ? end : from;
    findPlaces(even, index, level, begin, begins, other, kind, now, next, index === 0 ? x : y);
  }
  const outerFirst = (flags & atFirst) !== 0;
  const outerLast = (flags & atLast) !== 0;
  const least = mostBeside[stage] ?? 0;
  for (let i = 0; i < x.entries; i++) {
    for (let j = 0; j < y.entries; j++) {
      const times = plain * (x.times[i] ?? 0) * (y.times[j] ?? 0);
      const firsts = alike || !outerFirst ? 0 : plainFirsts * (x.firsts[i] ?? 0) * (y.firsts[j] ?? 0);
      const lasts = alike || !outerLast ? 0 : plainLasts * (x.lasts[i] ?? 0) * (y.lasts[j] ?? 0);
      for (let part = 0; part < 3; part++) {
        const count = part === 0 ? times - firsts - lasts : part === 1 ? firsts : lasts;
        if (count === 0) continue;
        // Whether reduced loops up to the other one are at their first, at their last.
        const first = outerFirst && (alike || part === 1);
        const final = outerLast && (alike || part === 2);
        const isFirst = first && !notFirst;
        const isLast = final && !notLast;
        const lastBefore = final && !cameReduced;
        const inner = (isFirst ? atFirst : 0) | (isLast ? atLast : 0) | (lastBefore ? wasLast : 0);
        const body = tileTime(timing, stage, came, inner, x.now[i] ?? Number.NaN, y.now[j] ?? Number.NaN);
        if (least >= 0 && (room.durations[body] ?? 0) >= least) {
          addDuration(room, sum, body, count, width);
          continue;
        }
        clearStage(ports, list);
        const firstNext = first && !goesReduced;
        if (goes >= 0) {
          addReads(even, ports, list, goes, firstNext, x.next[i] ?? Number.NaN, y.next[j] ?? Number.NaN, true);
        }
        addWrites(ports, list, came, lastBefore, true);
        addStep(timing, list, sum, stage, body, count);
      }
    }
  }
}

/** Adds all steps of the innermost level, which wait for the ports of the datapath. */
function addDatapathSteps(timing: Timing, sum: number, flags: number, beginX: number, beginY: number): void {
  const { even, ports, room, stepCycles, whole } = timing;
  const { levels, slides, slideOf, slotAt, countAt, ends, byChild } = even;
  const level = levels - 1;
  const from = ends[level] ?? 0;
  const end = ends[levels] ?? 0;
  const list = byChild[levels] ?? [];
  const { x, y } = scratch[level] ?? { x: newPlaces(), y: newPlaces() };
  findPlaces(even, 0, level, beginX, from, end, 0, 0, 0, x);
  findPlaces(even, 1, level, beginY, from, end, 0, 0, 0, y);
  let plain = 1;
  let plainFirsts = 1;
  for (let at = from; at < end; at++) {
    if ((slideOf[slotAt[at] ?? 0] ?? -1) >= 0) continue;
    plain *= countAt[at] ?? 1;
    if (!isReduced(even, at)) plainFirsts *= countAt[at] ?? 1;
  }
  const slider = list.find((boundary) => boundary.slides);
  const caseX = slider === undefined ? noSlide : slideCase(even, 0, slider, end);
  const caseY = slider === undefined || slides.length < 2 ? noSlide : slideCase(even, 1, slider, end);
  let wait = 0;
  for (let i = 0; i < x.entries; i++) {
    for (let j = 0; j < y.entries; j++) {
      const atX = placeIn(even, 0, levels, x.now[i] ?? Number.NaN);
      const atY = placeIn(even, 1, levels, y.now[j] ?? Number.NaN);
      findAt(even, 0, levels, caseX, atX);
      findAt(even, 1, levels, caseY, atY);
      const words = (caseX.taken[atX] ?? 0) * (caseY.taken[atY] ?? 0);
      const many = stepWait(ports, list, stepCycles, whole, false, words);
      wait += plain * (x.times[i] ?? 0) * (y.times[j] ?? 0) * many;
      if ((flags & atFirst) === 0) continue;
      const firsts = plainFirsts * (x.firsts[i] ?? 0) * (y.firsts[j] ?? 0);
      if (firsts > 0) wait += firsts * (stepWait(ports, list, stepCycles, whole, true, words) - many);
    }
  }
  addCycles(room, sum, stepsInside(even, level) * stepCycles + wait);
  addCycles(room, sum + levels + 1, wait);
}
