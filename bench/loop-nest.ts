// Schedules of loop nests evaluated a second on one core, counts and cycles: random valid schedules of every shape of
// layer in ResNet-50 on four levels of memory, each of them new; and schedules of a walk of single moves, as in a search.

import { acceleratorNamed } from "../src/accelerator/accelerators.ts";
import { evaluateSchedule } from "../src/dataflow/nest/evaluate.ts";
import type { SparsityFactors } from "../src/dataflow/nest/evaluation.ts";
import { prepareNest } from "../src/dataflow/nest/prepare.ts";
import type { NestProblem } from "../src/mapping/nest/problem.ts";
import { nestProblem, reducedDimensions } from "../src/mapping/nest/problem.ts";
import type { Axis, Hierarchy, Loop, Schedule, SpatialLoop } from "../src/mapping/nest/schedule.ts";
import { nestParts } from "../src/simulate/nest/prepare-nest.ts";
import { computeLayers } from "../src/simulate/simulate-network.ts";
import { builtinNetwork } from "../src/workload/networks.ts";
import { print } from "./measure.ts";

const ports = { overlapped: true, sharedPort: false };
const fourLevels: Hierarchy = {
  levels: [
    {
      name: "dram",
      memories: [
        {
          name: "dram",
          operands: ["A", "B", "C"],
          bytes: Infinity,
          overlapped: true,
          readBytesPerCycle: 64,
          writeBytesPerCycle: 64,
          sharedPort: true,
        },
      ],
      axes: [],
    },
    {
      name: "buffer",
      memories: [
        {
          ...ports,
          name: "buffer",
          operands: ["A", "B", "C"],
          bytes: 65_536,
          readBytesPerCycle: 256,
          writeBytesPerCycle: 256,
        },
      ],
      axes: [
        { name: "rows", units: 16, reduction: "tree", multicast: true },
        { name: "columns", units: 16, reduction: "none", multicast: true },
      ],
    },
    {
      name: "registers",
      memories: [
        { ...ports, name: "filters", operands: ["A"], bytes: 32, readBytesPerCycle: 4, writeBytesPerCycle: 4 },
        { ...ports, name: "inputs", operands: ["B"], bytes: 32, readBytesPerCycle: 4, writeBytesPerCycle: 4 },
        { ...ports, name: "sums", operands: ["C"], bytes: 128, readBytesPerCycle: 16, writeBytesPerCycle: 16 },
      ],
      axes: [{ name: "lanes", units: 4, reduction: "tree", multicast: true }],
    },
    {
      name: "lanes",
      memories: [
        { ...ports, name: "accumulators", operands: ["C"], bytes: 4, readBytesPerCycle: 4, writeBytesPerCycle: 4 },
      ],
      axes: [],
    },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
};

/** The memories of a machine that users search on, some of whose transfers do not run beside the work. */
const { machine: flexnn } = acceleratorNamed("flexnn").configure({});
if (flexnn.kind !== "nest") throw new Error("flexnn runs no loop nests");
const flexnnLevels = nestParts(flexnn).hierarchy;

type Below = (below: number) => number;

/** A small generator with a seed: the same input in every run. */
function random(seed: number): Below {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    return Math.floor(
      (((mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below,
    );
  };
}

const divisors = (size: number): number[] =>
  Array.from({ length: size }, (_, at) => at + 1).filter((tile) => size % tile === 0);

/** Whether a dimension may be spread along an axis. */
const mayLie = ({ dimensions }: NestProblem, axis: Axis, reduced: ReadonlySet<number>, index: number): boolean =>
  (axis.reduction !== "none" || !reduced.has(index)) &&
  axis.dimensions?.includes(dimensions[index]?.name ?? "") !== false;

/** A random schedule that may not fit: tiles that divide, or of any size where `ragged`; loops in any order. */
function draw(problem: NestProblem, hierarchy: Hierarchy, next: Below, ragged: boolean): Schedule {
  const left = problem.dimensions.map(({ size }) => size);
  const reduced = new Set(reducedDimensions(problem));
  const shuffled = (): number[] => {
    const order = left.flatMap((size, index) => (size > 1 ? [index] : []));
    for (let at = order.length - 1; at > 0; at--) {
      const other = next(at + 1);
      [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
    }
    return order;
  };
  const tileOf = (size: number, atLeast: number): number => {
    const choice = ragged ? [] : divisors(size).filter((tile) => tile >= atLeast);
    return ragged ? Math.max(atLeast, 1 + next(size)) : (choice[next(choice.length)] ?? size);
  };
  const levels = hierarchy.levels.map(({ axes }, level) => {
    const temporal: Loop[] = [];
    const spatial: SpatialLoop[] = [];
    const last = level === hierarchy.levels.length - 1;
    for (const dimension of shuffled()) {
      const tile = last ? 1 : tileOf(left[dimension] ?? 1, 1);
      temporal.push({ dimension, tile });
      left[dimension] = tile;
    }
    for (const axis of axes) {
      const dimension = shuffled().find((index) => mayLie(problem, axis, reduced, index));
      if (dimension === undefined) continue;
      const size = left[dimension] ?? 1;
      const tile = tileOf(size, Math.ceil(size / axis.units));
      spatial.push({ dimension, tile, axis: axis.name });
      left[dimension] = tile;
    }
    return { temporal, spatial };
  });
  return { levels, bypass: levels.map(() => []) };
}

/** Whether the tiles fit: what checkSchedule asks, counting words between those of a window as well. */
function fits({ dimensions, operands }: NestProblem, hierarchy: Hierarchy, { levels }: Schedule): boolean {
  const box = dimensions.map(({ size }) => size);
  for (const [level, { temporal, spatial }] of levels.entries()) {
    for (const memory of hierarchy.levels[level]?.memories ?? []) {
      let bytes = 0;
      for (const key of memory.operands) {
        let words = key === "C" ? 4 : 1;
        for (const { terms, extent } of operands[key]) {
          const span = terms.reduce((sum, term) => sum + term.coefficient * ((box[term.dimension] ?? 1) - 1), 1);
          words *= Math.min(span, extent);
        }
        bytes += words;
      }
      if (bytes > memory.bytes) return false;
    }
    for (const { dimension, tile } of [...temporal, ...spatial]) box[dimension] = tile;
  }
  return true;
}

/** Schedules that fit; a tile is drawn again until it does. */
function valid(problem: NestProblem, hierarchy: Hierarchy, count: number, next: Below, ragged: boolean): Schedule[] {
  const found: Schedule[] = [];
  while (found.length < count) {
    const schedule = draw(problem, hierarchy, next, ragged);
    if (fits(problem, hierarchy, schedule)) found.push(schedule);
  }
  return found;
}

/** The schedule with a loop of every dimension at each level, some of a single step. */
function complete({ dimensions }: NestProblem, { levels, bypass }: Schedule): Schedule {
  const left = dimensions.map(({ size }) => size);
  return {
    levels: levels.map(({ temporal, spatial }) => {
      const missing = dimensions.flatMap((_, dimension) =>
        (left[dimension] ?? 1) > 1 || temporal.some((loop) => loop.dimension === dimension)
          ? []
          : [{ dimension, tile: 1 }],
      );
      for (const { dimension, tile } of [...temporal, ...spatial]) left[dimension] = tile;
      return { temporal: [...temporal, ...missing], spatial };
    }),
    bypass,
  };
}

/** A schedule with one tile resized, or two loops of a level in the other order. It may not fit. */
function moved(problem: NestProblem, hierarchy: Hierarchy, { levels, bypass }: Schedule, next: Below): Schedule {
  const level = next(levels.length);
  const { temporal, spatial } = levels[level] ?? { temporal: [], spatial: [] };
  const at = next(temporal.length + spatial.length);
  if (next(2) === 0 && at > 0 && at < temporal.length) {
    const order = [...temporal.slice(0, at - 1), ...temporal.slice(at, at + 1), ...temporal.slice(at - 1, at)];
    return { levels: levels.with(level, { temporal: [...order, ...temporal.slice(at + 1)], spatial }), bypass };
  }
  const loops = levels.flatMap((one, index) =>
    [...one.temporal, ...one.spatial].map((loop, place) => ({ loop, index, place })),
  );
  const here = loops.findIndex(({ index, place }) => index === level && place === at);
  const own = loops[here]?.loop;
  if (own === undefined) return { levels, bypass };
  const same = (entry: (typeof loops)[number]): boolean => entry.loop.dimension === own.dimension;
  const outer = loops.slice(0, here).findLast(same)?.loop.tile ?? problem.dimensions[own.dimension]?.size ?? 1;
  const inner = loops.slice(here + 1).find(same)?.loop.tile ?? 1;
  const steps =
    "axis" in own ? (hierarchy.levels[level]?.axes.find(({ name }) => name === own.axis)?.units ?? 1) : outer;
  const tiles = divisors(outer).filter((tile) => tile % inner === 0 && outer / tile <= steps);
  const tile = level === levels.length - 1 ? 1 : (tiles[next(tiles.length)] ?? own.tile);
  return {
    levels: levels.with(level, {
      temporal: temporal.map((loop, place) => (place === at ? { ...loop, tile } : loop)),
      spatial: spatial.map((loop, place) => (temporal.length + place === at ? { ...loop, tile } : loop)),
    }),
    bypass,
  };
}

/** Schedules each a move from the one before. */
function walk(problem: NestProblem, hierarchy: Hierarchy, count: number, next: Below): Schedule[] {
  const found = valid(problem, hierarchy, 1, next, false).map((schedule) => complete(problem, schedule));
  while (found.length < count) {
    const [last] = found.slice(-1);
    if (last === undefined) break;
    const schedule = moved(problem, hierarchy, last, next);
    if (fits(problem, hierarchy, schedule)) found.push(schedule);
  }
  return found;
}

const shapes = new Map(
  computeLayers(builtinNetwork("resnet50")).map(({ operation }) => [JSON.stringify(operation), nestProblem(operation)]),
);
const layers = [...shapes.values()];
const each = Number(process.argv[2] ?? 1000);
const factors: SparsityFactors = {
  bytes: (operand, child) => (operand === "partial" ? 4 : operand === "C" ? 1 : 0.55 + 0.05 * child),
  stepCycles: 0.3,
};

for (const { name, levels = fourLevels, draws = "even", sparse = false, target } of [
  { name: "tiles that divide", target: 20_000 },
  { name: "tiles that divide, with sparsity factors", sparse: true, target: 5_000 },
  { name: "tiles that divide, on flexnn", levels: flexnnLevels, target: 20_000 },
  { name: "a walk of single moves, on flexnn", levels: flexnnLevels, draws: "walk", target: 20_000 },
  { name: "tiles of any size", draws: "ragged", target: 1_000 },
]) {
  const next = random(5);
  const schedules = layers.map((problem) =>
    draws === "walk"
      ? walk(problem, levels, each, next)
      : valid(problem, levels, draws === "ragged" ? Math.ceil(each / 8) : each, next, draws === "ragged"),
  );
  let checksum = 0;
  let seconds = 0;
  let count = 0;
  for (const [index, problem] of layers.entries()) {
    const start = process.cpuUsage();
    const prepared = prepareNest(problem, levels);
    for (const schedule of schedules[index] ?? []) {
      checksum += evaluateSchedule(prepared, schedule, sparse ? factors : undefined).cycles;
      count++;
    }
    const { user, system } = process.cpuUsage(start);
    const spent = (user + system) / 1e6;
    seconds += spent;
    if (process.argv[3] === "layers") {
      const sizes = problem.dimensions.map(({ size }) => size).join(" ");
      process.stdout.write(`${sizes.padEnd(40)} ${Math.round((schedules[index]?.length ?? 0) / spent)} a second\n`);
    }
  }
  if (!(checksum > 0)) throw new Error("no cycles");
  print({
    name: `schedules of ResNet-50, ${name}`,
    value: count / seconds,
    unit: "schedules/s",
    target,
    wants: "at least",
  });
}
