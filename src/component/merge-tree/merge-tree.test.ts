// The timed merge and the counts of its events against the stepped tree, over random fibres and arrival times.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import { technology } from "../../technology/technologies.ts";
import type { NumberFormat } from "../../technology/technology.ts";
import type { Fibres, MergeTree } from "./merge-tree.ts";
import {
  contiguousFibres,
  depthIrrelevantWhen,
  mergeDepth,
  mergeTree,
  mergeTreeCost,
  nodeWidth,
  steadyExactWhen,
  steadyMergeCycles,
} from "./merge-tree.ts";
import { mergeCounter } from "./merge-tree-counts.ts";
import { queuedMerger } from "./merge-tree-queued.ts";
import { steppedMerge } from "./merge-tree-stepped.ts";
import type { Merged } from "./merge-tree-timed.ts";
import { timedMerger } from "./merge-tree-timed.ts";

const range = 60;

type Element = readonly [coordinate: number, value: number, available: number];

/** Up to `leaves` fibres, some empty, with arrival times that rise, stand still or fall along a fibre. */
const fibresArbitrary = (leaves: number, value: fc.Arbitrary<number>) => {
  const element = fc.tuple(fc.nat(range - 1), value, fc.nat(40));
  const fibre = fc
    .uniqueArray(element, { selector: ([coordinate]) => coordinate, maxLength: 12 })
    .map((elements) => elements.sort(([a], [b]) => a - b));
  return fc
    .array(fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 5, arbitrary: fibre }), { maxLength: leaves })
    .map(flat);
};

/** The fibres in flat arrays, in reverse order and with gaps between them, so that only starts and ends find them. */
function flat(fibres: readonly (readonly Element[])[]): Fibres & { values: Float64Array; available: Int32Array } {
  const elements: Element[] = [];
  const starts = new Uint32Array(fibres.length);
  const ends = new Uint32Array(fibres.length);
  for (let f = fibres.length - 1; f >= 0; f--) {
    elements.push([range, 1e6, 1e6]);
    starts[f] = elements.length;
    elements.push(...(fibres[f] ?? []));
    ends[f] = elements.length;
  }
  return {
    count: fibres.length,
    starts,
    ends,
    coordinates: Uint32Array.from(elements, ([coordinate]) => coordinate),
    values: Float64Array.from(elements, ([, value]) => value),
    available: Int32Array.from(elements, ([, , available]) => available),
  };
}

const treeOf = (leaves: number, fifoDepth: number, rootWidth: number, accumulator: NumberFormat = "int64"): MergeTree =>
  mergeTree({ leaves, fifoDepth, rootWidth, coordinateBits: 16, accumulator });

const leafCounts = fc.constantFrom(1, 2, 4, 8, 16);
const depths = fc.constantFrom(1, 2, 3, 5, Infinity);
const integers = fc.integer({ min: -100, max: 100 });
const cases = leafCounts.chain((leaves) =>
  fc.record({ leaves: fc.constant(leaves), fibres: fibresArbitrary(leaves, integers), fifoDepth: depths }),
);

/** The parts of a result that the stepped tree gives too, in plain arrays. */
const plain = ({ coordinates, values, departures, cycles, events }: Merged) => ({
  coordinates: [...coordinates],
  values: [...(values ?? [])],
  departures: [...departures],
  cycles,
  events,
});

const elementsOf = ({ count, starts, ends }: Fibres): number => {
  let total = 0;
  for (let f = 0; f < count; f++) total += (ends[f] ?? 0) - (starts[f] ?? 0);
  return total;
};

test("the timed merge equals the stepped tree: coordinates, values, departures, cycles, steps", () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(1, 1, 2, 3, 4, 8, 16), ({ leaves, fibres, fifoDepth }, rootWidth) => {
      const tree = treeOf(leaves, fifoDepth, rootWidth);
      const merge = timedMerger(tree);
      const expected = steppedMerge(tree, fibres);
      expect(plain(merge(fibres))).toEqual(expected);
      // The same buffers once more, without what is optional.
      const together = { ...fibres, available: undefined };
      expect(plain(merge(together))).toEqual(steppedMerge(tree, together));
      const bare = { ...together, values: undefined };
      const { coordinates, departures } = merge(bare);
      expect([[...coordinates], [...departures]]).toEqual([expected.coordinates, steppedMerge(tree, bare).departures]);
    }),
    { numRuns: 3000 },
  );
});

