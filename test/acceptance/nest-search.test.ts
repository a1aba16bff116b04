// The search of loop nests against every schedule of small problems, and its laws: bounds stay below, more freedom and
// more memory never cost, and the result depends on neither threads nor interruptions.

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { evaluateSchedule } from "../../src/dataflow/nest/evaluate.ts";
import { prepareNest } from "../../src/dataflow/nest/prepare.ts";
import type { DataflowName } from "../../src/mapping/nest/nest-mapping.ts";
import { checkConstraints, namedConstraints } from "../../src/mapping/nest/constraints.ts";
import { dataflowNames } from "../../src/mapping/nest/nest-mapping.ts";
import type { NestProblem } from "../../src/mapping/nest/problem.ts";
import { nestProblem, operandKeys } from "../../src/mapping/nest/problem.ts";
import type { Hierarchy } from "../../src/mapping/nest/schedule.ts";
import { checkSchedule } from "../../src/mapping/nest/validate.ts";
import type { Objective } from "../../src/simulate/machine.ts";
import { nestBound } from "../../src/simulate/nest/search/search-bound.ts";
import { explainNone } from "../../src/simulate/nest/search/search-explain.ts";
import { enumerate } from "../../src/simulate/nest/search/search-enumerate.ts";
import type { NestPrice } from "../../src/simulate/nest/search/search-price.ts";
import { nestCost, nestScore } from "../../src/simulate/nest/search/search-price.ts";
import { nestSpace, scheduleOf } from "../../src/simulate/nest/search/search-space.ts";
import type { SearchState } from "../../src/simulate/nest/search/search-state.ts";
import type { PreparedSearch, SearchEffort } from "../../src/simulate/nest/search/search-prepare.ts";
import { joinParts, runPart, searchSchedule, startSearch } from "../../src/simulate/nest/search/search.ts";
import { defaultEffort, prepareSearch } from "../../src/simulate/nest/search/search-prepare.ts";
import { everyBypass, everySchedule } from "../support/nest-brute-force.ts";
import { arrayHierarchy, arrayPrice, levelPrice, nestAxis, nestMemory } from "../support/nest-machines.ts";

interface Case {
  readonly problem: NestProblem;
  readonly hierarchy: Hierarchy;
  readonly price: NestPrice;
}

const whole: SearchEffort = { ...defaultEffort, parts: 3, starts: 1, moves: 300, enumerate: 1e9, tiles: "every" };

function prepare(
  { problem, hierarchy, price }: Case,
  objective: Objective,
  effort: SearchEffort,
  dataflow: DataflowName = "any",
): PreparedSearch {
  const nest = prepareNest(problem, hierarchy);
  const constraints = namedConstraints(dataflow, problem, hierarchy);
  const evaluate = (schedule: Parameters<typeof evaluateSchedule>[1]) => evaluateSchedule(nest, schedule);
  return prepareSearch({ problem, hierarchy, constraints, price, objective, evaluate }, effort);
}

const conv = (sizes: { M: number; C: number; P: number; Q: number; R: number; S: number }, stride = 1, padding = 0) =>
  nestProblem({
    operator: "conv2d",
    batch: 1,
    groups: 1,
    outChannels: sizes.M,
    inChannels: sizes.C,
    height: (sizes.P - 1) * stride + sizes.R - 2 * padding,
    width: (sizes.Q - 1) * stride + sizes.S,
    kernelHeight: sizes.R,
    kernelWidth: sizes.S,
    stride: [stride, stride],
    padding: [padding, 0, padding, 0],
    dilation: [1, 1],
  });

const infinite = Number.POSITIVE_INFINITY;

/** Two levels with units between, three without, three with parts that sum apart and reads for each unit. */
const machines = (bytes: number, width: number): readonly Hierarchy[] => [
  {
    levels: [
      {
        name: "dram",
        memories: [nestMemory("dram", operandKeys, infinite, width)],
        axes: [nestAxis("units", 2, "none")],
      },
      { name: "local", memories: [nestMemory("local", operandKeys, bytes)], axes: [nestAxis("lanes", 2)] },
    ],
    wordBytes: { A: 1, B: 1, C: 1, partial: 2 },
  },
  {
    levels: [
      { name: "dram", memories: [nestMemory("dram", operandKeys, infinite, width)], axes: [] },
      { name: "buffer", memories: [nestMemory("buffer", ["A", "B"], bytes * 2, 2 * width)], axes: [] },
      { name: "local", memories: [{ ...nestMemory("local", operandKeys, bytes), overlapped: false }], axes: [] },
    ],
    wordBytes: { A: 1, B: 1, C: 1, partial: 2 },
  },
  {
    levels: [
      { name: "dram", memories: [nestMemory("dram", operandKeys, infinite, width)], axes: [nestAxis("parts", 2)] },
      {
        name: "buffer",
        memories: [{ ...nestMemory("buffer", operandKeys, bytes * 2, width), sharedPort: true }],
        axes: [nestAxis("units", 3, "tree", false)],
      },
      { name: "local", memories: [nestMemory("local", ["A", "C"], bytes)], axes: [] },
    ],
    wordBytes: { A: 1, B: 2, C: 1, partial: 2 },
  },
];

