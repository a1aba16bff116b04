// .npy files: round trips, files as NumPy writes them, conversions, and mutated files that must fail cleanly.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensors } from "../../test/support/tensors.ts";
import { InputError } from "../base/error.ts";
import { tensor } from "../tensor/tensor.ts";
import { readNpy, writeNpy } from "./npy.ts";

/** A file with this header text, padded as NumPy does, and these bytes of data. */
function npy(header: string, data: ArrayLike<number>, version = 1): Uint8Array {
  const lengthBytes = version === 1 ? 2 : 4;
  const text = new TextEncoder().encode(header);
  const start = Math.ceil((8 + lengthBytes + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + data.length).fill(0x20, 0, start);
  const length = start - 8 - lengthBytes;
  bytes.set(
    [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, length & 0xff, length >> 8, 0, 0].slice(0, 8 + lengthBytes),
  );
  bytes.set(text, 8 + lengthBytes);
  bytes[start - 1] = 0x0a;
  bytes.set(data, start);
  return bytes;
}

const header = (descriptor: string, shape: string, fortran = "False") =>
  `{'descr': '${descriptor}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`;

function bytesOf(length: number, fill: (view: DataView) => void): Uint8Array {
  const view = new DataView(new ArrayBuffer(length));
  fill(view);
  return new Uint8Array(view.buffer);
}

describe("round trip", () => {
  test("readNpy undoes writeNpy for every type, rank and density", () => {
    fc.assert(
      fc.property(tensors(2000), (x) => {
        const bytes = writeNpy(x);
        expect(bytes.length % 64).toBe(x.data.byteLength % 64);
        expect(readNpy(bytes, "x.npy")).toEqual(x);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps NaN, infinities and -0", () => {
    const x = tensor("float32", [4], [Number.NaN, Infinity, -Infinity, -0]);
    expect([...readNpy(writeNpy(x), "x.npy").data]).toEqual([Number.NaN, Infinity, -Infinity, -0]);
  });

  test("reads a part of a larger buffer, at any offset", () => {
    const file = writeNpy(tensor("int32", [2], [7, -8]));
    const buffer = new Uint8Array(file.length + 3);
    buffer.set(file, 3);
    expect([...readNpy(buffer.subarray(3), "x.npy").data]).toEqual([7, -8]);
  });
});

describe("files as NumPy 2.4 writes them", () => {
  // numpy.save(file, numpy.array([[1, 2, 3], [4, 5, 6]], "<f4"))
  const saved = `\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }${" ".repeat(58)}\n\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@\x00\x00\xa0@\x00\x00\xc0@`;
  const bytes = Uint8Array.from(saved, (character) => character.charCodeAt(0));

  test("are read", () => {
    expect(readNpy(bytes, "x.npy")).toEqual(tensor("float32", [2, 3], [1, 2, 3, 4, 5, 6]));
  });

  test("are what writeNpy writes, byte for byte", () => {
    expect(writeNpy(tensor("float32", [2, 3], [1, 2, 3, 4, 5, 6]))).toEqual(bytes);
  });

  test("big-endian and Fortran order", () => {
    const data = [0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6];
    expect(readNpy(npy(header(">i2", "2, 3", "True"), data), "x.npy")).toEqual(
      tensor("int16", [2, 3], [1, 2, 3, 4, 5, 6]),
    );
  });

  test("Fortran order of any rank is the reversed shape transposed", () => {
    fc.assert(
      fc.property(tensors(500, ["int16"]), (x) => {
        const reversed = x.shape.toReversed();
        const file = npy(
          header("<i2", reversed.length === 1 ? `${reversed[0]},` : reversed.join(", "), "True"),
          new Uint8Array(x.data.buffer),
        );
        const read = readNpy(file, "x.npy");
        expect(read.shape).toEqual(reversed);
        // Element (i, j, k) of the file is element (k, j, i) of x.
        const place = (index: number) => {
          let rest = index;
          let target = 0;
          let stride = 1;
          for (const dimension of reversed.toReversed()) stride *= dimension;
          for (const dimension of x.shape.toReversed()) {
            stride /= dimension;
            target += (rest % dimension) * stride;
            rest = Math.floor(rest / dimension);
          }
          return target;
        };
        for (let i = 0; i < x.data.length; i++) {
          if (read.data[place(i)] !== x.data[i]) expect([i, read.data[place(i)]]).toEqual([i, x.data[i]]);
        }
      }),
    );
  });

  test.each([2, 3])("version %i", (version) => {
    expect(readNpy(npy(header("|u1", "3,"), [1, 2, 255], version), "x.npy")).toEqual(tensor("uint8", [3], [1, 2, 255]));
  });

  test("Python 2's long shapes, other key orders and double quotes", () => {
    expect(readNpy(npy(`{"shape": (1L, 2L), 'fortran_order': False, "descr": "|i1"}`, [1, 255]), "x.npy")).toEqual(
      tensor("int8", [1, 2], [1, -1]),
    );
  });

  test("a scalar", () => {
    expect(readNpy(npy(header("|i1", ""), [5]), "x.npy")).toEqual(tensor("int8", [], [5]));
  });
});

describe("conversions", () => {
  test.each<[string, number[] | Uint8Array, string, number[]]>([
    ["|b1", [0, 1, 2], "uint8", [0, 1, 1]],
    ["<u2", [1, 0, 255, 255], "int32", [1, 65535]],
    [">u2", [0, 1, 255, 254], "int32", [1, 65534]],
    ["<u4", [1, 0, 0, 0], "int32", [1]],
    ["<i8", new Uint8Array(BigInt64Array.of(-5n, 2147483647n).buffer), "int32", [-5, 2147483647]],
    [
      ">u8",
      bytesOf(8, (view) => {
        view.setBigUint64(0, 9n);
      }),
      "int32",
      [9],
    ],
    ["<f8", new Uint8Array(Float64Array.of(0.1, -Infinity).buffer), "float32", [Math.fround(0.1), -Infinity]],
    [
      ">f4",
      bytesOf(4, (view) => {
        view.setFloat32(0, -2.5);
      }),
      "float32",
      [-2.5],
    ],
    [
      ">i4",
      bytesOf(4, (view) => {
        view.setInt32(0, -70000);
      }),
      "int32",
      [-70000],
    ],
    // 1, -2, 65504 (largest), 2^-24 (smallest), infinity, NaN
    [
      "<f2",
      [0, 0x3c, 0, 0xc0, 0xff, 0x7b, 1, 0, 0, 0x7c, 0, 0x7e],
      "float32",
      [1, -2, 65504, 2 ** -24, Infinity, Number.NaN],
    ],
  ])("%s %o becomes %s %o", (descriptor, data, type, expected) => {
    const x = readNpy(npy(header(descriptor, `${expected.length},`), data), "x.npy");
    expect(x.type).toBe(type);
    expect([...x.data]).toEqual(expected);
  });

  test.each<[string, Uint8Array]>([
    [
      "<i8",
      bytesOf(8, (view) => {
        view.setBigInt64(0, 2147483648n, true);
      }),
    ],
    [
      "<u4",
      bytesOf(4, (view) => {
        view.setUint32(0, 0xffffffff, true);
      }),
    ],
    [
      "<u8",
      bytesOf(8, (view) => {
        view.setBigUint64(0, 2n ** 64n - 1n, true);
      }),
    ],
    [
      "<f8",
      bytesOf(8, (view) => {
        view.setFloat64(0, 1e300, true);
      }),
    ],
  ])("%s that does not fit is an error with its byte position", (descriptor, data) => {
    expect(() => readNpy(npy(header(descriptor, "1,"), data), "w.npy")).toThrow(/w\.npy.*byte 128 does not fit/);
  });
});

describe("bad files", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["empty", new Uint8Array(), /byte 0.*end of file/],
    ["another kind of file", Uint8Array.of(0x50, 0x4b, 3, 4), /byte 0/],
    ["unknown version", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 9, 0, 0, 0), /version at byte 6.*"9"/],
    ["cut in the header", npy(header("|i1", "3,"), [1, 2, 3]).slice(0, 40), /truncated in its header at byte 40/],
    [
      "header of 4 GB",
      Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255),
      /truncated in its header/,
    ],
    ["cut in the data", npy(header("<f4", "3,"), [1, 2, 3]), /truncated at byte 131.*expected 140 bytes/],
    ["too long", npy(header("|i1", "3,"), [1, 2, 3, 4]), /bytes after the array at byte 131/],
    ["complex numbers", npy(header("<c8", "1,"), [0, 0, 0, 0, 0, 0, 0, 0]), /byte 10.*"<c8"/],
    ["Python objects", npy(header("|O", "1,"), [0]), /element type/],
    [
      "a record type",
      npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }", [0, 0, 0, 0]),
      /element type.*a/,
    ],
    ["no shape", npy("{'descr': '|i1', 'fortran_order': False}", [0]), /lacks shape/],
    ["order as a number", npy("{'descr': '|i1', 'fortran_order': 0, 'shape': (1,)}", [0]), /bad header at byte 44/],
    [
      "a name twice",
      npy("{'descr': '|i1', 'descr': '|i1', 'fortran_order': False, 'shape': (1,)}", [0]),
      /descr given twice/,
    ],
    ["negative dimension", npy(header("|i1", "-3,"), [1]), /bad header.*whole number/],
    ["zero dimension", npy(header("|i1", "0, 3"), []), /shape\[0\].*"0"/],
    ["huge dimensions", npy(header("|i1", "99999999, 99999999"), []), /too large/],
    ["20 digits", npy(header("|i1", "99999999999999999999,"), []), /15 digits/],
  ])("%s", (_, bytes, message) => {
    expect(() => readNpy(bytes, "w.npy")).toThrow(InputError);
    expect(() => readNpy(bytes, "w.npy")).toThrow(message);
    expect(() => readNpy(bytes, "w.npy")).toThrow(/^w\.npy/);
  });

  test("mutated and cut files are InputErrors or tensors, never anything else", () => {
    const files = [
      writeNpy(tensor("int16", [2, 3], [1, 2, 3, 4, 5, 6])),
      npy(header(">f8", "2, 2", "True"), new Uint8Array(32)),
      npy(header("|u1", "3,"), [1, 2, 3], 3),
    ];
    const mutation = fc.record({
      position: fc.nat({ max: 200 }),
      byte: fc.oneof(
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom(...new TextEncoder().encode("0129(){}[],:'\"<>|TFL ")),
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat({ max: 200 })),
        (file, mutations, cut) => {
          const bytes = file.slice(0, cut ?? file.length);
          for (const { position, byte } of mutations) if (position < bytes.length) bytes[position] = byte;
          try {
            const x = readNpy(bytes, "w.npy");
            expect(x.data.length).toBe(x.shape.reduce((product, dimension) => product * dimension, 1));
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("random bytes after the magic", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(1, 2, 3), (noise, version) => {
        const bytes = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...noise);
        expect(() => readNpy(bytes, "w.npy")).toThrow(InputError);
      }),
      { numRuns: 1000 },
    );
  });
});
