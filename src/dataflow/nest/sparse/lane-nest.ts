// A schedule as lanes see it: which loops run over time, over units, over the lanes of a unit and over the positions of
// a bank, and which positions of a dimension fall to which of them.

import { InputError } from "../../../base/error.ts";
import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";

/** An axis of a hierarchy, by its level and its name. */
export interface AxisReference {
  readonly level: number;
  readonly axis: string;
}

/**
 * Where a loop runs. `bank`: over the positions of the lanes' banks in one round, which is the last loop over time if it
 * is over the channel.
 */
export type LoopPlace = "time" | "unit" | "lane" | "bank";

export interface LaneLoop {
  readonly dimension: number;
  readonly tile: number;
  readonly level: number;
  readonly place: LoopPlace;
  /** Steps in the first piece of everything around it, which is the largest. */
  readonly steps: number;
  /** Axis of a loop over units. */
  readonly axis?: string;
}

export interface LaneNest {
  readonly problem: NestProblem;
  /** In nest order; loops of a single step are left out. */
  readonly loops: readonly LaneLoop[];
  /** Dimension that is reduced and that both operands have on its own: what bitmaps run along. */
  readonly channel: number;
  /** Dimension of the lanes; undefined where only one is used. */
  readonly laneDimension: number | undefined;
  /** Lanes of a unit in use, and positions of their banks. */
  readonly lanes: number;
  readonly bankBits: number;
  /** Units in use, and those of them that hold parts of the same sum. */
  readonly units: number;
  readonly reducedUnits: number;
}

/**
 * The nest of a schedule on units whose lanes are one axis of its hierarchy and whose banks hold `bankBits` elements: a
 * last loop over more channels than that is cut into rounds. Throws InputError where the loops do not end at single
 * positions, or more than one loop runs over the lanes, or over more of them than there are.
 */
export function laneNest(
  problem: NestProblem,
  schedule: Schedule,
  lanes: AxisReference,
  laneCount: number,
  bankBits: number,
): LaneNest {
  const channel = channelDimension(problem);
  const loops = cutRounds(effectiveLoops(problem, schedule, lanes), channel, bankBits);
  const laneLoops = loops.filter((loop) => loop.place === "lane");
  const lane = laneLoops[0];
  if (laneLoops.length > 1) {
    throw new InputError({
      path: `levels[${lanes.level}].spatial`,
      message: "lanes cut more than one dimension",
      found: laneLoops.map(({ dimension }) => problem.dimensions[dimension]?.name ?? "").join(", "),
      expected: "one loop of more than one step",
    });
  }
  if (lane !== undefined && lane.steps > laneCount) {
    throw new InputError({
      path: `levels[${lanes.level}].spatial`,
      message: "more steps than lanes",
      found: String(lane.steps),
      expected: `at most ${laneCount}`,
    });
  }
  const reduced = new Set(reducedDimensions(problem));
  const units = loops.filter((loop) => loop.place === "unit");
  return {
    problem,
    loops,
    channel,
    laneDimension: lane?.dimension,
    lanes: lane?.steps ?? 1,
    bankBits: loops.find(({ place }) => place === "bank")?.steps ?? 1,
    units: units.reduce((product, loop) => product * loop.steps, 1),
    reducedUnits: units.reduce((product, loop) => product * (reduced.has(loop.dimension) ? loop.steps : 1), 1),
  };
}

/** The reduced dimension that both operands have as a rank of its own. Throws InputError for a problem without one. */
export function channelDimension(problem: NestProblem): number {
  for (const dimension of reducedDimensions(problem)) {
    if (hasOwnRank(problem, "A", dimension) && hasOwnRank(problem, "B", dimension)) return dimension;
  }
  throw new InputError({ path: "dimensions", message: "no dimension that both operands reduce along" });
}

/** Whether a dimension is a rank of an operand by itself, without stride or window. */
export function hasOwnRank(problem: NestProblem, operand: OperandKey, dimension: number): boolean {
  return problem.operands[operand].some(
    ({ terms }) => terms.length === 1 && terms[0]?.dimension === dimension && terms[0].coefficient === 1,
  );
}

