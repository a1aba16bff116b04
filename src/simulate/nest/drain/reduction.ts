// Sums on their way out of the units of one axis, through the network that adds what units hold of the same ones: how
// long that takes beside the work, the additions and the registers passed.

import type { ReductionTree } from "../../../component/reduction-tree.ts";
import { reductionCycles, reductionEvents } from "../../../component/reduction-tree.ts";
import type { BoundaryCounts, NestEvaluation } from "../../../dataflow/nest/evaluation.ts";
import type { AxisReference } from "../../../dataflow/nest/sparse/lane-nest.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { SearchReduction } from "../search/estimate/reduction.ts";
import type { Hierarchy, Schedule } from "../../../mapping/nest/schedule.ts";

/** A network of a machine and the axis whose units it adds, one network for each instance of the axis. */
export interface NestReduction {
  readonly name: string;
  readonly tree: ReductionTree;
  readonly axis: AxisReference;
}

/** What passes a network in a run. */
export interface ReductionCounts {
  readonly additions: number;
  readonly hops: number;
}

interface StepLoop {
  readonly dimension: number;
  readonly tile: number;
  readonly steps: number;
  /** `inside`: spatial loops between the network's units and the memory that gives the sums up. */
  readonly place: "time" | "unit" | "inside";
}

/** Every time a tile of sums leaves the units: how often, and how many sums of one unit over the run. */
interface Leaving {
  readonly times: number;
  readonly points: number;
}

/** The boundary at which sums pass the units of an axis, if any is kept above and below it. */
const boundaryOf = ({ boundaries }: NestEvaluation, { level }: AxisReference): BoundaryCounts | undefined =>
  boundaries.find(({ operand, parent, child }) => operand === "C" && parent <= level && child > level);

/** Loops of levels before `end` that have more than one step. */
function loopsBefore(problem: NestProblem, schedule: Schedule, end: number, axis: AxisReference): StepLoop[] {
  const left = problem.dimensions.map(({ size }) => size);
  const loops: StepLoop[] = [];
  for (const [level, { temporal, spatial }] of schedule.levels.slice(0, end).entries()) {
    const add = (dimension: number, tile: number, place: StepLoop["place"]): void => {
      const steps = Math.ceil((left[dimension] ?? 1) / tile);
      if (steps > 1) loops.push({ dimension, tile, steps, place });
      left[dimension] = Math.min(left[dimension] ?? 1, tile);
    };
    for (const { dimension, tile } of temporal) add(dimension, tile, "time");
    for (const { dimension, tile } of spatial) add(dimension, tile, level <= axis.level ? "unit" : "inside");
  }
  return loops;
}

/**
 * Tiles of sums of the first unit, whose pieces are largest: sums stay while loops of reduced dimensions run, and leave
 * when any other loop around them moves on.
 */
function leavingOf(problem: NestProblem, loops: readonly StepLoop[]): Leaving {
  const reduced = new Set(reducedDimensions(problem));
  const last = loops.findLastIndex(({ dimension, place }) => place === "time" && !reduced.has(dimension));
  let times = 1;
  let points = 1;
  for (const [dimension, { size }] of problem.dimensions.entries()) {
    const own = loops.flatMap((loop, index) =>
      loop.dimension === dimension && (loop.place !== "time" || index <= last) ? [loop] : [],
    );
    const kept = !reduced.has(dimension);
    const [settings, positions] = walk(own, kept, 0, size);
    times *= settings;
    points *= kept ? positions : settings;
  }
  return { times, points };
}

/** Settings of the loops of one dimension over time, and positions of their tiles summed over them. */
function walk(loops: readonly StepLoop[], kept: boolean, at: number, left: number): readonly [number, number] {
  const loop = loops[at];
  if (loop === undefined) return [1, left];
  const full = Math.floor(left / loop.tile);
  const rest = left - full * loop.tile;
  const [settings, positions] = walk(loops, kept, at + 1, Math.min(loop.tile, left));
  if (loop.place === "unit" || (loop.place === "inside" && !kept) || left <= loop.tile) return [settings, positions];
  const [restSettings, restPositions] = rest === 0 ? [0, 0] : walk(loops, kept, at + 1, rest);
  if (loop.place === "inside") return [settings, full * positions + restPositions];
  return [full * settings + restSettings, full * positions + restPositions];
}