const casesOn = (kinds: readonly number[]): fc.Arbitrary<Case> =>
  fc
    .record({
      problem: fc.constantFrom(
        nestProblem({ operator: "matmul", batch: 1, M: 2, N: 3, K: 2 }),
        nestProblem({ operator: "matmul", batch: 1, M: 1, N: 3, K: 4 }),
        conv({ M: 2, C: 1, P: 3, Q: 1, R: 2, S: 1 }),
        conv({ M: 1, C: 2, P: 3, Q: 1, R: 2, S: 1 }, 1, 1),
        conv({ M: 2, C: 1, P: 2, Q: 1, R: 3, S: 1 }, 2),
      ),
      bytes: fc.integer({ min: 5, max: 16 }),
      width: fc.constantFrom(1, 2, infinite),
      kind: fc.constantFrom(...kinds),
      prices: fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })),
      leak: fc.constantFrom(0, 0.5),
    })
    .map(({ problem, bytes, width, kind, prices, leak }): Case => {
      const hierarchy = machines(bytes, width)[kind] ?? arrayHierarchy();
      return { problem, hierarchy, price: levelPrice(prices.slice(0, hierarchy.levels.length), 1, leak) };
    });

const cases = casesOn([0, 1]);

describe("small problems", () => {
  test("the search finds what the enumeration of every schedule finds, for each objective", () => {
    fc.assert(
      fc.property(cases, (nest) => {
        const evaluated = prepareNest(nest.problem, nest.hierarchy);
        const best = new Map<Objective, number>();
        const objectives: readonly Objective[] = ["cycles", "energy", "edp"];
        everySchedule(nest.problem, nest.hierarchy, everyBypass(nest.hierarchy), (schedule) => {
          if (checkSchedule(nest.problem, nest.hierarchy, schedule).length > 0) return;
          const cost = nestCost(nest.price, evaluateSchedule(evaluated, schedule));
          for (const objective of objectives) {
            const score = nestScore(nest.price, objective, cost);
            if (score < (best.get(objective) ?? infinite)) best.set(objective, score);
          }
        });
        for (const objective of objectives) {
          const found = searchSchedule(prepare(nest, objective, whole));
          const score = found.best === null ? undefined : nestScore(nest.price, objective, found.best);
          expect(score).toBeCloseTo(best.get(objective) ?? Number.NaN, 6);
          expect(found.proven).toBe(true);
        }
      }),
      { numRuns: 12, seed: 3 },
    );
  }, 120_000);

  test("lower bounds of every beginning stay below every schedule that goes on from it", () => {
    fc.assert(
      fc.property(casesOn([0, 1, 2]), fc.nat(6), ({ problem, hierarchy, price }, part) => {
        const space = nestSpace(problem, hierarchy, namedConstraints("any", problem, hierarchy));
        const bound = nestBound(space, price);
        const nest = prepareNest(problem, hierarchy);
        const out = new Float64Array(2);
        const choice = { tiles: "every", part, parts: 7, nodes: 60_000 } as const;
        enumerate(
          space,
          choice,
          { position: [], ordinal: 0 },
          () => false,
          (point) => {
            const { cycles, joules } = nestCost(price, evaluateSchedule(nest, scheduleOf(space, point)));
            for (let levels = 0; levels <= space.depth; levels++) {
              bound(point, levels, out);
              if ((out[0] ?? 0) > cycles || (out[1] ?? 0) > joules) {
                const found = { cycles, joules, bound: [...out], levels, schedule: scheduleOf(space, point) };
                throw new Error(JSON.stringify(found));
              }
            }
          },
        );
      }),
      { numRuns: 40, seed: 4 },
    );
  }, 120_000);
});

