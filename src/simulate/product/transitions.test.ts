// Conversions between layers: the published table of formats, what one costs, the best path against all paths, and the
// figures of a run that counts them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compressionOf } from "../../mapping/product-mapping.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import type { LayerCycles } from "../../../test/support/product-results.ts";
import { preparedProduct, productResults, clockedMappings, sixNames } from "../../../test/support/product-results.ts";
import type { Objective } from "../machine.ts";
import { score } from "../score.ts";
import type { LayerResult } from "../result.ts";
import { conversionBetween, settleConversions } from "./transitions.ts";

const ten = { operand: "A", cyclesPerElement: 10 } as const;
const published = preparedProduct(ten);
const activations = preparedProduct({ ...ten, operand: "B" });

const gustavson: ProductMapping = { kind: "product", dataflow: "gustavson", stationary: "M", clock: 1e9 };
const transposed = ({ stationary, ...rest }: ProductMapping): ProductMapping => ({
  ...rest,
  stationary: stationary === "M" ? "N" : "M",
});

describe("formats", () => {
  // What each mapping requires of the operand that is the result before, and what it leaves, as published.
  const table = {
    "inner-m": ["csr", "csr"],
    "inner-n": ["csr", "csc"],
    "outer-m": ["csc", "csr"],
    "outer-n": ["csc", "csc"],
    "gustavson-m": ["csr", "csr"],
    "gustavson-n": ["csc", "csc"],
  };

  test("are those of the published table, of which 18 of 36 pairs need a conversion", () => {
    expect(sixNames).toEqual(Object.keys(table));
    const needed = clockedMappings.flatMap((before, i) =>
      clockedMappings.filter((after, j) => {
        const leaves = Object.values(table)[i]?.[1];
        const requires = Object.values(table)[j]?.[0];
        const conversion = conversionBetween(before, after, 3, published);
        expect(conversion === undefined).toBe(leaves === requires);
        if (conversion !== undefined) expect(conversion).toMatchObject({ operand: "A", from: leaves, to: requires });
        return conversion !== undefined;
      }),
    );
    expect(needed).toHaveLength(18);
  });

  test("for activations as operand B the rule is the published one on the transposed products", () => {
    for (const before of clockedMappings) {
      for (const after of clockedMappings) {
        const ours = conversionBetween(before, after, 3, activations);
        const theirs = conversionBetween(transposed(before), transposed(after), 3, published);
        expect(ours === undefined).toBe(theirs === undefined);
        if (ours !== undefined) expect(ours.to).toBe(compressionOf(after).B);
      }
    }
  });
});

describe("one conversion", () => {
  const between = (elements: number, prepared = published) =>
    conversionBetween(transposed(gustavson), gustavson, elements, prepared);

  test("takes 10 cycles an entry and the energy of moving it off and onto the chip", () => {
    const conversion = between(1000);
    const joules = published.prices.find(({ event }) => event === "dram.readBit")?.joules ?? 0;
    const written = published.prices.find(({ event }) => event === "dram.writeBit")?.joules ?? 0;
    expect(conversion).toMatchObject({ elements: 1000, cycles: 10_000, seconds: 1e-5 });
    expect(conversion?.energy.components["dram"]).toBeCloseTo(1000 * 32 * (joules + written), 20);
    expect(conversion?.energy.components["leakage"]).toBeCloseTo(published.leakageWatts * 1e-5, 20);
    expect(Object.keys(conversion?.energy.components ?? {})).toEqual(["dram", "leakage"]);
  });

  test("takes whole cycles, no less than its bytes, and none without entries", () => {
    expect(between(3, preparedProduct({ operand: "A", cyclesPerElement: 0.5 }))?.cycles).toBe(2);
    // 8 bytes an entry over 2 bytes a cycle.
    expect(between(100, preparedProduct({ operand: "A", cyclesPerElement: 1 }, clockedMappings, 2e9))?.cycles).toBe(
      400,
    );
    expect(between(0)).toMatchObject({ cycles: 0, energy: { total: 0 } });
  });
});

const objectives: readonly Objective[] = ["cycles", "seconds", "energy", "edp"];

const layersArbitrary = (mappings: number, maximum: number): fc.Arbitrary<readonly LayerCycles[]> =>
  fc.array(
    fc.record({
      nonZeros: fc.record({ A: fc.nat(9), B: fc.nat(9) }),
      cycles: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: mappings, maxLength: mappings }),
    }),
    { minLength: 1, maxLength: maximum },
  );

const instances = fc
  .record({
    mappings: fc.subarray([...clockedMappings], { minLength: 1 }),
    operand: fc.constantFrom("A", "B"),
    cyclesPerElement: fc.constantFrom(0, 1, 10, 1000),
    objective: fc.constantFrom(...objectives),
  })
  .chain((machine) =>
    fc.record({
      machine: fc.constant(machine),
      layers: layersArbitrary(machine.mappings.length, 4),
      gap: fc.nat(6),
    }),
  );

const followsAll = (layers: readonly unknown[], gap = 0): readonly boolean[] =>
  layers.map((_, i) => i > 0 && i !== gap);

