// The result of a whole workload on one machine from those of its layers: what they chose, totals in layer order.

import { InputError } from "../base/error.ts";
import type { Technology } from "../technology/technology.ts";
import type { ComputeLayer, Network } from "../workload/layer.ts";
import type { Mapping } from "./machine.ts";
import type { ConversionTotal, LayerResult, LayoutTotal, MemoryTraffic, RunResult, RunTotal } from "./result.ts";
import type { PreparedMachine } from "./prepared.ts";
import type { MappingChoice, Verification } from "./simulate-layer.ts";

export interface RunOptions extends MappingChoice, Verification {
  /** Values of every parameter of the machine, for the record. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Called after each layer, for progress. */
  readonly onLayer?: (done: number, total: number) => void;
}

/** Compute layers of a network, in order. */
export const computeLayers = (network: Network): readonly ComputeLayer[] =>
  network.layers.filter((layer): layer is ComputeLayer => layer.kind === "compute");

/** One result for each layer, and what changes of formats or layouts between them take. */
export interface SettledRun {
  readonly layers: readonly LayerResult[];
  readonly conversions?: ConversionTotal;
  readonly layouts?: LayoutTotal;
}

/** Puts layer results together; the same whichever thread made them. Throws InputError when there are none. */
export function assembleRun(
  network: Network,
  prepared: PreparedMachine,
  technology: Technology,
  options: RunOptions,
  settled: SettledRun,
): RunResult {
  if (settled.layers.length === 0) {
    throw new InputError({
      message: `${network.name} has no compute layer`,
      ...(network.warnings.length === 0 ? {} : { found: network.warnings.join("; ") }),
      expected: "a convolution or a matrix product",
    });
  }
  const { machine, units, dram, areaComponents, tables } = prepared;
  const fastest = Math.max(...Object.values<Mapping>(machine.mappings).map((mapping) => mapping.clock));
  const bandwidth = dram?.bandwidth ?? Infinity;
  const { layers, conversions, layouts } = settled;
  return {
    version: 1,
    workload: network.name,
    accelerator: machine.name,
    parameters: options.parameters,
    technology: technology.name,
    energyTables: tables,
    objective: options.objective,
    seed: options.seed,
    peak: {
      macsPerSecond: units * fastest,
      bytesPerSecond: bandwidth === Infinity ? "unlimited" : bandwidth,
    },
    layers,
    total: totalOf(layers, units, areaComponents),
    areaComponents,
    ...(conversions === undefined ? {} : { conversions }),
    ...(layouts === undefined ? {} : { layouts }),
    ...(network.answers === undefined ? {} : { answers: network.answers }),
    warnings: bandwidth === Infinity && dram !== undefined ? [...network.warnings, untimedMemory] : network.warnings,
  };
}

const untimedMemory = "off-chip bandwidth is unlimited, so the memory is not timed; --bandwidth 256GB/s would limit it";

function totalOf(
  layers: readonly LayerResult[],
  units: number,
  areaComponents: Readonly<Record<string, number>>,
): RunTotal {
  let cycles = 0;
  let seconds = 0;
  let dense = 0;
  let effectual = 0;
  let executed = 0;
  let energy = 0;
  const stack: Record<string, number> = {};
  const energyComponents: Record<string, number> = {};
  for (const layer of layers) {
    cycles += layer.cycles;
    seconds += layer.seconds;
    dense += layer.macs.dense;
    effectual += layer.macs.effectual;
    executed += layer.macs.executed;
    energy += layer.energy.total;
    addInto(stack, layer.stack);
    addInto(energyComponents, layer.energy.components);
  }
  let area = 0;
  for (const squareMillimetres of Object.values(areaComponents)) area += squareMillimetres;
  return {
    cycles,
    seconds,
    macs: { dense, effectual },
    energy,
    power: energy / seconds,
    area,
    edp: energy * seconds,
    utilisation: executed / (units * cycles),
    stack,
    energyComponents,
    traffic: sumTraffic(layers.map((layer) => layer.traffic)),
  };
}

function addInto(sums: Record<string, number>, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) sums[name] = (sums[name] ?? 0) + value;
}

function sumTraffic(parts: readonly Readonly<Record<string, MemoryTraffic>>[]): Record<string, MemoryTraffic> {
  const sums: Record<string, MemoryTraffic> = {};
  for (const part of parts) {
    for (const [memory, moved] of Object.entries(part)) {
      const sum = sums[memory];
      sums[memory] = sum === undefined ? moved : addTraffic(sum, moved);
    }
  }
  return sums;
}

const addTraffic = (a: MemoryTraffic, b: MemoryTraffic): MemoryTraffic => ({
  read: a.read + b.read,
  write: a.write + b.write,
  operands: {
    A: { read: a.operands.A.read + b.operands.A.read, write: a.operands.A.write + b.operands.A.write },
    B: { read: a.operands.B.read + b.operands.B.read, write: a.operands.B.write + b.operands.B.write },
    C: { read: a.operands.C.read + b.operands.C.read, write: a.operands.C.write + b.operands.C.write },
  },
});
