// A tile of a schedule on sparse lanes: rounds of some of its units up to where sums are complete, as a program for the
// stepped lanes, and counted on packed bitmaps as the engine counts the whole layer.

import { arrayClock } from "../../../component/sparse-lanes/array-clock.ts";
import { addLaneRounds, addRounds, joinLanes, packedLayout } from "../../../component/sparse-lanes/packed.ts";
import type { PackedOperand } from "../../../component/sparse-lanes/packed.ts";
import { bitmapsOf } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { LaneBank, LaneProgram, UnitRound } from "../../../component/sparse-lanes/stepped.ts";
import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import type { LaneMachine } from "./lane-cycles.ts";
import { columnsOf, effectiveSparsity, odometer, offsetsOf } from "./lane-cycles.ts";
import type { LaneNest } from "./lane-nest.ts";
import { laneNest } from "./lane-nest.ts";
import { operandBitmaps } from "./operand-bitmaps.ts";

/** A round: the step of every loop of the nest, and the outermost one that moved before it; -1 at the first of all. */
interface Round {
  readonly steps: Int32Array;
  readonly moved: number;
  readonly pointEnds: boolean;
  readonly joins: boolean;
}

export interface LaneTile {
  readonly nest: LaneNest;
  readonly program: LaneProgram;
  /** By round, the place in the nest of the outermost loop that made a step before it; -1 at the first of all. */
  readonly moved: readonly number[];
  /** Number of the first round in the layer. */
  readonly first: number;
  readonly counted: {
    readonly cycles: number;
    readonly multiplications: number;
    /** Rounds of units with work, and the cycles that those would take without bitmaps. */
    readonly rounds: number;
    readonly denseCycles: number;
  };
}

/** A tile goes on past the ends of points until it has so many rounds, unless all units wait for each other before. */
const leastRounds = 8;

/**
 * Tile `tile` of the layer, with the units of the nest that `units` names; the number of tiles where there is no such
 * one. A and B hold one value for each element, row-major over the ranks of the problem. Rounds are counted from the
 * tile's beginning for barriers that come after a number of them, and units that are not named are not waited for.
 * Throws InputError for schedules that the lanes cannot run.
 */
export function laneTile(
  problem: NestProblem,
  schedule: Schedule,
  machine: LaneMachine,
  operands: Readonly<Record<"A" | "B", ArrayLike<number>>>,
  tile: number,
  units: (nest: LaneNest) => readonly number[],
): LaneTile | number {
  const { lanes, bankBits } = machine.lanes;
  const nest = laneNest(problem, schedule, machine.laneAxis, lanes, bankBits);
  const found = roundsOf(nest, machine.joinLevel, tile);
  if (typeof found === "number") return found;
  const { rounds, first } = found;
  const chosen = units(nest);
  const unitSteps = chosen.map((unit) => stepsOfUnit(nest, unit));
  const columns = columnsOf(nest, machine.columnAxis);
  const column = Int32Array.from(chosen, (unit) => columns[unit] ?? 0);
  // Columns count from 0 among the units that take part.
  const known = [...new Set(column)];
  const programs = chosen.map((_, i) => ({
    column: known.indexOf(column[i] ?? 0),
    rounds: rounds.map(({ steps }) => unitRound(nest, machine, steps, unitSteps[i] ?? [], operands)),
  }));
  return {
    nest,
    program: {
      mode: isPerLane(nest) ? "MxM" : "VxV",
      units: programs,
      pointEnds: rounds.map(({ pointEnds }) => pointEnds),
      joins: rounds.map(({ joins }, r) => joins || r === rounds.length - 1),
    },
    moved: rounds.map(({ moved }) => moved),
    first,
    counted: countTile(nest, machine, rounds, chosen, programs, operands),
  };
}

