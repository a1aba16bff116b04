// Laws of dense tensors: sizes, strides, counting, and the errors of bad input.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { shapes, tensors } from "../../test/support/tensors.ts";
import {
  coordinatesOf,
  countNonZeros,
  density,
  elementCount,
  matrixShape,
  requireFinite,
  rowMajorStrides,
  tensor,
} from "./tensor.ts";

describe("tensor", () => {
  test("is zero without data, adopts a typed array of its type, and copies other numbers", () => {
    expect([...tensor("int8", [2, 2]).data]).toEqual([0, 0, 0, 0]);
    const data = Float32Array.of(1, 2);
    expect(tensor("float32", [2], data).data).toBe(data);
    expect(tensor("int16", [2], Int8Array.of(-1, 5))).toEqual({
      type: "int16",
      shape: [2],
      data: Int16Array.of(-1, 5),
    });
    expect([...tensor("int32", [], [7]).data]).toEqual([7]);
  });

  test.each([
    ["a zero dimension", () => tensor("int8", [3, 0]), /shape\[1\]/],
    ["a negative dimension", () => tensor("int8", [-1]), /shape\[0\]/],
    ["a fraction", () => tensor("int8", [1.5]), /shape\[0\]/],
    ["NaN", () => elementCount([Number.NaN]), /shape\[0\]/],
    ["infinity", () => elementCount([Infinity]), /shape\[0\]/],
    ["more than 2^31 elements", () => tensor("int8", [65536, 65536]), /too large/],
    ["65 axes", () => tensor("int8", new Array<number>(65).fill(1)), /too many axes/],
    ["the wrong length", () => tensor("int8", [2, 2], [1, 2, 3]), /wrong number of elements.*expected 4/],
    ["a number out of range", () => tensor("int8", [2], [1, 128]), /data\[1\].*-128 to 127/],
    ["a fraction among integers", () => tensor("uint8", [1], [0.5]), /data\[0\]/],
    ["NaN among integers", () => tensor("int32", [1], [Number.NaN]), /data\[0\]/],
    ["a number beyond float32", () => tensor("float32", [1], [1e300]), /too large for float32/],
  ])("refuses %s", (_, make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });

  test("allows exactly 2^31 elements", () => {
    expect(elementCount([32768, 65536])).toBe(2 ** 31);
  });

  test("counts non-zeros as a plain loop does; -0 is a zero and NaN is not", () => {
    fc.assert(
      fc.property(tensors(2000), (x) => {
        const expected = Array.from(x.data).filter((value) => value !== 0).length;
        expect(countNonZeros(x)).toBe(expected);
        expect(density(x)).toBe(expected / x.data.length);
      }),
    );
    expect(countNonZeros(tensor("float32", [4], [-0, Number.NaN, 1e-45, 0]))).toBe(2);
  });

  test("row-major strides and coordinates are inverse", () => {
    fc.assert(
      fc.property(shapes(5000), fc.nat(), (shape, pick) => {
        const index = pick % elementCount(shape);
        const coordinates = coordinatesOf(shape, index);
        expect(coordinates.every((coordinate, axis) => coordinate >= 0 && coordinate < (shape[axis] ?? 0))).toBe(true);
        expect(rowMajorStrides(shape).reduce((sum, stride, axis) => sum + stride * (coordinates[axis] ?? 0), 0)).toBe(
          index,
        );
      }),
    );
  });

  test("matrix view: scalar, vector, matrix, higher rank", () => {
    expect([[], [5], [2, 3], [4, 3, 2, 2]].map((shape) => matrixShape(shape))).toEqual([
      [1, 1],
      [1, 5],
      [2, 3],
      [4, 12],
    ]);
  });

  test("requireFinite names the first bad element", () => {
    const x = tensor("float32", [2, 3], [0, 1, 2, 3, Number.NaN, Infinity]);
    expect(() => requireFinite(x, "weights")).toThrow(/weights\[1, 1\].*NaN/);
    expect(() => requireFinite(tensor("float32", [2], [-Infinity, 0]), "weights")).toThrow(/weights\[0\].*-Infinity/);
    requireFinite(tensor("float32", [2], [1, -2]), "weights");
  });
});