const wide: Hierarchy = {
  levels: [
    { name: "dram", memories: [nestMemory("dram", operandKeys, infinite, 8)], axes: [nestAxis("units", 6)] },
    { name: "local", memories: [nestMemory("local", operandKeys, 64)], axes: [] },
  ],
  wordBytes: { A: 1, B: 1, C: 1, partial: 2 },
};
const small = nestProblem({ operator: "matmul", batch: 1, M: 12, N: 13, K: 27 });
const window = conv({ M: 5, C: 7, P: 13, Q: 7, R: 3, S: 3 }, 1, 1);
const array = arrayHierarchy(4);
const quick: SearchEffort = { ...defaultEffort, parts: 4, starts: 2, moves: 1500, evaluations: 30 };

test("every schedule found obeys its dataflow and `any`, runs, and the front holds what nothing beats", () => {
  for (const dataflow of dataflowNames) {
    for (const problem of [small, window]) {
      const search = prepare(
        { problem, hierarchy: array, price: arrayPrice },
        "edp",
        { ...quick, front: true },
        dataflow,
      );
      const { best, front } = searchSchedule(search);
      expect(best).not.toBeNull();
      const any = namedConstraints("any", problem, array);
      for (const { schedule } of front) {
        expect(checkSchedule(problem, array, schedule)).toEqual([]);
        expect(checkConstraints(problem, array, search.task.constraints, schedule)).toEqual([]);
        expect(checkConstraints(problem, array, any, schedule)).toEqual([]);
      }
      for (const [i, { cycles, joules }] of front.slice(1).entries()) {
        expect(cycles).toBeGreaterThan(front[i]?.cycles ?? 0);
        expect(joules).toBeLessThan(front[i]?.joules ?? 0);
      }
      const least = Math.min(...front.map(({ cycles, joules }) => cycles * joules));
      expect((best?.cycles ?? 0) * (best?.joules ?? 0)).toBeCloseTo(least, 3);
    }
  }
});

test("an axis for a single dimension gets no other one, at no gain", () => {
  const space = (single: boolean): PreparedSearch => {
    const search = prepare(
      {
        problem: nestProblem({ operator: "matmul", batch: 1, M: 2, N: 3, K: 2 }),
        hierarchy: wide,
        price: levelPrice([9, 1], 1),
      },
      "edp",
      whole,
    );
    const levels = search.task.constraints.levels.map((level, l) =>
      l === 0 && single ? { ...level, single: ["units"] } : level,
    );
    return prepareSearch({ ...search.task, constraints: { name: "any", levels } }, whole);
  };
  const [free, single] = [space(false), space(true)].map((search) => ({ search, found: searchSchedule(search).best }));
  const along = (found: typeof free): number => found?.found?.schedule.levels[0]?.spatial.length ?? 0;
  expect(along(free)).toBe(2);
  expect(along(single)).toBe(1);
  expect(single?.found?.cycles ?? 0).toBeGreaterThan(free?.found?.cycles ?? infinite);
  const schedule = free?.found?.schedule;
  if (single === undefined || schedule === undefined) throw new Error("nothing found");
  const { problem, hierarchy, constraints } = single.search.task;
  expect(checkConstraints(problem, hierarchy, constraints, schedule)).toMatchObject([
    { rule: "spatial", axis: "units" },
  ]);
});

test("no fixed dataflow beats the search without constraints, which comes near them on its own", () => {
  const problems = [small, window, conv({ M: 24, C: 16, P: 7, Q: 7, R: 1, S: 1 })];
  for (const problem of problems) {
    for (const objective of ["cycles", "energy"] as const) {
      const nest = { problem, hierarchy: array, price: arrayPrice };
      const known = dataflowNames.slice(1).flatMap((dataflow) => {
        const { best } = searchSchedule(prepare(nest, objective, { ...quick, starts: 1 }, dataflow));
        return best === null ? [] : [best];
      });
      const fixed = Math.min(...known.map((found) => nestScore(arrayPrice, objective, found)));
      const free = prepare(nest, objective, { ...quick, starts: 1, moves: 20_000 });
      const score = (search: PreparedSearch): number => {
        const { best } = searchSchedule(search);
        return best === null ? infinite : nestScore(arrayPrice, objective, best);
      };
      expect(known.length).toBe(5);
      expect(score(free)).toBeLessThanOrEqual(fixed * 1.02);
      const begun = { ...free, task: { ...free.task, known: known.map(({ schedule }) => schedule) } };
      expect(score(begun)).toBeLessThanOrEqual(fixed);
    }
  }
}, 120_000);

