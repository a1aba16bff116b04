// One mapping of one layer: lowers it, plans its schedule, times it on the machine's memories and prices it.

import { InputError } from "../../base/error.ts";
import type { GridPlan } from "../../dataflow/grid.ts";
import { planGrid } from "../../dataflow/grid.ts";
import type { GridSchedule } from "../../dataflow/grid-schedule.ts";
import { scheduleGrid } from "../../dataflow/grid-schedule.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import type { MatrixProduct } from "../../workload/lowering.ts";
import { lower } from "../../workload/lowering.ts";
import { countsOf, energyOf, trafficOf } from "../accounts.ts";
import type { GridMapping } from "../../mapping/grid-mapping.ts";
import { overlapCycles } from "./overlap.ts";
import type { PreparedGrid } from "../prepared.ts";
import { channelAt } from "./prepare-grid.ts";
import type { MemoryTraffic } from "../result.ts";

/** One mapping of one layer, timed and priced. */
export interface MappedLayer {
  readonly mappingName: string;
  readonly mapping: GridMapping;
  readonly product: MatrixProduct;
  readonly plan: GridPlan;
  readonly cycles: number;
  readonly seconds: number;
  readonly energy: number;
  readonly energyComponents: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly traffic: Readonly<Record<string, MemoryTraffic>>;
}

/** A lowered layer and its memory schedule, which mappings that differ in pipeline depth share. */
export interface ScheduledProduct {
  readonly product: MatrixProduct;
  readonly schedule: GridSchedule;
}

/** Lowers a layer and plans what each step fetches and writes. */
export function scheduleLayer(layer: ComputeLayer, prepared: PreparedGrid, mapping: GridMapping): ScheduledProduct {
  const product = lower(layer.operation, mapping.grouping);
  return { product, schedule: scheduleGrid(product, prepared.gridMachine, mapping) };
}

/** Times and prices one mapping of a layer. */
export function mapLayer(
  layer: ComputeLayer,
  prepared: PreparedGrid,
  mappingName: string,
  mapping: GridMapping,
  known?: ScheduledProduct,
): MappedLayer {
  const { product, schedule } = known ?? scheduleLayer(layer, prepared, mapping);
  const plan = planGrid(product, prepared.gridMachine, mapping, schedule);
  const cycles = overlapCycles(plan.program, channelAt(prepared, mapping.clock));
  if (cycles > Number.MAX_SAFE_INTEGER) {
    throw new InputError({
      message: "the layer takes more cycles than can be counted exactly",
      found: cycles.toExponential(3),
      expected: "at most 2^53",
    });
  }
  const seconds = cycles / mapping.clock;
  const traffic = trafficOf(plan, prepared);
  const counts = countsOf(product, plan, prepared, traffic);
  const energyComponents = energyOf(counts, prepared, seconds);
  let energy = 0;
  for (const joules of Object.values(energyComponents)) energy += joules;
  return { mappingName, mapping, product, plan, cycles, seconds, energy, energyComponents, counts, traffic };
}
