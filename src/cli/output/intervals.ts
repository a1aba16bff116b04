// The busy intervals of a run's layers, for traces: each layer's chosen mapping is timed once more with a recorder.

import { layerIntervals } from "../../simulate/intervals.ts";
import type { Interval, RunResult } from "../../simulate/result.ts";
import { prepareMachine } from "../../simulate/prepare-machine.ts";
import { computeLayers } from "../../simulate/simulate-network.ts";
import { technology } from "../../technology/technologies.ts";
import type { Network } from "../../workload/layer.ts";
import { configure } from "../input/settings.ts";
import type { MachineRequest } from "../input/settings.ts";

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
  // Other machines are timed as a whole: they have no schedule of steps to draw.
  if (prepared.kind !== "grid") return computeLayers(network).map(() => undefined);
  let budget = runSteps;
  return computeLayers(network).map((layer, index) => {
    const { steps, intervals } = layerIntervals(
      layer,
      prepared,
      run.layers[index]?.mapping ?? "",
      Math.min(layerSteps, budget),
    );
    if (intervals !== undefined) budget -= steps;
    return intervals;
  });
}
