// Layers counted on packed bitmaps against the plain walk with stepped lanes, on random layers, schedules and barriers.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../../base/error.ts";
import type { RoundBarrier } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { nestProblem } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule, SpatialLoop } from "../../../mapping/nest/schedule.ts";
import { generate } from "../../../tensor/generate.ts";
import { tensor } from "../../../tensor/tensor.ts";
import { effectualMacs } from "../../../workload/effectual.ts";
import { goldenOutput, plainOperand } from "../../../workload/golden.ts";
import type { ComputeOperation } from "../../../workload/layer.ts";
import { operandShapes } from "../../../workload/shapes.ts";
import { evaluateSchedule } from "../evaluate.ts";
import { prepareNest } from "../prepare.ts";
import { laneCycles } from "./lane-cycles.ts";
import type { LaneMachine } from "./lane-cycles.ts";
import { channelDimension, hasOwnRank } from "./lane-nest.ts";
import { nonZerosOf, randomNonZeros } from "./non-zeros.ts";
import { steppedLaneCycles } from "./stepped-lane-cycles.ts";

const small = (max: number) => fc.integer({ min: 1, max });

const operationArbitrary: fc.Arbitrary<ComputeOperation> = fc.oneof(
  fc.record({ batch: small(2), M: small(5), N: small(5), K: small(24) }).map((sizes) => ({
    operator: "matmul" as const,
    ...sizes,
  })),
  fc
    .record({
      batch: small(2),
      groups: fc.constantFrom(1, 1, 1, 2, 3),
      channels: fc.constantFrom(1, 3, 5, 8, 12),
      filters: small(4),
      height: fc.integer({ min: 3, max: 6 }),
      width: fc.integer({ min: 3, max: 5 }),
      kernelHeight: small(3),
      kernelWidth: small(2),
      stride: fc.tuple(small(2), small(2)),
      padding: fc.tuple(fc.nat(2), fc.nat(1), fc.nat(1), fc.nat(1)),
      dilation: fc.tuple(fc.constant(1), small(2)),
    })
    .map(({ groups, channels, filters, ...rest }) => ({
      operator: "conv2d" as const,
      groups,
      inChannels: groups * channels,
      outChannels: groups * filters,
      ...rest,
    })),
);

interface Cut {
  readonly dimension: number;
  readonly level: number;
  readonly place: "time" | "rows" | "columns" | "lanes";
  readonly tile: number;
}

const laneCount = 4;
const axisUnits = { rows: 3, columns: 3, lanes: laneCount } as const;
const levels = 3;

/** Cuts at random places, made into a legal schedule: tiles fall towards 1, axes hold their steps. */
function scheduleOf(problem: NestProblem, cuts: readonly Cut[], laneLevel: number): Schedule {
  const sizes = problem.dimensions.map(({ size }) => size);
  const temporal: Loop[][] = Array.from({ length: levels }, () => []);
  const spatial: SpatialLoop[][] = Array.from({ length: levels }, () => []);
  const used = new Map<string, number>();
  let lanesTaken = false;
  const ordered = [...cuts].sort(
    (a, b) => a.level - b.level || Number(a.place !== "time") - Number(b.place !== "time"),
  );
  for (const { dimension, level, place, tile } of ordered) {
    const size = sizes[dimension] ?? 1;
    const wanted = 1 + (tile % size);
    if (place === "time") {
      temporal[level]?.push({ dimension, tile: wanted });
      sizes[dimension] = wanted;
      continue;
    }
    const at = place === "lanes" ? laneLevel : level;
    if (at !== level || (place === "lanes" && lanesTaken)) continue;
    const key = `${level} ${place}`;
    const free = Math.floor(axisUnits[place] / (used.get(key) ?? 1));
    const least = Math.max(wanted, Math.ceil(size / free));
    if (least >= size) continue;
    spatial[level]?.push({ dimension, tile: least, axis: place });
    used.set(key, (used.get(key) ?? 1) * Math.ceil(size / least));
    sizes[dimension] = least;
    if (place === "lanes") lanesTaken = true;
  }
  const rest = sizes.flatMap((size, dimension) => (size > 1 ? [{ dimension, tile: 1 }] : []));
  // The channel last more often than not, so that rounds have more than one position.
  const channel = channelDimension(problem);
  rest.sort((a, b) => Number(a.dimension === channel) - Number(b.dimension === channel));
  temporal.push(rest);
  spatial.push([]);
  return {
    levels: temporal.map((loops, level) => ({ temporal: loops, spatial: spatial[level] ?? [] })),
    bypass: temporal.map(() => []),
  };
}

