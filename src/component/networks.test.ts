// The networks around a row of multipliers: every permutation gets through the switches, every set of groups through the
// adders.

import fc from "fast-check";
import { expect, test } from "vitest";
import { benesNetwork, benesSettings, benesStages } from "./benes-network.ts";
import {
  adderLevel,
  forwardingAdderTree,
  forwardingLevels,
  forwardingSum,
  forwardingSums,
} from "./forwarding-adder-tree.ts";

/** Values through one network, switch by switch: outer stage, both halves, outer stage. */
function pass(values: readonly number[], settings: readonly (readonly boolean[])[]): number[] {
  const swap = (pair: readonly number[], crossed: boolean): readonly number[] => (crossed ? pair.toReversed() : pair);
  const pairs = (line: readonly number[], stage: readonly boolean[]): (readonly number[])[] =>
    stage.map((crossed, s) => swap(line.slice(2 * s, 2 * s + 2), crossed));
  const [first = [], ...rest] = settings;
  const out = pairs(values, first);
  const last = rest.at(-1);
  if (last === undefined) return out.flat();
  const middle = rest.slice(0, -1);
  const half = values.length / 4;
  const upper = pass(
    out.map(([a]) => a ?? NaN),
    middle.map((stage) => stage.slice(0, half)),
  );
  const lower = pass(
    out.map(([, b]) => b ?? NaN),
    middle.map((stage) => stage.slice(half)),
  );
  return upper.flatMap((a, s) => swap([a, lower[s] ?? NaN], last[s] === true));
}

const ports = fc.constantFrom(2, 4, 8, 16, 64, 128);

test("every permutation of the inputs reaches the outputs, through as many stages as the network has", () => {
  fc.assert(
    fc.property(
      ports.chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count })),
      (source) => {
        const settings = benesSettings(source);
        expect(settings.length).toBe(benesStages({ ports: source.length }));
        for (const stage of settings) expect(stage.length).toBe(source.length / 2);
        const inputs = source.map((_, i) => 100 + i);
        expect(pass(inputs, settings)).toEqual(source.map((input) => 100 + input));
      },
    ),
    { numRuns: 1000 },
  );
});

const grouped = ports.chain((count) =>
  fc.record({
    values: fc.array(fc.integer({ min: -99, max: 99 }), { minLength: count, maxLength: count }),
    ends: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
  }),
);

test("all groups are summed at once, with one adder less than leaves each, within the levels of the tree", () => {
  fc.assert(
    fc.property(grouped, ({ values, ends }) => {
      const leaves = values.length;
      let group = 0;
      const groupOf = ends.map((isEnd) => (isEnd ? group++ : group));
      const expected = new Map<number, number>();
      for (const [i, value] of values.entries()) {
        expected.set(groupOf[i] ?? 0, (expected.get(groupOf[i] ?? 0) ?? 0) + value);
      }
      const sums = forwardingSums(values, groupOf);
      expect(sums.map((one) => [one.group, one.sum])).toEqual([...expected]);
      for (const { group: number, levels } of sums) {
        const size = groupOf.filter((one) => one === number).length;
        expect(levels).toBeLessThanOrEqual(forwardingLevels({ leaves }));
        // A balanced tree over the group needs as many levels at least.
        expect(2 ** levels).toBeGreaterThanOrEqual(size);
        // The highest adder inside the group is the last that it passes.
        const first = groupOf.indexOf(number);
        const inside = Array.from({ length: size - 1 }, (_, i) => adderLevel(first + i) + 1);
        expect(levels).toBe(Math.max(0, ...inside));
      }
    }),
    { numRuns: 1000 },
  );
});

test("one group by itself is summed in the order of the adders, to the last bit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), {
        minLength: 1,
        maxLength: 64,
      }),
      fc.nat(63),
      (values, shift) => {
        const first = Math.min(shift, 64 - values.length);
        const atLeaf = Array.from({ length: 64 }, (_, leaf) => values[leaf - first] ?? 0);
        const groupOf = atLeaf.map((_, leaf) => (leaf < first ? 0 : leaf < first + values.length ? 1 : 2));
        const places = values.map((_, i) => first + i);
        const expected = forwardingSums(atLeaf, groupOf).find(({ group }) => group === 1);
        expect(forwardingSum(places, values)).toBe(expected?.sum);
      },
    ),
    { numRuns: 500 },
  );
});

test("a sum comes to an adder from a leaf beside it or from an adder on the near edge of the tree below it", () => {
  // What feeds adder i from the left is the highest adder in the run of its group that ends at i - 1 below its level.
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 126 }), fc.integer({ min: 0, max: 127 }), (adder, reach) => {
      const level = adderLevel(adder);
      const start = Math.max(adder - Math.min(reach, 2 ** level - 1), 0);
      const run = Array.from({ length: adder - start }, (_, i) => start + i);
      const feeder = run.toSorted((a, b) => adderLevel(b) - adderLevel(a))[0];
      if (feeder === undefined) return;
      expect(Array.from({ length: level }, (_, j) => adder - 2 ** j)).toContain(feeder);
    }),
  );
});

test("impossible networks are refused", () => {
  for (const bad of [{ ports: 3 }, { networks: 0 }, { bits: 0 }]) {
    expect(() => benesNetwork({ networks: 1, ports: 4, bits: 8, ...bad })).toThrow("impossible network");
  }
  for (const bad of [{ leaves: 6 }, { trees: 0 }]) {
    const good = { trees: 1, leaves: 4, operand: "int8", accumulator: "int32" } as const;
    expect(() => forwardingAdderTree({ ...good, ...bad })).toThrow("impossible adder tree");
  }
});
