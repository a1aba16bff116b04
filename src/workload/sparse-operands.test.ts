// Sparse operands against the dense lowering, their counts, and what random ones depend on.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import { denseFromSparse, sparseFromDense, sparseMatrix } from "../tensor/sparse-matrix.ts";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import { tensor } from "../tensor/tensor.ts";
import { assumedLayer } from "./build.ts";
import { denseMacs, effectualMacs } from "./effectual.ts";
import type { ComputeLayer, ComputeOperation, Conv2d, Operand } from "./layer.ts";
import { loweredValues } from "./lowered-values.ts";
import { lower } from "./lowering.ts";
import { operandShapes } from "./shapes.ts";
import { countedLayer, sparseLayer } from "./sparse-layer.ts";
import { sparseOperands } from "./sparse-operands.ts";
import { countProduct } from "./sparse-product.ts";

const convolutions: fc.Arbitrary<Conv2d> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 3 }),
    channels: fc.integer({ min: 1, max: 3 }),
    filters: fc.integer({ min: 1, max: 3 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4)),
    more: fc.tuple(fc.nat(5), fc.nat(5)),
  })
  .map(({ groups, channels, filters, kernel, stride, dilation, padding, more, batch }) => ({
    operator: "conv2d",
    batch,
    inChannels: groups * channels,
    outChannels: groups * filters,
    // At least one input, and room for the dilated kernel.
    height: Math.max(1, dilation[0] * (kernel[0] - 1) + 1 - padding[0] - padding[2]) + more[0],
    width: Math.max(1, dilation[1] * (kernel[1] - 1) + 1 - padding[1] - padding[3]) + more[1],
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    stride,
    dilation,
    padding,
    groups,
  }));

const matmuls: fc.Arbitrary<ComputeOperation> = fc.record({
  operator: fc.constant("matmul" as const),
  batch: fc.integer({ min: 1, max: 3 }),
  M: fc.integer({ min: 1, max: 6 }),
  N: fc.integer({ min: 1, max: 6 }),
  K: fc.integer({ min: 1, max: 6 }),
});

const operations = fc.oneof(convolutions, matmuls);

/** An operand with zeros, its axes in any order in memory; a matmul may share it between its entries. */
const operandOf = (shape: readonly number[], shareable: boolean): fc.Arbitrary<Operand> =>
  fc
    .record({
      order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
      shared: fc.boolean(),
      seed: fc.nat(),
      density: fc.constantFrom(0, 0.2, 0.6, 1),
    })
    .map(({ order, shared, seed, density }) => {
      const strides = shape.map(() => 0);
      let size = 1;
      for (const axis of order) {
        if (shared && shareable && axis === 0) continue;
        strides[axis] = size;
        size *= shape[axis] ?? 1;
      }
      const filled = randomSparse(1, size, Math.round(density * size), seed);
      return { tensor: tensor("float32", [size], [...denseFromSparse(filled)]), strides };
    });

const layers: fc.Arbitrary<ComputeLayer> = operations.chain((operation) => {
  const { A, B } = operandShapes(operation);
  const shareable = operation.operator === "matmul";
  return fc
    .record({ A: operandOf(A, shareable), B: operandOf(B, shareable) })
    .map((values) => ({ ...assumedLayer("layer", operation, true), values }));
});

const entriesOf = ({ column }: SparseMatrix): number => column.length;

/** Throws where the parts of a matrix contradict each other. */
const valid = ({ rows, columns, rowStart, column, value }: SparseMatrix): SparseMatrix =>
  sparseMatrix(rows, columns, rowStart, column, value);

/** Places of the lowered input of one group that are no padding. */
function placesInside(conv: Conv2d): number {
  const ones: Operand = { tensor: tensor("int8", [1], [1]), strides: [0, 0, 0, 0] };
  const { K, N } = lower(conv, "per-group");
  const { b } = loweredValues(conv, "per-group", ones, ones);
  let inside = 0;
  for (let k = 0; k < K; k++) for (let n = 0; n < N; n++) inside += b(0, k, n);
  return inside;
}

