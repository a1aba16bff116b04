// Execution on real inputs: what the model says, what its layers are fed, and errors in words.

import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import { goldenOutput } from "../../workload/golden.ts";
import type { ComputeLayer, Network } from "../../workload/layer.ts";
import { operandShapes } from "../../workload/shapes.ts";
import { buildModel, floats, integers } from "../../../test/support/onnx-models.ts";
import { haveSharedModels, sharedModel } from "../../../test/support/shared-onnx.ts";
import { executeOnnx, topClasses } from "./execute.ts";
import { TensorProtoSchema } from "./generated/onnx_pb.ts";
import { loadRuntime } from "./runtime.ts";

const why = haveSharedModels ? "" : " (skipped: no ../shared/data/onnx)";
const computeLayers = (network: Network): ComputeLayer[] =>
  network.layers.flatMap((layer) => (layer.kind === "compute" ? [layer] : []));
const picture = (model: string, image: string, options = {}) =>
  executeOnnx(
    sharedModel(model),
    { kind: "image", bytes: sharedModel(image), file: image },
    { file: model, ...options },
  );

/** Every layer has both operands, as many values as its shape says, and densities in (0, 1]. */
function expectMeasured(network: Network): void {
  for (const layer of computeLayers(network)) {
    const sizes = operandShapes(layer.operation);
    for (const side of ["A", "B"] as const) {
      const operand = layer.values?.[side];
      expect(layer.densitySource[side], layer.name).toBe("measured");
      expect(layer.density[side]).toBeGreaterThan(0);
      expect(layer.density[side]).toBeLessThanOrEqual(1);
      const count = sizes[side].reduce((product, size) => product * size, 1);
      const stored = operand?.tensor.data.length ?? 0;
      expect(operand?.strides.every((stride) => stride === 0) === true ? count : stored, layer.name).toBe(count);
    }
  }
}

describe(`real models${why}`, () => {
  test.skipIf(!haveSharedModels).each([0, 3, 5, 7])("mnist.onnx reads digit-%i.jpg", async (digit) => {
    const { outputs, network } = await picture("mnist.onnx", `digit-${String(digit)}.jpg`);
    expect(outputs[0]?.top?.[0]?.index).toBe(digit);
    expect(outputs[0]?.top).toHaveLength(5);
    expect(computeLayers(network)).toHaveLength(3);
    expectMeasured(network);
    expect(computeLayers(network)[0]?.density.B).toBeLessThan(0.6);
  });

  test.skipIf(!haveSharedModels)(
    "captured inputs through the golden evaluator give what the runtime hands on",
    async () => {
      const { network, activations, outputs } = await picture("mnist.onnx", "digit-7.jpg");
      const [, second, last] = computeLayers(network);
      if (
        second?.values?.A === undefined ||
        second.values.B === undefined ||
        last?.values?.A === undefined ||
        last.values.B === undefined
      ) {
        throw new Error("values are missing");
      }
      // Between the second convolution and the product lie bias, ReLU and 3 x 3 pooling: undo none, apply the same.
      const golden = goldenOutput(second.operation, second.values.A, second.values.B, "real");
      const next = activations.get(last.name)?.B?.tensor.data;
      expect(next?.length).toBe(256);
      let offsets = 0;
      for (let channel = 0; channel < 16; channel++) {
        const bias: number[] = [];
        for (let y = 0; y < 4; y++) {
          for (let x = 0; x < 4; x++) {
            let best = -Infinity;
            for (let dy = 0; dy < 3; dy++) {
              for (let dx = 0; dx < 3; dx++) {
                best = Math.max(best, golden[(channel * 14 + y * 3 + dy) * 14 + x * 3 + dx] ?? NaN);
              }
            }
            const out = next?.[(channel * 4 + y) * 4 + x] ?? NaN;
            if (out > 0) bias.push(out - best);
          }
        }
        // One bias explains all live outputs of a channel.
        for (const value of bias) expect(Math.abs(value - (bias[0] ?? NaN))).toBeLessThan(1e-3);
        offsets += bias.length;
      }
      expect(offsets).toBeGreaterThan(50);
      expect(outputs[0]?.tensor.shape).toEqual([1, 10]);
    },
  );

  test.skipIf(!haveSharedModels)("ultraface finds the face", async () => {
    const { network, outputs } = await picture("ultraface-rfb-320.onnx", "face.jpg", { normalise: "signed" });
    expect(computeLayers(network)).toHaveLength(52);
    expectMeasured(network);
    const scores = outputs.find((output) => output.name === "scores")?.tensor.data ?? [];
    expect(Math.max(...Array.from(scores).filter((_, index) => index % 2 === 1))).toBeGreaterThan(0.9);
  });

  test
    .skipIf(!haveSharedModels)
    .each([
      "light_squeezenet.onnx",
      "light_shufflenet.onnx",
      "light_inception_v1.onnx",
      "light_resnet50.onnx",
      "light_densenet121.onnx",
    ])(
    "%s runs, and every captured activation has the inferred shape",
    async (name) => expectMeasured((await picture(name, "face.jpg")).network),
    20_000,
  );
});

