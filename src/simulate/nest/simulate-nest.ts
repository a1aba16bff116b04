// One layer on a machine of loop nests: the best schedule of each dataflow that the machine can be held to, or a
// schedule that was given, evaluated, priced and checked.

import { InputError } from "../../base/error.ts";
import { evaluateSchedule } from "../../dataflow/nest/evaluate.ts";
import type { NestEvaluation, SparsityFactors } from "../../dataflow/nest/evaluation.ts";
import type { PreparedNest as PreparedNestProblem } from "../../dataflow/nest/prepare.ts";
import { nestPicture } from "../../dataflow/nest/picture.ts";
import { prepareNest } from "../../dataflow/nest/prepare.ts";
import { withChannelInnermost } from "../../dataflow/nest/sparse/expected-lanes.ts";
import type { NestConstraints } from "../../mapping/nest/constraints.ts";
import { namedConstraints } from "../../mapping/nest/constraints.ts";
import { printNest } from "../../mapping/nest/print.ts";
import type { NestProblem } from "../../mapping/nest/problem.ts";
import type { NestMapping } from "../../mapping/nest/nest-mapping.ts";
import { nestProblem } from "../../mapping/nest/problem.ts";
import type { Schedule } from "../../mapping/nest/schedule.ts";
import { checkSchedule } from "../../mapping/nest/validate.ts";
import { effectualMacs } from "../../workload/effectual.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { lower } from "../../workload/lowering.ts";
import { macs } from "../../workload/shapes.ts";
import { energyOf } from "../accounts.ts";
import { checkLayer } from "../check.ts";
import type { PreparedNest } from "../prepared.ts";
import type { LayerResult, MacCounts } from "../result.ts";
import { score } from "../score.ts";
import type { MappingChoice, Verification } from "../simulate-layer.ts";
import { reductionCounts, searchReduction, withReduction } from "./drain/reduction.ts";
import { nestCounts, nestTraffic } from "./nest-accounts.ts";
import { reductionOrder } from "./nest-check.ts";
import { nestPrice } from "./nest-price.ts";
import { explainNone } from "./search/search-explain.ts";
import { nestSearches } from "./search/search-parts.ts";
import type { PreparedSearch } from "./search/search-prepare.ts";
import { searchSchedule } from "./search/search.ts";
import { defaultEffort, prepareSearch } from "./search/search-prepare.ts";
import { nestSpace } from "./search/search-space.ts";
import type { SearchState } from "./search/search-state.ts";
import type { SparseComparison } from "./sparsity/sparsity.ts";
import type { NestZeros } from "./zeros.ts";
import { layerZeros } from "./zeros.ts";

interface MappedNest {
  readonly name: string;
  readonly schedule: Schedule;
  readonly evaluation: NestEvaluation;
  readonly stack: Readonly<Record<string, number>>;
  readonly macs: Pick<MacCounts, "executed" | "skipped" | "gated">;
  readonly comparison: readonly SparseComparison[];
  readonly cycles: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly traffic: LayerResult["traffic"];
  readonly energyComponents: Readonly<Record<string, number>>;
  readonly energy: number;
}

/** A layer ready to be scheduled on a machine. */
interface Scheduling {
  readonly layer: ComputeLayer;
  readonly problem: NestProblem;
  readonly prepared: PreparedNest;
  readonly nest: PreparedNestProblem;
  readonly zeros: NestZeros | undefined;
}

/** A layer on a machine, for searches that are run elsewhere or in pieces. */
export interface NestLayer {
  /** The search among the schedules that a mapping allows. Throws InputError where it allows none. */
  readonly search: (mapping: string) => PreparedSearch;
  /**
   * The whole result, of searches that came to their end by the mappings of `nestSearches`. Throws InputError naming the
   * layer: where no schedule fits, or where a given schedule does not.
   */
  readonly result: (searches: Readonly<Record<string, SearchState>>) => LayerResult;
}

/** Prepares a layer. */
export function nestLayer(
  layer: ComputeLayer,
  prepared: PreparedNest,
  choice: MappingChoice & Verification,
): NestLayer {
  const problem = nestProblem(layer.operation);
  const nest = prepareNest(problem, prepared.parts.hierarchy);
  const scheduling = { layer, problem, prepared, nest, zeros: layerZeros(layer, problem, prepared, choice.seed) };
  return {
    search: (mapping) => searchOf(scheduling, choice, mapping),
    result: (searches) => resultOf(scheduling, choice, searches),
  };
}

