// The expected time of lanes that skip zeros under a schedule, from densities alone: rounds that wait for the fullest
// bank, units that wait for each other.

import { expectedLargest, roundChances } from "../../component/sparse-lanes/expected-rounds.ts";
import { effectiveSparsity } from "../../dataflow/nest/sparse/lane-cycles.ts";
import { laneNest } from "../../dataflow/nest/sparse/lane-nest.ts";
import type { NestProblem } from "../../mapping/nest/problem.ts";
import type { Schedule } from "../../mapping/nest/schedule.ts";
import { roundedNormal } from "../../tensor/density/binomial.ts";
import { expectedMaximum } from "../../tensor/density/density.ts";
import type { Skipping } from "./zeros.ts";

/** Rounds between two waits up to which the sum of their times is convolved; a normal distribution stands for more. */
const convolved = 12;

const known = new Map<string, number>();

/**
 * Mean cycles of a step of the datapath relative to a dense one, and rounds of lanes. Every bit of a bank is taken to be
 * one with probability `density`, independent of all others. Exact data differ: their zeros cluster, and the last piece of
 * a ragged loop is shorter.
 */
export function expectedLaneTime(
  problem: NestProblem,
  schedule: Schedule,
  { component, machine }: Skipping,
  density: number,
): { readonly stepCycles: number; readonly laneRounds: number } {
  const { loops, lanes, bankBits, units } = laneNest(
    problem,
    schedule,
    machine.laneAxis,
    machine.lanes.lanes,
    component.bankBits,
  );
  const rounds = loops.reduce((product, { place, steps }) => (place === "time" ? product * steps : product), 1);
  const laneRounds = rounds * units * lanes;
  if (effectiveSparsity(problem, component.sparsity) === "none") return { stepCycles: 1, laneRounds: 0 };
  const between = loops.reduce(
    (product, { place, steps, level }) => (place === "time" && level >= machine.joinLevel ? product * steps : product),
    1,
  );
  const { barrier } = component;
  const columns = loops.reduce(
    (product, { place, level, axis, steps }) =>
      place === "unit" && level === machine.columnAxis?.level && axis === machine.columnAxis.axis
        ? product * steps
        : product,
    1,
  );
  // Units that wait for each other, and rounds after which they do.
  const waiting = barrier.scope === "column" ? units / columns : units;
  const after = "rounds" in barrier ? Math.min(barrier.rounds, between) : between;
  const key = `${lanes} ${bankBits} ${density} ${after} ${waiting} ${barrier.scope === "lane"}`;
  const stored = known.get(key);
  if (stored !== undefined) return { stepCycles: stored, laneRounds };
  // Free lanes wait for each other only when a sum is done; their times are those of banks alone.
  const free = barrier.scope === "lane";
  const chances = roundChances(free ? 1 : lanes, bankBits, density);
  const stepCycles = slowest(chances, after, free ? waiting * lanes : waiting) / (after * bankBits);
  known.set(key, stepCycles);
  return { stepCycles, laneRounds };
}

/** Expected time of the slowest of `units` after `rounds` rounds each. */
function slowest(chances: Float64Array, rounds: number, units: number): number {
  if (rounds <= convolved) return expectedLargest(chances, rounds, units);
  let mean = 0;
  let square = 0;
  for (const [cycles, chance] of chances.entries()) {
    mean += cycles * chance;
    square += cycles * cycles * chance;
  }
  const variance = (square - mean * mean) * rounds;
  if (!(variance > 0)) return mean * rounds;
  return expectedMaximum(roundedNormal(mean * rounds, variance, (chances.length - 1) * rounds), units);
}
