// Cycles of a layer on an array of sparse lanes, exact for the zeros that its operands have: the schedule is walked
// round by round, and every unit's round is counted on packed bitmaps.

import { arrayClock } from "../../../component/sparse-lanes/array-clock.ts";
import { addLaneRounds, joinLanes, packedLayout } from "../../../component/sparse-lanes/packed.ts";
import type { PackedOperand } from "../../../component/sparse-lanes/packed.ts";
import { vectorCounter, wordCounter } from "../../../component/sparse-lanes/round-counter.ts";
import { bitmapsOf, laneEvents } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { LaneEvents, LaneSparsity, SparseLanes } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { LaneTime } from "../../../component/sparse-lanes/stepped.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import { channelDimension, laneNest } from "./lane-nest.ts";
import type { AxisReference, LaneLoop, LaneNest } from "./lane-nest.ts";
import { operandBitmaps } from "./operand-bitmaps.ts";
import type { NonZeros } from "./operand-bitmaps.ts";
import { unitPieces } from "./unit-pieces.ts";

/** The lanes of a machine, and where they are in the hierarchy that the schedule is for. */
export interface LaneMachine {
  readonly lanes: Pick<SparseLanes, "lanes" | "bankBits" | "sparsity" | "barrier">;
  readonly laneAxis: AxisReference;
  /** The axis whose units are columns; all units are one column without it. */
  readonly columnAxis?: AxisReference;
  /**
   * All units wait for each other whenever a loop of a level before this one makes a step: when a tile of this level is
   * exchanged. 0 waits at the end only.
   */
  readonly joinLevel: number;
  /**
   * Cycles in which `points` sums of each unit leave the array, reduced over units that hold parts of the same ones.
   * They leave while the next ones are computed, out of the other half of the register files; absent, they take none.
   */
  readonly drainCycles?: (points: number) => number;
}

export interface LaneCycles {
  /** Until the last sum has left. */
  readonly cycles: number;
  /** Without waiting for sums to leave. */
  readonly computeCycles: number;
  /** What the same schedule takes without bitmaps: the steps of its loops over time. */
  readonly denseCycles: number;
  /** The bitmaps that were used: none where the channel has a single position, for operands are stored dense there. */
  readonly sparsity: LaneSparsity;
  readonly rounds: number;
  readonly units: number;
  readonly macs: { readonly dense: number; readonly executed: number };
  /** Cycles of all lanes of the units in use, by what they did; sums to computeCycles x units x lanes. */
  readonly time: LaneTime;
  readonly events: LaneEvents;
  /** Compute cycles of each tile of the join level, in order. */
  readonly parts: readonly number[];
}

/**
 * Exact cycles of a layer. `nonZeros` holds a byte for each element of an operand, row-major over the ranks of the
 * problem; it is read only where the machine has bitmaps of that operand, and missing elements count as no zeros.
 * `counting` changes the time that this takes and nothing else: "words" does without WebAssembly. Throws InputError for
 * schedules that the lanes cannot run.
 */
