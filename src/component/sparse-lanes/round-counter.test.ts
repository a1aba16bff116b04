// Rounds counted in vectors against rounds counted word by word, for every field and with shared operands.

import fc from "fast-check";
import { expect, test } from "vitest";
import { packedLayout } from "./packed.ts";
import type { PackedLayout, PackedOperand } from "./packed.ts";
import { vectorCounter, wordCounter } from "./round-counter.ts";

const operandArbitrary = ({ words, group }: PackedLayout, units: number, step: 0 | 1): fc.Arbitrary<PackedOperand> => {
  const bank = step === 1 ? words : group;
  return fc.record({
    words: fc.array(fc.integer(), { minLength: group, maxLength: group }).chain((start) =>
      fc.array(fc.integer(), { minLength: 3 * bank - group, maxLength: 3 * bank - group }).map((rest) => {
        // Every unit's banks begin at a group; shared banks repeat one word through theirs.
        const all = Int32Array.from([...start, ...rest]);
        if (step === 0) for (let i = 0; i < all.length; i++) all[i] = all[i - (i % group)] ?? 0;
        return all;
      }),
    ),
    offsets: fc
      .array(fc.nat(1), { minLength: units, maxLength: units })
      .map((list) => Int32Array.from(list, (at) => at * bank)),
    step: fc.constant(step),
  });
};

const caseArbitrary = fc
  .record({
    lanes: fc.integer({ min: 1, max: 20 }),
    bankBits: fc.constantFrom(1, 8, 9, 16, 17, 32),
    units: fc.integer({ min: 1, max: 6 }),
    steps: fc.constantFrom([1, 1] as const, [0, 1] as const, [1, 0] as const),
  })
  .chain(({ lanes, bankBits, units, steps }) => {
    const layout = packedLayout(lanes, bankBits, 4);
    return fc.record({
      layout: fc.constant(layout),
      A: operandArbitrary(layout, units, steps[0]),
      B: operandArbitrary(layout, units, steps[1]),
      used: fc.subarray([...Array.from({ length: units }).keys()]),
      rounds: fc.array(fc.tuple(fc.nat(1), fc.nat(1)), { minLength: 1, maxLength: 5 }),
    });
  });

test("vectors count what words count", () => {
  fc.assert(
    fc.property(caseArbitrary, ({ layout, A, B, used, rounds }) => {
      const vectors = vectorCounter(layout, A, B);
      const words = wordCounter(layout, A, B);
      if (vectors === undefined) throw new Error("this computer has no WebAssembly vectors");
      vectors.use(Int32Array.from(used), used.length);
      words.use(Int32Array.from(used), used.length);
      for (const [a, b] of rounds) {
        const bases = [
          a * (A.step === 1 ? layout.words : layout.group),
          b * (B.step === 1 ? layout.words : layout.group),
        ];
        const [baseA = 0, baseB = 0] = bases;
        expect(vectors.add(baseA, baseB)).toBe(words.add(baseA, baseB));
      }
      expect(vectors.unitCycles).toEqual(words.unitCycles);
    }),
    { numRuns: 500 },
  );
});

test("a layout in single words is left to words", () => {
  const layout = packedLayout(4, 8);
  const operand: PackedOperand = { words: new Int32Array(1), offsets: new Int32Array(1), step: 1 };
  expect(vectorCounter(layout, operand, operand)).toBeUndefined();
});