const barrierArbitrary: fc.Arbitrary<RoundBarrier> = fc.oneof(
  fc.constantFrom({ scope: "lane" } as const, { scope: "pe" } as const),
  fc.record({ scope: fc.constantFrom("column" as const, "array" as const), rounds: small(5) }),
);

interface Case {
  readonly operation: ComputeOperation;
  readonly problem: NestProblem;
  readonly schedule: Schedule;
  readonly machine: LaneMachine;
  readonly A: Int8Array;
  readonly B: Int8Array;
}

const caseArbitrary: fc.Arbitrary<Case> = operationArbitrary.chain((operation) => {
  const problem = nestProblem(operation);
  const cut = fc.record({
    dimension: fc.nat(problem.dimensions.length - 1),
    level: fc.nat(levels - 1),
    place: fc.constantFrom("time" as const, "time" as const, "rows" as const, "columns" as const, "lanes" as const),
    tile: fc.nat(30),
  });
  const channel = channelDimension(problem);
  const lane = fc.record({
    dimension: fc.constantFrom(
      channel,
      channel,
      channel - 1,
      problem.dimensions.findIndex(({ name }) => name === "M"),
    ),
    level: fc.nat(levels - 1),
    place: fc.constant("lanes" as const),
    tile: fc.nat(6),
  });
  const size = (which: "A" | "B") => problem.operands[which].reduce((product, { extent }) => product * extent, 1);
  const values = (which: "A" | "B") =>
    fc
      .array(
        fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: -6, max: 6 }) }),
        {
          minLength: size(which),
          maxLength: size(which),
        },
      )
      .map((list) => Int8Array.from(list));
  return fc
    .record({
      cuts: fc.array(cut, { maxLength: 7 }),
      lane,
      A: values("A"),
      B: values("B"),
      bankBits: fc.constantFrom(1, 2, 3, 4, 8, 11, 16, 32),
      sparsity: fc.constantFrom(
        "none" as const,
        "weights" as const,
        "inputs" as const,
        "both" as const,
        "both" as const,
      ),
      barrier: barrierArbitrary,
      joinLevel: fc.nat(levels),
      columns: fc.option(fc.nat(levels - 1), { nil: undefined }),
      drain: fc.option(small(7), { nil: undefined }),
    })
    .map(({ cuts, lane, A, B, bankBits, sparsity, barrier, joinLevel, columns, drain }) => ({
      operation,
      problem,
      schedule: scheduleOf(problem, [...cuts, lane], lane.level),
      machine: {
        lanes: { lanes: laneCount, bankBits, sparsity, barrier },
        laneAxis: { level: lane.level, axis: "lanes" },
        ...(columns === undefined ? {} : { columnAxis: { level: columns, axis: "columns" } }),
        joinLevel,
        ...(drain === undefined ? {} : { drainCycles: (points: number) => points * drain + 2 }),
      },
      A,
      B,
    }));
});

const nonZeros = (values: Int8Array): Uint8Array => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));

/** Whether bitmaps can be packed for the lanes: not for lanes over a position that slides a window. */
function packable({ problem, schedule, machine }: Case): boolean {
  if (machine.lanes.sparsity === "none") return true;
  const left = problem.dimensions.map(({ size }) => size);
  for (const [level, { temporal, spatial }] of schedule.levels.entries()) {
    for (const { dimension, tile } of temporal) left[dimension] = tile;
    for (const { dimension, tile, axis } of spatial) {
      const splits = tile < (left[dimension] ?? 1);
      left[dimension] = tile;
      if (level !== machine.laneAxis.level || axis !== "lanes" || !splits) continue;
      for (const which of ["A", "B"] as const) {
        const touched = problem.operands[which].some(({ terms }) => terms.some((term) => term.dimension === dimension));
        if (touched && !hasOwnRank(problem, which, dimension)) return false;
      }
    }
  }
  return true;
}

