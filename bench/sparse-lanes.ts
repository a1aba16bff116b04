// Seconds on one core for the data-exact cycles of one ResNet-50 inference on 16 x 16 units of 8 sparse lanes, at half
// of the weights and half of the inputs, counted in WebAssembly vectors and word by word.

import { laneCycles } from "../src/dataflow/nest/sparse/lane-cycles.ts";
import type { LaneMachine } from "../src/dataflow/nest/sparse/lane-cycles.ts";
import { randomNonZeros } from "../src/dataflow/nest/sparse/non-zeros.ts";
import type { NonZeros } from "../src/dataflow/nest/sparse/operand-bitmaps.ts";
import type { RoundBarrier } from "../src/component/sparse-lanes/sparse-lanes.ts";
import { expectedRound } from "../src/component/sparse-lanes/expected-rounds.ts";
import { nestProblem } from "../src/mapping/nest/problem.ts";
import type { NestProblem } from "../src/mapping/nest/problem.ts";
import type { Loop, Schedule, SpatialLoop } from "../src/mapping/nest/schedule.ts";
import { builtinNetwork } from "../src/workload/networks.ts";
import { median, print, time } from "./measure.ts";

const rows = 16;
const columns = 16;
const lanes = 8;
const bankBits = 16;
const density = 0.5;

/** Units of each dimension, and whether lanes are over the channel (VxV) or the outputs (MxM). */
interface Choice {
  readonly units: Readonly<Record<string, number>>;
  readonly overOutputs: boolean;
}

const dimensionOf = (problem: NestProblem, name: string): number =>
  problem.dimensions.findIndex((dimension) => dimension.name === name);
const sizeOf = (problem: NestProblem, name: string): number =>
  problem.dimensions[dimensionOf(problem, name)]?.size ?? 1;

/** Expected cycles of a choice on independent bits with units that do not wait, by which choices are compared. */
function expectedCycles(problem: NestProblem, { units, overOutputs }: Choice, channel: string): number {
  let rounds = 1;
  let positions = 1;
  for (const { name, size } of problem.dimensions) {
    const laned = name === (overOutputs ? "M" : channel) ? lanes : 1;
    const steps = Math.ceil(Math.ceil(size / (units[name] ?? 1)) / laned);
    if (name === channel) positions = steps;
    else rounds *= steps;
  }
  const whole = Math.floor(positions / bankBits);
  const rest = positions % bankBits;
  return rounds * (whole * roundTime(bankBits) + (rest === 0 ? 0 : roundTime(rest)));
}

const times = new Map<number, number>();
function roundTime(positions: number): number {
  const known = times.get(positions) ?? expectedRound(lanes, positions, density ** 2);
  times.set(positions, known);
  return known;
}

/** The fastest way to share rows x columns units among positions, outputs and channels. */
function choose(problem: NestProblem, channel: string): Choice {
  const names = channel === "C" ? ["P", "Q", "M", "C"] : ["N", "M", "K"];
  let best: Choice = { units: {}, overOutputs: false };
  let least = Infinity;
  const share = (index: number, left: number, units: Readonly<Record<string, number>>): void => {
    const name = names[index];
    if (name === undefined) {
      for (const overOutputs of [false, true]) {
        const steps = expectedCycles(problem, { units, overOutputs }, channel);
        if (steps < least) {
          least = steps;
          best = { units, overOutputs };
        }
      }
      return;
    }
    for (let part = 1; part <= left && part < 2 * sizeOf(problem, name); part *= 2) {
      share(index + 1, Math.floor(left / part), { ...units, [name]: part });
    }
  };
  share(0, rows * columns, {});
  return best;
}