const identity = {
  inputs: { x: ["N", 2] },
  initialisers: { w: floats([2, 2], [1, 0, 0, 1]) },
  nodes: [{ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
  outputs: ["y"],
} as const;
const tensor = (shape: number[], data: number[]) => ({
  type: "float32" as const,
  shape,
  data: Float32Array.from(data),
});

describe("inputs", () => {
  test("tensors by shape, by name, and with symbolic batch", async () => {
    const model = buildModel(identity);
    const { outputs } = await executeOnnx(
      model,
      { kind: "tensor", tensor: tensor([3, 2], [1, 2, 0, 4, 5, 6]) },
      { file: "m", batch: 3 },
    );
    expect(Array.from(outputs[0]?.tensor.data ?? [])).toEqual([1, 2, 0, 4, 5, 6]);
    const named = await executeOnnx(model, { kind: "tensors", tensors: { x: tensor([2], [7, 8]) } }, { file: "m" });
    expect(Array.from(named.outputs[0]?.tensor.data ?? [])).toEqual([7, 8]);
  });

  test("what does not fit is said in words", async () => {
    const model = buildModel(identity);
    await expect(
      executeOnnx(model, { kind: "tensor", tensor: tensor([3, 3], new Array<number>(9).fill(1)) }, { file: "m" }),
    ).rejects.toThrow(/m: tensor "x".*\[3, 3\].*\[1, 2\]/);
    await expect(
      executeOnnx(model, { kind: "tensors", tensors: { z: tensor([1, 2], [1, 2]) } }, { file: "m" }),
    ).rejects.toThrow(/no such input.*"z".*"x"/);
    await expect(executeOnnx(model, { kind: "tensors", tensors: {} }, { file: "m" })).rejects.toThrow(
      /no value for this model input/,
    );
    await expect(
      executeOnnx(model, { kind: "image", bytes: new Uint8Array([1]), file: "p.gif" }, { file: "m" }),
    ).rejects.toThrow(/p\.gif.*JPEG or PNG/);
  });

  test("what the runtime refuses is an InputError", async () => {
    const model = buildModel({
      inputs: { x: [1, 2] },
      nodes: [{ op: "Shimmer", domain: "custom", inputs: ["x"], outputs: ["y"] }],
      outputs: ["y"],
    });
    await expect(executeOnnx(model, { kind: "tensor", tensor: tensor([1, 2], [1, 2]) }, { file: "m" })).rejects.toThrow(
      InputError,
    );
  });

  test("integer inputs are fed as the model's type", async () => {
    const model = buildModel({
      inputs: { x: [2] },
      types: { x: 7 },
      initialisers: { table: floats([4, 3], [0, 1, 2]), w: floats([3, 2]), one: integers([1]) },
      nodes: [
        { op: "Add", inputs: ["x", "one"], outputs: ["i"] },
        { op: "Gather", inputs: ["table", "i"], outputs: ["e"] },
        { op: "MatMul", inputs: ["e", "w"], outputs: ["y"] },
      ],
      outputs: ["y"],
    });
    const { network } = await executeOnnx(
      model,
      { kind: "tensor", tensor: { type: "int32", shape: [2], data: Int32Array.of(0, 2) } },
      { file: "m" },
    );
    expect(computeLayers(network)[0]?.density.B).toBeCloseTo(2 / 3);
  });

  test("weights in an external file reach layers and runtime", async () => {
    const w = create(TensorProtoSchema, {
      dataType: 1,
      dims: [2n, 2n],
      dataLocation: 1,
      externalData: [
        { key: "location", value: "w.bin" },
        { key: "offset", value: "4" },
        { key: "length", value: "16" },
      ],
    });
    const model = buildModel({ ...identity, initialisers: { w } });
    const externalData = () => new Uint8Array(Float32Array.of(9, 2, 0, 0, 3).buffer);
    const { network, outputs } = await executeOnnx(
      model,
      { kind: "tensor", tensor: tensor([1, 2], [5, 7]) },
      { file: "m", externalData },
    );
    expect(Array.from(outputs[0]?.tensor.data ?? [])).toEqual([10, 21]);
    expect(computeLayers(network)[0]?.density).toEqual({ A: 0.5, B: 1 });
  });

  test("an absent runtime says what to install", async () => {
    await expect(loadRuntime(() => Promise.reject(new Error("not found")))).rejects.toThrow(
      /npm install onnxruntime-web/,
    );
  });

  test("only vectors of scores have top classes", () => {
    expect(topClasses(tensor([1, 3], [0.1, 0.7, 0.2]))?.map((entry) => entry.index)).toEqual([1, 2, 0]);
    expect(topClasses(tensor([1, 3, 1, 1], [3, 1, 2]))?.[0]).toEqual({ index: 0, score: 3 });
    expect(topClasses(tensor([1, 2, 2], [1, 2, 3, 4]))).toBeUndefined();
  });
});