/** Units side by side along the network's axis and, of one group of it, on all other axes that sums pass. */
function spreadOf(problem: NestProblem, schedule: Schedule, boundary: BoundaryCounts, axis: AxisReference) {
  const reduced = new Set(reducedDimensions(problem));
  const left = problem.dimensions.map(({ size }) => size);
  let [parts, groups, others] = [1, 1, 1];
  for (const [level, { temporal, spatial }] of schedule.levels.entries()) {
    for (const { dimension, tile } of temporal) left[dimension] = Math.min(left[dimension] ?? 1, tile);
    for (const loop of spatial) {
      const steps = Math.ceil((left[loop.dimension] ?? 1) / loop.tile);
      left[loop.dimension] = Math.min(left[loop.dimension] ?? 1, loop.tile);
      const sums = reduced.has(loop.dimension);
      if (level === axis.level && loop.axis === axis.axis) {
        if (sums) parts *= steps;
        else groups *= steps;
      } else if (sums && level >= boundary.parent && level < boundary.child) others *= steps;
    }
  }
  return { parts, groups, others };
}

/**
 * What passes the network: a hop for each register on the way of a sum that leaves it, and of the additions between the
 * memories above and below those that are its own. Where several axes add, the others are taken to add first.
 */
export function reductionCounts(
  problem: NestProblem,
  schedule: Schedule,
  evaluation: NestEvaluation,
  { tree, axis }: Pick<NestReduction, "tree" | "axis">,
): ReductionCounts {
  const boundary = boundaryOf(evaluation, axis);
  if (boundary === undefined) return { additions: 0, hops: 0 };
  const { parts, others } = spreadOf(problem, schedule, boundary, axis);
  const written = boundary.partialWrites + boundary.finalWrites;
  const share = parts * others === 1 ? 0 : (parts - 1) / (parts * others - 1);
  return {
    additions: share * (boundary.surrendered - written),
    hops: written * reductionEvents(tree, { parts, groups: 1, points: 1 }).hop,
  };
}

/**
 * The evaluation with the time of the network: category `tree`, and the hops. Sums leave one half of the registers while
 * the units work for the other half, so that work waits only for a network that needs longer than a tile's work, and the
 * last tile's sums leave when all work is done. What memories further up make the units wait hides it as well. Exact
 * where all tiles of sums are alike and take alike long; otherwise the work on a tile, and its sums, are taken as the
 * mean of the run, of the first unit, whose pieces are the largest; and sums leave at every setting of the loops down to
 * the last one over results, even where a ragged piece leaves that loop a single step. Where the memory that gives sums up
 * has no second half, work waits for every tile of sums.
 */
export function withReduction(
  problem: NestProblem,
  hierarchy: Hierarchy,
  schedule: Schedule,
  evaluation: NestEvaluation,
  { tree, axis }: Pick<NestReduction, "tree" | "axis">,
): NestEvaluation {
  const boundary = boundaryOf(evaluation, axis);
  if (boundary === undefined) return { ...evaluation, stack: { ...evaluation.stack, tree: 0 } };
  const { times, points } = leavingOf(problem, loopsBefore(problem, schedule, boundary.child, axis));
  const { parts, groups } = spreadOf(problem, schedule, boundary, axis);
  const drained = reductionCycles(tree, { parts, groups, points: points / times });
  const { stack } = evaluation;
  let work = stack["compute"] ?? 0;
  let hidden = 0;
  for (const [level, { name }] of hierarchy.levels.entries()) {
    const waiting = stack[`wait ${name}`] ?? 0;
    if (level > boundary.parent) work += waiting;
    else hidden += waiting;
    hidden += stack[`bandwidth ${name}`] ?? 0;
  }
  work += stack["wait datapath"] ?? 0;
  const memory = hierarchy.levels[boundary.child]?.memories.find(({ operands }) => operands.includes("C"));
  const beside = memory?.overlapped === true ? work / times : 0;
  const waiting = (times - 1) * Math.max(0, drained - beside);
  const cycles = Math.ceil(Math.max(0, waiting - hidden) + drained);
  const { hops } = reductionCounts(problem, schedule, evaluation, { tree, axis });
  return { ...evaluation, cycles: evaluation.cycles + cycles, stack: { ...stack, tree: cycles }, hops };
}

/** The network as a search's quick figure sees it. */
export const searchReduction = ({ tree, axis }: Pick<NestReduction, "tree" | "axis">): SearchReduction => ({
  ...axis,
  cycles: (parts, groups, points) => reductionCycles(tree, { parts, groups, points }),
  hops: (parts) => reductionEvents(tree, { parts, groups: 1, points: 1 }).hop,
});
