// Sums that leave through a network, in closed form against a walk of the nest that waits tile by tile, and the laws of
// the networks.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReductionNetwork, ReductionTree } from "../../../component/reduction-tree.ts";
import { levelsFor, reductionCycles, reductionTree } from "../../../component/reduction-tree.ts";
import { evaluateSchedule } from "../../../dataflow/nest/evaluate.ts";
import { prepareNest } from "../../../dataflow/nest/prepare.ts";
import type { NestProblem } from "../../../mapping/nest/problem.ts";
import { nestProblem, operandKeys } from "../../../mapping/nest/problem.ts";
import type { Hierarchy, Loop, Schedule, SpatialLoop } from "../../../mapping/nest/schedule.ts";
import { reductionCounts, withReduction } from "./reduction.ts";

const [M, N, K] = [1, 2, 3];
const rows = 8;
const axis = { level: 1, axis: "rows" };

const memory = (name: string, overlapped = true) => ({
  name,
  operands: operandKeys,
  bytes: Infinity,
  overlapped,
  readBytesPerCycle: Infinity,
  writeBytesPerCycle: Infinity,
  sharedPort: false,
});

const hierarchy = (overlapped = true): Hierarchy => ({
  levels: [
    { name: "far", memories: [memory("far")], axes: [] },
    {
      name: "buffer",
      memories: [memory("buffer")],
      axes: [{ name: "rows", units: rows, reduction: "tree", multicast: true }],
    },
    { name: "registers", memories: [memory("registers", overlapped)], axes: [] },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 4 },
});

const network = (shape: ReductionNetwork["shape"]): ReductionTree =>
  reductionTree({
    units: rows,
    accumulator: "int32",
    network: shape === "fixed" ? { shape, depth: levelsFor(rows) } : { shape },
  });

interface Case {
  readonly problem: NestProblem;
  readonly schedule: Schedule;
}

/** Sizes as products of the steps at each level, in any order of the loops; ragged sizes are a little smaller. */
const cases = (ragged: boolean): fc.Arbitrary<Case> => {
  const steps = fc.tuple(...Array.from({ length: 3 }, () => fc.constantFrom(1, 1, 2, 3, 4)));
  const perLevel = fc.record({ steps, rotate: fc.nat(2), swap: fc.boolean() });
  return fc
    .record({
      times: fc.tuple(perLevel, perLevel, perLevel),
      across: fc.tuple(fc.constantFrom(1, 2, 4), fc.constantFrom(1, 2), fc.nat(1)),
      less: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)),
    })
    .map(({ times, across: [parts, groups, keptN], less }) => {
      const units = [1, 1, 1];
      units[K - 1] = parts;
      units[(keptN === 1 ? N : M) - 1] = groups;
      const tiles = [1, 1, 1];
      const levels: { temporal: Loop[]; spatial: SpatialLoop[] }[] = [];
      for (let level = 2; level >= 0; level--) {
        const spatial = [0, 1, 2].flatMap((i) => {
          const loop = { dimension: i + 1, tile: tiles[i] ?? 1, axis: "rows" };
          if (level !== 1 || (units[i] ?? 1) === 1) return [];
          tiles[i] = (tiles[i] ?? 1) * (units[i] ?? 1);
          return [loop];
        });
        const { steps: own, rotate, swap } = times[level] ?? { steps: [1, 1, 1], rotate: 0, swap: false };
        const order = [0, 1, 2].map((i) => (i + rotate) % 3);
        const temporal = (swap ? order.toReversed() : order).map((i) => {
          const loop = { dimension: i + 1, tile: tiles[i] ?? 1 };
          tiles[i] = (tiles[i] ?? 1) * (own[i] ?? 1);
          return loop;
        });
        levels.unshift({ temporal, spatial });
      }
      const [m, n, k] = tiles.map((size, i) => (ragged ? Math.max(1, size - (less[i] ?? 0)) : size));
      return {
        problem: nestProblem({ operator: "matmul", batch: 1, M: m ?? 1, N: n ?? 1, K: k ?? 1 }),
        schedule: { levels, bypass: [[], [], []] },
      };
    });
};

interface Tile {
  readonly work: number;
  readonly points: number;
}

/**
 * Tiles of sums that the first unit gives up, one by one: the nest walked setting by setting. `always`: also where a
 * ragged piece leaves the loop over results a single step, so that the same sums could stay.
 */
