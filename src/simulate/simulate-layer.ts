// One layer on one machine: lowers it, plans every mapping, times it on the machine's memories, prices it and keeps
// the mapping that is best for the objective.

import { InputError } from "../base/error.ts";
import type { ComponentCost } from "../component/component.ts";
import type { Dram } from "../component/dram.ts";
import type { SystolicGrid } from "../component/systolic-grid.ts";
import { componentCost } from "../dataflow/cost.ts";
import type { GridPlan } from "../dataflow/grid.ts";
import type { GridMachine } from "../dataflow/grid-machine.ts";
import { planGrid } from "../dataflow/grid.ts";
import { withLoads } from "../dataflow/program.ts";
import type { AnyComponent } from "../dataflow/route.ts";
import type { GridSchedule } from "../dataflow/grid-schedule.ts";
import { scheduleGrid } from "../dataflow/grid-schedule.ts";
import { parseRoute } from "../dataflow/route.ts";
import type { Technology } from "../technology/technology.ts";
import { effectualMacs } from "../workload/effectual.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import type { MatrixProduct } from "../workload/lowering.ts";
import { lower } from "../workload/lowering.ts";
import { macs } from "../workload/shapes.ts";
import { auditLayer } from "./audit.ts";
import type { CheckMode } from "./check.ts";
import { checkLayer } from "./check.ts";
import type { Machine, Mapping, Objective } from "./machine.ts";
import type { Channel } from "./overlap.ts";
import { overlapCycles } from "./overlap.ts";
import type { LayerResult, MemoryTraffic, OperandName } from "./result.ts";

const operandNames: readonly OperandName[] = ["A", "B", "C"];

/** A machine with everything derived that layers share. */
export interface PreparedMachine {
  readonly machine: Machine;
  readonly gridMachine: GridMachine;
  readonly gridName: string;
  readonly dramName: string | undefined;
  readonly dram: Dram | undefined;
  readonly costs: Readonly<Record<string, ComponentCost>>;
  readonly areaComponents: Readonly<Record<string, number>>;
  readonly leakageWatts: number;
  readonly tables: readonly string[];
}

/** Resolves paths and prices of a machine. Throws InputError with the field's path where the description is unusable. */
export function prepareMachine(machine: Machine, technology: Technology): PreparedMachine {
  const { components, paths } = machine;
  const routes = {
    A: parseRoute("A", paths.A, components),
    B: parseRoute("B", paths.B, components),
    C: parseRoute("C", paths.C, components),
  };
  const grids = Object.entries(components).flatMap(([name, part]) =>
    part.kind === "systolicGrid" ? [{ name, part }] : [],
  );
  const memories = Object.entries(components).flatMap(([name, part]) => (part.kind === "dram" ? [{ name, part }] : []));
  const grid = grids[0];
  if (grid === undefined || grids.length > 1 || memories.length > 1) {
    throw new InputError({
      path: "components",
      message: "the grid dataflow needs one array and at most one off-chip memory",
    });
  }
  const costs: Record<string, ComponentCost> = {};
  const areaComponents: Record<string, number> = {};
  const tables = new Set<string>();
  let leakageWatts = 0;
  for (const [name, part] of Object.entries(components)) {
    const cost = priced(name, part, technology);
    costs[name] = cost;
    if (cost.squareMillimetres > 0) areaComponents[name] = cost.squareMillimetres;
    leakageWatts += cost.leakageWatts;
    for (const table of cost.tables) tables.add(table);
  }
  return {
    machine,
    gridMachine: { grid: grid.part, output: machine.output, routes },
    gridName: grid.name,
    dramName: memories[0]?.name,
    dram: memories[0]?.part,
    costs,
    areaComponents,
    leakageWatts,
    tables: [...tables],
  };
}

/** The price of a component; a memory that no table can price is named. */
function priced(name: string, part: AnyComponent, technology: Technology): ComponentCost {
  try {
    return componentCost(part, technology);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({ ...error.fault, path: `components.${name}` });
  }
}

/** One mapping of one layer, timed and priced. */
export interface MappedLayer {
  readonly mappingName: string;
  readonly mapping: Mapping;
  readonly product: MatrixProduct;
  readonly plan: GridPlan;
  readonly cycles: number;
  readonly seconds: number;
  readonly stack: Readonly<Record<string, number>>;
  readonly energy: number;
  readonly energyComponents: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly traffic: Readonly<Record<string, MemoryTraffic>>;
}

/** Speed of the off-chip channel at a clock. */
export const channelAt = (prepared: PreparedMachine, clock: number): Channel => ({
  bytesPerCycle: prepared.dram === undefined ? Infinity : prepared.dram.bandwidth / clock,
  latencyCycles: prepared.dram === undefined ? 0 : Math.ceil(prepared.dram.latency * clock),
});

const unlimited: Channel = { bytesPerCycle: Infinity, latencyCycles: 0 };

/** A lowered layer and its memory schedule, which mappings that differ in pipeline depth share. */
interface ScheduledProduct {
  readonly product: MatrixProduct;
  readonly schedule: GridSchedule;
}

function scheduleLayer(layer: ComputeLayer, prepared: PreparedMachine, mapping: Mapping): ScheduledProduct {
  const product = lower(layer.operation, mapping.grouping);
  return { product, schedule: scheduleGrid(product, prepared.gridMachine, mapping) };
}

