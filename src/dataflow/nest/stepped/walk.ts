// A loop nest written out: the instances of every level, the steps of every stage in the order in which they run, and
// the box of coordinates that an instance works on in a step.

import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../../mapping/nest/schedule.ts";

/** A loop with its place in the nest. */
export interface PlacedLoop {
  readonly level: number;
  readonly dimension: number;
  readonly tile: number;
  /** Only spatial loops have one: whether the units along their axis share what is read for them. */
  readonly multicast?: boolean;
  /** Steps that it takes at most. */
  readonly steps: number;
}

/** An interval of coordinates; a length of 0 where there is nothing left. */
export interface Piece {
  readonly start: number;
  readonly length: number;
}

/** One step of a stage: the index of each temporal loop above it, outermost first. */
export interface StageStep {
  readonly temporal: readonly number[];
  /** The step of the stage around it, by its place there. */
  readonly outer: number;
}

export interface Walk {
  readonly problem: NestProblem;
  /** Number of levels; the datapath is the stage after the last one. */
  readonly levels: number;
  readonly loops: readonly PlacedLoop[];
  /** Steps of stages 0 to `levels`; stage 0 has one. */
  readonly steps: readonly (readonly StageStep[])[];
  /** Instances of stages 0 to `levels`: the index of each spatial loop above, outermost loop slowest. */
  readonly instances: readonly (readonly (readonly number[])[])[];
}

/** Writes a schedule out. The schedule must be valid: its loops end at tiles of 1. */
export function walkOf(problem: NestProblem, hierarchy: Hierarchy, schedule: Schedule): Walk {
  const levels = hierarchy.levels.length;
  const loops = placedLoops(problem, hierarchy, schedule);
  const steps: StageStep[][] = [[{ temporal: [], outer: 0 }]];
  const instances: number[][][] = [[[]]];
  for (let level = 0; level < levels; level++) {
    let here: StageStep[] = (steps[level] ?? []).map(({ temporal }, outer) => ({ temporal, outer }));
    let units = instances[level] ?? [];
    for (const [index, loop] of loops.entries()) {
      if (loop.level !== level) continue;
      if (loop.multicast !== undefined) {
        units = units.flatMap((unit) => Array.from({ length: loop.steps }, (_, step) => [...unit, step]));
        continue;
      }
      // All instances take as many steps as the first one, which has the largest pieces.
      here = here.flatMap(({ temporal, outer }) => {
        const around = piecesOf(problem, loops.slice(0, index), temporal, [])[loop.dimension]?.length ?? 1;
        const count = Math.ceil(around / loop.tile);
        return Array.from({ length: count }, (_, step) => ({ temporal: [...temporal, step], outer }));
      });
    }
    steps.push(here);
    instances.push(units);
  }
  return { problem, levels, loops, steps, instances };
}

/** All loops in nest order: in each level the temporal ones, then the spatial ones. */
function placedLoops(problem: NestProblem, hierarchy: Hierarchy, schedule: Schedule): PlacedLoop[] {
  const left = problem.dimensions.map(({ size }) => size);
  const loops: PlacedLoop[] = [];
  const place = (level: number, dimension: number, tile: number, multicast?: boolean): void => {
    const size = left[dimension] ?? 1;
    const steps = Math.ceil(size / tile);
    loops.push({ level, dimension, tile, steps, ...(multicast === undefined ? {} : { multicast }) });
    left[dimension] = Math.min(size, tile);
  };
  for (const [level, { temporal, spatial }] of schedule.levels.entries()) {
    for (const loop of temporal) place(level, loop.dimension, loop.tile);
    for (const loop of spatial) {
      const axis = hierarchy.levels[level]?.axes.find(({ name }) => name === loop.axis);
      place(level, loop.dimension, loop.tile, axis?.multicast ?? false);
    }
  }
  return loops;
}

/** What these loops leave of each dimension, at these indices of the temporal and of the spatial ones (missing: 0). */
function piecesOf(
  problem: NestProblem,
  loops: readonly PlacedLoop[],
  temporal: readonly number[],
  spatial: readonly number[],
): Piece[] {
  const pieces = problem.dimensions.map(({ size }): Piece => ({ start: 0, length: size }));
  let atTemporal = 0;
  let atSpatial = 0;
  for (const { dimension, tile, multicast } of loops) {
    const index = (multicast === undefined ? temporal[atTemporal++] : spatial[atSpatial++]) ?? 0;
    const { start, length } = pieces[dimension] ?? { start: 0, length: 1 };
    const rest = length - index * tile;
    pieces[dimension] = { start: start + index * tile, length: Math.max(0, Math.min(tile, rest)) };
  }
  return pieces;
}

/** The box of an instance of a stage in a step: a piece for each dimension, or undefined where one of them is empty. */
export function boxOf(walk: Walk, stage: number, step: StageStep, instance: readonly number[]): Piece[] | undefined {
  const inside = walk.loops.findIndex((loop) => loop.level >= stage);
  const above = inside < 0 ? walk.loops : walk.loops.slice(0, inside);
  const box = piecesOf(walk.problem, above, step.temporal, instance);
  return box.some(({ length }) => length === 0) ? undefined : box;
}

/** The step of stage `outer` that runs while stage `stage` is at its step `at`. */
export function stepAround(walk: Walk, stage: number, at: number, outer: number): number {
  let index = at;
  for (let level = stage; level > outer; level--) index = walk.steps[level]?.[index]?.outer ?? 0;
  return index;
}

/** For each instance of a stage the place of the instance of stage `outer` that it lies below. */
export function instancesAbove(walk: Walk, stage: number, outer: number): readonly number[] {
  const places = new Map((walk.instances[outer] ?? []).map((indices, place) => [indices.join(), place]));
  const kept = walk.instances[outer]?.[0]?.length ?? 0;
  return (walk.instances[stage] ?? []).map((indices) => places.get(indices.slice(0, kept).join()) ?? 0);
}

/**
 * For each instance of stage `child` the group that one read of stage `parent` serves: instances below the same parent
 * with equal indices in the spatial loops between them whose axis does not multicast.
 */
export function readGroups(walk: Walk, parent: number, child: number): readonly string[] {
  const spatial = walk.loops.filter((loop) => loop.multicast !== undefined && loop.level < child);
  return (walk.instances[child] ?? []).map((indices) =>
    indices.filter((_, at) => (spatial[at]?.level ?? 0) < parent || spatial[at]?.multicast === false).join(),
  );
}

/** Words of an operand that a box touches, by their place among all words (row-major); padding has none. */
export function wordsOf(walk: Walk, operand: OperandKey, box: readonly Piece[]): ReadonlySet<number> {
  let words = new Set([0]);
  for (const { terms, offset, extent } of walk.problem.operands[operand]) {
    let places = [offset];
    for (const { dimension, coefficient } of terms) {
      const { start, length } = box[dimension] ?? { start: 0, length: 1 };
      const moved: number[] = [];
      for (const place of places) {
        for (let at = start; at < start + length; at++) moved.push(place + coefficient * at);
      }
      places = moved;
    }
    const longer = new Set<number>();
    for (const word of words) {
      for (const place of places) if (place >= 0 && place < extent) longer.add(word * extent + place);
    }
    words = longer;
  }
  return words;
}