/**
 * The whole result of a layer. Throws InputError naming the layer: for an unknown mapping, where no schedule fits, or
 * where a given schedule does not.
 */
export function simulateNestLayer(
  layer: ComputeLayer,
  prepared: PreparedNest,
  choice: MappingChoice & Verification,
): LayerResult {
  const { search, result } = nestLayer(layer, prepared, choice);
  const names = nestSearches(layer.name, prepared, choice);
  return result(Object.fromEntries(names.map((name) => [name, searchSchedule(search(name))])));
}

function resultOf(
  scheduling: Scheduling,
  choice: MappingChoice & Verification,
  searches: Readonly<Record<string, SearchState>>,
): LayerResult {
  const { layer, problem, prepared } = scheduling;
  const given = choice.schedules?.[layer.name];
  const found = nestSearches(layer.name, prepared, choice).map((name) => {
    const state = searches[name];
    if (state === undefined) throw new Error(`no search for ${name} of layer ${layer.name}`);
    return { name, state };
  });
  const all =
    given === undefined
      ? searched(scheduling, found)
      : [mapped(scheduling, "schedule", requireValid(scheduling, given))];
  const best = all.reduce((least, candidate) =>
    score(candidate, choice.objective) < score(least, choice.objective) ? candidate : least,
  );
  const product = lower(layer.operation, "per-group");
  const dense = macs(layer.operation);
  const effectual = effectualMacs(layer);
  const { array, hierarchy } = prepared.parts;
  const order = choice.check === "off" ? new Int32Array(0) : reductionOrder(problem, best.schedule);
  return {
    name: layer.name,
    operator: layer.operation.operator,
    M: product.M,
    N: product.N,
    K: product.K,
    count: product.count,
    density: layer.density,
    densitySource: layer.densitySource,
    mapping: best.name,
    loops: printNest(problem, hierarchy, best.schedule),
    macs: { dense, effectual: effectual.macs, ...best.macs, effectualSource: effectual.source },
    cycles: best.cycles,
    clock: prepared.parts.clock,
    seconds: best.seconds,
    utilisation: best.macs.executed / (prepared.units * best.cycles),
    stack: best.stack,
    counts: best.counts,
    traffic: best.traffic,
    energy: { total: best.energy, components: best.energyComponents },
    check: checkLayer(
      layer,
      product,
      {
        operand: array.part.operand,
        accumulator: array.part.accumulator,
        grouping: "per-group",
        output: (values, units, p, m, n) => {
          let sum = 0;
          for (const k of order) sum = units.multiplyAdd(sum, values.a(p, m, k), values.b(p, k, n));
          return sum;
        },
      },
      choice.check,
      choice.seed,
    ),
    ...(best.comparison.length === 0 ? {} : { sparsity: best.comparison }),
    bound: boundOf(best.stack),
    schedule: best.schedule,
    nest: nestPicture(problem, hierarchy, best.schedule, best.evaluation),
    ...(found.length === 0 ? {} : { front: frontOf(scheduling, found) }),
    alternatives: all
      .filter((other) => other !== best)
      .map(({ name, cycles, seconds, energy }) => ({ mapping: name, cycles, seconds, energy })),
  };
}

/** The search among the schedules that one mapping of the machine allows. */
function searchOf(
  scheduling: Scheduling,
  { objective, seed }: Pick<MappingChoice & Verification, "objective" | "seed">,
  name: string,
): PreparedSearch {
  const { problem, prepared, zeros } = scheduling;
  const { hierarchy, reduction } = prepared.parts;
  const mapping = mappingNamed(prepared, name);
  return prepareSearch(
    {
      problem,
      hierarchy,
      constraints: constraintsOf(scheduling, name),
      price: nestPrice(
        prepared,
        { executed: zeros?.leastExecuted ?? 1, gated: 0, skips: zeros?.skips ?? false },
        zeros?.least,
      ),
      objective,
      ...(zeros === undefined ? {} : { sparsity: zeros.least }),
      ...(reduction === undefined ? {} : { reduction: searchReduction(reduction) }),
      evaluate: (schedule) => {
        const ordered = withChannelInnermost(problem, schedule);
        return evaluated(scheduling, ordered, zeros?.expected(ordered));
      },
    },
    { ...defaultEffort, seed, moves: mapping.moves, front: true },
  );
}

