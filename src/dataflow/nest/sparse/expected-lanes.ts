// What densities alone say about a schedule on sparse lanes, beside counting real bitmaps: cheap enough for a search.
// Also what a search should do about the order of its innermost loops.

import { expectedLargest, roundChances } from "../../../component/sparse-lanes/expected-rounds.ts";
import { bitmapsOf } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { RoundBarrier } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { reducedDimensions } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import { columnsOf, effectiveSparsity } from "./lane-cycles.ts";
import type { LaneMachine } from "./lane-cycles.ts";
import { channelDimension, laneNest } from "./lane-nest.ts";
import type { LaneNest } from "./lane-nest.ts";

/**
 * Expected cycles of a schedule relative to the same one without bitmaps, for zeros that lie independently of each
 * other. It takes units to have operands of their own, so that barriers come out a little too slow where units share
 * rows or columns of them, and the end of free-running units as free. Throws InputError as `laneCycles`.
 */
export function expectedStepCycles(
  problem: NestProblem,
  schedule: Schedule,
  machine: LaneMachine,
  density: { readonly A: number; readonly B: number },
): number {
  const { lanes, bankBits, barrier } = machine.lanes;
  const bitmaps = bitmapsOf(effectiveSparsity(problem, machine.lanes.sparsity));
  if (!bitmaps.weights && !bitmaps.inputs) return 1;
  const ones = (bitmaps.weights ? density.A : 1) * (bitmaps.inputs ? density.B : 1);
  const nest = laneNest(problem, schedule, machine.laneAxis, lanes, bankBits);
  const perColumn = nest.units / (1 + Math.max(...columnsOf(nest, machine.columnAxis)));
  let dense = 0;
  let sparse = 0;
  for (const [positions, rounds] of bankLengths(nest)) {
    dense += rounds * positions;
    sparse += rounds * meanRound(nest, barrier, perColumn, positions, ones);
  }
  return sparse / dense;
}

/**
 * About what `expectedStepCycles` says of rounds of 0, 1, 2 ... positions up to a whole bank, with all `columns` of
 * `perColumn` units and all lanes in use. One lane by itself is taken to go through as many rounds as it has positions.
 */
export function stepCyclesByRun(
  { lanes, bankBits, sparsity, barrier }: LaneMachine["lanes"],
  { perColumn, columns }: { readonly perColumn: number; readonly columns: number },
  density: { readonly A: number; readonly B: number },
): readonly number[] {
  const bitmaps = bitmapsOf(sparsity);
  const ones = (bitmaps.weights ? density.A : 1) * (bitmaps.inputs ? density.B : 1);
  return Array.from({ length: bankBits + 1 }, (_, positions) => {
    if (positions === 0) return 1;
    const { scope } = barrier;
    if (scope === "lane") return remembered(1, positions, ones, bankBits, lanes) / bankBits / positions;
    const rounds = scope === "pe" ? 1 : barrier.rounds;
    const units = scope === "pe" ? 1 : scope === "array" ? perColumn * columns : perColumn;
    return remembered(lanes, positions, ones, rounds, units) / rounds / positions;
  });
}

function meanRound(nest: LaneNest, barrier: RoundBarrier, perColumn: number, positions: number, ones: number): number {
  if (barrier.scope === "lane") {
    const rounds = roundsOfPoint(nest);
    return remembered(1, positions, ones, rounds, nest.lanes) / rounds;
  }
  const { rounds, units } =
    barrier.scope === "pe"
      ? { rounds: 1, units: 1 }
      : { rounds: barrier.rounds, units: barrier.scope === "array" ? nest.units : perColumn };
  return remembered(nest.lanes, positions, ones, rounds, units) / rounds;
}

/** Rounds in a row that add to one output: those of the loops inside the last one that chooses among outputs. */
function roundsOfPoint({ problem, loops }: LaneNest): number {
  const reduced = new Set(reducedDimensions(problem));
  const time = loops.filter(({ place }) => place === "time");
  const last = time.findLastIndex(({ dimension }) => !reduced.has(dimension));
  return time.slice(last + 1).reduce((product, { steps }) => product * steps, 1);
}

/** How many rounds of the channel have how many positions, for the first unit. */
function bankLengths({ problem, loops, channel }: LaneNest): ReadonlyMap<number, number> {
  const lengths = new Map<number, number>();
  const own = loops.filter(({ dimension }) => dimension === channel);
  const count = (depth: number, left: number, positions: number): void => {
    const loop = own[depth];
    if (loop === undefined) {
      lengths.set(positions, (lengths.get(positions) ?? 0) + 1);
      return;
    }
    const { tile, place } = loop;
    const steps = Math.ceil(left / tile);
    if (place === "time") {
      for (let step = 0; step < steps; step++) count(depth + 1, Math.min(tile, left - step * tile), positions);
    } else count(depth + 1, Math.min(tile, left), place === "bank" ? steps : positions);
  };
  count(0, problem.dimensions[channel]?.size ?? 1, 1);
  return lengths;
}

/** Largest number of expectations that are kept: a search asks for few different ones. */
const mostRemembered = 4096;
const expectations = new Map<string, number>();

function remembered(lanes: number, positions: number, density: number, rounds: number, units: number): number {
  const key = `${lanes} ${positions} ${density} ${rounds} ${units}`;
  const known = expectations.get(key);
  if (known !== undefined) return known;
  const fresh = expectedLargest(roundChances(lanes, positions, density), rounds, units);
  if (expectations.size >= mostRemembered) expectations.clear();
  expectations.set(key, fresh);
  return fresh;
}

/**
 * The same schedule with the channel innermost in its last level, so that rounds are as long as they can be. Nothing is
 * kept below the last level, so that no count of words or bytes depends on the order of its loops.
 */
export function withChannelInnermost(problem: NestProblem, schedule: Schedule): Schedule {
  const channel = channelDimension(problem);
  const last = schedule.levels.length - 1;
  return {
    ...schedule,
    levels: schedule.levels.map((level, index) => {
      if (index !== last) return level;
      const inner = level.temporal.filter(({ dimension }) => dimension === channel);
      return { ...level, temporal: [...level.temporal.filter(({ dimension }) => dimension !== channel), ...inner] };
    }),
  };
}
