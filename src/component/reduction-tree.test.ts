// Closed forms of the reduction networks against the stepped ones, and what the networks cost each other.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { technology } from "../technology/technologies.ts";
import { steppedReduction } from "./reduction-tree-stepped.ts";
import type { ReductionNetwork } from "./reduction-tree.ts";
import {
  levelsFor,
  reductionAdders,
  reductionCycles,
  reductionEvents,
  reductionTree,
  reductionTreeCost,
} from "./reduction-tree.ts";

const networkArbitrary: fc.Arbitrary<ReductionNetwork> = fc.oneof(
  fc.constantFrom({ shape: "variable" } as const, { shape: "chain" } as const),
  fc.record({ shape: fc.constant("fixed" as const), depth: fc.nat(5) }),
);

const caseArbitrary = fc
  .record({ units: fc.integer({ min: 1, max: 24 }), network: networkArbitrary, points: fc.nat(6), seed: fc.nat(1000) })
  .map(({ units, network, ...rest }) => ({
    tree: reductionTree({
      units,
      network: network.shape === "fixed" ? { ...network, depth: Math.min(network.depth, levelsFor(units)) } : network,
      accumulator: "int32",
    }),
    ...rest,
  }))
  .chain(({ tree, points, seed }) => {
    const widest = tree.network.shape === "fixed" ? Math.min(tree.units, 2 ** tree.network.depth) : tree.units;
    return fc
      .integer({ min: 1, max: widest })
      .chain((parts) =>
        fc
          .integer({ min: 1, max: Math.floor(tree.units / parts) })
          .map((groups) => ({ tree, reduction: { parts, groups, points }, seed })),
      );
  });

test("cycles and events equal the stepped network's, and the sums are exact", () => {
  fc.assert(
    fc.property(caseArbitrary, ({ tree, reduction, seed }) => {
      const { parts, groups, points } = reduction;
      const held = Array.from({ length: groups }, (_, g) =>
        Array.from({ length: parts }, (_, u) =>
          Array.from({ length: points }, (_, p) => ((g * 31 + u * 17 + p * 7 + seed) % 101) - 50),
        ),
      );
      const stepped = steppedReduction(tree, held);
      expect(reductionCycles(tree, reduction)).toBe(stepped.cycles);
      expect(reductionEvents(tree, reduction)).toEqual(stepped.events);
      const sums = held.map((units) =>
        Array.from({ length: points }, (_, p) => units.reduce((sum, unit) => sum + (unit[p] ?? 0), 0)),
      );
      expect(stepped.sums).toEqual(sums);
    }),
    { numRuns: 1000 },
  );
});

const of = (network: ReductionNetwork) => reductionTree({ units: 16, network, accumulator: "int32" });
const variable = of({ shape: "variable" });
const fixed = of({ shape: "fixed", depth: 4 });
const chain = of({ shape: "chain" });

test("groups of a variable tree leave side by side where a fixed tree takes one after the other and a chain hops", () => {
  const cycles = [1, 2, 3, 4, 8, 16].map((parts) => {
    const reduction = { parts, groups: Math.floor(16 / parts), points: 100 };
    return [variable, fixed, chain].map((tree) => reductionCycles(tree, reduction));
  });
  expect(cycles).toEqual([
    [100, 1604, 100],
    [101, 804, 101],
    // Five groups of three: the fifth begins where no subtree of four does.
    [202, 504, 201],
    [102, 404, 301],
    [103, 204, 701],
    [104, 104, 1501],
  ]);
});

test("a variable tree takes no longer than a fixed one, and no longer than a chain for a power of two of units", () => {
  fc.assert(
    fc.property(fc.nat(4), fc.integer({ min: 4, max: 300 }), (power, points) => {
      const reduction = { parts: 2 ** power, groups: 16 / 2 ** power, points };
      const own = reductionCycles(variable, reduction);
      expect(own).toBeLessThanOrEqual(reductionCycles(fixed, reduction));
      expect(own).toBeLessThanOrEqual(reductionCycles(chain, reduction));
    }),
  );
});

test("both trees over 16 units have 15 adders; energy and area come from the technology", () => {
  expect([variable, fixed, chain, of({ shape: "fixed", depth: 2 })].map(reductionAdders)).toEqual([15, 15, 15, 12]);
  const cost = reductionTreeCost(variable, technology("45nm"));
  expect(cost.energy["addition"]?.joules).toBe(technology("45nm").add("int32").joules);
  expect(cost.squareMillimetres).toBeGreaterThan(15 * technology("45nm").add("int32").squareMillimetres);
});

test("impossible reductions are refused", () => {
  expect(() => of({ shape: "fixed", depth: 5 })).toThrow(InputError);
  expect(() => reductionTree({ ...variable, units: 0 })).toThrow(/units/);
  expect(() => reductionCycles(variable, { parts: 4, groups: 5, points: 1 })).toThrow(/more units/);
  expect(() => reductionCycles(of({ shape: "fixed", depth: 2 }), { parts: 5, groups: 1, points: 1 })).toThrow(/wider/);
});