test("a larger memory never costs more DRAM traffic at the optimum", () => {
  const dramOnly = levelPrice([1, 0], 0);
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 12 }), ({ problem }, more) => {
      let before = infinite;
      for (const bytes of [5, 5 + more, 20]) {
        const [hierarchy] = machines(bytes, infinite);
        if (hierarchy === undefined) continue;
        const { best, proven } = searchSchedule(prepare({ problem, hierarchy, price: dramOnly }, "energy", whole));
        expect(proven).toBe(true);
        expect(best?.joules ?? infinite).toBeLessThanOrEqual(before);
        before = best?.joules ?? infinite;
      }
    }),
    { numRuns: 10, seed: 8 },
  );
}, 60_000);

describe("the same result", () => {
  const nest = { problem: conv({ M: 2, C: 2, P: 3, Q: 1, R: 2, S: 1 }), hierarchy: machines(8, 1)[0] ?? array };
  const search = prepare({ ...nest, price: levelPrice([9, 1], 1) }, "edp", { ...whole, nodes: 500, starts: 3 });
  const uninterrupted = searchSchedule(search);

  test("whatever order the parts run in", () => {
    let state = startSearch(search);
    while (state.phase !== "done") {
      const current = state;
      const parts = current.parts.map((_, part) => part).reverse();
      const done = new Map(parts.map((part) => [part, runPart(search, current, part)]));
      state = joinParts(
        search,
        current,
        current.parts.map((before, part) => done.get(part) ?? before),
      );
    }
    expect(state).toEqual(uninterrupted);
    expect(uninterrupted.round).toBeGreaterThan(5);
  });

  test("when saved after any round and gone on with", () => {
    for (let stop = 1; stop < uninterrupted.round; stop += 3) {
      const stopped = searchSchedule(search, startSearch(search), ({ round }) => round < stop);
      const saved: SearchState = JSON.parse(JSON.stringify(stopped));
      expect(saved.round).toBe(stop);
      expect(searchSchedule(search, saved)).toEqual(uninterrupted);
    }
  });

  test("for the same seed, and only for it", () => {
    const other = prepare({ problem: window, hierarchy: array, price: arrayPrice }, "edp", {
      ...quick,
      moves: 300,
      starts: 1,
    });
    const again = prepare({ problem: window, hierarchy: array, price: arrayPrice }, "edp", {
      ...quick,
      moves: 300,
      starts: 1,
      seed: 2,
    });
    expect(searchSchedule(other)).toEqual(searchSchedule(other));
    expect(searchSchedule(again).parts).not.toEqual(searchSchedule(other).parts);
  });
});

describe("no schedule", () => {
  test("a memory that cannot hold one word of each, with the bytes and the repairs", () => {
    const tight: Hierarchy = {
      ...array,
      levels: array.levels.map((level, l) =>
        l === 2 ? { ...level, memories: [nestMemory("shared", operandKeys, 5)] } : level,
      ),
    };
    const constraints = {
      name: "kept",
      levels: [{}, {}, { mayBypass: [] }],
    };
    const space = nestSpace(small, tight, constraints);
    expect(explainNone(space)).toMatchObject({
      violations: [{ kind: "capacity", level: 2, capacity: { memory: "shared", bytesNeeded: 6, bytesThere: 5 } }],
      repairs: [
        { kind: "enlarge", level: "registers", memory: "shared", from: 5, to: 6 },
        { kind: "pass by", level: "registers", memory: "shared", operands: ["C"] },
      ],
      message: expect.stringContaining("shared of registers needs 6 bytes (A 1, B 1, C 4) where 5 are there"),
    });
    expect(explainNone(nestSpace(small, tight, namedConstraints("any", small, tight)))).toBeUndefined();
  });

  test("a kernel taller than the rows of a row-stationary array", () => {
    const tall = conv({ M: 2, C: 2, P: 4, Q: 4, R: 17, S: 1 });
    const search = prepare(
      { problem: tall, hierarchy: array, price: arrayPrice },
      "edp",
      { ...quick, moves: 200 },
      "row-stationary",
    );
    expect(searchSchedule(search).best).toBeNull();
    expect(explainNone(search.space)).toMatchObject({
      faults: [{ rule: "temporal", level: 0, dimension: "R" }],
      repairs: [{ kind: "allow", level: "dram", dimension: "R" }],
    });
  });
});
