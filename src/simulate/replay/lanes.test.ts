// Films of sparse lanes on random small layers and schedules: what they show is what was stepped, and agrees with the
// engine's count, with the whole layer and with the golden product.

import fc from "fast-check";
import { expect, test } from "vitest";
import { activeCycles, checkFilm, movesInto } from "../../../test/support/film-laws.ts";
import type { RoundBarrier } from "../../component/sparse-lanes/sparse-lanes.ts";
import type { LaneMachine } from "../../dataflow/nest/sparse/lane-cycles.ts";
import { laneCycles } from "../../dataflow/nest/sparse/lane-cycles.ts";
import { nestProblem } from "../../mapping/nest/problem.ts";
import type { Schedule } from "../../mapping/nest/schedule.ts";
import { tensor } from "../../tensor/tensor.ts";
import { goldenOutput, plainOperand } from "../../workload/golden.ts";
import type { Matmul } from "../../workload/layer.ts";
import { filmLanes } from "./lanes.ts";
import type { Replay } from "./replay.ts";

const [M, N, K] = [1, 2, 3];
const options = { seed: 1, mostParts: 2000, mostCycles: 1000 };
const small = (max: number) => fc.integer({ min: 1, max });

const barrierArbitrary: fc.Arbitrary<RoundBarrier> = fc.oneof(
  fc.constantFrom({ scope: "lane" } as const, { scope: "pe" } as const),
  fc.record({ scope: fc.constantFrom("column" as const, "array" as const), rounds: small(3) }),
);

interface Case {
  readonly operation: Matmul;
  readonly schedule: Schedule;
  readonly machine: LaneMachine;
  readonly A: Int8Array;
  readonly B: Int8Array;
}

/** A product whose rows lie on units, whose K or M on lanes, and whose K is cut at the memory. */
const caseArbitrary = (units: fc.Arbitrary<number>): fc.Arbitrary<Case> =>
  fc.record({ M: small(4), N: small(3), K: fc.integer({ min: 2, max: 40 }) }).chain((sizes) => {
    const operand = (length: number) =>
      fc
        .array(fc.oneof(fc.constant(0), fc.integer({ min: -4, max: 4 })), { minLength: length, maxLength: length })
        .map((values) => Int8Array.from(values));
    return fc
      .record({
        units,
        lanes: small(4),
        perLane: fc.boolean(),
        outer: small(sizes.K),
        bankBits: fc.constantFrom(1, 4, 8, 16),
        sparsity: fc.constantFrom("both" as const, "both" as const, "weights" as const, "inputs" as const),
        barrier: barrierArbitrary,
        joinLevel: fc.nat(1),
        A: operand(sizes.M * sizes.K),
        B: operand(sizes.K * sizes.N),
      })
      .map(({ units: count, lanes, perLane, outer, bankBits, sparsity, barrier, joinLevel, A, B }) => {
        const rows = Math.ceil(sizes.M / count);
        const along = perLane ? M : K;
        const left = perLane ? rows : outer;
        return {
          operation: { operator: "matmul", batch: 1, ...sizes },
          schedule: {
            levels: [
              { temporal: [{ dimension: K, tile: outer }], spatial: [{ dimension: M, tile: rows, axis: "units" }] },
              { temporal: [], spatial: [{ dimension: along, tile: Math.ceil(left / lanes), axis: "lanes" }] },
              {
                temporal: [M, N, K].map((dimension) => ({ dimension, tile: 1 })),
                spatial: [],
              },
            ],
            bypass: [[], [], []],
          },
          machine: {
            lanes: { lanes, bankBits, sparsity, barrier },
            laneAxis: { level: 1, axis: "lanes" },
            columnAxis: { level: 0, axis: "units" },
            joinLevel,
          },
          A,
          B,
        };
      });
  });

const filmOf = (
  { operation, schedule, machine, A, B }: Case,
  tile: number,
  more: Partial<typeof options> = {},
): Replay =>
  filmLanes(
    {
      title: "a layer",
      problem: nestProblem(operation),
      schedule,
      machine,
      accumulator: "int32",
      A,
      B,
      loops: ["loops"],
    },
    { ...options, ...more, tile },
  );

/** All tiles of a case. */
function* tilesOf(one: Case): Generator<Replay> {
  for (let tile = 0; ; tile++) {
    let film: Replay;
    try {
      film = filmOf(one, tile);
    } catch (error) {
      expect(String(error)).toMatch(/no such tile/);
      return;
    }
    yield film;
  }
}

const bits = (values: Int8Array): Uint8Array => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
const isMultiplier = ({ kind }: Replay["parts"][number]): boolean => kind === "unit";

