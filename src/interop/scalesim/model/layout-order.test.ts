// Orders of custom layouts: those that numpy's reshapes gave, and what holds for every layout.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../base/error.ts";
import { filterLayoutOrder, ifmapLayoutOrder } from "./layout-order.ts";
import type { ScalesimLayer, ScalesimLayout } from "../scalesim.ts";

const layer: ScalesimLayer = {
  name: "conv1",
  ifmapHeight: 4,
  ifmapWidth: 4,
  filterHeight: 2,
  filterWidth: 2,
  channels: 1,
  filters: 2,
  stride: 1,
  sparsity: { kept: 1, block: 1 },
};

const layout: ScalesimLayout = {
  name: "conv1",
  ifmap: { factors: [2, 2, 1], intraOrder: [0, 1, 2], interOrder: [3, 4, 5] },
  filter: { factors: [1, 1, 2, 2], intraOrder: [0, 1, 2, 3], interOrder: [4, 5, 6, 7] },
};

const three = fc.shuffledSubarray([0, 1, 2], { minLength: 3 }).map(([a = 0, b = 0, c = 0]) => [a, b, c] as const);
const four = fc
  .shuffledSubarray([0, 1, 2, 3], { minLength: 4 })
  .map(([a = 0, b = 0, c = 0, d = 0]) => [a, b, c, d] as const);
const factor = fc.integer({ min: 1, max: 4 });
const size = fc.integer({ min: 1, max: 6 });

const layouts: fc.Arbitrary<ScalesimLayout> = fc.record({
  name: fc.constant("random"),
  ifmap: fc.record({
    factors: fc.tuple(factor, factor, factor),
    intraOrder: three,
    interOrder: three.map(([a, b, c]) => [a + 3, b + 3, c + 3] as const),
  }),
  filter: fc.record({
    factors: fc.tuple(factor, factor, factor, factor),
    intraOrder: four,
    interOrder: four.map(([a, b, c, d]) => [a + 4, b + 4, c + 4, d + 4] as const),
  }),
});

const layers: fc.Arbitrary<ScalesimLayer> = fc
  .record({
    ifmapHeight: size,
    ifmapWidth: size,
    channels: size,
    filters: size,
    filterHeight: size,
    filterWidth: size,
  })
  .map((sizes) => ({ ...layer, ...sizes }));

const product = (factors: readonly number[]): number => factors.reduce((words, one) => words * one, 1);

/** Every word once, and padding up to whole blocks. */
function expectComplete(order: Int32Array, sizes: readonly number[], factors: readonly number[]): void {
  const words = product(sizes);
  expect(order.length).toBe(
    product(sizes.map((extent, i) => Math.ceil(extent / (factors[i] ?? 1)) * (factors[i] ?? 1))),
  );
  expect([...order].filter((word) => word >= 0).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: words }, (_, word) => word),
  );
  expect([...order].filter((word) => word < 0).every((word) => word === -1)).toBe(true);
}

describe("ifmapLayoutOrder", () => {
  test("places in a block are outside, blocks inside", () => {
    expect([...ifmapLayoutOrder(layer, layout, 4)]).toEqual([0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15]);
  });

  test("pads the last blocks and follows both orders", () => {
    const odd = { ...layer, ifmapHeight: 3, ifmapWidth: 2, channels: 3 };
    const order = ifmapLayoutOrder(
      odd,
      { ...layout, ifmap: { factors: [2, 1, 2], intraOrder: [2, 0, 1], interOrder: [5, 3, 4] } },
      4,
    );
    expect([...order]).toEqual([
      0, 3, 12, 15, 2, 5, 14, 17, 6, 9, -1, -1, 8, 11, -1, -1, 1, 4, 13, 16, -1, -1, -1, -1, 7, 10, -1, -1, -1, -1, -1,
      -1,
    ]);
  });

  test("holds every word of the map once", () => {
    fc.assert(
      fc.property(layers, layouts, (random, { ifmap, ...rest }) => {
        const order = ifmapLayoutOrder(random, { ifmap, ...rest }, product(ifmap.factors));
        expectComplete(order, [random.ifmapHeight, random.ifmapWidth, random.channels], ifmap.factors);
      }),
    );
  });

  test("refuses blocks larger than a line, and maps that padding makes too large", () => {
    expect(() => ifmapLayoutOrder(layer, layout, 3)).toThrow(
      new InputError({
        path: "layout of conv1",
        message: "an ifmap block does not fit a line",
        found: "2 x 2 x 1 = 4 words",
        expected: "at most IfmapSRAMBankBandwidth (3)",
      }),
    );
    const factors = [2 ** 20, 2 ** 10, 1] as const;
    expect(() => ifmapLayoutOrder(layer, { ...layout, ifmap: { ...layout.ifmap, factors } }, 2 ** 30)).toThrow(
      /^ifmap of layer conv1: too large with the padding of its layout/,
    );
  });
});

describe("filterLayoutOrder", () => {
  test("numbers words by filter, channel, row and column", () => {
    const deep = { ...layer, channels: 3 };
    const order = filterLayoutOrder(
      deep,
      { ...layout, filter: { factors: [2, 2, 1, 1], intraOrder: [3, 2, 1, 0], interOrder: [4, 5, 6, 7] } },
      4,
    );
    expect([...order]).toEqual([
      0, 8, 2, 10, 1, 9, 3, 11, 4, -1, 6, -1, 5, -1, 7, -1, 12, 20, 14, 22, 13, 21, 15, 23, 16, -1, 18, -1, 17, -1, 19,
      -1,
    ]);
  });

  test("holds every word of the filters once", () => {
    fc.assert(
      fc.property(layers, layouts, (random, { filter, ...rest }) => {
        const order = filterLayoutOrder(random, { filter, ...rest }, product(filter.factors));
        const sizes = [random.filters, random.channels, random.filterHeight, random.filterWidth];
        expectComplete(order, sizes, filter.factors);
      }),
    );
  });

  test("refuses blocks of another size than a line", () => {
    for (const bandwidth of [3, 5]) {
      expect(() => filterLayoutOrder(layer, layout, bandwidth)).toThrow(
        new InputError({
          path: "layout of conv1",
          message: "a filter block does not fill a line",
          found: "1 x 1 x 2 x 2 = 4 words",
          expected: `FilterSRAMBankBandwidth (${bandwidth})`,
        }),
      );
    }
  });
});
