// Layers counted on packed bitmaps against the plain walk with stepped lanes, on random layers, schedules and barriers.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { RoundBarrier } from "../../../component/sparse-lanes/sparse-lanes.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { nestProblem } from "../../../mapping/nest/problem.ts";
import type { Loop, Schedule, SpatialLoop } from "../../../mapping/nest/schedule.ts";
import { tensor } from "../../../tensor/tensor.ts";
import { effectualMacs } from "../../../workload/effectual.ts";
import { goldenOutput, plainOperand } from "../../../workload/golden.ts";
import type { ComputeOperation } from "../../../workload/layer.ts";
import { operandShapes } from "../../../workload/shapes.ts";
import { laneCycles } from "./lane-cycles.ts";
import type { LaneMachine } from "./lane-cycles.ts";
import { channelDimension, hasOwnRank } from "./lane-nest.ts";
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

const trials = 500;

test("a layer on packed bitmaps equals the stepped walk: cycles, tiles, waits, events, values", () => {
  let sparse = 0;
  let skipped = 0;
  fc.assert(
    fc.property(caseArbitrary, (one) => {
      const { operation, problem, schedule, machine, A, B } = one;
      if (!packable(one)) return;
      const fast = laneCycles(problem, schedule, machine, { A: nonZeros(A), B: nonZeros(B) });
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
      if (fast.sparsity === "none") expect(fast.computeCycles).toBe(fast.denseCycles);
      expect(fast.computeCycles).toBeLessThanOrEqual(fast.denseCycles);
    }),
    { numRuns: trials },
  );
  expect(sparse).toBeGreaterThan(trials / 10);
  expect(skipped).toBeGreaterThan(trials / 50);
});
