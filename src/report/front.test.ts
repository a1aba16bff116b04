// The front of a network against every way of choosing a point for each layer.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { LayerResult } from "../simulate/result.ts";
import { networkFront } from "./front.ts";
import type { FrontPoint } from "./front.ts";
import { fixtureRun, systolicMachine } from "./test/fixture.ts";

const example = fixtureRun(systolicMachine);

const point = fc.record({ seconds: fc.integer({ min: 1, max: 50 }), energy: fc.integer({ min: 1, max: 50 }) });
const fronts = fc.array(fc.array(point, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

function layersOf(given: readonly (readonly FrontPoint[])[]): readonly LayerResult[] {
  const [layer] = example.layers;
  if (layer === undefined) throw new Error("an example without layers");
  return given.map((front) => ({ ...layer, front: front.map((each) => ({ cycles: 0, ...each })) }));
}

/** Sums of every choice of one point a layer. */
const choices = ([first, ...others]: readonly (readonly FrontPoint[])[]): readonly FrontPoint[] =>
  first === undefined
    ? [{ seconds: 0, energy: 0 }]
    : choices(others).flatMap((rest) =>
        first.map(({ seconds, energy }) => ({ seconds: seconds + rest.seconds, energy: energy + rest.energy })),
      );

test("every point is a choice of one point a layer, and for every price of a second the best choice is among them", () => {
  fc.assert(
    fc.property(fronts, fc.double({ min: 0.01, max: 100, noNaN: true }), (given, price) => {
      const front = networkFront(layersOf(given));
      const all = choices(given);
      for (const { seconds, energy } of front) {
        expect(all.some((choice) => choice.seconds === seconds && choice.energy === energy)).toBe(true);
      }
      const cost = ({ seconds, energy }: FrontPoint): number => energy + price * seconds;
      expect(Math.min(...front.map(cost))).toBeCloseTo(Math.min(...all.map(cost)), 9);
    }),
    { numRuns: 500 },
  );
});

test("fastest first, with less energy at every further point", () => {
  fc.assert(
    fc.property(fronts, (given) => {
      const front = networkFront(layersOf(given));
      for (const [i, { seconds, energy }] of front.slice(1).entries()) {
        expect(seconds).toBeGreaterThan(front[i]?.seconds ?? 0);
        expect(energy).toBeLessThan(front[i]?.energy ?? 0);
      }
    }),
  );
});

test("a layer that was not searched leaves no front", () => {
  expect(networkFront(example.layers)).toEqual([]);
});
