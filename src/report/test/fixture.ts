// Plausible runs for the tests of reports: the 54 compute layers of ResNet-50 at 224 x 224 on weight-stationary
// arrays timed by the textbook formula. The figures only have to be self-consistent; no report depends on them.

import type { LayerResult, MemoryTraffic, RunResult } from "../../simulate/result.ts";

interface Shape {
  readonly name: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** Lowered products of ResNet-50: conv1, 16 bottlenecks with 4 projections, and the classifier. */
export function resnet50Shapes(): readonly Shape[] {
  const shapes: Shape[] = [{ name: "conv1", M: 64, N: 112 * 112, K: 147 }];
  const stages = [
    { blocks: 3, width: 64, side: 56 },
    { blocks: 4, width: 128, side: 28 },
    { blocks: 6, width: 256, side: 14 },
    { blocks: 3, width: 512, side: 7 },
  ];
  let channels = 64;
  stages.forEach(({ blocks, width, side }, stage) => {
    for (let block = 0; block < blocks; block++) {
      const name = `layer${String(stage + 1)}.${String(block)}`;
      const first = block === 0 && stage > 0 ? side * 2 : side;
      shapes.push({ name: `${name}.conv1`, M: width, N: first * first, K: channels });
      shapes.push({ name: `${name}.conv2`, M: width, N: side * side, K: width * 9 });
      shapes.push({ name: `${name}.conv3`, M: width * 4, N: side * side, K: width });
      if (block === 0) shapes.push({ name: `${name}.downsample`, M: width * 4, N: side * side, K: channels });
      channels = width * 4;
    }
  });
  return [...shapes, { name: "fc", M: 1000, N: 1, K: 2048 }];
}

export interface FixtureMachine {
  readonly accelerator: string;
  /** Clock in hertz by mapping; `collapse` registers are made transparent at a time. */
  readonly modes: readonly { readonly mapping: string; readonly collapse: number; readonly clock: number }[];
  readonly size: number;
  readonly bytesPerSecond: number | "unlimited";
}

export const systolicMachine: FixtureMachine = {
  accelerator: "systolic",
  size: 128,
  bytesPerSecond: 300e9,
  modes: [{ mapping: "weight-stationary", collapse: 1, clock: 2e9 }],
};

export const flexibleMachine: FixtureMachine = {
  accelerator: "arrayflex",
  size: 128,
  bytesPerSecond: 300e9,
  modes: [
    { mapping: "weight-stationary k=1", collapse: 1, clock: 1.8e9 },
    { mapping: "weight-stationary k=2", collapse: 2, clock: 1.7e9 },
    { mapping: "weight-stationary k=4", collapse: 4, clock: 1.4e9 },
  ],
};

/** A run of `shapes` on `machine`, with the fastest mode of each layer. */
export function fixtureRun(
  machine: FixtureMachine,
  shapes: readonly Shape[] = resnet50Shapes(),
  workload = "resnet50",
): RunResult {
  const layers = shapes.map((shape) => fixtureLayer(machine, shape));
  const sum = (value: (layer: LayerResult) => number): number =>
    layers.reduce((total, layer) => total + value(layer), 0);
  const seconds = sum((layer) => layer.seconds);
  const energy = sum((layer) => layer.energy.total);
  const cycles = sum((layer) => layer.cycles);
  const dense = sum((layer) => layer.macs.dense);
  const areaComponents = { array: 0.0011 * machine.size ** 2, buffers: 6.2, accumulators: 1.9 };
  const area = Object.values(areaComponents).reduce((a, b) => a + b, 0);
  return {
    version: 1,
    workload,
    accelerator: machine.accelerator,
    parameters: { rows: machine.size, columns: machine.size, "dram.bandwidth": machine.bytesPerSecond, format: "int8" },
    technology: "generic-45nm",
    energyTables: ["horowitz-2014", "cacti-7"],
    objective: "seconds",
    seed: 1,
    peak: {
      macsPerSecond: machine.size ** 2 * Math.max(...machine.modes.map((mode) => mode.clock)),
      bytesPerSecond: machine.bytesPerSecond,
    },
    layers,
    total: {
      cycles,
      seconds,
      macs: { dense, effectual: dense },
      energy,
      power: seconds > 0 ? energy / seconds : 0,
      area,
      edp: energy * seconds,
      utilisation: cycles > 0 ? dense / (machine.size ** 2 * cycles) : 0,
      stack: addAll(layers.map((layer) => layer.stack)),
      energyComponents: addAll(layers.map((layer) => layer.energy.components)),
      traffic: {
        dram: traffic(...["A", "B", "C"].map((_, i) => sum((layer) => bytesOf(layer, "dram")[i] ?? 0))),
        buffers: traffic(...["A", "B", "C"].map((_, i) => sum((layer) => bytesOf(layer, "buffers")[i] ?? 0))),
      },
    },
    areaComponents,
    warnings:
      machine.accelerator === "arrayflex"
        ? ["Per-mode powers are not published; the energy of the array uses the fixed-pipeline table."]
        : [],
  };
}

function fixtureLayer(machine: FixtureMachine, { name, M, N, K }: Shape): LayerResult {
  const size = machine.size;
  const folds = Math.ceil(M / size) * Math.ceil(K / size);
  const dense = M * N * K;
  const dram = [M * K, N * K, M * N];
  const dramBytes = dram.reduce((a, b) => a + b, 0);
  const energyOf = (clock: number): Record<string, number> => ({
    "multiply-accumulate": dense * 0.23e-12,
    buffers: dense * 0.05e-12,
    dram: dramBytes * 8 * 4e-12,
    leakage: 1e-4 * (dense / (clock * 1e4)),
  });
  const tried = machine.modes.map(({ mapping, collapse, clock }) => {
    const compute = folds * (size + Math.ceil(size / collapse) + Math.ceil(size / collapse) + N - 2);
    const fetch = machine.bytesPerSecond === "unlimited" ? 0 : Math.ceil((dramBytes / machine.bytesPerSecond) * clock);
    const cycles = Math.max(compute, fetch);
    const energy = Object.values(energyOf(clock)).reduce((a, b) => a + b, 0);
    return { mapping, clock, compute, cycles, seconds: cycles / clock, energy };
  });
  const best = tried.reduce((a, b) => (b.seconds < a.seconds ? b : a));
  const useful = Math.min(best.compute, Math.floor(dense / size ** 2));
  const streaming = folds * N;
  const components = energyOf(best.clock);
  return {
    name,
    operator: name === "fc" ? "matmul" : "conv2d",
    M,
    N,
    K,
    count: 1,
    density: { A: 1, B: 1 },
    densitySource: { A: "assumed", B: "assumed" },
    mapping: best.mapping,
    loops: [
      `for m in 0..${String(Math.ceil(M / size))}: tile of ${String(size)} output channels`,
      `for k in 0..${String(Math.ceil(K / size))}: tile of ${String(size)} inputs, weights loaded`,
      `for n in 0..${String(N)}: stream activations`,
    ],
    macs: { dense, effectual: dense, executed: dense, skipped: 0, gated: 0, effectualSource: "expected" },
    cycles: best.cycles,
    clock: best.clock,
    seconds: best.seconds,
    utilisation: dense / (size ** 2 * best.cycles),
    stack: {
      useful,
      imbalance: Math.max(0, Math.min(streaming, best.compute) - useful),
      "fill and drain": best.compute - Math.max(useful, Math.min(streaming, best.compute)),
      bandwidth: best.cycles - best.compute,
    },
    counts: { "array.mac": dense, "dram.bit": dramBytes * 8 },
    traffic: {
      dram: traffic(...dram),
      buffers: traffic(M * K, N * K * Math.ceil(M / size), M * N * Math.ceil(K / size)),
    },
    energy: { total: Object.values(components).reduce((a, b) => a + b, 0), components },
    check: "off",
    alternatives: tried
      .filter((other) => other !== best)
      .map(({ mapping, cycles, seconds, energy }) => ({ mapping, cycles, seconds, energy })),
  };
}

function traffic(A = 0, B = 0, C = 0): MemoryTraffic {
  return {
    read: A + B,
    write: C,
    operands: { A: { read: A, write: 0 }, B: { read: B, write: 0 }, C: { read: 0, write: C } },
  };
}

function bytesOf(layer: LayerResult, memory: string): readonly number[] {
  const operands = layer.traffic[memory]?.operands;
  return operands === undefined ? [] : [operands.A.read, operands.B.read, operands.C.write];
}

function addAll(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) total[key] = (total[key] ?? 0) + value;
  }
  return total;
}
