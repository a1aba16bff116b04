// What the zeros of a layer do for a schedule on a machine: bytes that compression spares, multiplications that are
// skipped or gated, and the time of rounds that wait for the slowest lane; by statistics, and counted on the operands.

import { InputError } from "../../base/error.ts";
import type { ZeroSkipping } from "../../component/zero-skipping.ts";
import type { LaneSparsity } from "../../component/sparse-lanes/sparse-lanes.ts";
import { bitmapsOf } from "../../component/sparse-lanes/sparse-lanes.ts";
import type { SparsityFactors } from "../../dataflow/nest/evaluation.ts";
import { expectedStepCycles, stepCyclesByRun } from "../../dataflow/nest/sparse/expected-lanes.ts";
import { effectiveSparsity, laneCycles } from "../../dataflow/nest/sparse/lane-cycles.ts";
import { channelDimension } from "../../dataflow/nest/sparse/lane-nest.ts";
import { nonZerosOf, randomNonZeros } from "../../dataflow/nest/sparse/non-zeros.ts";
import type { NonZeros } from "../../dataflow/nest/sparse/operand-bitmaps.ts";
import type { NestProblem } from "../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../mapping/nest/schedule.ts";
import { deriveSeed } from "../../tensor/random.ts";
import { effectualMacs } from "../../workload/effectual.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import type { ZeroHandling } from "../machine.ts";
import type { PreparedNest } from "../prepared.ts";
import { insideShare } from "./sparsity/boxes.ts";
import { layerDensities } from "./sparsity/layer.ts";
import { sparseOnData } from "./sparsity/on-data.ts";
import type {
  Leader,
  NestDensities,
  NestSparsity,
  SparseAction,
  SparseComparison,
  SparseFactors,
} from "./sparsity/sparsity.ts";
import { compareSparsity } from "./sparsity/sparsity.ts";
import { sparseStatistics } from "./sparsity/statistics.ts";

/** Factors of a schedule with the shares of all multiplications that are done and waited through. */
export interface ZeroFactors extends SparsityFactors {
  readonly executed: number;
  readonly gated: number;
  /** Whether lanes go by bitmaps. */
  readonly skips: boolean;
  /** Bitmaps that lanes read, where they were counted. */
  readonly bitmapReads: number;
}

export interface NestZeros {
  /** No schedule has lower factors: what a search may bound with. */
  readonly least: SparsityFactors;
  readonly leastExecuted: number;
  readonly skips: boolean;
  readonly expected: (schedule: Schedule) => ZeroFactors;
  /** On the operands themselves, or on seeded ones of the same density; with the statistics beside it. */
  readonly counted: (schedule: Schedule) => {
    readonly factors: ZeroFactors;
    readonly comparison: readonly SparseComparison[];
  };
}

/** Undefined where a layer has no zeros, or its machine makes nothing of them. */
export function layerZeros(
  layer: ComputeLayer,
  problem: NestProblem,
  prepared: PreparedNest,
  seed: number,
): NestZeros | undefined {
  const { zeros } = prepared.machine;
  const { A, B, C = 1 } = layer.density;
  if (zeros === undefined || (A === 1 && B === 1 && C === 1)) return undefined;
  const { hierarchy } = prepared.parts;
  const { levels, wordBytes } = hierarchy;
  const depth = levels.length;
  const { statistical: densities, actual } = layerDensities(problem, layer);
  const sparsity: NestSparsity = {
    formats: levels.map(({ name }) => zeros.formats[name] ?? {}),
    actions: actionsOf(zeros),
    barrier: zeros.skipped === undefined ? 0 : levelNamed(zeros.skipped.barrier, hierarchy),
  };
  const statistics = sparseStatistics(problem, hierarchy, sparsity, densities);
  const skipping = skippingOf(zeros, prepared);
  const skips = skipping !== undefined && effectiveSparsity(problem, skipping.component.sparsity) !== "none";
  const work =
    skipping === undefined
      ? leftByLeaders(zeros.skipped?.leaders ?? [], problem, densities)
      : leftBy(effectiveSparsity(problem, skipping.component.sparsity), layer.density);
  const factorsFor = (
    { bytes, macs }: SparseFactors,
    executed: number,
    stepCycles: number,
    bitmapReads: number,
  ): ZeroFactors => {
    const done = executed * macs.executed;
    return {
      // A header says whether a tile is compressed, so that it never takes more than its words. Nothing is read for a
      // multiplication that does not take place.
      bytes: (operand, child) =>
        child === depth ? wordBytes[operand] * done : Math.min(wordBytes[operand], bytes(operand, child)),
      stepCycles,
      executed: done,
      gated: executed * macs.gated,
      skips,
      bitmapReads,
    };
  };
  const expected = (schedule: Schedule): ZeroFactors => {
    const factors = statistics(schedule);
    if (skipping === undefined) return factorsFor(factors, 1, factors.stepCycles, 0);
    const stepCycles = expectedStepCycles(problem, schedule, skipping.machine, layer.density);
    return factorsFor(factors, work.A * work.B, stepCycles, 0);
  };
  const compressed = (operand: "A" | "B" | "C"): boolean =>
    sparsity.formats.some((formats) => formats[operand] !== undefined);
  const least = work.A * work.B;
  return {
    least: {
      bytes: (operand, child) => {
        if (operand === "partial" || operand === "C") {
          const stored = operand === "C" && compressed("C") ? wordBytes.C * C : wordBytes[operand];
          return child === depth ? wordBytes[operand] * least : stored;
        }
        if (child === depth) {
          return wordBytes[operand] * least * (zeros.gated.includes(operand) ? layer.density[operand] : 1);
        }
        return wordBytes[operand] * (compressed(operand) ? layer.density[operand] : 1);
      },
      stepCycles: least,
      ...(skipping === undefined || !skips
        ? {}
        : {
            runs: {
              dimension: channelDimension(problem),
              stepCycles: stepCyclesByRun(
                skipping.machine.lanes,
                { perColumn: prepared.parts.array.part.rows, columns: prepared.parts.array.part.columns },
                layer.density,
              ),
            },
          }),
    },
    leastExecuted: least,
    skips,
    expected,
    counted: (schedule) => {
      const statistical = expected(schedule);
      if (zeros.skipped !== undefined && skipping === undefined && actual !== undefined) {
        const onData = sparseOnData(problem, hierarchy, sparsity, actual)(schedule);
        const factors = factorsFor(onData, 1, onData.stepCycles, 0);
        return { factors, comparison: compareSparsity(statistics(schedule), onData).slice(0, comparedFigures) };
      }
      if (skipping === undefined) {
        const { macs } = effectualMacs(layer);
        const dense = problem.dimensions.reduce((product, { size }) => product * size, 1);
        const comparison =
          zeros.gated.length === 2 ? [compared("multiplications executed", statistical.executed, macs / dense)] : [];
        return { factors: statistical, comparison };
      }
      const counted = laneCycles(problem, schedule, skipping.machine, operandsOf(layer, skipping.component, seed));
      const { executed, dense } = counted.macs;
      const factors = factorsFor(
        statistics(schedule),
        executed / dense,
        counted.computeCycles / counted.denseCycles,
        counted.events.bitmapRead,
      );
      return {
        factors,
        comparison: [
          compared("multiplications executed", statistical.executed, factors.executed),
          compared("cycles of a step", statistical.stepCycles, factors.stepCycles),
        ],
      };
    },
  };
}