/** Times and prices one mapping of a layer. */
export function mapLayer(
  layer: ComputeLayer,
  prepared: PreparedMachine,
  mappingName: string,
  mapping: Mapping,
  known?: ScheduledProduct,
): MappedLayer {
  const { product, schedule } = known ?? scheduleLayer(layer, prepared, mapping);
  const plan = planGrid(product, prepared.gridMachine, mapping, schedule);
  const channel = channelAt(prepared, mapping.clock);
  const ideal = overlapCycles(plan.program, unlimited);
  const untimed = channel.bytesPerCycle === Infinity && channel.latencyCycles === 0;
  const cycles = untimed ? ideal : overlapCycles(plan.program, channel);
  const withoutLatency =
    channel.latencyCycles === 0 ? cycles : overlapCycles(plan.program, { ...channel, latencyCycles: 0 });
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
  const stack = stackOf(layer, product, plan, prepared, { ideal, withoutLatency, cycles });
  return { mappingName, mapping, product, plan, cycles, seconds, stack, energy, energyComponents, counts, traffic };
}

/** Where the cycles went. Categories that are zero are left out; the rest sums to `cycles`. */
function stackOf(
  layer: ComputeLayer,
  product: MatrixProduct,
  plan: GridPlan,
  { gridMachine: { grid } }: PreparedMachine,
  { ideal, withoutLatency, cycles }: { ideal: number; withoutLatency: number; cycles: number },
): Record<string, number> {
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

function trafficOf(
  plan: GridPlan,
  { gridMachine: { routes }, machine }: PreparedMachine,
): Record<string, MemoryTraffic> {
  const bytes: Record<
    string,
    { read: number; write: number; operands: Record<OperandName, { read: number; write: number }> }
  > = {};
  for (const [name, part] of Object.entries(machine.components)) {
    if (part.kind === "systolicGrid") continue;
    bytes[name] = {
      read: 0,
      write: 0,
      operands: { A: { read: 0, write: 0 }, B: { read: 0, write: 0 }, C: { read: 0, write: 0 } },
    };
  }
  const move = (memory: string, operand: OperandName, read: number, write: number): void => {
    const entry = bytes[memory];
    if (entry === undefined) return;
    entry.read += read;
    entry.write += write;
    entry.operands[operand].read += read;
    entry.operands[operand].write += write;
  };
  for (const operand of operandNames) {
    const route = routes[operand];
    const buffer = plan.buffers[operand];
    move(route.buffer, operand, buffer.read / 8, buffer.write / 8);
    if (!route.direct) move(route.home, operand, plan.transfers[operand].fetch, plan.transfers[operand].write);
  }
  return bytes;
}

function countsOf(
  product: MatrixProduct,
  plan: GridPlan,
  prepared: PreparedMachine,
  traffic: Readonly<Record<string, MemoryTraffic>>,
): Record<string, number> {
  const grid = prepared.gridName;
  const counts: Record<string, number> = {
    [`${grid}.multiplyAccumulate`]: plan.events.multiplyAccumulate,
    [`${grid}.streamHop`]: plan.events.streamHop,
    [`${grid}.partialSumHop`]: plan.events.partialSumHop,
    [`${grid}.loadHop`]: plan.events.loadHop,
    [`${grid}.accumulate`]: plan.accumulations,
  };
  if (product.structuralZeroMacs > 0) counts[`${grid}.structuralZeroMac`] = product.structuralZeroMacs;
  for (const [memory, moved] of Object.entries(traffic)) {
    counts[`${memory}.readBit`] = moved.read * 8;
    counts[`${memory}.writeBit`] = moved.write * 8;
  }
  return counts;
}

/** Joules by component: events times prices, plus leakage of the on-chip memories while the layer runs. */
function energyOf(
  counts: Readonly<Record<string, number>>,
  { costs, leakageWatts }: PreparedMachine,
  seconds: number,
): Record<string, number> {
  const joules: Record<string, number> = {};
  for (const [component, cost] of Object.entries(costs)) {
    let sum = 0;
    for (const [event, price] of Object.entries(cost.energy)) {
      sum += (counts[`${component}.${event}`] ?? 0) * price.joules;
    }
    joules[component] = sum;
  }
  if (leakageWatts > 0) joules["leakage"] = leakageWatts * seconds;
  return joules;
}

/** What an objective minimises. */
export function score(
  mapped: { readonly cycles: number; readonly seconds: number; readonly energy: number },
  objective: Objective,
): number {
  switch (objective) {
    case "cycles":
      return mapped.cycles;
    case "seconds":
      return mapped.seconds;
    case "energy":
      return mapped.energy;
    case "edp":
      return mapped.energy * mapped.seconds;
  }
}

/** Which mapping to use: a name, or the best of all for an objective. */
export interface MappingChoice {
  readonly objective: Objective;
  readonly mapping?: string;
}

/** How a layer's result is verified on top. */
export interface Verification {
  readonly check: CheckMode;
  /** Percent of the tiles to re-run stepped; 0 for none. */
  readonly auditPercent: number;
  readonly seed: number;
}

/**
 * Simulates a layer. Ties between mappings go to the one listed first. A mapping that a buffer is too small for is
 * passed over as long as another works. Throws InputError naming the layer.
 */
export function chooseMapping(
  layer: ComputeLayer,
  prepared: PreparedMachine,
  choice: MappingChoice,
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

/** The whole result of a layer. */
export function simulateLayer(
  layer: ComputeLayer,
  prepared: PreparedMachine,
  choice: MappingChoice & Verification,
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
    utilisation: dense / (grid.rows * grid.columns * best.cycles),
    stack: best.stack,
    counts: best.counts,
    traffic: best.traffic,
    energy: { total: best.energy, components: best.energyComponents },
    check: checkLayer(layer, best.product, best.mapping, grid, choice.check, choice.seed),
    ...(choice.auditPercent > 0 ? { audit: auditLayer(layer, best, prepared, choice.auditPercent, choice.seed) } : {}),
    alternatives: all
      .filter((mapped) => mapped !== best)
      .map(({ mappingName, cycles, seconds, energy }) => ({ mapping: mappingName, cycles, seconds, energy })),
  };
}