test("tiles keep the laws of films and agree with the engine's counters, whoever waits for whom", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(caseArbitrary(small(3)), fc.nat(2), (one, pick) => {
      let film: Replay;
      try {
        film = filmOf(one, pick);
      } catch (error) {
        expect(String(error)).toMatch(/no such tile/);
        return;
      }
      checkFilm(film);
      expect(film.cycles).toBe(film.agreement[0]?.run);
      expect(activeCycles(film, isMultiplier, "useful")).toBe(film.agreement[1]?.run);
      // Every cycle of every lane is a multiplication, a wait, or a look at an empty bitmap.
      const lanes = film.parts.filter(isMultiplier).length;
      const spent = (["useful", "stalled", "idle"] as const).map((what) => activeCycles(film, isMultiplier, what));
      expect(spent.reduce((sum, cycles) => sum + cycles, 0)).toBe(film.cycles * lanes);
      seen.add(`${one.machine.lanes.barrier.scope} ${film.parts.some(({ kind }) => kind === "adder") ? "VxV" : "MxM"}`);
      const cut = filmOf(one, pick, { mostCycles: 3 });
      checkFilm(cut);
      expect(cut.of).toBe(film.cycles > 3 ? film.cycles : undefined);
      expect([...cut.values]).toEqual([...film.values.subarray(0, cut.values.length)]);
    }),
    { numRuns: 120 },
  );
  expect(seen.size).toBeGreaterThan(5);
});

test("all tiles of one unit are the layer: its cycles, its effectual multiplications and its golden product", () => {
  let skipped = 0;
  fc.assert(
    fc.property(caseArbitrary(fc.constant(1)), (drawn) => {
      // Without tiles to exchange, sums leave whole; a barrier that counts rounds would count on across tiles.
      const scope = drawn.machine.lanes.barrier.scope === "lane" ? "lane" : "pe";
      const lanes = { ...drawn.machine.lanes, barrier: { scope } } as const;
      const one: Case = { ...drawn, machine: { ...drawn.machine, lanes, joinLevel: 0 } };
      const { operation, schedule, machine, A, B } = one;
      const counted = laneCycles(nestProblem(operation), schedule, machine, { A: bits(A), B: bits(B) });
      const sums = new Float64Array(operation.M * operation.N);
      let cycles = 0;
      let useful = 0;
      for (const film of tilesOf(one)) {
        cycles += film.cycles;
        useful += activeCycles(film, isMultiplier, "useful");
        skipped += activeCycles(film, ({ kind }) => kind === "bit", "skipped");
        for (const { name } of film.parts) {
          if (!name.startsWith("sums that have left")) continue;
          for (const [place, value] of movesInto(film, name)) sums[place] = (sums[place] ?? 0) + value;
        }
      }
      expect(cycles).toBe(counted.computeCycles);
      expect(useful).toBe(counted.macs.executed);
      const golden = goldenOutput(
        operation,
        plainOperand(tensor("int8", [1, operation.M, operation.K], A)),
        plainOperand(tensor("int8", [1, operation.K, operation.N], B)),
        "integer",
      );
      expect(sums).toEqual(golden);
    }),
    { numRuns: 60 },
  );
  expect(skipped).toBeGreaterThan(0);
});

test("two lanes by hand: what find-first picks, the ranks, who waits", () => {
  const operation = { operator: "matmul", batch: 1, M: 1, N: 1, K: 8 } as const;
  const one: Case = {
    operation,
    schedule: {
      levels: [
        { temporal: [{ dimension: K, tile: 8 }], spatial: [] },
        { temporal: [], spatial: [{ dimension: K, tile: 4, axis: "lanes" }] },
        { temporal: [{ dimension: K, tile: 1 }], spatial: [] },
      ],
      bypass: [[], [], []],
    },
    machine: {
      lanes: { lanes: 2, bankBits: 4, sparsity: "both", barrier: { scope: "pe" } },
      laneAxis: { level: 1, axis: "lanes" },
      joinLevel: 0,
    },
    // Lane 0 has k = 0 to 3, lane 1 has k = 4 to 7.
    A: Int8Array.of(2, 0, 3, 4, 0, 5, 0, 0),
    B: Int8Array.of(1, 6, 0, -2, 0, 7, 3, 3),
  };
  const film = filmOf(one, 0);
  checkFilm(film);
  expect(film.cycles).toBe(2);
  const show = (cycle: number, part: string): number[] => {
    let at = 0;
    for (const { name, slots } of film.parts) {
      const width = film.values.length / film.cycles;
      if (name === part) return [...film.values.subarray(cycle * width + at, cycle * width + at + slots.length)];
      at += slots.length;
    }
    throw new Error(`no part ${part}`);
  };
  // Positions 0 and 3 have both bits: the value of A at 3 is the third one packed, that of B too.
  expect(show(0, "find-first, lane 0")).toEqual([0, 0, 0]);
  expect(show(1, "find-first, lane 0")).toEqual([3, 2, 2]);
  expect(show(0, "multiply-accumulate, lane 0")).toEqual([2, 1, 2, 2]);
  expect(show(1, "multiply-accumulate, lane 0")).toEqual([4, -2, -8, -6]);
  expect(show(0, "multiply-accumulate, lane 1")).toEqual([5, 7, 35, 35]);
  // Zeros take no place among the packed values.
  expect([0, 1, 2, 3].map((rank) => show(1, `packed value ${rank} of A, lane 0`)[0])).toEqual([2, 3, 4, NaN]);
  expect(show(1, "barrier")).toEqual([1]);
  expect(show(1, "sum of the lanes")).toEqual([29]);
  expect(film.captions.map(({ text }) => text).join(" ")).toMatch(/Lane 0: 2 of 4 positions/);
});
