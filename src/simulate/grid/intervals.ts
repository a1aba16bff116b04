// When each resource of a machine was busy during a layer: the array, its loading and the off-chip channel, for traces
// and timelines.

import { InputError } from "../../base/error.ts";
import { sumSteps } from "../../dataflow/program.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { overlapCycles } from "./overlap.ts";
import type { Interval } from "../result.ts";
import type { PreparedGrid } from "../prepared.ts";
import { channelAt } from "./prepare-grid.ts";
import { mapLayer } from "./map-layer.ts";

export interface LayerIntervals {
  /** Steps of the layer's schedule. */
  readonly steps: number;
  /** Busy intervals in cycles from the layer's start; undefined for more than the steps asked for at most. */
  readonly intervals: readonly Interval[] | undefined;
}

/** Busy intervals of a layer under a mapping, when it has at most `maximumSteps` steps. Throws InputError for an unknown mapping. */
export function layerIntervals(
  layer: ComputeLayer,
  prepared: PreparedGrid,
  mappingName: string,
  maximumSteps: number,
): LayerIntervals {
  const { mappings } = prepared.machine;
  const mapping = mappings[mappingName];
  if (mapping === undefined) {
    throw new InputError({
      path: "mapping",
      message: "no such mapping",
      found: mappingName,
      known: Object.keys(mappings),
    });
  }
  const { plan } = mapLayer(layer, prepared, mappingName, mapping);
  const steps = sumSteps(plan.program.nodes, () => 1);
  if (steps > maximumSteps) return { steps, intervals: undefined };
  const intervals: Interval[] = [];
  overlapCycles(plan.program, channelAt(prepared, mapping.clock), (interval) => {
    // An unlimited memory takes no time: nothing to draw.
    if (interval.duration > 0) intervals.push(interval);
  });
  return { steps, intervals };
}
