// Orientation and strides of operands: the golden evaluator on captured values gives what ONNX Runtime computes.

import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { goldenOutput } from "../../workload/golden.ts";
import type { ComputeLayer, Network } from "../../workload/layer.ts";
import type { ModelSketch } from "../../../test/support/onnx-models.ts";
import { buildModel, floats, integers, rawTensor } from "../../../test/support/onnx-models.ts";
import { executeOnnx } from "./execute.ts";
import { importOnnx } from "./import.ts";
import { readOnnx } from "./read.ts";

const load = (sketch: ModelSketch) => importOnnx(readOnnx(buildModel(sketch), { file: "m.onnx" }));
const computeLayers = (network: Network): ComputeLayer[] =>
  network.layers.flatMap((layer) => (layer.kind === "compute" ? [layer] : []));

/** The layer's product by the golden evaluator on captured values. */
async function goldenOfFirstLayer(
  sketch: ModelSketch,
  tensors: Record<string, { shape: number[]; data: Float32Array }>,
) {
  const fed = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, { type: "float32" as const, ...tensor }]),
  );
  const execution = await executeOnnx(buildModel(sketch), { kind: "tensors", tensors: fed }, { file: "m.onnx" });
  const [layer] = computeLayers(execution.network);
  const [output] = execution.outputs;
  if (layer?.values?.A === undefined || layer.values.B === undefined || output === undefined) {
    throw new Error("values are missing");
  }
  return { layer, golden: goldenOutput(layer.operation, layer.values.A, layer.values.B, "real"), output };
}

const random = (shape: number[], seed: number) => ({
  shape,
  data: Float32Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => ((i * 7919 + seed * 104729) % 17) - 8,
  ),
});
const weights = (shape: number[], seed: number) => floats(shape, Array.from(random(shape, seed).data));

/** The numbers, with -0 as 0: which of the two a sum gives depends on its order. */
const plain = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0);

/** Index of element (row m, column n) of the layer's [batch, M, N] in the transposed output [.., N, M]. */
function expectTransposed(golden: Float64Array, output: ArrayLike<number>, batch: number, M: number, N: number): void {
  for (let b = 0; b < batch; b++) {
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < N; n++) {
        expect((output[(b * N + n) * M + m] ?? NaN) + 0).toBe((golden[(b * M + m) * N + n] ?? NaN) + 0);
      }
    }
  }
}