test("the best path is the best of all paths, and both bookkeepings add up", () => {
  fc.assert(
    fc.property(instances, ({ machine: { mappings, objective, ...rule }, layers, gap }) => {
      const prepared = preparedProduct(rule, mappings);
      const results = layers.map((layer) => productResults(layer, prepared));
      const follows = followsAll(layers, gap);
      const { layers: chosen, total } = settleConversions(results, prepared, {
        objective,
        conversions: "count",
        follows,
      });

      // Every path, its figures summed by hand.
      const sums = results
        .reduce<readonly (readonly LayerResult[])[]>(
          (paths, list) => paths.flatMap((path) => list.map((result) => [...path, result])),
          [[]],
        )
        .map((path) =>
          path.reduce(
            (sum, layer, i) => {
              const before = prepared.machine.mappings[path[i - 1]?.mapping ?? ""];
              const after = prepared.machine.mappings[layer.mapping];
              const needed =
                follows[i] !== true || before === undefined || after === undefined
                  ? undefined
                  : conversionBetween(before, after, layers[i]?.nonZeros[rule.operand] ?? 0, prepared);
              const figures = {
                cycles: layer.cycles + (needed?.cycles ?? 0),
                seconds: layer.seconds + (needed?.seconds ?? 0),
                energy: layer.energy.total + (needed?.energy.total ?? 0),
              };
              return { score: sum.score + score(figures, objective), cycles: sum.cycles + figures.cycles };
            },
            { score: 0, cycles: 0 },
          ),
        );
      const least = Math.min(...sums.map((sum) => sum.score));
      const scored = chosen.reduce((sum, layer) => sum + score({ ...layer, energy: layer.energy.total }, objective), 0);
      expect(scored).toBeCloseTo(least, 9 - Math.floor(Math.log10(least)));

      // The layers hold the conversions: figures, stack, traffic and events of both.
      const cycles = chosen.reduce((sum, layer) => sum + layer.cycles, 0);
      expect(cycles).toBe(total.paths.best.cycles);
      if (objective === "cycles" || objective === "seconds") {
        expect(cycles).toBe(Math.min(...sums.map((sum) => sum.cycles)));
        expect(total.paths.best.cycles).toBeLessThanOrEqual(total.paths.layerByLayer.cycles);
      }
      expect(total.conversions).toBe(total.paths.best.conversions);
      chosen.forEach((layer, i) => {
        const alone = results[i]?.find(({ mapping }) => mapping === layer.mapping);
        const entries = layer.conversion?.elements ?? 0;
        expect(layer.cycles - (layer.conversion?.cycles ?? 0)).toBe(alone?.cycles);
        expect(layer.alternatives).toEqual(alone?.alternatives);
        expect(Object.values(layer.stack).reduce((a, b) => a + b, 0)).toBe(layer.cycles);
        expect(layer.seconds).toBeCloseTo(layer.cycles / layer.clock, 15);
        const energy = Object.values(layer.energy.components).reduce((a, b) => a + b, 0);
        expect(energy).toBeCloseTo(layer.energy.total, 18);
        const memory = layer.traffic["dram"];
        expect(memory?.read).toBe(10 + 4 * entries);
        expect(memory?.write).toBe(4 * entries);
        expect(layer.counts["dram.readBit"]).toBe(8 * (memory?.read ?? 0));
        expect(layer.conversion === undefined || follows[i]).toBe(true);
      });
    }),
  );
});

test("where conversions are ignored the layers are their own best, and the same paths are told", () => {
  fc.assert(
    fc.property(instances, ({ machine: { mappings, objective, ...rule }, layers, gap }) => {
      const prepared = preparedProduct(rule, mappings);
      const results = layers.map((layer) => productResults(layer, prepared));
      const bests = results.map((list) => {
        const scores = list.map((result) => score({ ...result, energy: result.energy.total }, objective));
        return list.slice(scores.indexOf(Math.min(...scores))).slice(0, 1);
      });
      const follows = followsAll(layers, gap);
      const ignored = settleConversions(bests, prepared, { objective, conversions: "ignore", follows });
      const counted = settleConversions(results, prepared, { objective, conversions: "count", follows });
      expect(ignored.layers).toEqual(
        bests.flat().map((layer, i): LayerResult => {
          const conversion = ignored.layers[i]?.conversion;
          return conversion === undefined ? layer : { ...layer, conversion };
        }),
      );
      expect(ignored.total.paths).toEqual(counted.total.paths);
      expect(ignored.total.conversions).toBe(ignored.total.paths.layerByLayer.conversions);
      const alone = ignored.layers.reduce((sum, layer) => sum + layer.cycles, 0);
      expect(alone + ignored.total.cycles).toBe(ignored.total.paths.layerByLayer.cycles);
    }),
  );
});

test("a conversion that costs too much is avoided, and layers that do not follow each other need none", () => {
  const layers: readonly LayerCycles[] = [
    // Gustavson, A at rest, by a little; then B at rest, by a little.
    { nonZeros: { A: 5, B: 5 }, cycles: [90, 90, 90, 90, 10, 12] },
    { nonZeros: { A: 5, B: 5 }, cycles: [90, 90, 90, 90, 13, 10] },
  ];
  const results = layers.map((layer) => productResults(layer, published));
  const settle = (follows: readonly boolean[]) =>
    settleConversions(results, published, { objective: "seconds", conversions: "count", follows });
  const chain = settle([false, true]);
  expect(chain.layers.map(({ mapping }) => mapping)).toEqual(["gustavson-n", "gustavson-n"]);
  expect(chain.total.paths).toMatchObject({
    layerByLayer: { conversions: 1, cycles: 10 + 10 + 50 },
    best: { conversions: 0, cycles: 22 },
  });
  const apart = settle([false, false]);
  expect(apart.layers.map(({ mapping }) => mapping)).toEqual(["gustavson-m", "gustavson-n"]);
  expect(apart.total).toMatchObject({ conversions: 0, cycles: 0, energy: 0 });
});
