// One layer on a machine of loop nests: the best schedule of each dataflow that the machine can be held to, or a
// schedule that was given, evaluated, priced and checked.

import { InputError } from "../../base/error.ts";
import { evaluateSchedule } from "../../dataflow/nest/evaluate.ts";
import type { NestEvaluation } from "../../dataflow/nest/evaluation.ts";
import { prepareNest } from "../../dataflow/nest/prepare.ts";
import { namedConstraints } from "../../mapping/nest/constraints.ts";
import { printNest } from "../../mapping/nest/print.ts";
import type { NestProblem } from "../../mapping/nest/problem.ts";
import { nestProblem } from "../../mapping/nest/problem.ts";
import type { Schedule } from "../../mapping/nest/schedule.ts";
import { checkSchedule } from "../../mapping/nest/validate.ts";
import { effectualMacs } from "../../workload/effectual.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { lower } from "../../workload/lowering.ts";
import { macs } from "../../workload/shapes.ts";
import { energyOf } from "../accounts.ts";
import { checkLayer } from "../check.ts";
import type { PreparedNest } from "../prepare-machine.ts";
import type { LayerResult } from "../result.ts";
import { score } from "../score.ts";
import type { MappingChoice, Verification } from "../simulate-layer.ts";
import { nestCounts, nestTraffic } from "./nest-accounts.ts";
import { reductionOrder } from "./nest-check.ts";
import { nestPrice } from "./nest-price.ts";
import { defaultEffort, prepareSearch, searchSchedule } from "./search.ts";
import type { Found } from "./search-state.ts";

interface MappedNest {
  readonly name: string;
  readonly front?: readonly Found[];
  readonly schedule: Schedule;
  readonly stack: Readonly<Record<string, number>>;
  readonly cycles: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly traffic: LayerResult["traffic"];
  readonly energyComponents: Readonly<Record<string, number>>;
  readonly energy: number;
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
  const problem = nestProblem(layer.operation);
  const given = choice.schedules?.[layer.name];
  const all =
    given === undefined
      ? mappingNames(prepared, choice.mapping).map((name) => searched(layer, problem, prepared, choice, name))
      : [mapped(problem, prepared, "schedule", requireValid(layer, problem, prepared, given))];
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
    macs: {
      dense,
      effectual: effectual.macs,
      executed: dense,
      skipped: 0,
      gated: 0,
      effectualSource: effectual.source,
    },
    cycles: best.cycles,
    clock: prepared.parts.clock,
    seconds: best.seconds,
    utilisation: dense / (prepared.units * best.cycles),
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
    bound: boundOf(best.stack),
    schedule: best.schedule,
    ...(best.front === undefined
      ? {}
      : {
          front: best.front.map(({ cycles, joules }) => ({
            cycles,
            seconds: cycles / prepared.parts.clock,
            energy: joules,
          })),
        }),
    alternatives: all
      .filter((other) => other !== best)
      .map(({ name, cycles, seconds, energy }) => ({ mapping: name, cycles, seconds, energy })),
  };
}

function mappingNames({ machine }: PreparedNest, asked: string | undefined): readonly string[] {
  const known = Object.keys(machine.mappings);
  if (asked === undefined) return known;
  if (known.includes(asked)) return [asked];
  throw new InputError({
    path: "mapping",
    message: `${machine.name} has no such mapping`,
    found: asked,
    known,
    expected: known.join(", "),
  });
}

/** The best schedule that one mapping of the machine allows. */
function searched(
  layer: ComputeLayer,
  problem: NestProblem,
  prepared: PreparedNest,
  { objective, seed }: Pick<MappingChoice & Verification, "objective" | "seed">,
  name: string,
): MappedNest {
  const { hierarchy } = prepared.parts;
  const mapping = prepared.machine.mappings[name];
  if (mapping === undefined) throw new Error(`no mapping ${name}`);
  const nest = prepareNest(problem, hierarchy);
  const search = prepareSearch(
    {
      problem,
      hierarchy,
      constraints: namedConstraints(mapping.dataflow, problem, hierarchy),
      price: nestPrice(prepared, { executed: 1, gated: 0 }),
      objective,
      evaluate: (schedule) => evaluateSchedule(nest, schedule),
    },
    { ...defaultEffort, seed, moves: mapping.moves, front: true },
  );
  const { best, front } = searchSchedule(search);
  if (best === null) {
    throw new InputError({
      path: `layer ${layer.name}`,
      message: `${prepared.machine.name} has no schedule that fits`,
    });
  }
  return { ...mapped(problem, prepared, name, best.schedule), front };
}

/** The schedule, or the first thing that is wrong with it. */
function requireValid(
  layer: ComputeLayer,
  problem: NestProblem,
  { parts }: PreparedNest,
  schedule: Schedule,
): Schedule {
  const [fault] = checkSchedule(problem, parts.hierarchy, schedule);
  if (fault === undefined) return schedule;
  const { path, message, found, expected } = fault;
  throw new InputError({ path: `layer ${layer.name}: schedule.${path}`, message, found, expected });
}

/** A schedule evaluated and priced. */
function mapped(problem: NestProblem, prepared: PreparedNest, name: string, schedule: Schedule): MappedNest {
  const { parts } = prepared;
  const evaluation = evaluateSchedule(prepareNest(problem, parts.hierarchy), schedule);
  const { cycles, macs: executed } = evaluation;
  const seconds = cycles / parts.clock;
  const traffic = nestTraffic(evaluation, parts);
  const counts = nestCounts(evaluation, parts, traffic, { executed, gated: 0 });
  const energyComponents = energyOf(counts, prepared, seconds);
  let energy = 0;
  for (const joules of Object.values(energyComponents)) energy += joules;
  const stack = stackOf(evaluation, prepared.units);
  return { name, schedule, stack, cycles, seconds, counts, traffic, energyComponents, energy };
}

/** Where the cycles went: what all multipliers would have needed, what idle ones cost, and every kind of waiting. */
function stackOf({ stack, macs: work }: NestEvaluation, units: number): Record<string, number> {
  const { compute = 0, ...waiting } = stack;
  const useful = work / units;
  return Object.fromEntries(
    Object.entries({ useful, underfilled: compute - useful, ...waiting }).filter(([, cycles]) => cycles > 0),
  );
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