describe("operands against ONNX Runtime and the golden evaluator", () => {
  test("property: MatMul of an activation and constant weights, leading axes folded into N", async () => {
    const size = fc.integer({ min: 1, max: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(size, { maxLength: 2 }), size, size, size, async (leading, T, K, M) => {
        const sketch: ModelSketch = {
          inputs: { x: [...leading, T, K] },
          initialisers: { w: weights([K, M], 1) },
          nodes: [{ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
          outputs: ["y"],
        };
        const { layer, golden, output } = await goldenOfFirstLayer(sketch, { x: random([...leading, T, K], 2) });
        const N = leading.reduce((a, b) => a * b, 1) * T;
        expect(layer.operation).toEqual({ operator: "matmul", batch: 1, M, N, K });
        expect(layer.weightsConstant).toBe(true);
        expectTransposed(golden, output.tensor.data, 1, M, N);
      }),
      { numRuns: 25 },
    );
  });

  test("property: Gemm with every transposition, weights on either side", async () => {
    const size = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        async (T, K, M, transA, transB, weightsLeft) => {
          const [a, b] = [transA ? [K, T] : [T, K], transB ? [M, K] : [K, M]];
          const attributes = { transA: Number(transA), transB: Number(transB) };
          const sketch: ModelSketch = weightsLeft
            ? {
                inputs: { b },
                initialisers: { a: weights(a, 1) },
                nodes: [{ op: "Gemm", inputs: ["a", "b"], outputs: ["y"], attributes }],
                outputs: ["y"],
              }
            : {
                inputs: { a },
                initialisers: { b: weights(b, 1) },
                nodes: [{ op: "Gemm", inputs: ["a", "b"], outputs: ["y"], attributes }],
                outputs: ["y"],
              };
          const { layer, golden, output } = await goldenOfFirstLayer(
            sketch,
            weightsLeft ? { b: random(b, 2) } : { a: random(a, 2) },
          );
          expect(layer.weightsConstant).toBe(true);
          expect(layer.operation).toEqual(
            weightsLeft
              ? { operator: "matmul", batch: 1, M: T, N: M, K }
              : { operator: "matmul", batch: 1, M, N: T, K },
          );
          if (weightsLeft) expect(plain(output.tensor.data)).toEqual(plain(golden));
          else expectTransposed(golden, output.tensor.data, 1, M, T);
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each([
    { a: [2, 3, 4], b: [2, 4, 5], batch: 2 },
    { a: [3, 4], b: [2, 4, 5], batch: 2 },
    { a: [2, 1, 3, 4], b: [1, 3, 4, 5], batch: 6 },
    { a: [1, 2, 3, 4], b: [4, 5], batch: 2 },
  ])("product of two activations $a x $b", async ({ a, b, batch }) => {
    const sketch: ModelSketch = {
      inputs: { a, b },
      nodes: [{ op: "MatMul", inputs: ["a", "b"], outputs: ["y"] }],
      outputs: ["y"],
    };
    const { layer, golden, output } = await goldenOfFirstLayer(sketch, { a: random(a, 1), b: random(b, 2) });
    expect(layer).toMatchObject({
      weightsConstant: false,
      operation: { batch, M: 5, N: 3, K: 4 },
      densitySource: { A: "measured", B: "measured" },
    });
    expectTransposed(golden, output.tensor.data, batch, 5, 3);
  });

  test.each([
    { x: [2, 3, 4], w: [2, 4, 5], batch: 2 },
    { x: [2, 3, 3, 4], w: [3, 4, 5], batch: 6 },
  ])("batched constant weights $x x $w", async ({ x, w, batch }) => {
    const sketch: ModelSketch = {
      inputs: { x },
      initialisers: { w: weights(w, 1) },
      nodes: [{ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
      outputs: ["y"],
    };
    const { layer, golden, output } = await goldenOfFirstLayer(sketch, { x: random(x, 2) });
    expect(layer).toMatchObject({ weightsConstant: true, operation: { batch, M: 5, N: 3, K: 4 } });
    expectTransposed(golden, output.tensor.data, batch, 5, 3);
  });

  test("property: convolutions with stride, padding, dilation and groups, in one and two dimensions", async () => {
    const small = fc.integer({ min: 1, max: 3 });
    await fc.assert(
      fc.asyncProperty(
        small,
        small,
        small,
        small,
        small,
        small,
        fc.integer({ min: 0, max: 2 }),
        fc.boolean(),
        async (batch, groups, perGroup, outPerGroup, kernel, stride, pad, flat) => {
          const spatial = flat ? [9] : [9, 7];
          const shape = [batch, groups * perGroup, ...spatial];
          const kernels = spatial.map((_, axis) => (axis === 0 ? kernel : 2));
          const attributes = {
            group: groups,
            strides: spatial.map(() => stride),
            pads: [...spatial.map(() => pad), ...spatial.map(() => 1)],
            dilations: spatial.map((_, axis) => (axis === 0 ? 2 : 1)),
          };
          const sketch: ModelSketch = {
            inputs: { x: shape },
            initialisers: { w: weights([groups * outPerGroup, perGroup, ...kernels], 1) },
            nodes: [{ op: "Conv", inputs: ["x", "w"], outputs: ["y"], attributes }],
            outputs: ["y"],
          };
          const { golden, output } = await goldenOfFirstLayer(sketch, { x: random(shape, 2) });
          expect(plain(output.tensor.data)).toEqual(plain(golden));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("quantised products count what differs from the zero point", async () => {
    const sketch: ModelSketch = {
      inputs: { x: [2, 4] },
      types: { x: 2 },
      initialisers: {
        w: rawTensor(2, [4, 3], Uint8Array.from([5, 6, 7, 5, 5, 8, 9, 5, 1, 5, 5, 5])),
        xz: rawTensor(2, [], Uint8Array.of(3)),
        wz: rawTensor(2, [], Uint8Array.of(5)),
      },
      nodes: [{ op: "MatMulInteger", inputs: ["x", "w", "xz", "wz"], outputs: ["y"] }],
      outputs: ["y"],
    };
    const x = { type: "uint8" as const, shape: [2, 4], data: Uint8Array.of(3, 4, 3, 9, 0, 3, 3, 3) };
    const { network, outputs } = await executeOnnx(
      buildModel(sketch),
      { kind: "tensor", tensor: x },
      { file: "q.onnx" },
    );
    const [layer] = computeLayers(network);
    expect(layer?.density).toEqual({ A: 5 / 12, B: 3 / 8 });
    if (layer?.values?.A === undefined || layer.values.B === undefined) throw new Error("values are missing");
    expectTransposed(
      goldenOutput(layer.operation, layer.values.A, layer.values.B, "integer"),
      outputs[0]?.tensor.data ?? [],
      1,
      3,
      2,
    );
  });

  test("a dynamic zero point is captured with its activation", async () => {
    const sketch: ModelSketch = {
      inputs: { x: [1, 4] },
      initialisers: { w: rawTensor(3, [4, 2], Uint8Array.from([1, 0, 2, 0, 255, 0, 0, 3])) },
      nodes: [
        { op: "DynamicQuantizeLinear", inputs: ["x"], outputs: ["q", "scale", "zero"] },
        { op: "MatMulInteger", inputs: ["q", "w", "zero"], outputs: ["y"] },
      ],
      outputs: ["y"],
    };
    const { network, outputs } = await executeOnnx(
      buildModel(sketch),
      { kind: "tensor", tensor: { type: "float32", shape: [1, 4], data: Float32Array.of(-1, 0, 3, 0) } },
      { file: "q.onnx" },
    );
    const [layer] = computeLayers(network);
    expect(layer?.density).toEqual({ A: 4 / 8, B: 2 / 4 });
    if (layer?.values?.A === undefined || layer.values.B === undefined) throw new Error("values are missing");
    expect(Array.from(goldenOutput(layer.operation, layer.values.A, layer.values.B, "integer"))).toEqual(
      Array.from(outputs[0]?.tensor.data ?? []),
    );
  });

  test("weights behind a transposition, a quantisation and a shape computed in the graph", () => {
    const network = load({
      inputs: { x: [2, 2, 4] },
      initialisers: {
        w: rawTensor(3, [6, 4], new Uint8Array(24).fill(3, 0, 12)),
        scale: floats([], [0.5]),
        tail: integers([-1]),
        zero: integers([0]),
      },
      nodes: [
        { op: "DequantizeLinear", inputs: ["w", "scale"], outputs: ["wf"] },
        { op: "Transpose", inputs: ["wf"], outputs: ["wt"] },
        { op: "Shape", inputs: ["x"], outputs: ["s"] },
        { op: "Gather", inputs: ["s", "zero"], outputs: ["n"] },
        { op: "Concat", inputs: ["n", "tail", "four"], outputs: ["target"], attributes: { axis: 0 } },
        { op: "Constant", outputs: ["four"], attributes: { value: integers([4]) } },
        { op: "Reshape", inputs: ["x", "target"], outputs: ["r"] },
        { op: "MatMul", name: "mm", inputs: ["r", "wt"], outputs: ["y"] },
      ],
      outputs: ["y"],
    });
    expect(network.layers.map((layer) => layer.name)).toEqual(["Reshape_6", "mm"]);
    expect(network.layers[1]).toMatchObject({
      operation: { M: 6, N: 4, K: 4 },
      weightsConstant: true,
      density: { A: 0.5 },
    });
  });
});