/** Rounds of a tile, or the number of tiles. */
function roundsOf(
  nest: LaneNest,
  joinLevel: number,
  tile: number,
): { readonly rounds: readonly Round[]; readonly first: number } | number {
  const steps = new Int32Array(nest.loops.length);
  const walk = odometer(nest, steps);
  const reduced = new Set(reducedDimensions(nest.problem));
  let rounds: Round[] = [];
  let inTile = 0;
  let first = 0;
  let seen = 0;
  let before = -1;
  for (;;) {
    const now = seen === tile ? steps.slice() : undefined;
    inTile++;
    const moved = walk.advance();
    const outermost = nest.loops[moved];
    const pointEnds = walk.changed.some((index) => !reduced.has(nest.loops[index]?.dimension ?? -1));
    const joins = outermost === undefined || outermost.level < joinLevel;
    if (now !== undefined) {
      rounds.push({ steps: now, moved: before, pointEnds: pointEnds || outermost === undefined, joins });
    }
    before = moved;
    if (joins || (pointEnds && inTile >= leastRounds)) {
      if (seen === tile) return { rounds, first };
      seen++;
      first += inTile;
      inTile = 0;
      rounds = [];
    }
    if (outermost === undefined) return seen;
  }
}

/** Step of each loop over units, by place in the nest. */
function stepsOfUnit({ loops }: LaneNest, unit: number): readonly number[] {
  const steps = loops.map(() => 0);
  let rest = unit;
  for (let index = loops.length - 1; index >= 0; index--) {
    const loop = loops[index];
    if (loop?.place !== "unit") continue;
    steps[index] = rest % loop.steps;
    rest = Math.floor(rest / loop.steps);
  }
  return steps;
}

/** Whether every lane has sums of its own. */
export const isPerLane = ({ problem, laneDimension }: LaneNest): boolean =>
  laneDimension !== undefined && !reducedDimensions(problem).includes(laneDimension);
/** Whether lanes with sums of their own all read the same inputs. */
export const isShared = (nest: LaneNest): boolean =>
  isPerLane(nest) &&
  !nest.problem.operands.B.some(({ terms }) => terms.some(({ dimension }) => dimension === nest.laneDimension));

/** What a unit does in a round; undefined where nothing is left for it. */
function unitRound(
  nest: LaneNest,
  machine: LaneMachine,
  steps: Int32Array,
  unit: readonly number[],
  operands: Readonly<Record<"A" | "B", ArrayLike<number>>>,
): UnitRound | undefined {
  const { problem } = nest;
  const bitmaps = bitmapsOf(effectiveSparsity(problem, machine.lanes.sparsity));
  const points = Array.from({ length: machine.lanes.lanes }, (_, lane) =>
    Array.from({ length: nest.bankBits }, (_, position) => pointOf(nest, steps, unit, lane, position)).flatMap(
      (point) => (point === undefined ? [] : [point]),
    ),
  );
  const [first] = points[0] ?? [];
  if (first === undefined) return undefined;
  const banks = (which: "A" | "B", hasBitmap: boolean): readonly LaneBank[] =>
    points.map((lane): LaneBank => {
      const values = lane.map((point) => operands[which][placeOf(problem, which, point) ?? -1] ?? 0);
      if (!hasBitmap) return { values };
      return { bits: values.map((value) => value !== 0), values: values.filter((value) => value !== 0) };
    });
  return {
    inputs: banks("B", bitmaps.inputs),
    weights: banks("A", bitmaps.weights),
    ...(isShared(nest) ? { select: 0 } : {}),
    outputs: (isPerLane(nest) ? points : points.slice(0, 1)).flatMap(([point]) =>
      point === undefined ? [] : [placeOf(problem, "C", point) ?? -1],
    ),
  };
}

/** The coordinates that a lane of a unit multiplies at a position of its bank; undefined beyond the last one. */
function pointOf(
  { problem, loops, lanes }: LaneNest,
  steps: Int32Array,
  unit: readonly number[],
  lane: number,
  position: number,
): readonly number[] | undefined {
  if (lane >= lanes) return undefined;
  const start = problem.dimensions.map(() => 0);
  const left = problem.dimensions.map(({ size }) => size);
  for (const [index, { dimension, tile, place }] of loops.entries()) {
    const step =
      place === "time"
        ? (steps[index] ?? 0)
        : place === "unit"
          ? (unit[index] ?? 0)
          : place === "lane"
            ? lane
            : position;
    start[dimension] = (start[dimension] ?? 0) + step * tile;
    left[dimension] = Math.min(tile, (left[dimension] ?? 0) - step * tile);
    if ((left[dimension] ?? 0) <= 0) return undefined;
  }
  return start;
}

