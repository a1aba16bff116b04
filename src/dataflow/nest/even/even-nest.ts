// A problem as schedules see it all of whose tiles divide: units act alike and every step moves whole pieces, so that
// what a step moves depends on the loop that moved alone, and in a window on how near to the padding it lies.

import type { OperandKey } from "../../../mapping/nest/problem.ts";
import { operandKeys } from "../../../mapping/nest/problem.ts";
import type { Axis, Hierarchy, Schedule } from "../../../mapping/nest/schedule.ts";
import type { PreparedNest } from "../prepare.ts";
import { mostProgressions } from "./progressions.ts";
import type { SlideRoom } from "./slides.ts";
import { middle, slideRoom } from "./slides.ts";

/** A rank whose words depend on where pieces lie: two dimensions slide in it, or one that meets padding. */
export interface Slide {
  /** Indices into the prepared dimensions; -1 for no second one; and words from one position of each to the next. */
  readonly first: number;
  readonly second: number;
  /** Words from one position to the next. */
  readonly stepX: number;
  readonly stepY: number;
  readonly offset: number;
  readonly extent: number;
  /** Words of padding that positions meet at most, below 0 and from the extent on. */
  readonly padLow: number;
  readonly padHigh: number;
  /** Words from the first to the last that any position meets, padding included. */
  readonly span: number;
}

/** A boundary between two levels that keep an operand, or the last one and the datapath, for the schedule at hand. */
export interface EvenBoundary {
  operand: number;
  parent: number;
  child: number;
  parentMemory: number;
  /** -1 for the datapath. */
  childMemory: number;
  /** Whether its moves run beside the work. */
  beside: boolean;
  /** Bytes of a word: of an input or a partial sum, of a finished result above, and of one in the child. */
  width: number;
  finalWidth: number;
  finalGivenWidth: number;
  /** Words of a whole change but for factors of slides: as read at the parent, and over all units of the child. */
  above: number;
  all: number;
  /** Positions of the innermost loops before the child that bring a piece altogether new, and anything new; -1 for none. */
  lastAlone: number;
  lastHas: number;
  /** Whether slides take part. */
  slides: boolean;
}

/** All about a schedule's loops; used again for the next one. */
export interface EvenNest {
  readonly levels: number;
  readonly dims: number;
  /** By slot: number of positions, and whether sums run over the dimension. */
  readonly sizes: Int32Array;
  readonly reduced: Uint8Array;
  /** By operand and slot: whether the operand has it in a rank of its own without padding. */
  readonly alone: Uint8Array;
  /** The one operand that has slides, -1 for none; and by slot the slide that it is in, -1 for none. */
  readonly slideOperand: number;
  readonly slides: readonly Slide[];
  readonly slideOf: Int32Array;

  /** Temporal loops in nest order: slot, level, steps and tile; and by level, how many lie at levels before it. */
  loops: number;
  readonly slotAt: Int32Array;
  readonly levelAt: Int32Array;
  readonly countAt: Float64Array;
  readonly tileAt: Int32Array;
  readonly ends: Int32Array;
  /** Spatial loops likewise, and whether one read serves all units along each. */
  spatials: number;
  readonly spatialSlot: Int32Array;
  readonly spatialLevel: Int32Array;
  readonly spatialCount: Float64Array;
  readonly spatialTile: Int32Array;
  readonly spatialShares: Uint8Array;
  /** By level and slot: positions of the piece that a unit of the level has. */
  readonly pieces: Int32Array;
  /** By level: units in use, and whether sums are spread over them. */
  readonly inUse: Float64Array;
  readonly spread: Uint8Array;

  /** By level and slide (2 of them): words from the first to the last that the units of the level meet in a tile. */
  readonly levelSpans: Float64Array;

  readonly boundaries: EvenBoundary[];
  /** By child: its boundaries. */
  readonly byChild: EvenBoundary[][];
  readonly spare: EvenBoundary[];
  readonly room: SlideRoom;
}

/** Loops in time, and in space, that a schedule may have here. */
const mostLoops = 64;
const mostSpatials = mostProgressions - 2;

