// Your own machine as data, without registering it: a 32 x 32 output-stationary array with small buffers behind LPDDR4,
// run on a built-in network from the library.

import { dram, sram, systolicGrid } from "heddle/component";
import { simulateNetwork } from "heddle/simulate";
import type { Machine } from "heddle/simulate";
import { technology } from "heddle/technology";
import { builtinNetwork } from "heddle/workload";

const buffer = (bytes: number, banks: number) => sram({ bytes, banks, portBits: 64, doubleBuffered: true });

const machine: Machine = {
  name: "edge-array",
  components: {
    dram: dram({ memory: "LPDDR4", bandwidth: 12.8e9, latency: 80e-9 }),
    weights: buffer(2 ** 16, 4),
    inputs: buffer(2 ** 17, 4),
    sums: buffer(2 ** 15, 16),
    grid: systolicGrid({
      rows: 32,
      columns: 32,
      operand: "int8",
      accumulator: "int32",
      preload: "exposed",
      unitAreaFactor: 1,
    }),
  },
  paths: { A: "dram > weights > grid", B: "dram > inputs > grid", C: "dram > sums > grid" },
  output: "int8",
  mappings: {
    "output-stationary": {
      kind: "grid",
      stationary: "outputs",
      collapse: 1,
      clock: 500e6,
      grouping: "per-group",
      streaming: "whole",
    },
  },
  technology: "22nm",
};

const { total } = simulateNetwork(builtinNetwork("mobilenet-v2"), machine, technology(machine.technology), {
  objective: "seconds",
  check: "sample",
  auditPercent: 0,
  seed: 1,
  parameters: {},
});

const milliseconds = (total.seconds * 1e3).toFixed(2);
const millijoules = (total.energy * 1e3).toFixed(2);
process.stdout.write(
  `mobilenet-v2 on ${machine.name}: ${milliseconds} ms, ${millijoules} mJ, stack ${JSON.stringify(total.stack)}\n`,
);