export function laneCycles(
  problem: NestProblem,
  schedule: Schedule,
  machine: LaneMachine,
  nonZeros: { readonly A?: NonZeros | undefined; readonly B?: NonZeros | undefined },
  counting: "vectors" | "words" = "vectors",
): LaneCycles {
  const { lanes, bankBits, barrier } = machine.lanes;
  const sparsity = effectiveSparsity(problem, machine.lanes.sparsity);
  const nest = laneNest(problem, schedule, machine.laneAxis, lanes, bankBits);
  const dense = sparsity === "none";
  const free = barrier.scope === "lane" && !dense;
  // Lanes and positions that the schedule leaves idle take no part: a round takes at least a cycle all the same.
  const layout = packedLayout(nest.lanes, nest.bankBits, free || counting === "words" ? 1 : 4);
  const { loops, units } = nest;
  const bitmaps = bitmapsOf(sparsity);
  const unitOffsets = offsetsOf(nest);
  const packed = (which: "A" | "B", own: boolean) => {
    const { words, step, strides } = operandBitmaps(nest, layout, which, own ? nonZeros[which] : undefined);
    return { operand: { words, step, offsets: unitOffsets(strides) } satisfies PackedOperand, strides };
  };
  const A = dense ? undefined : packed("A", bitmaps.weights);
  const B = dense ? undefined : packed("B", bitmaps.inputs);

  const counter =
    A === undefined || B === undefined || free
      ? undefined
      : (vectorCounter(layout, A.operand, B.operand) ?? wordCounter(layout, A.operand, B.operand));
  const clock = arrayClock(barrier, columnsOf(nest, machine.columnAxis), counter?.unitCycles);
  const { unitCycles } = clock;
  const steps = new Int32Array(loops.length);
  const pieces = unitPieces(nest, steps);
  counter?.use(pieces.active, pieces.count());
  const everyUnit = Int32Array.from({ length: units }, (_, unit) => unit);
  const laneSums = new Float64Array(barrier.scope === "lane" ? units * nest.lanes : 0);
  const reduced = new Set(reducedDimensions(problem));
  const outputLanes = nest.laneDimension !== undefined && !reduced.has(nest.laneDimension);
  const drain = drainClock(nest, machine, reduced, steps);
  const walk = odometer(nest, steps);
  /** Whether a loop of a level before `level` chooses among outputs. */
  const isKept = (index: number, level: number): boolean => {
    const loop = loops[index];
    return loop !== undefined && loop.level < level && !reduced.has(loop.dimension);
  };
  const parts: number[] = [];
  let executed = 0;
  let rounds = 0;
  let laneRounds = 0;
  let outputs = 0;
  let denseCycles = 0;
  let pointStarts = true;
  let joined = 0;

  for (;;) {
    const count = pieces.count();
    if (pointStarts) outputs += outputLanes ? pieces.lanes() : count;
    denseCycles += pieces.positions(0);
    if (A === undefined || B === undefined) {
      for (let i = 0; i < count; i++) {
        const unit = pieces.active[i] ?? 0;
        unitCycles[unit] = (unitCycles[unit] ?? 0) + pieces.positions(unit);
      }
    } else {
      let baseA = 0;
      let baseB = 0;
      for (let i = 0; i < walk.time.length; i++) {
        const loop = walk.time[i] ?? 0;
        const step = steps[loop] ?? 0;
        baseA += step * (A.strides[loop] ?? 0);
        baseB += step * (B.strides[loop] ?? 0);
      }
      executed +=
        counter === undefined
          ? addLaneRounds(layout, A.operand, baseA, B.operand, baseB, pieces.active, count, laneSums)
          : counter.add(baseA, baseB);
    }
    rounds++;
    laneRounds += count * lanes;
    const moved = walk.advance();
    const outermost = moved === -1 ? undefined : loops[moved];
    // Any change of a kept dimension is another output.
    pointStarts = moved === -1 || walk.changed.some((index) => isKept(index, Infinity));
    const joins = outermost === undefined || outermost.level < machine.joinLevel;
    if (free && (pointStarts || joins)) joinLanes(layout, everyUnit, units, laneSums, unitCycles);
    clock.endRound();
    if (joins) {
      const until = clock.join();
      parts.push(until - joined);
      drain.compute(until - joined);
      joined = until;
      if (moved === -1 || walk.changed.some((index) => isKept(index, machine.joinLevel))) drain.leave();
    }
    if (outermost === undefined) break;
    if (joins) drain.enter();
    if (pieces.move(walk.changed)) counter?.use(pieces.active, pieces.count());
  }
  const denseMacs = problem.dimensions.reduce((product, { size }) => product * size, 1);
  if (dense) executed = denseMacs;
  return {
    cycles: drain.finish(),
    computeCycles: joined,
    denseCycles,
    sparsity,
    rounds,
    units,
    macs: { dense: denseMacs, executed },
    time: clock.laneTime(lanes, executed),
    events: laneEvents({ sparsity }, { multiplications: executed, laneRounds, outputs }),
    parts,
  };
}

/** Bitmaps run along the channel: where that has one position they could skip nothing, and operands stay dense. */
export const effectiveSparsity = (problem: NestProblem, sparsity: LaneSparsity): LaneSparsity =>
  (problem.dimensions[channelDimension(problem)]?.size ?? 1) === 1 ? "none" : sparsity;

/** The address of each unit relative to the first one, from the strides of the loops. */
export function offsetsOf({ loops, units }: LaneNest): (strides: readonly number[]) => Int32Array {
  return (strides) => {
    const offsets = new Int32Array(units);
    for (let unit = 0; unit < units; unit++) {
      let rest = unit;
      for (let index = loops.length - 1; index >= 0; index--) {
        const loop = loops[index];
        if (loop?.place !== "unit") continue;
        offsets[unit] = (offsets[unit] ?? 0) + (rest % loop.steps) * (strides[index] ?? 0);
        rest = Math.floor(rest / loop.steps);
      }
    }
    return offsets;
  };
}