function tilesOf({ problem, schedule }: Case, always = false): Tile[] {
  const loops = schedule.levels.flatMap(({ temporal, spatial }, level) => [
    ...temporal.map((loop) => ({ ...loop, level, time: true })),
    ...spatial.map((loop) => ({ ...loop, level, time: false })),
  ]);
  const lastKept = loops.findLastIndex(({ dimension, tile, time, level }, index) => {
    const left = Math.min(
      problem.dimensions[dimension]?.size ?? 1,
      ...loops.slice(0, index).flatMap((loop) => (loop.dimension === dimension ? [loop.tile] : [])),
    );
    return time && level < 2 && dimension !== K && left > tile;
  });
  const tiles: { work: number; points: number }[] = [];
  let before = "";
  const go = (at: number, from: readonly number[], size: readonly number[], setting: readonly number[]): void => {
    const loop = loops[at];
    // Below the registers nothing but work is left.
    if (loop === undefined || loop.level === 2) {
      const sums = [from[M], size[M], from[N], size[N]].join();
      const here = always ? `${sums} ${setting.slice(0, lastKept + 1).join()}` : sums;
      const work = (size[M] ?? 1) * (size[N] ?? 1) * (size[K] ?? 1);
      const tile = here === before ? tiles.at(-1) : undefined;
      if (tile === undefined) tiles.push({ work, points: (size[M] ?? 1) * (size[N] ?? 1) });
      else tile.work += work;
      before = here;
      return;
    }
    const { dimension, tile, time } = loop;
    const extent = size[dimension] ?? 1;
    for (let done = 0; done < (time ? extent : Math.min(tile, extent)); done += tile) {
      const piece = size.with(dimension, Math.min(tile, extent - done));
      go(at + 1, from.with(dimension, (from[dimension] ?? 0) + done), piece, [...setting, done]);
    }
  };
  const sizes = problem.dimensions.map(({ size }) => size);
  go(
    0,
    sizes.map(() => 0),
    sizes,
    [],
  );
  return tiles;
}

/** Units in groups that add, from the first setting. */
function groupsOf({ problem, schedule }: Case): { readonly parts: number; readonly groups: number } {
  let [parts, groups] = [1, 1];
  const left = problem.dimensions.map(({ size }) => size);
  for (const { temporal, spatial } of schedule.levels) {
    for (const { dimension, tile } of temporal) left[dimension] = Math.min(tile, left[dimension] ?? 1);
    for (const { dimension, tile } of spatial) {
      const steps = Math.ceil((left[dimension] ?? 1) / tile);
      if (dimension === K) parts *= steps;
      else groups *= steps;
      left[dimension] = Math.min(tile, left[dimension] ?? 1);
    }
  }
  return { parts, groups };
}

const evaluate = ({ problem, schedule }: Case, tree: ReductionTree, overlapped = true) => {
  const levels = hierarchy(overlapped);
  const plain = evaluateSchedule(prepareNest(problem, levels), schedule);
  return { plain, drained: withReduction(problem, levels, schedule, plain, { tree, axis }) };
};

const networks = fc.constantFrom("variable", "fixed", "chain").map(network);

test("where tiles of sums are alike, cycles are those of work and network that wait for each other tile by tile", () => {
  fc.assert(
    fc.property(cases(false), networks, fc.boolean(), (nest, tree, overlapped) => {
      const { drained } = evaluate(nest, tree, overlapped);
      const tiles = tilesOf(nest);
      let worked = 0;
      let left = 0;
      for (const { work, points } of tiles) {
        // A tile's registers are free when the tile before the last one, or without a second half the last one, has left.
        worked = overlapped ? Math.max(worked + work, left) : Math.max(worked, left) + work;
        left = worked + reductionCycles(tree, { ...groupsOf(nest), points });
      }
      expect(drained.cycles).toBe(left);
    }),
    { numRuns: 400 },
  );
});

test("ragged tiles: never faster than the work or the network, never slower than one after the other", () => {
  fc.assert(
    fc.property(cases(true), networks, fc.boolean(), (nest, tree, overlapped) => {
      const { plain, drained } = evaluate(nest, tree, overlapped);
      const [least = 0, most = 0] = [false, true].map((always) =>
        tilesOf(nest, always).reduce(
          (sum, { points }) => sum + reductionCycles(tree, { ...groupsOf(nest), points }),
          0,
        ),
      );
      expect(drained.cycles).toBeGreaterThanOrEqual(Math.max(plain.cycles, least) - 1e-6);
      expect(drained.cycles).toBeLessThanOrEqual(plain.cycles + most + 1);
      expect(Object.values(drained.stack).reduce((sum, cycles) => sum + cycles, 0)).toBe(drained.cycles);
    }),
    { numRuns: 400 },
  );
});

test("a variable tree takes at most what a fixed one takes, in cycles and registers; additions are the same", () => {
  fc.assert(
    fc.property(cases(true), (nest) => {
      const [variable, fixed, chain] = (["variable", "fixed", "chain"] as const).map((shape) => {
        const tree = network(shape);
        const { drained } = evaluate(nest, tree);
        return { cycles: drained.cycles, ...reductionCounts(nest.problem, nest.schedule, drained, { tree, axis }) };
      });
      expect(variable?.cycles).toBeLessThanOrEqual(fixed?.cycles ?? 0);
      expect(variable?.hops).toBeLessThanOrEqual(fixed?.hops ?? 0);
      expect([fixed?.additions, chain?.additions]).toEqual([variable?.additions, variable?.additions]);
    }),
  );
});

test("additions of perfect tiles are one fewer than the units of a group for each sum that leaves", () => {
  fc.assert(
    fc.property(cases(false), (nest) => {
      const tree = network("variable");
      const { parts, groups } = groupsOf(nest);
      const { plain } = evaluate(nest, tree);
      const sums = tilesOf(nest).reduce((sum, { points }) => sum + points, 0) * groups;
      const { additions, hops } = reductionCounts(nest.problem, nest.schedule, plain, { tree, axis });
      expect(additions).toBeCloseTo(sums * (parts - 1));
      expect(hops).toBe(additions === 0 ? 0 : sums * (parts - 1));
    }),
  );
});