/** Units over tiles of a memory, then outputs, taps, and the channel innermost in the banks. */
function scheduleOf(problem: NestProblem): { schedule: Schedule; mode: string } {
  const channel = dimensionOf(problem, "C") >= 0 ? "C" : "K";
  const choice = choose(problem, channel);
  const left = problem.dimensions.map(({ size }) => size);
  const spatial: SpatialLoop[] = [];
  for (const [name, part] of Object.entries(choice.units)) {
    const dimension = dimensionOf(problem, name);
    const tile = Math.ceil((left[dimension] ?? 1) / part);
    if (part > 1) spatial.push({ dimension, tile, axis: "units" });
    left[dimension] = tile;
  }
  const laned = dimensionOf(problem, choice.overOutputs ? "M" : channel);
  const own = dimensionOf(problem, channel);
  const order = [...left.keys()].filter((dimension) => dimension !== own);
  const temporal: Loop[] = [...order, own].map((dimension) => ({
    dimension,
    tile: dimension === laned ? Math.min(lanes, left[dimension] ?? 1) : 1,
  }));
  const inLanes: SpatialLoop[] = [{ dimension: laned, tile: 1, axis: "lanes" }];
  return {
    schedule: {
      levels: [
        { temporal: [], spatial },
        { temporal, spatial: inLanes },
      ],
      bypass: [[], []],
    },
    mode: choice.overOutputs ? "MxM" : "VxV",
  };
}

const machine = (barrier: RoundBarrier, sparsity: "both" | "none"): LaneMachine => ({
  lanes: { lanes, bankBits, sparsity, barrier },
  laneAxis: { level: 1, axis: "lanes" },
  joinLevel: 0,
});

const layers = builtinNetwork("resnet50").layers.flatMap((layer) => (layer.kind === "compute" ? [layer] : []));
const work = layers.map(({ operation }) => {
  const problem = nestProblem(operation);
  return { operation, problem, ...scheduleOf(problem) };
});
const draw = (): { A: NonZeros; B: NonZeros }[] =>
  work.map(({ operation }, index) => ({
    A: randomNonZeros(operation, "A", { kind: "uniform", density }, 2 * index),
    B: randomNonZeros(operation, "B", { kind: "uniform", density }, 2 * index + 1),
  }));
let operands = draw();
const drawing = median(
  time(1, () => {
    operands = draw();
  }),
);

interface Sums {
  cycles: number;
  dense: number;
  executed: number;
  macs: number;
}

function inference(barrier: RoundBarrier, counting: "vectors" | "words"): Sums {
  const sums: Sums = { cycles: 0, dense: 0, executed: 0, macs: 0 };
  for (const [index, { problem, schedule }] of work.entries()) {
    const result = laneCycles(problem, schedule, machine(barrier, "both"), operands[index] ?? {}, counting);
    sums.cycles += result.computeCycles;
    sums.dense += result.denseCycles;
    sums.executed += result.macs.executed;
    sums.macs += result.macs.dense;
  }
  return sums;
}

process.stdout.write(`drawing the operands of ${layers.length} layers at random: ${drawing.toFixed(2)} s\n`);
for (const [barrier, counting] of [
  [{ scope: "array", rounds: 16 }, "vectors"],
  [{ scope: "array", rounds: 16 }, "words"],
  [{ scope: "pe" }, "vectors"],
  [{ scope: "lane" }, "words"],
] as const) {
  let sums: Sums = { cycles: 0, dense: 0, executed: 0, macs: 0 };
  const seconds = median(
    time(3, () => {
      sums = inference(barrier, counting);
    }),
  );
  print({
    name: `ResNet-50, ${(sums.macs / 1e9).toFixed(2)} G MACs, barrier ${barrier.scope}, ${counting}`,
    value: seconds,
    unit: "s",
    target: 3,
    wants: "at most",
  });
  process.stdout.write(
    `  ${sums.cycles} cycles, ${(sums.dense / sums.cycles).toFixed(2)} times faster than dense; ` +
      `${((100 * sums.executed) / sums.macs).toFixed(2)} % of the multiplications done\n`,
  );
}
