// Where the cycles of a layer went: useful work, what the tiling and the array's skew cost, and waiting by its cause.

import type { SystolicGrid } from "../../component/systolic-grid.ts";
import type { GridPlan } from "../../dataflow/grid.ts";
import { withLoads } from "../../dataflow/program.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { macs } from "../../workload/shapes.ts";
import { overlapCycles, unlimited } from "./overlap.ts";
import type { PreparedGrid } from "../prepared.ts";
import { channelAt } from "./prepare-grid.ts";
import type { MappedLayer } from "./map-layer.ts";

/** Where the cycles went. Categories that are zero are left out; the rest sums to `cycles`. */
export function stackOf(
  layer: ComputeLayer,
  { product, plan, mapping, cycles }: Pick<MappedLayer, "product" | "plan" | "mapping" | "cycles">,
  prepared: PreparedGrid,
): Record<string, number> {
  const { grid } = prepared.gridMachine;
  const channel = channelAt(prepared, mapping.clock);
  const untimed = channel.bytesPerCycle === Infinity && channel.latencyCycles === 0;
  const ideal = untimed ? cycles : overlapCycles(plan.program, unlimited);
  const withoutLatency =
    channel.latencyCycles === 0 ? cycles : overlapCycles(plan.program, { ...channel, latencyCycles: 0 });
  const units = grid.rows * grid.columns;
  const useful = macs(layer.operation) / units;
  const structuralZeros = product.structuralZeroMacs / units;
  const fillDrain = grid.preload === "hidden" ? plan.skewCycles : plan.skewCycles * plan.tiles;
  const waiting = ideal - plan.vectors * plan.vectorInterval - fillDrain;
  const { preload, loadPort } = loadingOf(plan, grid, ideal, waiting);
  const stack = {
    useful,
    "structural zeros": structuralZeros,
    underfilled: plan.vectors - useful - structuralZeros,
    preload,
    "fill and drain": fillDrain,
    port: (plan.vectorInterval - 1) * plan.vectors + loadPort,
    // What an unlimited memory leaves: waiting for a free half of a buffer.
    "buffer full": waiting - preload - loadPort,
    bandwidth: withoutLatency - ideal,
    latency: cycles - withoutLatency,
  };
  return Object.fromEntries(Object.entries(stack).filter(([, value]) => value !== 0));
}

/** Cycles of loading that show, of the `waiting` ones; `loadPort` are those beyond one row a cycle. */
function loadingOf(
  plan: GridPlan,
  grid: SystolicGrid,
  ideal: number,
  waiting: number,
): { readonly preload: number; readonly loadPort: number } {
  const rows = Math.min(grid.rows, plan.loadCycles);
  if (grid.preload === "exposed") {
    return { preload: rows * plan.tiles, loadPort: (plan.loadCycles - rows) * plan.tiles };
  }
  if (waiting === 0 || plan.loadCycles === 0) return { preload: 0, loadPort: 0 };
  // Hidden loads show only where they outlast the stream: what the same steps take with other loads tells how much.
  const withLoad = (load: number): number =>
    overlapCycles({ ...plan.program, nodes: withLoads(plan.program.nodes, load) }, unlimited);
  const oneRowACycle = rows === plan.loadCycles ? ideal : withLoad(rows);
  return { preload: oneRowACycle - withLoad(0), loadPort: ideal - oneRowACycle };
}
