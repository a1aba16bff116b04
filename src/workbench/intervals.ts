// The busy intervals of a run's layers, for traces: each layer's chosen mapping is timed once more with a recorder.

import { layerIntervals } from "../simulate/grid/intervals.ts";
import type { Interval, RunResult } from "../simulate/result.ts";
import { prepareMachine } from "../simulate/prepare-machine.ts";
import { productIntervals } from "../simulate/product/product-intervals.ts";
import { computeLayers } from "../simulate/simulate-network.ts";
import { technology } from "../technology/technologies.ts";
import type { Network } from "../workload/layer.ts";
import { configure } from "./request/settings.ts";
import type { MachineRequest } from "./request/settings.ts";

/** Steps of one layer, and of all layers of a run together, up to which intervals are recorded. */
const layerSteps = 20_000;
const runSteps = 200_000;
/** Batches of a sparse product, of each layer and of all layers together: of more the first ones are recorded. */
const layerBatches = 5000;
const runBatches = 50_000;

/** What is drawn of a layer. */
export interface RecordedLayer {
  /** Undefined for a layer that is drawn as one block. */
  readonly intervals: readonly Interval[] | undefined;
  /** Present where only the first batches are drawn. */
  readonly first?: { readonly batches: number; readonly of: number };
}

/** Intervals by layer. */
export function recordIntervals(network: Network, request: MachineRequest, run: RunResult): readonly RecordedLayer[] {
  const { machine } = configure(request.accelerator, request.set);
  const prepared = prepareMachine(machine, technology(machine.technology));
  const layers = computeLayers(network).map((layer, index) => ({ layer, result: run.layers[index] }));
  if (prepared.kind === "grid") {
    let budget = runSteps;
    return layers.map(({ layer, result }) => {
      const { steps, intervals } = layerIntervals(layer, prepared, result?.mapping ?? "", Math.min(layerSteps, budget));
      if (intervals !== undefined) budget -= steps;
      return { intervals };
    });
  }
  if (prepared.kind === "product" && prepared.engine.array !== undefined) {
    let budget = runBatches;
    return layers.map(({ layer, result }) => {
      if (budget === 0 || result === undefined) return { intervals: undefined };
      const shown = productIntervals(layer, prepared, result.mapping, run.seed, Math.min(layerBatches, budget));
      budget -= shown.recorded;
      if (shown.complete) return { intervals: shown.intervals };
      const of = (result.counts["batches"] ?? 0) + (result.counts["merge passes"] ?? 0);
      const rest = {
        resource: "batches",
        label: `${of - shown.recorded} further batches and passes, not recorded`,
        start: shown.cycles,
        duration: result.cycles - shown.cycles,
      };
      return { intervals: [...shown.intervals, rest], first: { batches: shown.recorded, of } };
    });
  }
  // Other machines are timed as a whole: they have no schedule of steps to draw.
  return layers.map(() => ({ intervals: undefined }));
}
