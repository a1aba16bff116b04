// The audit of sparse products: it finds no difference in any share of any product, and it does find one where the
// engine runs another machine.

import fc from "fast-check";
import { expect, test } from "vitest";
import { productArbitrary, productMachineArbitrary, sixMappings } from "../../../test/support/product-cases.ts";
import { bankedCache } from "../../component/memory/banked-cache.ts";
import type { ProductMachine } from "../../dataflow/product/product.ts";
import { runProduct } from "../../dataflow/product/run-product.ts";
import { randomSparse } from "../../tensor/sparse-matrix-random.ts";
import type { OperandPair } from "../../workload/sparse-operands.ts";
import { auditProducts } from "./product-audit.ts";

const unitsOf = (
  pairs: readonly OperandPair[],
  machine: ProductMachine,
  mapping: (typeof sixMappings)[number],
): number =>
  pairs.reduce((sum, { A, B }) => {
    const { counts } = runProduct(A, B, machine, mapping);
    return sum + counts.batches + counts.mergePasses;
  }, 0);

const requestOf = (units: number, percent: number) => ({ layer: "layer", units, percent, seed: 7 });

test("any share of any product, stepped among batches that are not, is what the engine says", () => {
  fc.assert(
    fc.property(
      fc.array(productArbitrary(20), { minLength: 1, maxLength: 2 }),
      productMachineArbitrary,
      fc.constantFrom(0.1, 20, 50, 100),
      (pairs, machine, percent) => {
        for (const mapping of sixMappings) {
          const units = unitsOf(pairs, machine, mapping);
          const audit = auditProducts(pairs, mapping, machine, requestOf(units, percent));
          expect(audit.differences).toEqual([]);
          expect(audit.note).toBeUndefined();
          expect(audit.of).toBe(units);
          expect(audit.tiles).toBe(Math.min(units, Math.max(1, Math.round((units * percent) / 100))));
          if (audit.tiles === 0) expect(audit.cycles).toBe(0);
        }
      },
    ),
    { numRuns: 400 },
  );
});

const pair = { A: randomSparse(40, 60, 700, 1), B: randomSparse(60, 30, 600, 2) };
const drawn = fc.sample(productMachineArbitrary, { numRuns: 200, seed: 3 });
const found = drawn.find(({ stationary, multipliers }) => stationary === "cache" && multipliers === 8);
if (found === undefined) throw new Error("no such machine was drawn");
/** Loses lines and spills partial sums. */
const machine: ProductMachine = {
  ...found,
  sums: { kind: "partialSumStore", bytes: 128, wordBytes: 4, blockWords: 2, sets: 2, banks: 1, tagBits: 8 },
  cache: bankedCache({
    bytes: 256,
    lineBytes: 16,
    ways: 2,
    banks: 2,
    wordBytes: 4,
    wordsPerBank: 1,
    hitCycles: 1,
    missCycles: 5,
    addressBits: 32,
  }),
};

const others: Readonly<Record<string, (of: ProductMachine) => ProductMachine>> = {
  "a controller that takes longer": (of) => ({
    ...of,
    control: { ...of.control, configure: of.control.configure + 1 },
  }),
  "a miss that takes longer": (of) => ({ ...of, cache: { ...of.cache, missCycles: of.cache.missCycles + 1 } }),
  "a cache of more ways": (of) => ({
    ...of,
    cache: { ...of.cache, ways: of.cache.ways * 4, bytes: of.cache.bytes * 4 },
  }),
  "more room for partial sums": (of) => ({ ...of, sums: { ...of.sums, bytes: of.sums.bytes * 4 } }),
  "a wider root": (of) => ({ ...of, tree: { ...of.tree, rootWidth: of.tree.rootWidth + 4, fifoDepth: 40 } }),
  "fewer multipliers": (of) => ({ ...of, multipliers: 4 }),
};

test.each(Object.entries(others))("%s is found", (_, changed) => {
  const differences = sixMappings.flatMap((mapping) => {
    const units = unitsOf([pair], machine, mapping);
    const engine: typeof runProduct = (A, B, of, order, watch) => runProduct(A, B, changed(of), order, watch);
    return auditProducts([pair], mapping, machine, requestOf(units, 10), engine).differences;
  });
  expect(differences.length).toBeGreaterThan(0);
  const pattern = /^((batch|pass) \d+ of )?layer: (.* in closed form, .* stepped|the stepped machine .*)$/;
  for (const difference of differences.slice(0, 100)) expect(difference).toMatch(pattern);
});
