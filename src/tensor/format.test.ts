// Laws of all storage formats: decoding undoes encoding, the size formula equals the encoded length, and bad widths,
// structures and damaged streams are errors.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { tensors } from "../../test/support/tensors.ts";
import * as formats from "./format.ts";
import type { Format } from "./format.ts";
import { countNonZeros, elementBits, elementCount, matrixShape, tensor } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";
import { generate } from "./generate.ts";

const {
  bitmap,
  blockBound,
  coo,
  csc,
  csr,
  dbb,
  decode,
  dense,
  encode,
  encodedBits,
  nm,
  runLength,
  sizeBits,
  statisticsOf,
  zvc,
} = formats;

/** Formats that every tensor of up to 2000 elements fits. */
const anyFormat = fc.oneof(
  fc.constant(dense()),
  fc.constant(bitmap()),
  fc
    .tuple(fc.integer({ min: 11, max: 32 }), fc.integer({ min: 11, max: 32 }))
    .map(([index, pointer]) => csr(index, pointer)),
  fc
    .tuple(fc.integer({ min: 11, max: 32 }), fc.integer({ min: 11, max: 32 }))
    .map(([index, pointer]) => csc(index, pointer)),
  fc.integer({ min: 11, max: 32 }).map((bits) => coo(bits)),
  fc.integer({ min: 1, max: 12 }).map((bits) => runLength(bits)),
  fc.integer({ min: 1, max: 70 }).map((block) => zvc(block)),
);

/** A block length, and a bound that the tensor obeys. */
function blockFormats(x: Tensor, block: number, slack: number): Format[] {
  const n = Math.min(block, Math.max(1, blockBound(x, block)) + slack);
  return [nm(n, block), dbb(n, block)];
}

function expectLaws(x: Tensor, format: Format): void {
  const encoded = encode(x, format);
  // Vitest tells -0 from +0; no generated tensor holds -0.
  expect(decode(encoded)).toEqual(x);
  expect(sizeBits(x, format)).toBe(encodedBits(encoded));
  expect(sizeBits(statisticsOf(x), format)).toBe(encodedBits(encoded));
  for (const stream of Object.values(encoded.metadata)) expect(stream.bytes.length).toBe(Math.ceil(stream.bits / 8));
}