describe("from values", () => {
  test("equal the dense lowering and hold no zero", () => {
    fc.assert(
      fc.property(layers, (layer) => {
        const { operation, values } = layer;
        if (values?.A === undefined || values.B === undefined) throw new Error("a layer without values");
        const { M, N, K, count } = lower(operation, "per-group");
        const dense = loweredValues(operation, "per-group", values.A, values.B);
        const pairs = sparseOperands(layer, 1);
        expect(pairs).toHaveLength(count);
        for (const [p, { A, B }] of pairs.entries()) {
          expect(denseFromSparse(valid(A))).toEqual(
            Float64Array.from({ length: M * K }, (_, i) => dense.a(p, Math.floor(i / K), i % K)),
          );
          expect(denseFromSparse(valid(B))).toEqual(
            Float64Array.from({ length: K * N }, (_, i) => dense.b(p, Math.floor(i / N), i % N)),
          );
          expect([...(A.value ?? []), ...(B.value ?? [])]).not.toContain(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("give the products that are counted on the values", () => {
    fc.assert(
      fc.property(layers, (layer) => {
        const products = sparseOperands(layer, 1).map(({ A, B }) => countProduct(A, B).multiplications);
        expect(products.reduce((sum, count) => sum + count, 0)).toBe(effectualMacs(layer).macs);
      }),
    );
  });

  test("one operand with values keeps them; the other is drawn", () => {
    fc.assert(
      fc.property(layers, fc.constantFrom("A" as const, "B" as const), (layer, kept) => {
        const half = { ...layer, values: { [kept]: layer.values?.[kept] }, density: { A: 0.5, B: 0.5 } };
        const whole = sparseOperands(layer, 1);
        for (const [p, pair] of sparseOperands(half, 1).entries()) expect(pair[kept]).toEqual(whole[p]?.[kept]);
      }),
    );
  });
});

describe("from shapes", () => {
  test("entries are density times the places that are no padding, rounded", () => {
    fc.assert(
      fc.property(operations, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (operation, density, seed) => {
        const layer = { ...assumedLayer("layer", operation, true), density: { A: density, B: 1 - density } };
        const { M, N, K } = lower(operation, "per-group");
        const places = operation.operator === "conv2d" ? placesInside(operation) : K * N;
        for (const { A, B } of sparseOperands(layer, seed)) {
          expect([A.rows, A.columns, B.rows, B.columns]).toEqual([M, K, K, N]);
          expect(entriesOf(valid(A))).toBe(Math.round(density * M * K));
          expect(entriesOf(valid(B))).toBe(Math.round((1 - density) * places));
        }
      }),
    );
  });

  test("at density 1 exactly the padding is left out", () => {
    fc.assert(
      fc.property(convolutions, (conv) => {
        const ones: Operand = { tensor: tensor("int8", [1], [1]), strides: [0, 0, 0, 0] };
        const { K, N } = lower(conv, "per-group");
        const { b } = loweredValues(conv, "per-group", ones, ones);
        for (const { B } of sparseOperands(assumedLayer("layer", conv, true), 3)) {
          const { rows, columns, rowStart, column } = B;
          expect(denseFromSparse({ rows, columns, rowStart, column })).toEqual(
            Float64Array.from({ length: K * N }, (_, i) => b(0, Math.floor(i / N), i % N)),
          );
        }
      }),
    );
  });

  test("depend on the seed, the operand and the product, and not on the name", () => {
    const operation = { operator: "matmul", batch: 3, M: 20, N: 20, K: 20 } as const;
    const layer = { ...assumedLayer("one", operation, false), density: { A: 0.3, B: 0.3 } };
    const pairs = sparseOperands(layer, 1);
    expect(sparseOperands({ ...layer, name: "other" }, 1)).toEqual(pairs);
    const all = [...pairs, ...sparseOperands(layer, 2)].flatMap(({ A, B }) => [A.column.join(), B.column.join()]);
    expect(new Set(all).size).toBe(12);
  });

  test("constant weights are one matrix for all entries of a batch", () => {
    const operation = { operator: "matmul", batch: 3, M: 9, N: 9, K: 9 } as const;
    const pairs = sparseOperands({ ...assumedLayer("fc", operation, true), density: { A: 0.5, B: 0.5 } }, 1);
    expect(new Set(pairs.map(({ A }) => A)).size).toBe(1);
    expect(new Set(pairs.map(({ B }) => B.column.join())).size).toBe(3);
  });

  test("the groups of a convolution have weights of their own", () => {
    const conv: Conv2d = {
      operator: "conv2d",
      batch: 1,
      inChannels: 16,
      height: 6,
      width: 6,
      outChannels: 16,
      kernelHeight: 3,
      kernelWidth: 3,
      stride: [1, 1],
      padding: [1, 1, 1, 1],
      dilation: [1, 1],
      groups: 2,
    };
    const [first, second] = sparseOperands({ ...assumedLayer("conv", conv, true), density: { A: 0.5, B: 0.5 } }, 1);
    expect(first?.A.column).not.toEqual(second?.A.column);
  });
});

describe("bad sizes name the layer", () => {
  const layer = (M: number, K: number, density: number): ComputeLayer => ({
    ...assumedLayer("fc", { operator: "matmul", batch: 1, M, N: 1, K }, true),
    density: { A: density, B: 1 },
  });

  test.each([
    [layer(2 ** 15, 2 ** 15, 1), /^fc: A: too many entries to draw at random; found "1073741824"; expected at most/],
    [layer(2 ** 29, 1, 1e-9), /^fc: rows: bad dimension of a sparse matrix/],
    [{ ...layer(2, 2, 1), nonZeros: { A: 5, B: 0 } }, /^fc: nonZeros: bad number of non-zeros; found "5"/],
  ])("%#", (bad, message) => {
    expect(() => sparseOperands(bad, 1)).toThrow(message);
  });
});

describe("sparse layers", () => {
  const A = sparseFromDense({ data: [1, 0, 0, 2, 3, 0], rows: 2, columns: 3, strides: [3, 1] });
  const B = sparseFromDense({ data: [0, 1, 1, 1, 0, 0], rows: 3, columns: 2, strides: [2, 1] });

  test("keep their matrices, with measured densities and exact counts", () => {
    const layer = sparseLayer("A x B", A, B);
    expect(layer).toMatchObject({
      operation: { operator: "matmul", batch: 1, M: 2, N: 2, K: 3 },
      density: { A: 0.5, B: 0.5 },
      densitySource: { A: "measured", B: "measured" },
    });
    expect(sparseOperands(layer, 7)).toEqual([{ A, B }]);
    expect(effectualMacs(layer)).toEqual({ macs: 4, source: "exact" });
    expect(denseMacs(layer)).toBe(12);
  });

  test("of random matrices count what the product counts", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
        fc.nat(9),
        fc.nat(9),
        fc.nat(),
        ([M, K, N], a, b, seed) => {
          const left = randomSparse(M, K, Math.min(a, M * K), seed);
          const right = randomSparse(K, N, Math.min(b, K * N), seed);
          expect(effectualMacs(sparseLayer("random", left, right)).macs).toBe(
            countProduct(left, right).multiplications,
          );
        },
      ),
    );
  });

  test("refuse inner dimensions that differ", () => {
    expect(() => sparseLayer("A x A", A, A)).toThrow(/^A x A: inner dimensions differ; found "2 x 3 times 2 x 3"/);
  });

  test("may have more dense multiply-accumulates than a Number counts", () => {
    const size = 1e6;
    const empty = sparseMatrix(size, size, new Uint32Array(size + 1), new Uint32Array(0));
    const layer = sparseLayer("large", empty, empty);
    expect(denseMacs(layer)).toBe(1e18);
    expect(effectualMacs(layer)).toEqual({ macs: 0, source: "exact" });
    const shape = assumedLayer("shape", layer.operation, true);
    expect(() => denseMacs(shape)).toThrow(/^shape: too many multiply-accumulates/);
  });
});

describe("counted layers", () => {
  test("draw exactly the entries that they know of", () => {
    const layer = countedLayer("fc", { M: 30, N: 7, K: 11 }, { A: 101, B: 13 });
    expect(layer.density).toEqual({ A: 101 / 330, B: 13 / 77 });
    expect(layer.densitySource).toEqual({ A: "given", B: "given" });
    const [pair] = sparseOperands(layer, 5);
    expect(pair?.A.column).toHaveLength(101);
    expect(pair?.B.column).toHaveLength(13);
  });

  test.each([
    [{ A: 7, B: 1 }, /^fc\.nonZeros\.A: .*found "7"; expected an integer from 0 to 6/],
    [{ A: 1, B: -1 }, /^fc\.nonZeros\.B: .*found "-1"/],
    [{ A: 0.5, B: 1 }, /^fc\.nonZeros\.A: /],
  ])("refuse counts that do not fit: %j", (nonZeros, message) => {
    expect(() => countedLayer("fc", { M: 2, N: 2, K: 3 }, nonZeros)).toThrow(message);
  });
});