/** A nest for even schedules; undefined for a problem that the formulas do not cover. */
export function evenNest(prepared: Omit<PreparedNest, "even">): EvenNest | undefined {
  const { dimensions, hierarchy, operands, problem, slotOf } = prepared;
  const dims = dimensions.length;
  const levels = hierarchy.levels.length;
  const alone = new Uint8Array(3 * dims);
  const slideOf = new Int32Array(dims).fill(-1);
  const slides: Slide[] = [];
  let slideOperand = -1;
  for (const [operand, key] of operandKeys.entries()) {
    for (const rank of problem.operands[key]) {
      const terms = rank.terms.flatMap((term) => {
        const slot = slotOf[term.dimension] ?? -1;
        return slot < 0 ? [] : [{ slot, coefficient: term.coefficient }];
      });
      const [x, y] = terms;
      if (x === undefined) continue;
      const sizeOf = (slot: number | undefined): number =>
        slot === undefined ? 1 : (dimensions[slot]?.traits.size ?? 1);
      const { offset, extent } = rank;
      const stepY = y?.coefficient ?? 1;
      const highest = offset + x.coefficient * (sizeOf(x.slot) - 1) + stepY * (sizeOf(y?.slot) - 1);
      const padLow = Math.max(0, -offset);
      const padHigh = Math.max(0, highest + 1 - extent);
      if (y === undefined && padLow === 0 && padHigh === 0) {
        alone[operand * dims + x.slot] = 1;
        continue;
      }
      if (operand === 2 || (slideOperand >= 0 && slideOperand !== operand) || slides.length === 2) return undefined;
      if (Math.max(padLow, padHigh) > middle) return undefined;
      slideOperand = operand;
      for (const term of terms) slideOf[term.slot] = slides.length;
      slides.push({
        first: x.slot,
        second: y?.slot ?? -1,
        stepX: x.coefficient,
        stepY,
        offset,
        extent,
        padLow,
        padHigh,
        span: highest - offset + 1,
      });
    }
    // All words of the operand are padding.
    if (operands[operand]?.factor === 0) return undefined;
  }
  return {
    levels,
    dims,
    sizes: Int32Array.from(dimensions, ({ traits }) => traits.size),
    reduced: Uint8Array.from(prepared.reduced, Number),
    alone,
    slideOperand,
    slides,
    slideOf,
    loops: 0,
    slotAt: new Int32Array(mostLoops),
    levelAt: new Int32Array(mostLoops),
    countAt: new Float64Array(mostLoops),
    tileAt: new Int32Array(mostLoops),
    ends: new Int32Array(levels + 1),
    spatials: 0,
    spatialSlot: new Int32Array(mostSpatials),
    spatialLevel: new Int32Array(mostSpatials),
    spatialCount: new Float64Array(mostSpatials),
    spatialTile: new Int32Array(mostSpatials),
    spatialShares: new Uint8Array(mostSpatials),
    pieces: new Int32Array((levels + 1) * dims),
    inUse: new Float64Array(levels + 1),
    spread: new Uint8Array(levels + 1),
    levelSpans: new Float64Array(2 * levels + 2),
    boundaries: [],
    byChild: Array.from({ length: levels + 1 }, () => []),
    spare: Array.from({ length: 3 * levels }, emptyBoundary),
    room: slideRoom(levels),
  };
}

const emptyBoundary = (): EvenBoundary => ({
  operand: 0,
  parent: 0,
  child: 0,
  parentMemory: 0,
  childMemory: 0,
  beside: true,
  width: 0,
  finalWidth: 0,
  finalGivenWidth: 0,
  above: 0,
  all: 0,
  lastAlone: -1,
  lastHas: -1,
  slides: false,
});

const noAxes: readonly Axis[] = [];

function axisNamed(axes: readonly Axis[], name: string): Axis | undefined {
  let at = 0;
  while (at < axes.length && axes[at]?.name !== name) at++;
  return axes[at];
}

/** Sets the loops of a schedule: false for one that is not even, or faulty. */
export function bindLoops(even: EvenNest, hierarchy: Hierarchy, slotOf: Int32Array, schedule: Schedule): boolean {
  const { levels, dims, sizes, reduced, slotAt, levelAt, countAt, tileAt, ends, pieces, inUse, spread } = even;
  let loops = 0;
  let spatials = 0;
  let units = 1;
  let spreads = 0;
  for (let slot = 0; slot < dims; slot++) pieces[slot] = sizes[slot] ?? 1;
  for (let level = 0; level < levels; level++) {
    ends[level] = loops;
    inUse[level] = units;
    spread[level] = spreads;
    const from = level * dims;
    const to = from + dims;
    for (let slot = 0; slot < dims; slot++) pieces[to + slot] = pieces[from + slot] ?? 1;
    const own = schedule.levels[level];
    if (own === undefined) continue;
    for (const { dimension, tile } of own.temporal) {
      const slot = slotOf[dimension] ?? -1;
      const piece = pieces[to + slot] ?? 1;
      if (slot < 0 || tile >= piece) continue;
      if (piece % tile !== 0 || loops === mostLoops) return false;
      slotAt[loops] = slot;
      levelAt[loops] = level;
      countAt[loops] = piece / tile;
      tileAt[loops++] = tile;
      pieces[to + slot] = tile;
    }
    for (const { dimension, tile, axis } of own.spatial) {
      const slot = slotOf[dimension] ?? -1;
      const piece = pieces[to + slot] ?? 1;
      if (slot < 0 || tile >= piece) continue;
      const found = axisNamed(hierarchy.levels[level]?.axes ?? noAxes, axis);
      if (found === undefined || piece % tile !== 0 || spatials === mostSpatials) return false;
      even.spatialSlot[spatials] = slot;
      even.spatialLevel[spatials] = level;
      even.spatialCount[spatials] = piece / tile;
      even.spatialTile[spatials] = tile;
      even.spatialShares[spatials++] = found.multicast ? 1 : 0;
      units *= piece / tile;
      pieces[to + slot] = tile;
      if (reduced[slot] === 1) spreads = 1;
    }
  }
  for (let slot = 0; slot < dims; slot++) if (pieces[levels * dims + slot] !== 1) return false;
  ends[levels] = loops;
  inUse[levels] = units;
  spread[levels] = spreads;
  even.loops = loops;
  even.spatials = spatials;
  return true;
}

