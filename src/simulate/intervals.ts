// When each resource of a machine was busy during a layer: the array, its loading and the off-chip channel, for traces
// and timelines.

import { expand } from "../dataflow/program.ts";
import type { Step } from "../dataflow/program.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import { overlapCycles } from "./overlap.ts";
import type { Interval } from "./result.ts";
import type { PreparedMachine } from "./simulate-layer.ts";
import { channelAt, mapLayer } from "./simulate-layer.ts";
import { InputError } from "../base/error.ts";

export interface LayerIntervals {
  readonly intervals: readonly Interval[];
  /** Steps that were walked, of how many; a long layer is cut after the first ones. */
  readonly steps: number;
  readonly of: number;
}

/** Busy intervals of the first `limit` steps of a layer under a mapping, in cycles from the layer's start. */
export function layerIntervals(
  layer: ComputeLayer,
  prepared: PreparedMachine,
  mappingName: string,
  limit = 2000,
): LayerIntervals {
  const mapping = prepared.machine.mappings[mappingName];
  if (mapping === undefined) {
    throw new InputError({
      path: "mapping",
      message: "no such mapping",
      found: mappingName,
      known: Object.keys(prepared.machine.mappings),
    });
  }
  const { plan } = mapLayer(layer, prepared, mappingName, mapping);
  const steps: Step[] = [];
  let of = 0;
  for (const step of expand(plan.program.nodes)) {
    if (of < limit) steps.push(step);
    of++;
  }
  const intervals: Interval[] = [];
  overlapCycles({ ...plan.program, nodes: steps }, channelAt(prepared, mapping.clock), (interval) => {
    if (interval.duration > 0) intervals.push(interval);
  });
  return { intervals, steps: steps.length, of };
}
