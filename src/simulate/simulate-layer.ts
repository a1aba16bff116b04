// One layer on one machine of any kind: what is asked of a simulation, and the way to the engine that the machine needs.

import type { Schedule } from "../mapping/nest/schedule.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import { auditLayer } from "./grid/audit.ts";
import type { CheckMode } from "./check.ts";
import type { Objective } from "./machine.ts";
import type { PreparedMachine } from "./prepared.ts";
import { simulateProductLayer } from "./product/simulate-product.ts";
import { simulateNestLayer } from "./nest/simulate-nest.ts";
import type { LayerResult } from "./result.ts";
import { simulateGridLayer } from "./grid/simulate-grid.ts";

/** Which mapping to use: a name, or the best of all for an objective. */
export interface MappingChoice {
  readonly objective: Objective;
  readonly mapping?: string;
  /** Schedules to use instead of a search, by the name of the layer, on machines of loop nests. */
  readonly schedules?: Readonly<Record<string, Schedule>>;
  /**
   * Conversions between the formats of successive layers, on machines whose mappings prescribe formats: `ignore` reports
   * them and chooses layer by layer, `count` adds them and chooses along the network. Default `ignore`.
   */
  readonly conversions?: "ignore" | "count";
}

/** How a layer's result is verified on top. */
export interface Verification {
  readonly check: CheckMode;
  /** Percent of the tiles to re-run stepped; 0 for none. */
  readonly auditPercent: number;
  readonly seed: number;
}

/** The whole result of a layer. Throws InputError naming the layer. */
export function simulateLayer(
  layer: ComputeLayer,
  prepared: PreparedMachine,
  choice: MappingChoice & Verification,
): LayerResult {
  const [best] = layerCandidates(layer, prepared, { ...choice, conversions: "ignore" });
  if (best === undefined) throw new Error("a machine without mappings");
  return best;
}

/**
 * What a layer may end as: its result under every mapping where conversions count, because then the choice depends on the
 * other layers; otherwise the result of its best mapping alone. Throws InputError naming the layer.
 */
export function layerCandidates(
  layer: ComputeLayer,
  prepared: PreparedMachine,
  choice: MappingChoice & Verification,
): readonly LayerResult[] {
  switch (prepared.kind) {
    case "grid":
      return [simulateGridLayer(layer, prepared, choice, auditLayer)];
    case "product":
      return simulateProductLayer(layer, prepared, choice);
    case "nest":
      return [simulateNestLayer(layer, prepared, choice)];
  }
}