/** Figures of work and time, which a comparison begins with; those of every boundary follow. */
const comparedFigures = 5;

/** Multiplications that take no time, and those that take no energy. */
function actionsOf({ gated, skipped }: ZeroHandling): readonly SparseAction[] {
  const at = "datapath";
  return [
    ...(skipped === undefined ? [] : [{ kind: "skip", at, leaders: skipped.leaders } as const]),
    ...(gated.length === 0 ? [] : [{ kind: "gate", at, leaders: gated } as const]),
  ];
}

function levelNamed(name: string, { levels }: Hierarchy): number {
  const level = levels.findIndex((one) => one.name === name);
  if (level >= 0) return level;
  const known = levels.map((one) => one.name);
  throw new InputError({ path: "zeros.skipped.barrier", message: "no such level", found: name, known });
}

/** What the zeros of leaders, and the padding of inputs among them, leave of the multiplications. */
function leftByLeaders(
  leaders: readonly Leader[],
  problem: NestProblem,
  densities: NestDensities,
): { readonly A: number; readonly B: number } {
  const left = (leader: Leader): number => {
    if (!leaders.includes(leader)) return 1;
    const model = densities[leader];
    return (1 - model.empty(model.shape.map(() => 1))) * insideShare(problem, leader);
  };
  return { A: left("A"), B: left("B") };
}

const compared = (figure: string, statistical: number, actual: number): SparseComparison => ({
  figure,
  statistical,
  actual,
  error: statistical === actual ? 0 : statistical / actual - 1,
});

/** Lanes that skip zeros, as the engine that counts them needs to know them. */
export interface Skipping {
  readonly component: ZeroSkipping;
  readonly machine: Parameters<typeof laneCycles>[2];
}

/** Undefined for a machine without such lanes. */
export function skippingOf({ skipping }: ZeroHandling, { machine, parts }: PreparedNest): Skipping | undefined {
  if (skipping === undefined) return undefined;
  const component = machine.components[skipping.component];
  if (component?.kind !== "zeroSkipping") throw new Error(`${skipping.component} does not skip zeros`);
  if (component.sparsity === "none") return undefined;
  const { sparsity, barrier, bankBits } = component;
  return {
    component,
    machine: {
      lanes: { lanes: parts.array.part.lanes, bankBits, sparsity, barrier },
      laneAxis: skipping.lanes,
      columnAxis: skipping.columns,
      joinLevel: parts.hierarchy.levels.findIndex(({ name }) => name === skipping.joins),
    },
  };
}

/** What each operand's zeros leave of the multiplications. */
function leftBy(sparsity: LaneSparsity, density: ComputeLayer["density"]): { readonly A: number; readonly B: number } {
  const { weights, inputs } = bitmapsOf(sparsity);
  return { A: weights ? density.A : 1, B: inputs ? density.B : 1 };
}

/** Non-zeros of the operands that have bitmaps: their own, or seeded ones of the layer's density. */
function operandsOf(
  { operation, values, density }: ComputeLayer,
  { sparsity }: ZeroSkipping,
  seed: number,
): { readonly A?: NonZeros; readonly B?: NonZeros } {
  const bitmaps = bitmapsOf(sparsity);
  const of = (which: "A" | "B"): NonZeros => {
    const own = values?.[which];
    if (own !== undefined) return nonZerosOf(operation, which, own);
    const pattern = { kind: "uniform", density: density[which] } as const;
    return randomNonZeros(operation, which, pattern, deriveSeed(seed, "non-zeros", which));
  };
  return { ...(bitmaps.weights ? { A: of("A") } : {}), ...(bitmaps.inputs ? { B: of("B") } : {}) };
}