/** Sets the boundaries of the schedule whose loops are set. */
export function bindBoundaries(
  even: EvenNest,
  { memoryOf, memories }: Pick<PreparedNest, "memoryOf" | "memories">,
  { bypass }: Schedule,
  widthOf: (operand: OperandKey | "partial", child: number) => number,
): void {
  const { levels, boundaries, byChild, spare, spread } = even;
  boundaries.length = 0;
  for (const list of byChild) list.length = 0;
  for (let operand = 0; operand < 3; operand++) {
    const key = operandKeys[operand] ?? "A";
    let parent = 0;
    let before: EvenBoundary | undefined;
    for (let child = 1; child <= levels; child++) {
      if (child < levels) {
        if ((memoryOf[child]?.[operand] ?? -1) < 0) continue;
        const passed = bypass[child];
        if (passed !== undefined && passed.length > 0 && passed.includes(key)) continue;
      }
      const boundary = spare[boundaries.length];
      if (boundary === undefined) return;
      const last = child === levels;
      const width = widthOf(operand === 2 ? "partial" : key, child);
      const final = operand === 2 && !last ? widthOf("C", child) : width;
      boundary.operand = operand;
      boundary.parent = parent;
      boundary.child = child;
      boundary.parentMemory = memoryOf[parent]?.[operand] ?? 0;
      boundary.childMemory = last ? -1 : (memoryOf[child]?.[operand] ?? 0);
      boundary.beside =
        memories[boundary.parentMemory]?.overlapped !== false && memories[boundary.childMemory]?.overlapped !== false;
      boundary.width = width;
      boundary.finalWidth = spread[parent] === 1 ? width : final;
      boundary.finalGivenWidth = spread[child] === 1 ? width : final;
      // The memory that the datapath adds to is as wide as a partial sum.
      if (last && before !== undefined) before.finalGivenWidth = before.width;
      setWords(even, boundary);
      boundaries.push(boundary);
      byChild[child]?.push(boundary);
      before = boundary;
      parent = child;
    }
  }
}

/** Words of a boundary, and the loops that bring them. */
function setWords(even: EvenNest, boundary: EvenBoundary): void {
  const { dims, alone, slideOf, slideOperand, slotAt, ends, pieces, spatials } = even;
  const { spatialSlot, spatialLevel, spatialCount, spatialShares } = even;
  const { operand, parent, child } = boundary;
  const slides = operand === slideOperand;
  const own = operand * dims;
  let above = 1;
  for (let slot = 0; slot < dims; slot++) if (alone[own + slot] === 1) above *= pieces[child * dims + slot] ?? 1;
  let all = above;
  for (let index = 0; index < spatials; index++) {
    const slot = spatialSlot[index] ?? 0;
    const level = spatialLevel[index] ?? 0;
    if (level >= child) break;
    if (slides && (slideOf[slot] ?? -1) >= 0) continue;
    const count = spatialCount[index] ?? 1;
    all *= count;
    if (alone[own + slot] === 1 || level < parent || (operand < 2 && spatialShares[index] === 0)) above *= count;
  }
  boundary.above = above;
  boundary.all = all;
  boundary.slides = slides;
  boundary.lastAlone = -1;
  boundary.lastHas = -1;
  for (let position = (ends[child] ?? 0) - 1; position >= 0; position--) {
    const slot = slotAt[position] ?? 0;
    const whole = alone[own + slot] === 1;
    if (!whole && !(slides && (slideOf[slot] ?? -1) >= 0)) continue;
    if (boundary.lastHas < 0) boundary.lastHas = position;
    if (!whole) continue;
    boundary.lastAlone = position;
    return;
  }
}
