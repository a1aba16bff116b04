// The path by dynamic programming against every path, one by one.

import fc from "fast-check";
import { expect, test } from "vitest";
import { cheapestPath } from "./transitions-path.ts";
import type { StepCost } from "./transitions-path.ts";

/** All paths, those with earlier choices at earlier stages first. */
function everyPath(states: readonly number[]): readonly (readonly number[])[] {
  return states.reduce<readonly (readonly number[])[]>(
    (paths, count) => paths.flatMap((path) => Array.from({ length: count }, (_, state) => [...path, state])),
    [[]],
  );
}

const costOf = (path: readonly number[], cost: StepCost): number =>
  path.reduce((sum, state, stage) => sum + cost(stage, state, stage === 0 ? undefined : path[stage - 1]), 0);

test("is the first of the cheapest of all paths", () => {
  // Few different costs, so that ties are common.
  const instances = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 }).chain((states) =>
    fc.tuple(
      fc.constant(states),
      fc.tuple(
        ...states.map((count, stage) =>
          fc.array(fc.oneof(fc.nat(3), fc.constant(Infinity)), {
            minLength: count * (states[stage - 1] ?? 1),
            maxLength: count * (states[stage - 1] ?? 1),
          }),
        ),
      ),
    ),
  );
  fc.assert(
    fc.property(instances, ([states, table]) => {
      const cost: StepCost = (stage, state, before = 0) =>
        table[stage]?.[before * (states[stage] ?? 0) + state] ?? Number.NaN;
      const paths = everyPath(states);
      const least = Math.min(...paths.map((path) => costOf(path, cost)));
      const found = cheapestPath(states, cost);
      expect(costOf(found, cost)).toBe(least);
      // Where no path is finite none is better than another.
      if (least < Infinity) expect(found).toEqual(paths.find((path) => costOf(path, cost) === least));
    }),
    { numRuns: 500 },
  );
});

test("asks for no more steps than there are pairs of choices", () => {
  let asked = 0;
  const states = Array.from({ length: 300 }, () => 6);
  const path = cheapestPath(states, (stage, state, before) => {
    asked++;
    return state === before ? 1 : (state + stage) % 6;
  });
  expect(path).toHaveLength(300);
  expect(asked).toBe(6 + 299 * 36);
});

test("a stage without a choice is a fault", () => {
  expect(() => cheapestPath([2, 0], () => 1)).toThrow("stage 1 has nothing to choose");
});
