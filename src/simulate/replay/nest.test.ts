// Films of loop nests: laws on random nests, tiles that make up the layer, and a small nest whose steps are known.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nestMemory } from "../../../test/support/nest-machines.ts";
import type { NestCaseOptions } from "../../../test/support/random-nests.ts";
import { nestCases } from "../../../test/support/random-nests.ts";
import {
  activityCounts,
  expectApart,
  expectForm,
  expectMovesShown,
  shown,
  slotStarts,
} from "../../../test/support/replays.ts";
import { InputError } from "../../base/error.ts";
import { nestProblem } from "../../mapping/nest/problem.ts";
import type { Hierarchy, Schedule } from "../../mapping/nest/schedule.ts";
import type { ComputeLayer, ComputeOperation } from "../../workload/layer.ts";
import { macs } from "../../workload/shapes.ts";
import { filmNest } from "./nest.ts";
import { nestBoxes } from "./nest/picture.ts";
import { nestTile } from "./nest/tile.ts";
import type { Replay } from "./replay.ts";

const layerOf = (operation: ComputeOperation, A = 0.6, B = 0.7): ComputeLayer => ({
  kind: "compute",
  name: "layer",
  operation,
  weightsConstant: true,
  density: { A, B },
  densitySource: { A: "given", B: "given" },
});

const formats = { operand: "int8", accumulator: "int32" } as const;
const options = { seed: 5, tile: 0, mostParts: 5000, mostCycles: 1000 };

/** Cases on machines that fit a picture: axes of four levels can multiply to tens of thousands of units. */
const drawnCases = (asked?: NestCaseOptions) =>
  nestCases(asked).filter(({ hierarchy }) => nestBoxes(hierarchy) <= options.mostParts);

/** Multiplications of a film by what came of them. */
function products(film: Replay): Record<string, number> {
  const sums: Record<string, number> = {};
  for (let cycle = 0; cycle < film.cycles; cycle++) {
    for (const [what, count] of Object.entries(activityCounts(film, cycle, "unit"))) {
      if (["useful", "zero", "gated"].includes(what)) sums[what] = (sums[what] ?? 0) + count;
    }
  }
  return sums;
}

const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** The film, or undefined where the schedule has no tile so small. */
function orRefused<Result>(make: () => Result): Result | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

