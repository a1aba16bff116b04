// The codec's counts against its stepped decoder and against the storage format of the same name.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { technology } from "../technology/technologies.ts";
import { sizeBits, statisticsOf, zvc } from "../tensor/format.ts";
import { tensor } from "../tensor/tensor.ts";
import {
  encodeZeroValues,
  expectedBits,
  steppedDecode,
  streamCounts,
  zeroValueCodec,
  zeroValueCodecCost,
} from "./zero-value-codec.ts";

const codecArbitrary = fc
  .record({
    blockElements: fc.integer({ min: 1, max: 40 }),
    elementBits: fc.constantFrom(4, 8, 16),
    headerBits: fc.nat(3),
    elementsPerCycle: fc.integer({ min: 1, max: 9 }),
  })
  .map(zeroValueCodec);
const valuesArbitrary = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -7, max: 7 })), {
  minLength: 1,
  maxLength: 200,
});
const flags = (values: readonly number[]) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));

test("bits and cycles are those of the blocks, which decode to the values", () => {
  fc.assert(
    fc.property(codecArbitrary, valuesArbitrary, (codec, values) => {
      const blocks = encodeZeroValues(codec, values);
      const decoded = steppedDecode(codec, blocks);
      const counts = streamCounts(codec, flags(values));
      expect(decoded.values).toEqual(values);
      expect(counts.cycles).toBe(decoded.cycles);
      expect(counts.blocks).toBe(blocks.length);
      expect(counts.values).toBe(blocks.reduce((sum, block) => sum + block.values.length, 0));
      const bits = blocks.reduce(
        (sum, { mask, values: stored }) =>
          sum + codec.headerBits + stored.length * codec.elementBits + (mask === undefined ? 0 : codec.blockElements),
        0,
      );
      expect(counts.bits).toBe(bits);
    }),
    { numRuns: 500 },
  );
});

test("without headers the bits are those of the storage format, and with them a block never exceeds its elements", () => {
  fc.assert(
    fc.property(codecArbitrary, valuesArbitrary, (codec, values) => {
      const plain = { ...codec, headerBits: 0, elementBits: 8 };
      const data = tensor("int8", [values.length], Int8Array.from(values));
      const size = sizeBits(statisticsOf(data), zvc(codec.blockElements));
      expect(streamCounts(plain, flags(values)).bits).toBe(size);
      const headed = streamCounts({ ...plain, headerBits: 1 }, flags(values));
      expect(headed.bits).toBeLessThanOrEqual(Math.min(size, 8 * values.length) + headed.blocks);
    }),
    { numRuns: 300 },
  );
});

test("a byte for each non-zero and a bit for each element", () => {
  const codec = zeroValueCodec({ blockElements: 32, elementBits: 8, headerBits: 0, elementsPerCycle: 16 });
  expect(expectedBits(codec, 3200, 0.5)).toBe(3200 * 0.5 * 8 + 3200);
  expect(
    streamCounts(
      codec,
      Uint8Array.from({ length: 3200 }, (_, i) => i % 2),
    ).bits,
  ).toBe(3200 * 0.5 * 8 + 3200);
  expect(
    streamCounts(
      codec,
      Uint8Array.from({ length: 3200 }, (_, i) => i % 2),
    ).cycles,
  ).toBe(100);
  expect(zeroValueCodecCost(codec, technology("45nm")).squareMillimetres).toBeGreaterThan(0);
  expect(() => zeroValueCodec({ ...codec, elementsPerCycle: 0 })).toThrow(InputError);
});