describe("every format", () => {
  test("decode undoes encode, and the size is the encoded length", () => {
    fc.assert(fc.property(tensors(2000), anyFormat, expectLaws), { numRuns: 1500 });
  });

  test("the same for N:M and DBB with a bound that the tensor obeys", () => {
    fc.assert(
      fc.property(tensors(2000), fc.integer({ min: 1, max: 70 }), fc.nat({ max: 3 }), (x, block, slack) => {
        for (const format of blockFormats(x, block, slack)) expectLaws(x, format);
      }),
      { numRuns: 500 },
    );
  });

  test("all zero and all dense, in every type", () => {
    for (const type of ["int8", "uint8", "int16", "int32", "float32"] as const) {
      for (const filled of [0, 1]) {
        const x = tensor(type, [7, 11], new Array<number>(77).fill(filled));
        for (const format of [dense(), bitmap(), csr(), csc(), coo(), runLength(2), zvc(32), nm(4, 4), dbb(8, 8)]) {
          expectLaws(x, format);
        }
      }
    }
  });

  test("keeps NaN and infinities bit for bit; -0 comes back as +0", () => {
    const x = tensor("float32", [5], [Number.NaN, -Infinity, -0, 1e-45, 3]);
    for (const format of [bitmap(), csr(), csc(), coo(), runLength(1), zvc(2), nm(4, 8), dbb(4, 8)]) {
      expect([...decode(encode(x, format)).data]).toEqual([Number.NaN, -Infinity, 0, Math.fround(1e-45), 3]);
    }
    expect([...decode(encode(x, dense())).data].map((value) => Object.is(value, -0))).toEqual([
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  test("encodes without touching or sharing the tensor's memory", () => {
    const x = tensor("int8", [4], [1, 0, 2, 0]);
    const encoded = encode(x, dense());
    encoded.values[0] = 9;
    expect([...x.data]).toEqual([1, 0, 2, 0]);
  });
});

describe("sizes by hand", () => {
  const x = tensor("int8", [2, 8], [1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4]);
  test.each<[Format, number]>([
    [dense(), 16 * 8],
    [bitmap(), 16 + 4 * 8],
    [csr(3, 3), 3 * 3 + 4 * (3 + 8)],
    [csc(1, 3), 9 * 3 + 4 * (1 + 8)],
    [coo(3), 4 * (6 + 8)],
    // Runs 0, 2, 7, 3 in 2-bit fields: the run of 7 takes an entry for 4 of its zeros.
    [runLength(2), 5 * (2 + 8)],
    [runLength(3), 4 * (3 + 8)],
    [nm(2, 4), 4 * 2 * (2 + 8)],
    // S2TA's 4/8 block: 1 byte of mask and 4 of values for 8.
    [dbb(4, 8), 2 * (8 + 4 * 8)],
    [zvc(12), 24 + 4 * 8],
  ])("%o takes %i bits", (format, bits) => {
    expect(sizeBits(x, format)).toBe(bits);
    expect(encodedBits(encode(x, format))).toBe(bits);
  });
});

describe("streams by hand", () => {
  test("CSR packs pointers and columns, least significant bit first", () => {
    const encoded = encode(tensor("int8", [2, 4], [0, 5, 0, 6, 7, 0, 0, 0]), csr(2, 3));
    expect([...encoded.values]).toEqual([5, 6, 7]);
    // Pointers 0, 2, 3 in 3 bits; columns 1, 3, 0 in 2 bits.
    expect(encoded.metadata).toEqual({
      pointers: { bits: 9, bytes: Uint8Array.of(0b11010000, 0) },
      indices: { bits: 6, bytes: Uint8Array.of(0b001101) },
    });
  });

  test("CSC goes down the columns", () => {
    const { pointers, indices, values } = formats.compressColumns(tensor("int16", [2, 3], [0, 1, 2, 3, 0, 4]));
    expect([[...pointers], [...indices], [...values]]).toEqual([
      [0, 1, 2, 4],
      [1, 0, 0, 1],
      [3, 1, 2, 4],
    ]);
  });

  test("run-length inserts a zero for every 2^bits zeros, and stores no zeros at the end", () => {
    const x = tensor("int8", [13], [0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 8, 0, 0]);
    const encoded = encode(x, runLength(2));
    expect([...encoded.values]).toEqual([0, 0, 9, 8]);
    // Runs 3, 3, 1, 0 in 2 bits.
    expect([...(encoded.metadata["runs"]?.bytes ?? [])]).toEqual([0b00011111]);
    expect(decode(encoded)).toEqual(x);
    // A run of exactly 2^bits - 1 still fits its field.
    expect([...encode(tensor("int8", [4], [0, 0, 0, 1]), runLength(2)).values]).toEqual([1]);
    expect([...encode(tensor("int8", [5], [0, 0, 0, 0, 1]), runLength(2)).values]).toEqual([0, 1]);
  });

  test("run-length with fields up to 31 bits and a run past the histogram's table", () => {
    const x = tensor("int8", [2, 20000]);
    x.data[35000] = 1;
    for (const bits of [1, 4, 12, 16, 31]) expectLaws(x, runLength(bits));
  });

  test("DBB keeps fixed slots", () => {
    const encoded = encode(tensor("int8", [1, 6], [0, 4, 0, 0, 0, 5]), dbb(2, 4));
    expect([...encoded.values]).toEqual([4, 0, 5, 0]);
    expect(encoded.metadata).toEqual({ masks: { bits: 8, bytes: Uint8Array.of(0b00100010) } });
  });
});

describe("bad input", () => {
  const x = tensor("int8", [2, 6], [1, 2, 0, 0, 0, 0, 0, 0, 0, 3, 4, 5]);

  test("N:M and DBB name the block that has too many non-zeros", () => {
    for (const format of [nm(2, 3), dbb(2, 3)]) {
      expect(() => encode(x, format)).toThrow(/\[1, 3\].*block of 3/);
      expect(() => sizeBits(x, format)).toThrow(/\[1, 3\].*block of 3/);
    }
    expect(blockBound(x, 3)).toBe(3);
    expect(blockBound(x, 2)).toBe(2);
  });

  test("a tensor that breaks the bound never encodes", () => {
    fc.assert(
      fc.property(tensors(1000), fc.integer({ min: 2, max: 16 }), (sample, block) => {
        const bound = blockBound(sample, block);
        fc.pre(bound > 1);
        for (const format of [nm(bound - 1, block), dbb(bound - 1, block)]) {
          expect(() => encode(sample, format)).toThrow(InputError);
        }
      }),
    );
  });

  test.each<[Format, RegExp]>([
    [csr(2, 32), /indexBits.*at least 3/],
    [csr(32, 2), /pointerBits.*at least 3/],
    [csc(32, 2), /pointerBits/],
    [coo(2), /indexBits/],
    [csr(0, 32), /csr\.indexBits.*1 to 32/],
    [csr(33, 32), /csr\.indexBits/],
    [csr(2.5, 32), /csr\.indexBits/],
    [runLength(0), /run-length\.runBits/],
    [nm(3, 2), /more non-zeros than elements/],
    [dbb(0, 8), /dbb\.n/],
    [zvc(Number.NaN), /zvc\.block/],
  ])("%o is refused by size and encoding alike", (format, message) => {
    expect(() => encode(x, format)).toThrow(message);
    expect(() => sizeBits(x, format)).toThrow(message);
    expect(() => encode(x, format)).toThrow(InputError);
  });

  test("blocks far longer than the rows cannot ask for gigabytes", () => {
    const column = tensor("int8", [100000, 1]);
    for (const format of [nm(1, 65536), dbb(1, 65536)]) {
      expect(() => encode(column, format)).toThrow(/longer than the rows/);
    }
  });

  test("damaged streams are InputErrors or decode to a tensor of the right size, never a crash", () => {
    const format = fc.oneof(anyFormat, fc.constant(nm(8, 8)), fc.constant(dbb(5, 5)));
    fc.assert(
      fc.property(
        tensors(200),
        format,
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (sample, kind, which, where, byte) => {
          const encoded = encode(sample, kind);
          const names = Object.keys(encoded.metadata);
          const name = names[which % Math.max(1, names.length)];
          const stream = name === undefined ? undefined : encoded.metadata[name];
          fc.pre(name !== undefined && stream !== undefined && stream.bytes.length > 0);
          if (name === undefined || stream === undefined) return;
          const bytes = stream.bytes.slice();
          bytes[where % bytes.length] = byte;
          try {
            expect(
              decode({ ...encoded, metadata: { ...encoded.metadata, [name]: { ...stream, bytes } } }).data.length,
            ).toBe(sample.data.length);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
          expect(() =>
            decode({ ...encoded, metadata: { ...encoded.metadata, [name]: { ...stream, bits: stream.bits + 1 } } }),
          ).toThrow(InputError);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("expected sizes", () => {
  test("are the mean of real sizes over seeds, for uniform positions", () => {
    for (const format of [bitmap(), csr(), zvc(32), runLength(2), runLength(4)]) {
      for (const density of [0.05, 0.3, 0.9]) {
        let total = 0;
        for (let seed = 0; seed < 8; seed++) {
          total += sizeBits(generate({ kind: "uniform", density }, "int8", [64, 256], seed), format);
        }
        const expected = formats.expectedSizeBits("int8", [64, 256], density, format);
        expect(Math.abs(total / 8 / expected - 1)).toBeLessThan(0.03);
      }
    }
    expect(formats.expectedSizeBits("int8", [10, 10], 0, runLength(4))).toBe(0);
    expect(formats.expectedSizeBits("int8", [10, 10], 1, runLength(4))).toBe(100 * 12);
    expect(() => formats.expectedSizeBits("int8", [10, 10], 1.5, dense())).toThrow(InputError);
  });
});

describe("formats as text", () => {
  test("parseFormat undoes formatText, and fills defaults", () => {
    for (const format of [dense(), bitmap(), csr(16, 24), csc(), coo(9), runLength(5), nm(2, 4), dbb(4, 8), zvc(32)]) {
      expect(formats.parseFormat(formats.formatText(format))).toEqual(format);
    }
    expect(formats.parseFormat(" CSR(16) ")).toEqual(csr(16, 32));
  });

  test.each([
    "",
    "cssr",
    "csr(",
    "csr(a)",
    "csr(1,2,3)",
    "nm(2)",
    "run-length",
    "run-length(99)",
    "dense(1)",
    "constructor",
    "csr(-1)",
    "nm(4,2)",
  ])("refuses %j", (text) => {
    expect(() => formats.parseFormat(text)).toThrow(InputError);
  });

  test("suggests the nearest kind", () => {
    expect(() => formats.parseFormat("bitmpa")).toThrow(/did you mean "bitmap"/);
  });
});

test("a density of 1 in CSR is larger than dense by the metadata alone", () => {
  fc.assert(
    fc.property(tensors(500, ["int8"]), (x) => {
      const [rows] = matrixShape(x.shape);
      expect(sizeBits(x, csr(16, 16))).toBe((rows + 1) * 16 + countNonZeros(x) * (16 + elementBits(x.type)));
      expect(sizeBits(x, dense())).toBe(elementCount(x.shape) * 8);
    }),
  );
});
