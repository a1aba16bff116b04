// Shape rules against brute-force counts and published layers, and the errors of impossible dimensions.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import type { Conv2d, Matmul } from "./layer.ts";
import {
  broadcastOutput,
  concatOutput,
  flattenOutput,
  globalPoolOutput,
  macs,
  matmulOutput,
  operandShapes,
  outputShape,
  poolingOutput,
  reductionLength,
  reshapeOutput,
  transposeOutput,
  validateOperation,
  windowPositions,
} from "./shapes.ts";

const CONV: Conv2d = {
  operator: "conv2d",
  batch: 1,
  inChannels: 3,
  height: 224,
  width: 224,
  outChannels: 64,
  kernelHeight: 7,
  kernelWidth: 7,
  stride: [2, 2],
  padding: [3, 3, 3, 3],
  dilation: [1, 1],
  groups: 1,
};
const MATMUL: Matmul = { operator: "matmul", batch: 2, M: 5, N: 7, K: 11 };

/** The path that an InputError names, or what else happened. */
function faultOf(run: () => unknown): { path: string | undefined; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return { path: error.fault.path, message: error.message };
    throw error;
  }
  throw new Error("nothing was thrown");
}

const windows = fc.record({
  size: fc.integer({ min: 1, max: 30 }),
  kernel: fc.integer({ min: 1, max: 7 }),
  stride: fc.integer({ min: 1, max: 6 }),
  before: fc.integer({ min: 0, max: 4 }),
  after: fc.integer({ min: 0, max: 4 }),
  dilation: fc.integer({ min: 1, max: 4 }),
});

describe("windows", () => {
  test("floor: as many positions as windows that lie inside the padded input", () => {
    fc.assert(
      fc.property(windows, (window) => {
        const span = window.dilation * (window.kernel - 1) + 1;
        const padded = window.size + window.before + window.after;
        fc.pre(span <= padded);
        let count = 0;
        for (let start = 0; start + span <= padded; start += window.stride) count++;
        expect(windowPositions(window, "w")).toBe(count);
      }),
    );
  });

  test("ceil: one more where pixels are left over, unless that window would start past the input", () => {
    fc.assert(
      fc.property(windows, (window) => {
        const span = window.dilation * (window.kernel - 1) + 1;
        const padded = window.size + window.before + window.after;
        fc.pre(span <= padded);
        const floor = windowPositions(window, "w");
        const covered = (floor - 1) * window.stride + span;
        const extra = covered < padded && floor * window.stride < window.size + window.before;
        // Where even the floor's last window starts past the input, the ceiling's rule drops it too.
        fc.pre((floor - 1) * window.stride < window.size + window.before);
        expect(windowPositions(window, "w", true)).toBe(floor + (extra ? 1 : 0));
      }),
    );
  });

  test("SqueezeNet's pools round up: 109, 54, 27, 13", () => {
    let shape: readonly number[] = [1, 96, 109, 109];
    const sizes = [109];
    for (let i = 0; i < 3; i++) {
      shape = poolingOutput(shape, { kernel: [3, 3], stride: [2, 2], padding: [0, 0, 0, 0], ceil: true }, "pool");
      sizes.push(shape[2] ?? 0);
    }
    expect(sizes).toEqual([109, 54, 27, 13]);
  });
});

describe("operations", () => {
  test("ResNet's first convolution: 112 x 112, 118,013,952 MACs", () => {
    expect(outputShape(CONV)).toEqual([1, 64, 112, 112]);
    expect(reductionLength(CONV)).toBe(147);
    expect(macs(CONV)).toBe(118_013_952);
    expect(operandShapes(CONV)).toEqual({ A: [64, 3, 7, 7], B: [1, 3, 224, 224] });
  });

  test("groups divide the MACs, dilation widens the kernel", () => {
    const grouped = { ...CONV, inChannels: 32, outChannels: 32, groups: 32 };
    expect(macs(grouped) * 32).toBe(macs({ ...grouped, groups: 1 }));
    expect(outputShape({ ...CONV, dilation: [2, 3] })).toEqual([1, 64, 109, 106]);
  });

  test("matmul", () => {
    expect(outputShape(MATMUL)).toEqual([2, 5, 7]);
    expect(macs(MATMUL)).toBe(2 * 5 * 7 * 11);
    expect(operandShapes(MATMUL)).toEqual({ A: [2, 5, 11], B: [2, 11, 7] });
  });

  test.each([
    [{ ...CONV, batch: 0 }, "conv1.batch"],
    [{ ...CONV, height: -3 }, "conv1.height.size"],
    [{ ...CONV, height: Number.NaN }, "conv1.height.size"],
    [{ ...CONV, width: 2 ** 31 }, "conv1.width.size"],
    [{ ...CONV, outChannels: 1.5 }, "conv1.outChannels"],
    [{ ...CONV, groups: 2 }, "conv1.groups"],
    [{ ...CONV, groups: 3 }, "conv1.groups"],
    [{ ...CONV, stride: [2, 0] as const }, "conv1.width.stride"],
    [{ ...CONV, padding: [0, 0, -1, 0] as const }, "conv1.height.padding"],
    [{ ...CONV, dilation: [40, 1] as const }, "conv1.height"],
    [{ ...MATMUL, K: 0 }, "conv1.K"],
    [{ ...MATMUL, M: 2 ** 30, N: 2 ** 30 }, "conv1"],
    [{ ...CONV, height: 2 ** 31 - 1, width: 2 ** 31 - 1, stride: [2 ** 30, 2 ** 30] as const }, "conv1.B"],
  ])("%# is refused at its field", (operation, path) => {
    expect(faultOf(() => validateOperation(operation, "conv1")).path).toBe(path);
  });

  test("a kernel that does not fit says what would", () => {
    const { message } = faultOf(() => validateOperation({ ...CONV, height: 4, padding: [1, 1, 1, 1] }, "conv1"));
    expect(message).toBe(
      'conv1.height: the kernel does not fit the padded input; found "kernel 7, dilation 1 (spans 7)"; expected at most 6 (input 4 and padding 1 + 1)',
    );
  });

  test("the largest operation that still counts exactly passes", () => {
    const largest: Matmul = { operator: "matmul", batch: 2, M: 2 ** 26, N: 2 ** 26, K: 1 };
    expect(macs(largest)).toBe(2 ** 53);
    expect(() => validateOperation({ ...largest, K: 2 }, "x")).toThrow(InputError);
  });
});

