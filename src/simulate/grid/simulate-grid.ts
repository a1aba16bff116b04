// One layer on a systolic grid: tries every mapping, keeps the one that is best for the objective, and says where its
// cycles went, what was checked and what the others would have cost.

import { InputError } from "../../base/error.ts";
import { effectualMacs } from "../../workload/effectual.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { macs } from "../../workload/shapes.ts";
import type { auditLayer } from "./audit.ts";
import { checkLayer, machineOutput } from "../check.ts";
import { stackOf } from "./cycle-stack.ts";
import type { MappedLayer, ScheduledProduct } from "./map-layer.ts";
import { mapLayer, scheduleLayer } from "./map-layer.ts";
import type { PreparedGrid } from "../prepared.ts";
import type { LayerResult } from "../result.ts";
import { score } from "../score.ts";
import type { MappingChoice, Verification } from "../simulate-layer.ts";

/**
 * Times a layer under the mappings of a grid. Ties between mappings go to the one listed first. A mapping that a buffer is too small for is
 * passed over as long as another works. Throws InputError naming the layer.
 */
export function chooseMapping(
  layer: ComputeLayer,
  prepared: PreparedGrid,
  choice: Pick<MappingChoice, "objective" | "mapping">,
): { best: MappedLayer; all: readonly MappedLayer[] } {
  const { mappings } = prepared.machine;
  const names = choice.mapping === undefined ? Object.keys(mappings) : [choice.mapping];
  const all: MappedLayer[] = [];
  const scheduled = new Map<string, ScheduledProduct>();
  let failure: InputError | undefined;
  for (const name of names) {
    const mapping = mappings[name];
    if (mapping === undefined) {
      throw new InputError({
        path: "mapping",
        message: `${prepared.machine.name} has no such mapping`,
        found: name,
        known: Object.keys(mappings),
        expected: Object.keys(mappings).join(", "),
      });
    }
    try {
      const key = `${mapping.grouping} ${mapping.stationary} ${mapping.streaming}`;
      const known = scheduled.get(key) ?? scheduleLayer(layer, prepared, mapping);
      scheduled.set(key, known);
      all.push(mapLayer(layer, prepared, name, mapping, known));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      failure ??= error;
    }
  }
  let best: MappedLayer | undefined;
  for (const candidate of all) {
    if (best === undefined || score(candidate, choice.objective) < score(best, choice.objective)) best = candidate;
  }
  if (best === undefined) {
    if (failure === undefined) throw new Error("a machine without mappings");
    throw new InputError({
      ...failure.fault,
      path: failure.fault.path === undefined ? `layer ${layer.name}` : `layer ${layer.name}: ${failure.fault.path}`,
    });
  }
  return { best, all };
}

/**
 * The whole result of a layer; `audit` is what steps its tiles, which a run without an audit need not load. Throws
 * InputError naming the layer.
 */
export function simulateGridLayer(
  layer: ComputeLayer,
  prepared: PreparedGrid,
  choice: MappingChoice & Verification,
  audit?: typeof auditLayer,
): LayerResult {
  const { best, all } = chooseMapping(layer, prepared, choice);
  const { grid } = prepared.gridMachine;
  const dense = macs(layer.operation);
  const effectual = effectualMacs(layer);
  return {
    name: layer.name,
    operator: layer.operation.operator,
    M: best.product.M,
    N: best.product.N,
    K: best.product.K,
    count: best.product.count,
    density: layer.density,
    densitySource: layer.densitySource,
    mapping: best.mappingName,
    loops: best.plan.loops,
    macs: {
      dense,
      effectual: effectual.macs,
      executed: dense,
      skipped: 0,
      gated: 0,
      effectualSource: effectual.source,
    },
    cycles: best.cycles,
    clock: best.mapping.clock,
    seconds: best.seconds,
    utilisation: dense / (prepared.units * best.cycles),
    stack: stackOf(layer, best, prepared),
    counts: best.counts,
    traffic: best.traffic,
    energy: { total: best.energy, components: best.energyComponents },
    check: checkLayer(
      layer,
      best.product,
      {
        operand: grid.operand,
        accumulator: grid.accumulator,
        grouping: best.mapping.grouping,
        output: (values, units, p, m, n) =>
          machineOutput(values, best.mapping, grid.rows, best.product.K, units, p, m, n),
      },
      choice.check,
      choice.seed,
    ),
    ...(audit === undefined || choice.auditPercent === 0
      ? {}
      : { audit: audit(layer, best, prepared, choice.auditPercent, choice.seed) }),
    alternatives: all
      .filter((mapped) => mapped !== best)
      .map(({ mappingName, cycles, seconds, energy }) => ({ mapping: mappingName, cycles, seconds, energy })),
  };
}