/** Number of each unit along the axis of columns, mixed-radix by the loops on it. */
export function columnsOf({ loops, units }: LaneNest, axis: AxisReference | undefined): Int32Array {
  const columns = new Int32Array(units);
  if (axis === undefined) return columns;
  for (let unit = 0; unit < units; unit++) {
    let rest = unit;
    let weight = 1;
    for (const loop of loops.toReversed()) {
      if (loop.place !== "unit") continue;
      const step = rest % loop.steps;
      rest = Math.floor(rest / loop.steps);
      if (loop.level !== axis.level || loop.axis !== axis.axis) continue;
      columns[unit] = (columns[unit] ?? 0) + step * weight;
      weight *= loop.steps;
    }
  }
  return columns;
}

interface Odometer {
  /** Loops over time, outermost first, by place in the nest. */
  readonly time: Int32Array;
  /** Loops whose steps the last advance changed, by place in the nest. */
  readonly changed: number[];
  /** Next setting; the outermost loop that moved, or -1 when all are through. */
  advance(): number;
}

/** Walks the loops over time in nest order; the number of steps of a loop is that of the first unit, whose pieces are largest. */
export function odometer({ problem, loops }: LaneNest, steps: Int32Array): Odometer {
  const time = Int32Array.from(loops.flatMap(({ place }, index) => (place === "time" ? [index] : [])));
  const changed: number[] = [];
  // What the first unit's piece is in front of each loop: loops of the same dimension around it.
  const around = loops.map(({ dimension }, index) =>
    loops.flatMap((loop, other) => (other < index && loop.dimension === dimension ? [other] : [])),
  );
  const last = (index: number): number => {
    const loop = loops[index];
    if (loop === undefined) return 0;
    let left = problem.dimensions[loop.dimension]?.size ?? 1;
    for (const other of around[index] ?? []) {
      const tile = loops[other]?.tile ?? 1;
      left = Math.min(tile, left - (steps[other] ?? 0) * tile);
    }
    return Math.ceil(left / loop.tile) - 1;
  };
  return {
    time,
    changed,
    advance() {
      changed.length = 0;
      for (let i = time.length - 1; i >= 0; i--) {
        const index = time[i] ?? 0;
        const step = steps[index] ?? 0;
        if (step < last(index)) {
          steps[index] = step + 1;
          changed.push(index);
          return index;
        }
        if (step === 0) continue;
        steps[index] = 0;
        changed.push(index);
      }
      return -1;
    },
  };
}

/** Sums leave one half of the register files while the other half fills. */
function drainClock(nest: LaneNest, machine: LaneMachine, reduced: ReadonlySet<number>, steps: Int32Array) {
  const { drainCycles, joinLevel } = machine;
  const { loops, problem } = nest;
  const kept = problem.dimensions.flatMap((_, dimension) => (reduced.has(dimension) ? [] : [dimension]));
  const along = kept.map((dimension) =>
    loops.flatMap((loop, index) => (loop.dimension === dimension ? [{ loop, index }] : [])),
  );
  /** Positions of one dimension that the first unit goes through inside a tile of the join level. */
  const inside = (entries: readonly { loop: LaneLoop; index: number }[], from: number, left: number): number => {
    const entry = entries[from];
    if (entry === undefined) return left > 0 ? 1 : 0;
    const { loop, index } = entry;
    if (loop.place === "unit") return inside(entries, from + 1, Math.min(loop.tile, left));
    if (loop.place === "time" && loop.level < joinLevel) {
      return inside(entries, from + 1, Math.min(loop.tile, left - (steps[index] ?? 0) * loop.tile));
    }
    let total = 0;
    for (let at = 0; left - at * loop.tile > 0; at++) {
      total += inside(entries, from + 1, Math.min(loop.tile, left - at * loop.tile));
    }
    return total;
  };
  const pointsNow = (): number =>
    along.reduce((product, entries, i) => product * inside(entries, 0, problem.dimensions[kept[i] ?? 0]?.size ?? 1), 1);
  let points = drainCycles === undefined ? 0 : pointsNow();
  let computed = 0;
  let drained = 0;
  return {
    /** A tile begins. */
    enter(): void {
      if (drainCycles !== undefined) points = pointsNow();
    },
    compute(cycles: number): void {
      computed += cycles;
    },
    /** The tile's sums are complete, or another tile's take their place. */
    leave(): void {
      if (drainCycles === undefined) return;
      computed = Math.max(computed, drained);
      drained = computed + drainCycles(points);
    },
    finish: (): number => Math.max(computed, drained),
  };
}