/** The search of a mapping, at its end. */
interface EndedSearch {
  readonly name: string;
  readonly state: SearchState;
}

/**
 * The best schedule that the search of each mapping found. A mapping that allows no schedule is passed over as long as
 * another one does. Throws InputError naming the layer, with what the first mapping lacks.
 */
function searched(scheduling: Scheduling, found: readonly EndedSearch[]): readonly MappedNest[] {
  const { layer, problem, prepared } = scheduling;
  const all = found.flatMap(({ name, state: { best } }) =>
    best === null ? [] : [mapped(scheduling, name, withChannelInnermost(problem, best.schedule))],
  );
  const [first] = found;
  if (all.length > 0 || first === undefined) return all;
  const space = nestSpace(problem, prepared.parts.hierarchy, constraintsOf(scheduling, first.name));
  const reason = explainNone(space)?.message ?? "no schedule was found that the machine can run";
  throw new InputError({ path: `layer ${layer.name}`, message: `${prepared.machine.name}, ${first.name}: ${reason}` });
}

/**
 * What all searches met, priced as the layer is: their own prices take every word at the least that zeros leave of it.
 * Fastest first, without what another one beats then.
 */
function frontOf(scheduling: Scheduling, found: readonly EndedSearch[]): NonNullable<LayerResult["front"]> {
  const { problem, zeros } = scheduling;
  const points = found.flatMap(({ state }) =>
    state.front.map(({ schedule }) => {
      const ordered = withChannelInnermost(problem, schedule);
      const factors = zeros?.expected(ordered);
      const { cycles, seconds, energy } = priced(scheduling, "", ordered, factors && { factors, comparison: [] });
      return { cycles, seconds, energy };
    }),
  );
  let least = Infinity;
  return points
    .toSorted((a, b) => a.cycles - b.cycles || a.energy - b.energy)
    .filter(({ energy }) => {
      const keeps = energy < least;
      least = Math.min(least, energy);
      return keeps;
    });
}

function mappingNamed({ machine }: PreparedNest, name: string): NestMapping {
  const mapping = machine.mappings[name];
  if (mapping === undefined) throw new Error(`no mapping ${name}`);
  return mapping;
}

const constraintsOf = (scheduling: Scheduling, name: string): NestConstraints => {
  const { problem, prepared } = scheduling;
  const { dataflow } = mappingNamed(prepared, name);
  return withSingleLanes(scheduling, namedConstraints(dataflow, problem, prepared.parts.hierarchy));
};

/** Lanes that skip zeros split one dimension: their banks cannot lie along two. */
function withSingleLanes({ prepared }: Scheduling, constraints: NestConstraints): NestConstraints {
  const lanes = prepared.machine.zeros?.skipping?.lanes;
  if (lanes === undefined) return constraints;
  return {
    ...constraints,
    levels: constraints.levels.map((level, index) =>
      index === lanes.level ? { ...level, single: [...(level.single ?? []), lanes.axis] } : level,
    ),
  };
}

/** Whether a given schedule keeps to that. */
function oneLoopPerLane({ problem, prepared }: Scheduling, { levels }: Schedule): boolean {
  const lanes = prepared.machine.zeros?.skipping?.lanes;
  if (lanes === undefined) return true;
  const left = problem.dimensions.map(({ size }) => size);
  let split = 0;
  for (const [level, { temporal, spatial }] of levels.entries()) {
    for (const { dimension, tile } of temporal) left[dimension] = Math.min(left[dimension] ?? 1, tile);
    for (const { dimension, tile, axis } of spatial) {
      if (level === lanes.level && axis === lanes.axis && (left[dimension] ?? 1) > tile) split++;
      left[dimension] = Math.min(left[dimension] ?? 1, tile);
    }
  }
  return split <= 1;
}