/** Memories without bounds at every level, so that nothing but the steps takes time. */
const hierarchy: Hierarchy = {
  levels: Array.from({ length: levels + 1 }, (_, level) => ({
    name: `level ${level}`,
    memories: [
      {
        name: `memory ${level}`,
        operands: ["A", "B", "C"] as const,
        bytes: Infinity,
        overlapped: true,
        readBytesPerCycle: Infinity,
        writeBytesPerCycle: Infinity,
        sharedPort: false,
      },
    ],
    axes: Object.entries(axisUnits).map(([name, units]) => ({
      name,
      units,
      reduction: "tree" as const,
      multicast: true,
    })),
  })),
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
};

const trials = 300;

test("a layer on packed bitmaps equals the stepped walk: cycles, tiles, waits, events, values", () => {
  let sparse = 0;
  let skipped = 0;
  fc.assert(
    fc.property(caseArbitrary, (one) => {
      const { operation, problem, schedule, machine, A, B } = one;
      if (!packable(one)) return;
      const fast = laneCycles(problem, schedule, machine, { A: nonZeros(A), B: nonZeros(B) });
      expect(laneCycles(problem, schedule, machine, { A: nonZeros(A), B: nonZeros(B) }, "words")).toEqual(fast);
      const stepped = steppedLaneCycles(problem, schedule, machine, "int32", A, B);
      expect(fast.computeCycles).toBe(stepped.cycles);
      expect(fast.parts).toEqual(stepped.parts.map((end, i) => end - (stepped.parts[i - 1] ?? 0)));
      expect(fast.cycles).toBe(stepped.drainedCycles);
      expect(fast.time).toEqual(stepped.time);
      expect(fast.events).toEqual(stepped.events);
      const shapes = operandShapes(operation);
      const operand = (which: "A" | "B", data: Int8Array) => plainOperand(tensor("int8", shapes[which], data));
      const golden = goldenOutput(operation, operand("A", A), operand("B", B), "integer");
      expect(stepped.output).toEqual(golden);
      const { time, units } = fast;
      expect(time.busy + time.laneWait + time.unitWait + time.columnWait).toBe(fast.computeCycles * units * laneCount);
      if (fast.sparsity === "both") {
        sparse++;
        const layer = {
          kind: "compute",
          name: "layer",
          operation,
          weightsConstant: true,
          density: { A: 1, B: 1 },
          densitySource: { A: "measured", B: "measured" },
          values: { A: operand("A", A), B: operand("B", B) },
        } as const;
        expect(fast.macs.executed).toBe(effectualMacs(layer).macs);
        if (fast.computeCycles < fast.denseCycles) skipped++;
      }
      const evaluation = evaluateSchedule(prepareNest(problem, hierarchy), schedule);
      expect(fast.denseCycles).toBe(evaluation.steps);
      expect(fast.denseCycles).toBe(evaluation.cycles);
      if (fast.sparsity === "none") expect(fast.computeCycles).toBe(fast.denseCycles);
      expect(fast.computeCycles).toBeLessThanOrEqual(fast.denseCycles);
    }),
    { numRuns: trials },
  );
  expect(sparse).toBeGreaterThan(trials / 10);
  expect(skipped).toBeGreaterThan(trials / 50);
});

/** One level: time, then units on axis `units` and lanes on axis `lanes`. */
const oneLevel = (temporal: readonly Loop[], spatial: readonly SpatialLoop[]): Schedule => ({
  levels: [{ temporal, spatial }],
  bypass: [[]],
});
const lanesOf = (lanes: number, bankBits: number, barrier: RoundBarrier = { scope: "pe" }): LaneMachine => ({
  lanes: { lanes, bankBits, sparsity: "both", barrier },
  laneAxis: { level: 0, axis: "lanes" },
  joinLevel: 0,
});

