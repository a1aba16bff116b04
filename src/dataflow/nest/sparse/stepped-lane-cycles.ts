// The layer of lane-cycles.ts the plain way: the schedule's loops are walked one by one over the intervals of every unit
// and lane, banks are filled element by element, and the lanes are stepped a bit at a time. The reference, for small layers.

import { bitmapsOf } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { NumberFormat } from "../../../technology/technology.ts";
import { steppedLanes } from "../../../component/sparse-lanes/stepped.ts";
import type { LaneBank, SteppedLanes, UnitRound } from "../../../component/sparse-lanes/stepped.ts";
import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import { effectiveSparsity } from "./lane-cycles.ts";
import type { LaneMachine } from "./lane-cycles.ts";
import { channelDimension } from "./lane-nest.ts";

export interface SteppedLayer extends SteppedLanes {
  /** Until the last sum has left; `cycles` is without that. */
  readonly drainedCycles: number;
  /** C, row-major over its ranks. */
  readonly output: Float64Array;
}

/** What one lane of one unit covers: start and length in each dimension, and which lane it is. */
interface Instance {
  readonly start: readonly number[];
  readonly length: readonly number[];
  readonly unit: readonly number[];
  readonly column: readonly number[];
  readonly lane: number;
}

/** One step of all loops over time. */
interface Step {
  /** Step of each loop over time, outermost first. */
  readonly path: readonly number[];
  readonly instances: readonly Instance[];
}

interface PlacedLoop {
  readonly dimension: number;
  readonly tile: number;
  readonly level: number;
  readonly axis?: string;
}

/** A and B hold one value for each element, row-major over the ranks of the problem. */
export function steppedLaneCycles(
  problem: NestProblem,
  schedule: Schedule,
  machine: LaneMachine,
  accumulator: NumberFormat,
  A: ArrayLike<number>,
  B: ArrayLike<number>,
): SteppedLayer {
  const loops: PlacedLoop[] = schedule.levels.flatMap(({ temporal, spatial }, level) => [
    ...temporal.map((loop) => ({ ...loop, level })),
    ...spatial.map((loop) => ({ ...loop, level })),
  ]);
  const steps = walk(problem, loops, machine);
  const rounds = groupRounds(problem, loops, steps, machine.lanes.bankBits);
  const sparsity = effectiveSparsity(problem, machine.lanes.sparsity);
  const bitmaps = bitmapsOf(sparsity);
  const kept = problem.dimensions.flatMap((_, d) => (reducedDimensions(problem).includes(d) ? [] : [d]));

  const laneLoop = loops.find((loop) => isLane(loop, machine) && steps.some(laneUsed));
  const perLane = laneLoop !== undefined && kept.includes(laneLoop.dimension);
  const shared = perLane && !touches(problem, "B", laneLoop.dimension);
  const units = unitsOf(steps);
  const program = units.map((unit) => ({
    column: columnNumber(units, unit, steps),
    rounds: rounds.map((round): UnitRound | undefined => {
      const lanes = Array.from({ length: machine.lanes.lanes }, (_, lane) =>
        round.flatMap(({ instances }) => {
          const instance = instances.find((one) => sameUnit(one.unit, unit) && one.lane === lane);
          return instance === undefined || instance.length.includes(0) ? [] : [instance];
        }),
      );
      const first = lanes[0]?.[0];
      if (first === undefined) return undefined;
      const bank = (which: "A" | "B", own: boolean, values: ArrayLike<number>) =>
        lanes.map((positions): LaneBank => {
          const elements = positions.map(({ start }) => valueAt(problem, which, start, values));
          if (!own) return { values: elements };
          return { bits: elements.map((value) => value !== 0), values: elements.filter((value) => value !== 0) };
        });
      return {
        inputs: bank("B", bitmaps.inputs, B),
        weights: bank("A", bitmaps.weights, A),
        ...(shared ? { select: 0 } : {}),
        outputs: (perLane ? lanes : [lanes[0] ?? []]).flatMap((positions) =>
          positions[0] === undefined ? [] : [indexOf(problem, "C", positions[0].start)],
        ),
      };
    }),
  }));
  const outer = loops.filter((loop) => isTime(loop)).map(({ level }) => level < machine.joinLevel);
  const pathOf = (round: readonly Step[]) => round[0]?.path ?? [];
  const joins = rounds.map((round, r) => {
    const next = rounds[r + 1];
    return (
      next === undefined || pathOf(round).some((step, loop) => outer[loop] === true && step !== pathOf(next)[loop])
    );
  });
  const pointOf = (round: readonly Step[]) => kept.map((d) => round[0]?.instances[0]?.start[d]).join();
  const pointEnds = rounds.map((round, r) => {
    const next = rounds[r + 1];
    return next === undefined || pointOf(round) !== pointOf(next);
  });
  const output = new Float64Array(problem.operands.C.reduce((size, { extent }) => size * extent, 1));
  const stepped = steppedLanes(
    { ...machine.lanes, sparsity, accumulator },
    { mode: perLane ? "MxM" : "VxV", units: program, pointEnds, joins },
    (index, sum) => {
      output[index] = (output[index] ?? 0) + sum;
    },
  );
  const tiles: Set<number>[] = [new Set()];
  for (const [r, join] of joins.entries()) {
    for (const index of program[0]?.rounds[r]?.outputs ?? []) tiles.at(-1)?.add(index);
    if (join && r + 1 < joins.length) tiles.push(new Set());
  }
  return { ...stepped, output, drainedCycles: drained(machine, stepped.parts, tiles) };
}

const isTime = ({ axis }: PlacedLoop): boolean => axis === undefined;
const isLane = ({ level, axis }: PlacedLoop, { laneAxis }: LaneMachine): boolean =>
  level === laneAxis.level && axis === laneAxis.axis;