/** The schedule, or the first thing that is wrong with it. */
function requireValid(scheduling: Scheduling, schedule: Schedule): Schedule {
  const { layer, problem, prepared } = scheduling;
  const [fault] = checkSchedule(problem, prepared.parts.hierarchy, schedule);
  if (fault !== undefined) {
    const { path, message, found, expected } = fault;
    throw new InputError({ path: `layer ${layer.name}: schedule.${path}`, message, found, expected });
  }
  const ordered = withChannelInnermost(problem, schedule);
  if (!oneLoopPerLane(scheduling, ordered)) {
    throw new InputError({
      path: `layer ${layer.name}: schedule`,
      message: "lanes that skip zeros cannot split two dimensions",
      expected: "one loop on their axis",
    });
  }
  return ordered;
}

/**
 * Words and cycles of a schedule, those of the network between units included. Schedules are known ahead, so that
 * transfers are requested early enough: the latency off chip shows once, before the first word.
 */
function evaluated(
  { problem, prepared, nest }: Scheduling,
  schedule: Schedule,
  factors?: SparsityFactors,
): NestEvaluation {
  const { hierarchy, reduction, clock } = prepared.parts;
  const alone = evaluateSchedule(nest, schedule, factors);
  const evaluation = reduction === undefined ? alone : withReduction(problem, hierarchy, schedule, alone, reduction);
  const latency = Math.ceil((prepared.dram?.latency ?? 0) * clock);
  if (latency === 0) return evaluation;
  return { ...evaluation, cycles: evaluation.cycles + latency, stack: { ...evaluation.stack, latency } };
}

/** A schedule evaluated and priced; zeros are counted, not estimated. */
const mapped = (scheduling: Scheduling, name: string, schedule: Schedule): MappedNest =>
  priced(scheduling, name, schedule, scheduling.zeros?.counted(schedule));

/** A schedule evaluated and priced with what zeros do for it. */
function priced(
  scheduling: Scheduling,
  name: string,
  schedule: Schedule,
  counted: ReturnType<NestZeros["counted"]> | undefined,
): MappedNest {
  const { problem, prepared } = scheduling;
  const { parts, machine } = prepared;
  const evaluation = evaluated(scheduling, schedule, counted?.factors);
  const { cycles, macs: dense } = evaluation;
  const executed = Math.round((counted?.factors.executed ?? 1) * dense);
  const gated = Math.min(dense - executed, Math.round((counted?.factors.gated ?? 0) * dense));
  const seconds = cycles / parts.clock;
  const traffic = nestTraffic(evaluation, parts, counted?.factors);
  const skipping = machine.zeros?.skipping?.component;
  const reduced = parts.reduction && reductionCounts(problem, schedule, evaluation, parts.reduction);
  const counts = {
    ...nestCounts(evaluation, parts, traffic, { executed, gated }, counted?.factors, reduced),
    ...(skipping === undefined || counted?.factors.skips !== true
      ? {}
      : { [`${skipping}.findFirst`]: executed, [`${skipping}.bitmapRead`]: counted.factors.bitmapReads }),
  };
  const energyComponents = energyOf(counts, prepared, seconds);
  let energy = 0;
  for (const joules of Object.values(energyComponents)) energy += joules;
  return {
    name,
    schedule,
    evaluation,
    stack: stackOf(evaluation, executed, prepared.units),
    macs: { executed, gated, skipped: dense - executed - gated },
    comparison: counted?.comparison ?? [],
    cycles,
    seconds,
    counts,
    traffic,
    energyComponents,
    energy,
  };
}

/** Where the cycles went: what all multipliers would have needed, what idle ones cost, and every kind of waiting. */
function stackOf({ stack, cycles }: NestEvaluation, executed: number, units: number): Record<string, number> {
  const { compute: _, ...waiting } = stack;
  const useful = executed / units;
  // Mean rounds are fractions of a cycle, and the layer ends with a whole one.
  const underfilled = Object.values(waiting).reduce((left, part) => left - part, cycles) - useful;
  return Object.fromEntries(Object.entries({ useful, underfilled, ...waiting }).filter(([, cycles]) => cycles > 0));
}

/** What holds a layer back most: the multipliers themselves, or the longest waiting. */
function boundOf(stack: Readonly<Record<string, number>>): string {
  const { useful = 0, underfilled = 0, ...waiting } = stack;
  const [cause, cycles] = Object.entries(waiting).reduce(
    (most, entry) => (entry[1] > most[1] ? entry : most),
    ["compute", 0],
  );
  return cycles > useful + underfilled ? cause : underfilled > useful ? "underfilled array" : "compute";
}