/** The place of a multiplication in an operand, or undefined in the padding. */
function placeOf(problem: NestProblem, operand: OperandKey, point: readonly number[]): number | undefined {
  let place = 0;
  for (const { terms, offset, extent } of problem.operands[operand]) {
    let at = offset;
    for (const { dimension, coefficient } of terms) at += coefficient * (point[dimension] ?? 0);
    if (at < 0 || at >= extent) return undefined;
    place = place * extent + at;
  }
  return place;
}

/** The tile's cycles on packed bitmaps, with the engine's own counters and clock. */
function countTile(
  nest: LaneNest,
  machine: LaneMachine,
  rounds: readonly Round[],
  chosen: readonly number[],
  programs: LaneProgram["units"],
  operands: Readonly<Record<"A" | "B", ArrayLike<number>>>,
): LaneTile["counted"] {
  const { barrier } = machine.lanes;
  const bitmaps = bitmapsOf(effectiveSparsity(nest.problem, machine.lanes.sparsity));
  const layout = packedLayout(nest.lanes, nest.bankBits, 1);
  const unitOffsets = offsetsOf(nest);
  const packed = (which: "A" | "B", hasBitmap: boolean) => {
    const nonZeros = hasBitmap ? Uint8Array.from(operands[which], (value) => (value === 0 ? 0 : 1)) : undefined;
    const { words, step, strides } = operandBitmaps(nest, layout, which, nonZeros);
    const offsets = unitOffsets(strides);
    const operand: PackedOperand = { words, step, offsets: Int32Array.from(chosen, (unit) => offsets[unit] ?? 0) };
    return { operand, strides };
  };
  const A = packed("A", bitmaps.weights);
  const B = packed("B", bitmaps.inputs);
  const baseOf = (steps: Int32Array, strides: readonly number[]): number =>
    steps.reduce(
      (base, step, loop) => base + (nest.loops[loop]?.place === "time" ? step * (strides[loop] ?? 0) : 0),
      0,
    );
  const clock = arrayClock(
    barrier,
    Int32Array.from(programs, ({ column }) => column),
  );
  const everyUnit = Int32Array.from(chosen, (_, i) => i);
  const laneSums = new Float64Array(chosen.length * nest.lanes);
  const isFree = barrier.scope === "lane";
  let multiplications = 0;
  let worked = 0;
  let denseCycles = 0;
  for (const [r, { steps, pointEnds, joins }] of rounds.entries()) {
    const active = everyUnit.filter((i) => programs[i]?.rounds[r] !== undefined);
    const bases = [baseOf(steps, A.strides), baseOf(steps, B.strides)] as const;
    multiplications += isFree
      ? addLaneRounds(layout, A.operand, bases[0], B.operand, bases[1], active, active.length, laneSums)
      : addRounds(layout, A.operand, bases[0], B.operand, bases[1], active, active.length, clock.unitCycles);
    const isLast = r === rounds.length - 1;
    if (isFree && (pointEnds || joins || isLast)) {
      joinLanes(layout, everyUnit, everyUnit.length, laneSums, clock.unitCycles);
    }
    clock.endRound();
    worked += active.length;
    denseCycles += positionsOf(programs[0]?.rounds[r]);
    if (joins && !isLast) clock.join();
  }
  return { cycles: clock.join(), multiplications, rounds: worked, denseCycles };
}

/** Positions of a round, with bitmaps or without. */
export const positionsOf = (round: UnitRound | undefined): number => {
  const bank = round?.weights[0];
  return bank?.bits?.length ?? bank?.values.length ?? 0;
};