test("a merger forgets earlier passes", () => {
  fc.assert(
    fc.property(fc.array(cases, { minLength: 2, maxLength: 5 }), fc.constantFrom(2, 3, 16), (passes, rootWidth) => {
      for (const fifoDepth of [1, 2, 8, Infinity]) {
        const tree = treeOf(16, fifoDepth, rootWidth);
        const [timed, queued] = [timedMerger(tree), queuedMerger(tree)];
        for (const { fibres } of passes) {
          const together = { ...fibres, available: undefined };
          expect(plain(timed(together))).toEqual(steppedMerge(tree, together));
          expect(plain(queued(fibres))).toEqual(steppedMerge(tree, fibres));
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("sums round or wrap in the accumulator's format, in the order of the tree", () => {
  const formats: readonly [NumberFormat, fc.Arbitrary<number>][] = [
    ["int8", fc.integer({ min: -128, max: 127 })],
    ["int16", fc.integer({ min: -32_768, max: 32_767 })],
    ["int32", fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
    ["float32", fc.float({ noNaN: true })],
  ];
  for (const [format, value] of formats) {
    fc.assert(
      fc.property(fibresArbitrary(8, value), fc.constantFrom(1, 2), (fibres, fifoDepth) => {
        const tree = treeOf(8, fifoDepth, 1, format);
        expect(plain(timedMerger(tree)(fibres)).values).toEqual(steppedMerge(tree, fibres).values);
      }),
      { numRuns: 200 },
    );
  }
});

test("two elements a queue are as good as any number, one is not", () => {
  let slower = 0;
  fc.assert(
    fc.property(cases, ({ leaves, fibres, fifoDepth }) => {
      const deep = treeOf(leaves, Math.max(2, fifoDepth), 1);
      expect(depthIrrelevantWhen(deep)).toBe(true);
      const expected = steppedMerge(treeOf(leaves, Infinity, 1), fibres);
      expect(steppedMerge(deep, fibres)).toEqual(expected);
      expect(plain(queuedMerger(deep)(fibres))).toEqual(expected);
      if (steppedMerge(treeOf(leaves, 1, 1), fibres).cycles > expected.cycles) slower++;
    }),
    { numRuns: 1000 },
  );
  expect(depthIrrelevantWhen(treeOf(4, 1, 1))).toBe(false);
  expect(slower).toBeGreaterThan(0);
});

test("an element a cycle at each leaf: the depth of the tree and then an element a cycle", () => {
  fc.assert(
    fc.property(cases, fc.array(fc.nat(3), { maxLength: 12 }), ({ leaves, fibres, fifoDepth }, earlier) => {
      const tree = treeOf(leaves, fifoDepth, 1);
      expect(steadyExactWhen(tree)).toBe(true);
      // Element i of a leaf arrives in cycle i, or sooner.
      const { starts, ends, count } = fibres;
      const available = new Int32Array(fibres.coordinates.length);
      for (let f = 0; f < count; f++) {
        for (let i = starts[f] ?? 0; i < (ends[f] ?? 0); i++) {
          const place = i - (starts[f] ?? 0);
          available[i] = Math.max(0, place - (earlier[place] ?? 0));
        }
      }
      const steady = { ...fibres, available };
      const union = mergeCounter(leaves, range).unionSize(steady);
      const { cycles } = steppedMerge(tree, steady);
      expect(steadyMergeCycles(tree, union)).toBe(cycles);
      if (fifoDepth > 1 && union > 0) expect(cycles).toBe(mergeDepth(tree) + union);
      // A wide root changes nothing for fibres that meet below it.
      const wide = treeOf(leaves, fifoDepth, 2);
      if (steadyExactWhen(wide, count)) expect(steppedMerge(wide, steady).cycles).toBe(cycles);
    }),
    { numRuns: 2000 },
  );
});

test("a wide root is faster where both halves have work, and no faster than its halves where one has it all", () => {
  const tree = treeOf(4, 8, 2);
  expect(steadyExactWhen(tree)).toBe(false);
  expect([0, 1, 2].map((level) => nodeWidth(treeOf(8, 8, 4), level))).toEqual([4, 2, 1]);
  const fibre = (first: number, step: number): readonly Element[] =>
    Array.from({ length: 20 }, (_, i): Element => [first + i * step, 1, 0]);
  const shared = flat([[], fibre(0, 2), [], fibre(1, 2)]);
  const alone = flat([fibre(0, 1), [], [], []]);
  // Two a cycle, but the first alone: its half has not offered a second one yet.
  expect(timedMerger(tree)(shared).cycles).toBe(mergeDepth(tree) + 1 + 40 / 2);
  expect(timedMerger(tree)(alone).cycles).toBe(mergeDepth(tree) + 20);
});

test("events and union depend on the fibres alone and are counted without a tree", () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(1, 2), ({ leaves, fibres, fifoDepth }, rootWidth) => {
      const { events, coordinates } = steppedMerge(treeOf(leaves, fifoDepth, rootWidth), fibres);
      const counter = mergeCounter(leaves, range);
      expect(counter.mergeEvents(fibres)).toEqual({ ...events, union: coordinates.length });
      expect(counter.unionSize(fibres)).toBe(coordinates.length);
      expect(events.additions).toBe(elementsOf(fibres) - coordinates.length);
    }),
    { numRuns: 3000 },
  );
});

test("a counter forgets earlier passes, also when its marks start anew", () => {
  for (const leaves of [512, 2048]) {
    const counter = mergeCounter(leaves, range);
    fc.assert(
      fc.property(fibresArbitrary(16, integers), (fibres) => {
        const expected = mergeCounter(leaves, range).mergeEvents(fibres);
        expect(counter.mergeEvents(fibres)).toEqual(expected);
        expect(counter.unionSize(fibres)).toBe(expected.union);
      }),
      { numRuns: 300 },
    );
  }
});

test("fibres that lie one after the other", () => {
  const fibres = contiguousFibres(Uint32Array.of(0, 2, 2, 5), { coordinates: Uint32Array.of(3, 9, 1, 3, 4) });
  const { coordinates, departures, values, cycles, count } = timedMerger(treeOf(4, 2, 1))(fibres);
  expect([...coordinates]).toEqual([1, 3, 4, 9]);
  expect([...departures]).toEqual([2, 3, 4, 5]);
  expect({ values, cycles, count }).toEqual({ values: undefined, cycles: 6, count: 4 });
});

test("what is not a tree, or does not fit one, is refused", () => {
  expect(() => treeOf(3, 2, 1)).toThrow(InputError);
  expect(() => treeOf(0, 2, 1)).toThrow(InputError);
  expect(() => treeOf(4, 0, 1)).toThrow('fifoDepth: impossible merge tree; found "0"');
  expect(() => treeOf(4, 1.5, 1)).toThrow(InputError);
  expect(() => treeOf(4, 2, 0)).toThrow(InputError);
  expect(() => treeOf(4, 2, Number.NaN)).toThrow(InputError);
  const three = flat([[[1, 1, 0]], [[1, 1, 0]], [[1, 1, 2 ** 31 - 3]]]);
  for (const fifoDepth of [1, 2]) {
    expect(() => timedMerger(treeOf(2, fifoDepth, 1))(three)).toThrow("3 fibres do not fit 2 leaves");
    expect(() => timedMerger(treeOf(4, fifoDepth, 1))(three)).toThrow("2^31");
  }
  expect(() => mergeCounter(2, range).mergeEvents(three)).toThrow("3 fibres do not fit 2 leaves");
  expect(() => mergeCounter(4, 1).mergeEvents(three)).toThrow("coordinate 1 in a counter for those below 1");
  expect(() => mergeCounter(4, 1).unionSize(three)).toThrow("coordinate 1");
  expect(() => steppedMerge(treeOf(2, 1, 1), flat([[[4, 1, 0], [4, 1, 0]]]))).toThrow("do not ascend"); // prettier-ignore
});

test("price: one node for each pair, its queue and its units", () => {
  const price = technology("28nm");
  const cost = (leaves: number, fifoDepth: number, rootWidth = 1) =>
    mergeTreeCost(treeOf(leaves, fifoDepth, rootWidth, "float32"), price);
  const node = cost(2, 2).squareMillimetres;
  expect(cost(64, 2).squareMillimetres).toBeCloseTo(63 * node, 12);
  expect(cost(64, Infinity)).toEqual(cost(64, 2));
  expect(cost(2, 3).squareMillimetres - node).toBeCloseTo(price.register(48).squareMillimetres, 12);
  // The root of width 2 holds twice the units and needs as many queue entries.
  expect(cost(4, 4, 2).squareMillimetres - cost(4, 4).squareMillimetres).toBeCloseTo(
    price.add("int16").squareMillimetres + price.add("float32").squareMillimetres,
    12,
  );
  const { energy } = cost(64, 2);
  expect(energy.comparison?.joules).toBeCloseTo(price.add("int16").joules + price.register(48).joules, 20);
  expect(energy.addition).toEqual(price.add("float32"));
});
