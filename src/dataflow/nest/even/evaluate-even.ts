// Words and cycles of a schedule all of whose tiles divide, by formulas over its loops: no table is kept from one schedule
// to the next.

import type { OperandKey } from "../../../mapping/nest/problem.ts";
import type { Schedule } from "../../../mapping/nest/schedule.ts";
import type { BoundaryCounts, NestEvaluation, SparsityFactors } from "../evaluation.ts";
import type { PreparedNest } from "../prepare.ts";
import { drainTime, runTime } from "../run-time.ts";
import { evenCounts, stepsBefore } from "./even-counts.ts";
import { bindBoundaries, bindLoops } from "./even-nest.ts";
import { evenTime } from "./even-time.ts";
import { mostOfStep, quietTime } from "./quiet.ts";
import { bindSlides } from "./slides.ts";

/** The evaluation of an even schedule; undefined for any other, and where the formulas do not cover its windows. */
export function evaluateEven(
  prepared: PreparedNest,
  schedule: Schedule,
  factors: SparsityFactors | undefined,
): NestEvaluation | undefined {
  const { even, hierarchy, ports, macs, results, room } = prepared;
  if (even === undefined || !bindLoops(even, hierarchy, prepared.slotOf, schedule)) return undefined;
  const widthOf = (operand: OperandKey | "partial", child: number): number =>
    factors === undefined ? hierarchy.wordBytes[operand] : factors.bytes(operand, child);
  bindBoundaries(even, prepared, schedule, widthOf);
  if (!bindSlides(even)) return undefined;
  const { levels, boundaries, inUse } = even;
  for (let index = 0; index < ports.count; index++) ports.units[index] = inUse[ports.level[index] ?? 0] ?? 1;
  const counts: BoundaryCounts[] = [];
  let drain = 0;
  for (let index = 0; index < boundaries.length; index++) {
    const boundary = boundaries[index];
    if (boundary === undefined) continue;
    counts.push(evenCounts(even, boundary, results));
    if (boundary.operand === 2 && boundary.child < levels) {
      drain += drainTime(ports, boundary, boundary.above, boundary.all);
    }
  }
  const steps = stepsBefore(even, even.loops);
  const stepCycles = factors?.stepCycles ?? 1;
  const datapath = { steps, stepCycles, whole: factors === undefined, sameStep: mostOfStep(even, ports) <= stepCycles };
  // Room for one duration is always there.
  const at = quietTime(even, ports, datapath, room.durations) ? 0 : evenTime(even, ports, room, datapath);
  if (even.room.failed) return undefined;
  const compute = steps * stepCycles;
  const { cycles, stack } = runTime(
    prepared,
    boundaries,
    counts,
    { durations: room.durations, at, compute, drain },
    factors,
  );
  return { cycles, stack, macs, steps, units: inUse[levels] ?? 1, boundaries: counts };
}