const isColumn = ({ level, axis }: PlacedLoop, { columnAxis }: LaneMachine): boolean =>
  level === columnAxis?.level && axis === columnAxis.axis;
const laneUsed = ({ instances }: Step): boolean => instances.some(({ lane }) => lane > 0);
const sameUnit = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();
const touches = ({ operands }: NestProblem, operand: OperandKey, dimension: number): boolean =>
  operands[operand].some(({ terms }) => terms.some((term) => term.dimension === dimension));

/** Every step of the loops over time, in order, with what is left for each lane of each unit. */
function walk(problem: NestProblem, loops: readonly PlacedLoop[], machine: LaneMachine): readonly Step[] {
  const steps: Step[] = [];
  const piece = (instance: Instance, { dimension, tile }: PlacedLoop, step: number): Instance => {
    const length = instance.length[dimension] ?? 0;
    const left = Math.max(0, Math.min(tile, length - step * tile));
    return {
      ...instance,
      start: instance.start.with(dimension, (instance.start[dimension] ?? 0) + step * tile),
      length: instance.length.with(dimension, left),
    };
  };
  const go = (depth: number, path: readonly number[], instances: readonly Instance[]): void => {
    const loop = loops[depth];
    if (loop === undefined) {
      steps.push({ path, instances });
      return;
    }
    const most = Math.max(...instances.map(({ length }) => Math.ceil((length[loop.dimension] ?? 0) / loop.tile)));
    if (isTime(loop)) {
      for (let step = 0; step < most; step++) {
        go(
          depth + 1,
          [...path, step],
          instances.map((instance) => piece(instance, loop, step)),
        );
      }
      return;
    }
    const apart = instances.flatMap((instance) =>
      Array.from({ length: most }, (_, step): Instance => {
        const made = piece(instance, loop, step);
        if (isLane(loop, machine)) return { ...made, lane: made.lane + step };
        const column = isColumn(loop, machine) ? [...made.column, step] : made.column;
        return { ...made, unit: [...made.unit, step], column };
      }),
    );
    go(depth + 1, path, apart);
  };
  const whole: Instance = {
    start: problem.dimensions.map(() => 0),
    length: problem.dimensions.map(({ size }) => size),
    unit: [],
    column: [],
    lane: 0,
  };
  go(0, [], [whole]);
  return steps;
}

/** Steps of the last loop over time that ever makes more than one belong to one round, as many as a bank holds. */
function groupRounds(
  problem: NestProblem,
  loops: readonly PlacedLoop[],
  steps: readonly Step[],
  bankBits: number,
): readonly (readonly Step[])[] {
  const time = loops.filter((loop) => isTime(loop));
  const last = time.findLastIndex((_, loop) => steps.some(({ path }) => (path[loop] ?? 0) > 0));
  const inBank = time[last]?.dimension === channelDimension(problem);
  const rounds = new Map<string, Step[]>();
  for (const step of steps) {
    const key = inBank ? step.path.with(last, Math.floor((step.path[last] ?? 0) / bankBits)) : step.path;
    const round = rounds.get(key.join()) ?? [];
    round.push(step);
    rounds.set(key.join(), round);
  }
  return [...rounds.values()];
}

/** The choices of loops over units that ever occur, first unit first. */
function unitsOf(steps: readonly Step[]): readonly (readonly number[])[] {
  const seen = new Map<string, readonly number[]>();
  for (const { instances } of steps) for (const { unit } of instances) seen.set(unit.join(), unit);
  // The widest step has them all, but a narrow one may come with fewer choices.
  return [...seen.values()];
}

function columnNumber(units: readonly (readonly number[])[], unit: readonly number[], steps: readonly Step[]): number {
  const columnOf = new Map<string, string>();
  for (const { instances } of steps) for (const one of instances) columnOf.set(one.unit.join(), one.column.join());
  const columns = [...new Set(units.map((one) => columnOf.get(one.join())))];
  return columns.indexOf(columnOf.get(unit.join()));
}

/** The coordinates of one multiplication in an operand, or undefined in the padding. */
function placeOf(problem: NestProblem, operand: OperandKey, x: readonly number[]): number | undefined {
  let index = 0;
  for (const { terms, offset, extent } of problem.operands[operand]) {
    const at = terms.reduce((sum, { dimension, coefficient }) => sum + coefficient * (x[dimension] ?? 0), offset);
    if (at < 0 || at >= extent) return undefined;
    index = index * extent + at;
  }
  return index;
}

const indexOf = (problem: NestProblem, operand: OperandKey, x: readonly number[]): number =>
  placeOf(problem, operand, x) ?? -1;

function valueAt(problem: NestProblem, operand: OperandKey, x: readonly number[], values: ArrayLike<number>): number {
  const place = placeOf(problem, operand, x);
  return place === undefined ? 0 : (values[place] ?? 0);
}

/** Sums of a tile leave when the next tile's are others; the half that they leave from is needed again one tile later. */
function drained(
  { drainCycles }: LaneMachine,
  parts: readonly number[],
  tiles: readonly ReadonlySet<number>[],
): number {
  let computed = 0;
  let free = 0;
  let before = 0;
  for (const [tile, outputs] of tiles.entries()) {
    computed += (parts[tile] ?? 0) - before;
    before = parts[tile] ?? 0;
    const next = tiles[tile + 1];
    if (next !== undefined && [...next].every((output) => outputs.has(output))) continue;
    if (drainCycles === undefined) continue;
    computed = Math.max(computed, free);
    free = computed + drainCycles(outputs.size);
  }
  return Math.max(computed, free);
}