test("a row by a column, counted by hand: rounds of 4 lanes of 8, the busiest lane decides", () => {
  const problem = nestProblem({ operator: "matmul", batch: 1, M: 1, N: 1, K: 64 });
  const K = 3;
  const schedule = oneLevel([{ dimension: K, tile: 4 }], [{ dimension: K, tile: 1, axis: "lanes" }]);
  const A = new Uint8Array(64).fill(1);
  const B = new Uint8Array(64);
  // Lane k mod 4, round floor(k / 32): lane 2 has three ones in the first round, no lane one in the second.
  for (const k of [2, 6, 30, 1]) B[k] = 1;
  const result = laneCycles(problem, schedule, lanesOf(4, 8), { A, B });
  expect(result).toMatchObject({ cycles: 4, computeCycles: 4, denseCycles: 16, rounds: 2 });
  expect(result.macs).toEqual({ dense: 64, executed: 4 });
  expect(result.time).toEqual({ busy: 4, laneWait: 12, unitWait: 0, columnWait: 0 });
  expect(laneCycles(problem, schedule, lanesOf(4, 8, { scope: "lane" }), { A, B }).cycles).toBe(4);
});

test("without a channel to reduce bitmaps are of no use: depth-wise layers run dense", () => {
  const operation = {
    operator: "conv2d",
    batch: 1,
    inChannels: 8,
    height: 5,
    width: 5,
    outChannels: 8,
    kernelHeight: 3,
    kernelWidth: 3,
    stride: [1, 1],
    padding: [1, 1, 1, 1],
    dilation: [1, 1],
    groups: 8,
  } as const;
  const problem = nestProblem(operation);
  const [G, P, Q, R, S] = [1, 4, 5, 6, 7];
  const schedule = oneLevel(
    [
      { dimension: G, tile: 4 },
      { dimension: P, tile: 1 },
      { dimension: Q, tile: 1 },
      { dimension: R, tile: 1 },
      { dimension: S, tile: 1 },
    ],
    [{ dimension: G, tile: 1, axis: "lanes" }],
  );
  const empty = { A: new Uint8Array(72), B: new Uint8Array(200) };
  const result = laneCycles(problem, schedule, lanesOf(4, 8), empty);
  expect(result.sparsity).toBe("none");
  expect(result.computeCycles).toBe(2 * 25 * 9);
  expect(result.macs).toEqual({ dense: 1800, executed: 1800 });
  expect(result.events.findFirst + result.events.bitmapRead).toBe(0);
});

test("patterns are those of the tensors that the same seed generates, whatever the strides", () => {
  const operation = { operator: "matmul", batch: 2, M: 5, N: 7, K: 9 } as const;
  const spec = { kind: "uniform", density: 0.3 } as const;
  const A = generate(spec, "int8", [2, 5, 9], 11);
  const drawn = randomNonZeros(operation, "A", spec, 11);
  expect(nonZerosOf(operation, "A", plainOperand(A))).toEqual(drawn);
  const turned = new Int8Array(90);
  for (let b = 0; b < 2; b++) {
    for (let m = 0; m < 5; m++) {
      for (let k = 0; k < 9; k++) turned[b * 45 + k * 5 + m] = A.data[b * 45 + m * 9 + k] ?? 0;
    }
  }
  const operand = { tensor: tensor("int8", [90], turned), strides: [45, 1, 5] };
  expect(nonZerosOf(operation, "A", operand)).toEqual(drawn);
});

test("schedules that lanes cannot run are refused", () => {
  const problem = nestProblem({ operator: "matmul", batch: 1, M: 4, N: 4, K: 8 });
  const [M, K] = [1, 3];
  const run = (temporal: readonly Loop[], spatial: readonly SpatialLoop[]) => () =>
    laneCycles(problem, oneLevel(temporal, spatial), lanesOf(4, 8), {});
  const rest: readonly Loop[] = [
    { dimension: M, tile: 1 },
    { dimension: 2, tile: 1 },
  ];
  expect(run([...rest, { dimension: K, tile: 2 }], [])).toThrow(InputError);
  expect(run(rest, [{ dimension: K, tile: 1, axis: "lanes" }])).toThrow(/more steps than lanes/);
  const two: readonly SpatialLoop[] = [
    { dimension: M, tile: 1, axis: "lanes" },
    { dimension: K, tile: 1, axis: "lanes" },
  ];
  expect(
    run(
      [
        { dimension: M, tile: 2 },
        { dimension: 2, tile: 1 },
        { dimension: K, tile: 2 },
      ],
      two,
    ),
  ).toThrow(/more than one dimension/);
});