/** Loops of more than one step, far to near, each with its place. */
function effectiveLoops(problem: NestProblem, schedule: Schedule, lanes: AxisReference): LaneLoop[] {
  const left = problem.dimensions.map(({ size }) => size);
  const loops: LaneLoop[] = [];
  const take = (dimension: number, tile: number, level: number, place: LoopPlace, axis?: string): void => {
    const steps = Math.ceil((left[dimension] ?? 1) / tile);
    left[dimension] = Math.min(left[dimension] ?? 1, tile);
    if (steps > 1) loops.push({ dimension, tile, level, place, steps, ...(axis === undefined ? {} : { axis }) });
  };
  for (const [level, { temporal, spatial }] of schedule.levels.entries()) {
    for (const { dimension, tile } of temporal) take(dimension, tile, level, "time");
    for (const { dimension, tile, axis } of spatial) {
      const place = level === lanes.level && axis === lanes.axis ? "lane" : "unit";
      take(dimension, tile, level, place, axis);
    }
  }
  for (const [dimension, size] of left.entries()) {
    if (size === 1) continue;
    throw new InputError({
      path: "levels",
      message: `the loops over ${problem.dimensions[dimension]?.name ?? "a dimension"} do not reach single positions`,
      found: `tiles of ${size} at the multipliers`,
      expected: "1",
    });
  }
  return loops;
}

/** Marks the last loop over time as the one within banks, if it is over the channel, and cuts it where a bank ends. */
function cutRounds(loops: readonly LaneLoop[], channel: number, bankBits: number): LaneLoop[] {
  const at = loops.findLastIndex(({ place }) => place === "time");
  const last = loops[at];
  if (last === undefined || last.dimension !== channel) return [...loops];
  const rounds = Math.ceil(last.steps / bankBits);
  const inBank: LaneLoop = { ...last, place: "bank", steps: Math.min(last.steps, bankBits) };
  const cut = rounds === 1 ? [inBank] : [{ ...last, tile: last.tile * bankBits, steps: rounds }, inBank];
  return [...loops.slice(0, at), ...cut, ...loops.slice(at + 1)];
}

/** Where a position of a dimension lies: number of the cell (all loops but those over lanes and banks), lane, and place in the bank. */
export interface DimensionPlaces {
  readonly cells: number;
  readonly cell: Int32Array;
  readonly lane: Int32Array;
  readonly position: Int32Array;
}

/** Places of all positions of a dimension. Cells are numbered mixed-radix by the loops over time and units. */
export function dimensionPlaces(nest: LaneNest, dimension: number): DimensionPlaces {
  const size = nest.problem.dimensions[dimension]?.size ?? 1;
  const loops = nest.loops.filter((loop) => loop.dimension === dimension);
  const cell = new Int32Array(size);
  const lane = new Int32Array(size);
  const position = new Int32Array(size);
  for (let x = 0; x < size; x++) {
    let rest = x;
    for (const { tile, steps, place } of loops) {
      const step = Math.floor(rest / tile);
      rest -= step * tile;
      if (place === "lane") lane[x] = step;
      else if (place === "bank") position[x] = step;
      else cell[x] = (cell[x] ?? 0) * steps + step;
    }
  }
  return { cells: cellCount(loops), cell, lane, position };
}

const isCellLoop = ({ place }: LaneLoop): boolean => place === "time" || place === "unit";

const cellCount = (loops: readonly LaneLoop[]): number =>
  loops.reduce((product, loop) => product * (isCellLoop(loop) ? loop.steps : 1), 1);

/** How far each loop moves the number of its dimension's cell; 0 over lanes and banks. */
export function cellStrides(nest: LaneNest): number[] {
  return nest.loops.map((loop, index) =>
    isCellLoop(loop)
      ? cellCount(nest.loops.slice(index + 1).filter(({ dimension }) => dimension === loop.dimension))
      : 0,
  );
}
