// The golden evaluator against an independent formulation: here every input value is scattered to the outputs that it
// reaches, there every output gathers its inputs.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import type { ElementType, Tensor, TensorData } from "../tensor/tensor.ts";
import { goldenElement, goldenElements, goldenOutput, plainOperand } from "./golden.ts";
import type { Conv2d, Matmul } from "./layer.ts";
import { operandShapes, outputShape } from "./shapes.ts";

const ARRAYS: Record<ElementType, (values: number[]) => TensorData> = {
  int8: (values) => Int8Array.from(values),
  uint8: (values) => Uint8Array.from(values),
  int16: (values) => Int16Array.from(values),
  int32: (values) => Int32Array.from(values),
  float32: (values) => Float32Array.from(values),
};

const tensor = (type: ElementType, shape: readonly number[], value: (index: number) => number): Tensor => {
  const length = shape.reduce((product, extent) => product * extent, 1);
  return { type, shape, data: ARRAYS[type](Array.from({ length }, (_, i) => value(i))) };
};

/** Small reproducible values; the exact sequence does not matter. */
const noise =
  (seed: number) =>
  (index: number): number =>
    (((index * 2654435761 + seed * 40503) >>> 7) % 17) - 8;

const convolutions: fc.Arbitrary<Conv2d> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 3 }),
    filters: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 7 }),
    width: fc.integer({ min: 1, max: 7 }),
    kernelHeight: fc.integer({ min: 1, max: 3 }),
    kernelWidth: fc.integer({ min: 1, max: 3 }),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.nat({ max: 2 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  })
  .map(({ channels, filters, ...rest }): Conv2d => ({
    operator: "conv2d",
    ...rest,
    inChannels: channels * rest.groups,
    outChannels: filters * rest.groups,
  }))
  .filter(
    (c) =>
      c.dilation[0] * (c.kernelHeight - 1) < c.height + c.padding[0] + c.padding[2] &&
      c.dilation[1] * (c.kernelWidth - 1) < c.width + c.padding[1] + c.padding[3],
  );

function scatter(conv: Conv2d, weights: TensorData, image: TensorData): number[] {
  const [, , outHeight = 0, outWidth = 0] = outputShape(conv);
  const output = Array.from({ length: conv.batch * conv.outChannels * outHeight * outWidth }, () => 0);
  const perGroup = conv.inChannels / conv.groups;
  const filtersPerGroup = conv.outChannels / conv.groups;
  for (let i = 0; i < image.length; i++) {
    const x = i % conv.width;
    const y = Math.floor(i / conv.width) % conv.height;
    const channel = Math.floor(i / (conv.width * conv.height)) % conv.inChannels;
    const n = Math.floor(i / (conv.width * conv.height * conv.inChannels));
    const group = Math.floor(channel / perGroup);
    for (let f = group * filtersPerGroup; f < (group + 1) * filtersPerGroup; f++) {
      for (let r = 0; r < conv.kernelHeight; r++) {
        for (let s = 0; s < conv.kernelWidth; s++) {
          const row = (y + conv.padding[0] - r * conv.dilation[0]) / conv.stride[0];
          const column = (x + conv.padding[1] - s * conv.dilation[1]) / conv.stride[1];
          if (!Number.isInteger(row) || !Number.isInteger(column)) continue;
          if (row < 0 || row >= outHeight || column < 0 || column >= outWidth) continue;
          const weight =
            weights[((f * perGroup + (channel % perGroup)) * conv.kernelHeight + r) * conv.kernelWidth + s] ?? 0;
          const at = ((n * conv.outChannels + f) * outHeight + row) * outWidth + column;
          output[at] = (output[at] ?? 0) + weight * (image[i] ?? 0);
        }
      }
    }
  }
  return output;
}