describe("reshaping operators", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

  test("broadcast: commutative, and every input stretches to the output", () => {
    fc.assert(
      fc.property(
        shapes,
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        fc.nat({ max: 3 }),
        (shape, ones, drop) => {
          const other = shape.map((extent, i) => (ones[i] === true ? 1 : extent)).slice(Math.min(drop, shape.length));
          expect(broadcastOutput([shape, other], "add")).toEqual(shape);
          expect(broadcastOutput([other, shape], "add")).toEqual(shape);
        },
      ),
    );
    expect(
      faultOf(() =>
        broadcastOutput(
          [
            [2, 3],
            [2, 4],
          ],
          "add",
        ),
      ).message,
    ).toBe('add: shapes do not broadcast on axis 1; found "[2, 3] and [2, 4]"; expected equal extents, or 1');
  });

  test.each([
    [
      [2, 3],
      [3, 4],
      [2, 4],
    ],
    [
      [5, 1, 2, 3],
      [7, 3, 4],
      [5, 7, 2, 4],
    ],
    [[3], [3, 4], [4]],
    [[2, 3], [3], [2]],
    [[3], [3], []],
  ])("matmul %j by %j is %j", (left, right, output) => {
    expect(matmulOutput(left, right, "matmul")).toEqual(output);
  });

  test("matmul with different inner dimensions is refused", () => {
    expect(faultOf(() => matmulOutput([2, 3], [4, 5], "m")).message).toContain("inner dimensions");
  });

  test("concat sums one axis", () => {
    expect(
      concatOutput(
        [
          [1, 64, 28, 28],
          [1, 128, 28, 28],
        ],
        1,
        "cat",
      ),
    ).toEqual([1, 192, 28, 28]);
    expect(
      concatOutput(
        [
          [1, 2],
          [1, 3],
        ],
        -1,
        "cat",
      ),
    ).toEqual([1, 5]);
    expect(
      faultOf(() =>
        concatOutput(
          [
            [1, 2],
            [2, 3],
          ],
          1,
          "cat",
        ),
      ).message,
    ).toContain("[1, 2] but for axis 1");
    expect(faultOf(() => concatOutput([], 1, "cat")).path).toBe("cat");
    expect(faultOf(() => concatOutput([[1]], 1, "cat")).message).toContain("no such axis");
  });

  test("reshape keeps the number of elements whatever the -1 stands for", () => {
    fc.assert(
      fc.property(shapes, fc.nat({ max: 3 }), (shape, hole) => {
        const target = shape.map((extent, i) => (i === hole ? -1 : extent)).toReversed();
        expect(reshapeOutput(shape, target, "r")).toEqual(shape.toReversed());
      }),
    );
    expect(reshapeOutput([2, 3, 4], [0, -1], "r")).toEqual([2, 12]);
    for (const target of [[5, 5], [-1, -1], [-1, 5], [24, 1, 1, 0], [-2, 12], [0.5]]) {
      expect(() => reshapeOutput([2, 3, 4], target, "r")).toThrow(InputError);
    }
  });

  test("flatten, transpose, global pool", () => {
    expect(flattenOutput([2, 3, 4], 1, "f")).toEqual([2, 12]);
    expect(flattenOutput([2, 3, 4], 3, "f")).toEqual([24, 1]);
    expect(flattenOutput([2, 3, 4], -1, "f")).toEqual([6, 4]);
    expect(transposeOutput([2, 3, 4], [2, 0, 1], "t")).toEqual([4, 2, 3]);
    expect(transposeOutput([2, 3, 4], undefined, "t")).toEqual([4, 3, 2]);
    expect(() => transposeOutput([2, 3, 4], [0, 0, 1], "t")).toThrow(InputError);
    expect(globalPoolOutput([1, 512, 7, 7], "g")).toEqual([1, 512, 1, 1]);
    expect(() => globalPoolOutput([1, 512], "g")).toThrow(InputError);
    expect(() => flattenOutput([2, 0], 1, "f")).toThrow(InputError);
  });
});
