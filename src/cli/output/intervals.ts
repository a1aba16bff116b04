// The busy intervals of a run's layers, for traces: each layer's chosen mapping is timed once more with a recorder.

import { configure } from "../input/settings.ts";
import type { MachineRequest } from "../input/settings.ts";
import { overlapCycles } from "../../simulate/overlap.ts";
import type { Interval, RunResult } from "../../simulate/result.ts";
import { channelAt, mapLayer, prepareMachine } from "../../simulate/simulate-layer.ts";
import { computeLayers } from "../../simulate/simulate-network.ts";
import { sumSteps } from "../../dataflow/program.ts";
import { technology } from "../../technology/technologies.ts";
import type { Network } from "../../workload/layer.ts";

/** Steps of one layer, and of all layers of a run together, up to which intervals are recorded. */
const layerSteps = 20_000;
const runSteps = 200_000;

/** Intervals by layer; undefined for a layer that has too many steps to draw. */
export function recordIntervals(
  network: Network,
  request: MachineRequest,
  run: RunResult,
): readonly (readonly Interval[] | undefined)[] {
  const { machine } = configure(request.accelerator, request.set);
  const prepared = prepareMachine(machine, technology(machine.technology));
  let budget = runSteps;
  return computeLayers(network).map((layer, index) => {
    const name = run.layers[index]?.mapping ?? "";
    const mapping = machine.mappings[name];
    if (mapping === undefined) return undefined;
    const { plan } = mapLayer(layer, prepared, name, mapping);
    const steps = sumSteps(plan.program.nodes, () => 1);
    if (steps > Math.min(layerSteps, budget)) return undefined;
    budget -= steps;
    const intervals: Interval[] = [];
    overlapCycles(plan.program, channelAt(prepared, mapping.clock), (interval) => {
      // An unlimited memory takes no time: nothing to draw.
      if (interval.duration > 0) intervals.push(interval);
    });
    return intervals;
  });
}