describe("convolution", () => {
  test("equals scattering, for any strides, padding, dilation and groups", () => {
    fc.assert(
      fc.property(convolutions, fc.nat(1000), (conv, seed) => {
        const shapes = operandShapes(conv);
        const A = tensor("int8", shapes.A, noise(seed));
        const B = tensor("int8", shapes.B, noise(seed + 1));
        const whole = goldenOutput(conv, plainOperand(A), plainOperand(B), "integer");
        expect([...whole]).toEqual(scatter(conv, A.data, B.data));
        const last = whole.length - 1;
        expect(goldenElement(conv, plainOperand(A), plainOperand(B), last, "integer")).toBe(whole[last]);
        expect([...goldenElements(conv, plainOperand(A), plainOperand(B), [last, 0], "integer")]).toEqual([
          whole[last],
          whole[0],
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test("channel-last values need only other strides", () => {
    const conv: Conv2d = {
      operator: "conv2d",
      batch: 1,
      inChannels: 2,
      height: 4,
      width: 5,
      outChannels: 3,
      kernelHeight: 2,
      kernelWidth: 2,
      stride: [1, 1],
      padding: [0, 1, 1, 0],
      dilation: [1, 1],
      groups: 1,
    };
    const A = plainOperand(tensor("int16", [3, 2, 2, 2], noise(3)));
    const first = tensor("int16", [1, 2, 4, 5], noise(4));
    const channelLast = tensor("int16", [1, 4, 5, 2], (i) => first.data[(i % 2) * 20 + Math.floor(i / 2)] ?? 0);
    expect(goldenOutput(conv, A, { tensor: channelLast, strides: [40, 1, 10, 2] }, "integer")).toEqual(
      goldenOutput(conv, A, plainOperand(first), "integer"),
    );
  });
});

describe("matrix product", () => {
  const MATMUL: Matmul = { operator: "matmul", batch: 1, M: 2, N: 2, K: 3 };
  const A = tensor("int8", [1, 2, 3], (i) => i + 1);
  const B = tensor("uint8", [1, 3, 2], (i) => i + 7);

  test("a product worked by hand", () => {
    expect([...goldenOutput(MATMUL, plainOperand(A), plainOperand(B), "integer")]).toEqual([58, 64, 139, 154]);
  });

  test("transposed and broadcast operands by strides", () => {
    const transposed = tensor("uint8", [2, 3], (i) => B.data[(i % 3) * 2 + Math.floor(i / 3)] ?? 0);
    const twice: Matmul = { ...MATMUL, batch: 2 };
    const output = goldenOutput(
      twice,
      { tensor: A, strides: [0, 3, 1] },
      { tensor: transposed, strides: [0, 1, 3] },
      "integer",
    );
    expect([...output]).toEqual([58, 64, 139, 154, 58, 64, 139, 154]);
  });

  test("equals a product of integers of any size", () => {
    const sizes = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(sizes, sizes, sizes, sizes, fc.nat(1000), (batch, M, N, K, seed) => {
        const left = tensor("int32", [batch, M, K], noise(seed));
        const right = tensor("int32", [batch, K, N], noise(seed + 7));
        const output = goldenOutput(
          { operator: "matmul", batch, M, N, K },
          plainOperand(left),
          plainOperand(right),
          "integer",
        );
        for (let i = 0; i < output.length; i++) {
          const [b, m, n] = [Math.floor(i / (M * N)), Math.floor(i / N) % M, i % N];
          let sum = 0n;
          for (let k = 0; k < K; k++) {
            sum += BigInt(left.data[(b * M + m) * K + k] ?? 0) * BigInt(right.data[(b * K + k) * N + n] ?? 0);
          }
          expect(output[i]).toBe(Number(sum));
        }
      }),
    );
  });

  test("real arithmetic keeps what float32 would lose", () => {
    const left = tensor("float32", [1, 1, 3], (i) => [2 ** 25, 1, -(2 ** 25)][i] ?? 0);
    const right = tensor("float32", [1, 3, 1], () => 1);
    const product: Matmul = { operator: "matmul", batch: 1, M: 1, N: 1, K: 3 };
    expect(goldenElement(product, plainOperand(left), plainOperand(right), 0, "real")).toBe(1);
  });

  test("sums that a Number cannot hold are refused, the largest that it can are not", () => {
    const product: Matmul = { operator: "matmul", batch: 1, M: 1, N: 1, K: 2 };
    const evaluate = (a: number, b: number, second: number): number =>
      goldenElement(
        product,
        plainOperand(tensor("int32", [1, 1, 2], (i) => (i === 0 ? a : second))),
        plainOperand(tensor("int32", [1, 2, 1], (i) => (i === 0 ? b : 1))),
        0,
        "integer",
      );
    expect(evaluate(2 ** 30, 2 ** 23 - 1, 2 ** 30 - 1)).toBe(2 ** 53 - 1);
    for (const second of [2 ** 30, 2 ** 30 + 1]) {
      expect(() => evaluate(2 ** 30, 2 ** 23 - 1, second)).toThrow("integer sum too large to stay exact");
    }
    expect(() => evaluate(2 ** 30, 2 ** 23, -1)).toThrow(InputError);
    expect(() => evaluate(2 ** 30, 2 ** 30, 0)).toThrow(InputError);
  });

  test("operands that do not fit, and elements that do not exist, are refused", () => {
    const fits = plainOperand(B);
    expect(() => goldenOutput(MATMUL, { tensor: A, strides: [6, 4, 1] }, fits, "integer")).toThrow(
      /matmul.A: the operand does not cover/,
    );
    expect(() => goldenOutput(MATMUL, { tensor: A, strides: [3, 1] }, fits, "integer")).toThrow(InputError);
    expect(() => goldenOutput(MATMUL, { tensor: A, strides: [6, 3, -1] }, fits, "integer")).toThrow(InputError);
    expect(() => goldenOutput({ ...MATMUL, K: 4 }, plainOperand(A), fits, "integer")).toThrow(InputError);
    const real = plainOperand(tensor("float32", [1, 2, 3], () => 1));
    expect(() => goldenOutput(MATMUL, real, fits, "integer")).toThrow(/integer arithmetic on real values/);
    for (const index of [-1, 4, 0.5, Number.NaN]) {
      expect(() => goldenElement(MATMUL, plainOperand(A), fits, index, "integer")).toThrow(InputError);
      expect(() => goldenElements(MATMUL, plainOperand(A), fits, [0, index], "integer")).toThrow(InputError);
    }
    const huge: Matmul = { operator: "matmul", batch: 1, M: 2 ** 20, N: 2 ** 20, K: 1 };
    const one = tensor("int8", [1], () => 1);
    expect(() =>
      goldenOutput(huge, { tensor: one, strides: [0, 0, 0] }, { tensor: one, strides: [0, 0, 0] }, "integer"),
    ).toThrow(/too large to evaluate whole/);
    expect(
      goldenElement(
        huge,
        { tensor: one, strides: [0, 0, 0] },
        { tensor: one, strides: [0, 0, 0] },
        2 ** 40 - 1,
        "integer",
      ),
    ).toBe(1);
  });
});