describe("laws of films on random loop nests", () => {
  test("form, figures that agree with the closed forms, moves, and every multiplication once", () => {
    fc.assert(
      fc.property(drawnCases(), fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (one, density, gates) => {
        const { operation, hierarchy, schedule } = one;
        const gated = gates ? (["B"] as const) : [];
        const machine = { name: "random", hierarchy, zeros: { formats: {}, gated }, ...formats };
        const film = filmNest(layerOf(operation, density, 0.5), machine, schedule, options);
        expectForm(film);
        expectMovesShown(film);
        expectApart(film);
        expect(film.of).toBeUndefined();
        const counts = products(film);
        expect(total(counts)).toBe(macs(operation));
        if (!gates) expect(counts["gated"]).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test("tiles of fewer steps make up the layer, and each of them keeps to the laws", () => {
    let several = 0;
    fc.assert(
      fc.property(drawnCases({ macs: 120 }), fc.integer({ min: 2, max: 40 }), fc.nat(), (one, mostSteps, pick) => {
        const { operation, problem, hierarchy, schedule } = one;
        const tileOf = (tile: number) => nestTile(problem, schedule, tile, mostSteps, 4096);
        const { tiles } = tileOf(0);
        const seen = new Set<string>();
        let covered = 0;
        for (let tile = 0; tile < tiles; tile++) {
          const { problem: part, still } = tileOf(tile);
          const place = still.map(({ index }) => index).join();
          if (seen.has(place)) continue;
          seen.add(place);
          covered += part.dimensions.reduce((product, { size }) => product * size, 1);
        }
        expect(covered).toBe(macs(operation));
        if (tiles > 1) several++;
        const machine = { name: "random", hierarchy, ...formats };
        const film = filmNest(layerOf(operation), machine, schedule, {
          ...options,
          tile: pick % tiles,
          mostCycles: mostSteps,
        });
        expectForm(film);
        expectMovesShown(film);
      }),
      { numRuns: 45 },
    );
    expect(several).toBeGreaterThan(12);
  });

  test("no tile beyond the last, none that is too large to be walked", () => {
    fc.assert(
      fc.property(nestCases({ macs: 60 }), fc.integer({ min: 1, max: 8 }), ({ problem, schedule }, most) => {
        const tile = orRefused(() => nestTile(problem, schedule, 0, 1000, most));
        if (tile === undefined) return;
        expect(tile.steps * tile.units).toBeLessThanOrEqual(most);
        expect(() => nestTile(problem, schedule, tile.tiles, 1000, most)).toThrow(/no such tile/);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a product of 4 x 3 x 6 on four units under one buffer", () => {
  const memory = (name: string) => nestMemory(name, ["A", "B", "C"], Infinity);
  const hierarchy: Hierarchy = {
    levels: [
      { name: "dram", memories: [memory("dram")], axes: [] },
      {
        name: "buffer",
        memories: [memory("buffer")],
        axes: [{ name: "rows", units: 4, reduction: "tree", multicast: true }],
      },
    ],
    wordBytes: { A: 1, B: 1, C: 1, partial: 1 },
  };
  const operation = { operator: "matmul", batch: 1, M: 4, N: 3, K: 6 } as const;
  const [M, N, K] = [1, 2, 3];
  // dram: K in three; buffer: N, K; units: M.
  const schedule: Schedule = {
    levels: [
      { temporal: [{ dimension: K, tile: 2 }], spatial: [] },
      {
        temporal: [
          { dimension: N, tile: 1 },
          { dimension: K, tile: 1 },
        ],
        spatial: [{ dimension: M, tile: 1, axis: "rows" }],
      },
    ],
    bypass: [[], []],
  };
  const film = (mostCycles: number, tile = 0) =>
    filmNest(layerOf(operation), { name: "small", hierarchy, ...formats }, schedule, { ...options, mostCycles, tile });

  test("takes 18 steps and one in which results leave; words come with the outer loop", () => {
    const whole = film(1000);
    expect(whole.cycles).toBe(19);
    expect(nestProblem(operation).dimensions[K]?.name).toBe("K");
    expect(whole.captions.map(({ cycle }) => cycle)).toEqual([0, 1, 6, 7, 12, 13, 18]);
    expect(whole.captions[2]?.text).toBe("From dram to buffer: 8 words of A and 6 words of B.");
    expect(whole.captions.at(-1)?.text).toBe("The tile is done. From buffer to dram: 12 words of C.");
    const starts = slotStarts(whole);
    const buffer = whole.parts.findIndex(({ name }) => name === "buffer");
    expect(shown(whole, starts, 0, buffer)).toEqual([26, 8, 6, 12]);
    const turns = whole.parts.flatMap(({ kind }, part) => (kind === "register" ? [part] : []));
    expect(turns.map((part) => shown(whole, starts, 15, part))).toEqual([[2], [1], [1]]);
    const { lines, line } = whole.program;
    expect([0, 1, 2, 6].map((step) => lines[line[step] ?? 0]?.trim())).toEqual([
      "dram    for K in steps of 2 (3 x)",
      "for K in steps of 1 (2 x)",
      "for N in steps of 1 (3 x)",
      "dram    for K in steps of 2 (3 x)",
    ]);
  });

  test("with fewer steps the outer loop stands still, at the turn that is asked for", () => {
    const third = film(10, 2);
    expect(third.title).toContain("tile 3 of 3");
    expect(third.program.lines[0]).toBe("for K in steps of 2 (3 x): stands at turn 3, K = 4 to 5");
    expect(third.cycles).toBe(7);
    expectForm(third);
  });
});
