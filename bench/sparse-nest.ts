// What sparsity changes about schedules of a loop nest, schedules a second on one core: random tilings of three layers,
// three levels of memories, compressed words, skipping at a level and at the datapath, lanes that wait for each other.

import { nestProblem } from "../src/mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule } from "../src/mapping/nest/schedule.ts";
import type { NestSparsity } from "../src/simulate/nest/sparsity/sparsity.ts";
import { sparseStatistics } from "../src/simulate/nest/sparsity/statistics.ts";
import { hypergeometric } from "../src/tensor/density/hypergeometric.ts";
import { bitmap, runLength } from "../src/tensor/format.ts";
import { keyOf, randomWord } from "../src/tensor/random.ts";
import { median, print, time } from "./measure.ts";

const hierarchy: Hierarchy = {
  levels: ["dram", "buffer", "file"].map((name, level) => ({
    name,
    memories: [
      {
        name,
        operands: ["A", "B", "C"],
        bytes: Infinity,
        overlapped: true,
        readBytesPerCycle: 64,
        writeBytesPerCycle: 64,
        sharedPort: false,
      },
    ],
    axes: level === 1 ? [{ name: "units", units: 256, reduction: "tree", multicast: true }] : [],
  })),
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
};

const sparsity: NestSparsity = {
  formats: [
    { A: runLength(4), B: runLength(4) },
    { A: bitmap(), B: bitmap() },
    { A: bitmap(), B: bitmap() },
  ],
  actions: [
    { kind: "skip", at: "datapath", leaders: ["A", "B"] },
    { kind: "skip", at: 1, follower: "B", leaders: ["A"] },
    { kind: "gate", at: 1, follower: "A", leaders: ["B"] },
  ],
  barrier: 2,
};

const layer = (inChannels: number, outChannels: number, side: number) =>
  nestProblem({
    operator: "conv2d",
    batch: 1,
    inChannels,
    height: side,
    width: side,
    outChannels,
    kernelHeight: 3,
    kernelWidth: 3,
    stride: [1, 1],
    padding: [1, 1, 1, 1],
    dilation: [1, 1],
    groups: 1,
  });

const key = keyOf(7);
let drawn = 0;
const below = (limit: number): number => randomWord(key, 1, drawn++) % limit;

/** Random tiles at both upper levels, random order, output channels on the lanes. */
function randomSchedule(sizes: readonly number[]): Schedule {
  const left = [...sizes];
  const cut = (): Loop[] => {
    const loops = sizes.flatMap((_, dimension): Loop[] => {
      const tile = 1 + below(left[dimension] ?? 1);
      left[dimension] = tile;
      return [{ dimension, tile }];
    });
    return loops.sort(() => below(3) - 1);
  };
  const far = cut();
  const near = cut();
  const lanes = Math.max(1, Math.ceil((left[2] ?? 1) / 16));
  left[2] = lanes;
  return {
    bypass: [[], [], []],
    levels: [
      { temporal: far, spatial: [] },
      { temporal: near, spatial: [{ dimension: 2, tile: lanes, axis: "units" }] },
      { temporal: sizes.map((_, dimension) => ({ dimension, tile: 1 })), spatial: [] },
    ],
  };
}

const rounds = 5;
const count = 2000;
for (const [name, problem] of [
  ["64 x 64 x 56 x 56", layer(64, 64, 56)],
  ["512 x 512 x 7 x 7", layer(512, 512, 7)],
] as const) {
  const shape = (operand: "A" | "B") => problem.operands[operand].map(({ extent }) => extent);
  const model = (operand: "A" | "B", density: number) =>
    hypergeometric(shape(operand), Math.round(density * shape(operand).reduce((elements, size) => elements * size, 1)));
  const sizes = problem.dimensions.map(({ size }) => size);
  // Fresh schedules and a fresh evaluator in every round: nothing is known from the one before.
  const schedules = Array.from({ length: (rounds + 1) * count }, () => randomSchedule(sizes));
  let next = 0;
  const seconds = time(rounds, () => {
    const factors = sparseStatistics(problem, hierarchy, sparsity, { A: model("A", 0.4), B: model("B", 0.5) });
    for (let i = 0; i < count; i++) {
      const schedule = schedules[next++];
      if (schedule !== undefined) factors(schedule);
    }
  });
  print({
    name: `sparse factors of schedules a second, ${name}`,
    value: count / median(seconds),
    unit: "schedules/s",
    target: 5000,
    wants: "at least",
  });
}
