// Decoding and checking: every kind of damage is one InputError that names the place.

import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import type { ModelSketch } from "../../../test/support/onnx-models.ts";
import { buildModel, floats, integers, node, rawTensor } from "../../../test/support/onnx-models.ts";
import { TensorProtoSchema } from "./generated/onnx_pb.ts";
import { importOnnx } from "./import.ts";
import { toFloat16 } from "./runtime.ts";
import { fromFloat16 } from "./data-type.ts";
import type { ReadOnnxOptions } from "./read.ts";
import { readOnnx } from "./read.ts";

const load = (sketch: ModelSketch, options: Partial<ReadOnnxOptions> = {}) =>
  importOnnx(readOnnx(buildModel(sketch), { file: "m.onnx", ...options }));

/** The message of the InputError that the call throws. */
function complaint(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("no error was thrown");
}

/** x [2, 4] times W [4, 3]. */
const product: ModelSketch = {
  inputs: { x: [2, 4] },
  initialisers: { w: floats([4, 3], [1, 0, 2]) },
  nodes: [{ op: "MatMul", name: "mm", inputs: ["x", "w"], outputs: ["y"] }],
  outputs: ["y"],
};

describe("damaged files", () => {
  test("empty, garbage and graphless bytes name the file", () => {
    for (const bytes of [
      new Uint8Array(),
      new Uint8Array([1, 2, 3]),
      new TextEncoder().encode("not a model at all"),
      new Uint8Array([8, 3]),
    ]) {
      expect(complaint(() => readOnnx(bytes, { file: "bad.onnx" }))).toMatch(/^bad\.onnx: /);
    }
  });

  test("a truncated model names the file", () => {
    const bytes = buildModel(product);
    expect(complaint(() => readOnnx(bytes.subarray(0, bytes.length - 20), { file: "cut.onnx" }))).toMatch(
      /^cut\.onnx: truncated/,
    );
  });

  test("operator sets before 7 are refused", () => {
    expect(complaint(() => load({ ...product, opset: 6 }))).toMatch(/opset 6.*opset 7/);
  });
});

describe("graphs", () => {
  test("a cycle names its nodes", () => {
    const message = complaint(() =>
      load({
        inputs: { x: [1] },
        nodes: [
          { op: "Add", name: "first", inputs: ["x", "b"], outputs: ["a"] },
          { op: "Relu", name: "second", inputs: ["a"], outputs: ["b"] },
        ],
        outputs: ["b"],
      }),
    );
    expect(message).toMatch(/cycle through first, second/);
  });

  test("unsorted nodes are sorted, sorted ones keep their order", () => {
    const network = load({
      inputs: { x: [1, 4] },
      nodes: [
        { op: "Relu", name: "late", inputs: ["b"], outputs: ["c"] },
        { op: "Relu", name: "early", inputs: ["x"], outputs: ["b"] },
        { op: "Tanh", name: "last", inputs: ["x"], outputs: ["d"] },
      ],
      outputs: ["c", "d"],
    });
    expect(network.layers.map((layer) => layer.name)).toEqual(["early", "late", "last"]);
  });

  test("a missing initialiser names node and tensor", () => {
    expect(complaint(() => load({ ...product, initialisers: {} }))).toMatch(
      /m\.onnx: node "mm" \(MatMul\), tensor "w": input is neither/,
    );
  });

  test("an output produced twice, an output of nobody", () => {
    const twice = {
      ...product,
      nodes: [...product.nodes, { op: "Relu", name: "again", inputs: ["x"], outputs: ["y"] }],
    };
    expect(complaint(() => load(twice))).toMatch(
      /node "again" \(Relu\), tensor "y": output is also produced by node "mm"/,
    );
    expect(complaint(() => load({ ...product, outputs: ["z"] }))).toMatch(/tensor "z"/);
  });

  test("names are made unique", () => {
    const relu = (input: string, output: string) => ({ op: "Relu", name: "r", inputs: [input], outputs: [output] });
    const network = load({
      inputs: { x: [2] },
      nodes: [relu("x", "a"), relu("a", "b"), relu("b", "c")],
      outputs: ["c"],
    });
    expect(network.layers.map((layer) => layer.name)).toEqual(["r", "r_2", "r_3"]);
  });

  test("functions of the model are expanded, recursive ones refused", () => {
    const body = (inner: string, domain: string) => ({
      name: "Project",
      domain: "custom",
      input: ["a", "b"],
      output: ["c"],
      opsetImport: [{ domain: "", version: 17n }],
      node: [
        node({ op: inner, domain, inputs: ["a", "b"], outputs: ["t"], name: "inner" }),
        node({ op: "Relu", inputs: ["t"], outputs: ["c"] }),
      ],
    });
    const call = {
      ...product,
      nodes: [{ op: "Project", domain: "custom", name: "call", inputs: ["x", "w"], outputs: ["y"] }],
    };
    const network = load({ ...call, functions: [body("MatMul", "")] });
    expect(network.layers.map((layer) => layer.name)).toEqual(["call/inner", "call/Relu_1"]);
    expect(complaint(() => load({ ...call, functions: [body("Project", "custom")] }))).toMatch(
      /nested too deeply|call themselves/,
    );
  });
});

describe("dimensions", () => {
  test("symbolic batch, named symbols, and the error for the others", () => {
    const sketch = { ...product, inputs: { x: ["N", 4] } };
    expect(load(sketch).inputs[0]?.shape).toEqual([1, 4]);
    expect(load(sketch, { batch: 5 }).inputs[0]?.shape).toEqual([5, 4]);
    const sequence = { ...product, inputs: { x: ["N", "tokens", 4] } };
    expect(complaint(() => load(sequence))).toMatch(/tensor "x": dimension 1.*"tokens"/);
    expect(load(sequence, { batch: 2, dimensions: { tokens: 7 } }).layers[0]).toMatchObject({
      operation: { operator: "matmul", batch: 1, M: 3, N: 14, K: 4 },
    });
    expect(complaint(() => load(sketch, { batch: 0 }))).toMatch(/batch/);
    expect(load(product, { batch: 4 }).warnings.join()).toMatch(/batch 4 is ignored/);
  });

  test("negative, zero and absurd dimensions", () => {
    expect(complaint(() => load({ ...product, inputs: { x: [-2, 4] } }))).toMatch(/tensor "x": negative/);
    expect(complaint(() => load({ ...product, inputs: { x: [0, 4] } }))).toMatch(/tensor "x": input has no elements/);
    expect(complaint(() => load({ ...product, inputs: { x: [2 ** 40, 4] } }))).toMatch(/tensor "x": absurd/);
    expect(complaint(() => load({ ...product, inputs: { x: [2 ** 30, 2 ** 30, 4] } }))).toMatch(/tensor "x": absurd/);
    const negative = create(TensorProtoSchema, { dataType: 1, dims: [-4n, 3n], floatData: [] });
    expect(complaint(() => load({ ...product, initialisers: { w: negative } }))).toMatch(/tensor "w": negative/);
    expect(complaint(() => load({ ...product, inputs: { x: [2, 4] }, initialisers: { w: floats([4, 0]) } }))).toMatch(
      /m\.onnx: node "mm".*tensor "y"/,
    );
  });

  test("a giant constant tensor is never materialised", () => {
    const network = load({
      inputs: { x: [1, 2 ** 20] },
      initialisers: { shape: integers([2 ** 20, 2 ** 19]) },
      nodes: [
        {
          op: "ConstantOfShape",
          name: "fill",
          inputs: ["shape"],
          outputs: ["w"],
          attributes: { value: floats([1], [0.5]) },
        },
        { op: "MatMul", name: "mm", inputs: ["x", "w"], outputs: ["y"] },
      ],
      outputs: ["y"],
    });
    const [layer] = network.layers;
    expect(layer).toMatchObject({
      operation: { M: 2 ** 19, K: 2 ** 20 },
      density: { A: 1 },
      densitySource: { A: "measured" },
    });
    if (layer?.kind !== "compute") throw new Error("expected a compute layer");
    expect(layer.values?.A).toEqual({
      tensor: { type: "float32", shape: [1], data: Float32Array.of(0.5) },
      strides: [0, 0, 0],
    });
  });
});

describe("tensors", () => {
  test("NaN and infinite weights name the tensor", () => {
    expect(complaint(() => load({ ...product, initialisers: { w: floats([4, 3], [1, NaN]) } }))).toMatch(
      /tensor "w": element 1 is not a number/,
    );
    expect(complaint(() => load({ ...product, initialisers: { w: floats([4, 3], [Infinity]) } }))).toMatch(
      /node "mm" \(MatMul\), tensor "w": weight 0 is not finite/,
    );
  });

  test("too few bytes or values", () => {
    expect(
      complaint(() => load({ ...product, initialisers: { w: rawTensor(1, [4, 3], new Uint8Array(44)) } })),
    ).toMatch(/tensor "w".*44 bytes.*48 bytes/);
    const short = create(TensorProtoSchema, { dataType: 1, dims: [4n, 3n], floatData: [1, 2] });
    expect(complaint(() => load({ ...product, initialisers: { w: short } }))).toMatch(
      /tensor "w".*2 values.*12 values/,
    );
    expect(
      complaint(() => load({ ...product, initialisers: { w: rawTensor(99, [4, 3], new Uint8Array(12)) } })),
    ).toMatch(/unknown element type/);
  });

  test("raw and typed fields of every element type give the same weights", () => {
    const values = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3];
    const expected = values;
    const bytes = (array: ArrayBufferView<ArrayBuffer>) => new Uint8Array(array.buffer);
    const packed = Uint8Array.from({ length: 6 }, (_, i) => (values[2 * i] ?? 0) | ((values[2 * i + 1] ?? 0) << 4));
    const halves = values.map(toFloat16);
    const upper = values.map((value) => (new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0) >>> 16);
    const typed = (dataType: number, field: object) =>
      create(TensorProtoSchema, { dataType, dims: [4n, 3n], ...field });
    const cases = [
      rawTensor(1, [4, 3], bytes(Float32Array.from(values))),
      rawTensor(2, [4, 3], Uint8Array.from(values)),
      rawTensor(3, [4, 3], bytes(Int8Array.from(values))),
      rawTensor(4, [4, 3], bytes(Uint16Array.from(values))),
      rawTensor(5, [4, 3], bytes(Int16Array.from(values))),
      rawTensor(6, [4, 3], bytes(Int32Array.from(values))),
      rawTensor(7, [4, 3], bytes(BigInt64Array.from(values.map(BigInt)))),
      rawTensor(10, [4, 3], bytes(Uint16Array.from(halves))),
      rawTensor(11, [4, 3], bytes(Float64Array.from(values))),
      rawTensor(12, [4, 3], bytes(Uint32Array.from(values))),
      rawTensor(13, [4, 3], bytes(BigUint64Array.from(values.map(BigInt)))),
      rawTensor(16, [4, 3], bytes(Uint16Array.from(upper))),
      rawTensor(21, [4, 3], packed),
      rawTensor(22, [4, 3], packed),
      typed(1, { floatData: values }),
      typed(2, { int32Data: values }),
      typed(7, { int64Data: values.map(BigInt) }),
      typed(10, { int32Data: halves }),
      typed(11, { doubleData: values }),
      typed(13, { uint64Data: values.map(BigInt) }),
      typed(16, { int32Data: upper }),
      typed(22, { int32Data: [...packed] }),
    ];
    for (const tensor of cases) {
      const [layer] = load({ ...product, initialisers: { w: tensor } }).layers;
      expect(
        layer?.kind === "compute" ? Array.from(layer.values?.A?.tensor.data ?? []) : [],
        `type ${String(tensor.dataType)}`,
      ).toEqual(expected);
      expect(layer).toMatchObject({ density: { A: 10 / 12 } });
    }
  });

  test("half precision round trip over all 65536 values", () => {
    const all = Array.from({ length: 65536 }, (_, bits) => bits);
    expect(all.filter((bits) => !Number.isNaN(fromFloat16(bits)) && toFloat16(fromFloat16(bits)) !== bits)).toEqual([]);
  });
});

describe("external data", () => {
  const external = (entries: Record<string, string>) =>
    create(TensorProtoSchema, {
      dataType: 1,
      dims: [4n, 3n],
      dataLocation: 1,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    });
  const sketch = (entries: Record<string, string>): ModelSketch => ({
    ...product,
    initialisers: { w: external(entries) },
  });

  test("offset and length are honoured and checked", () => {
    const data = new Uint8Array(8 + 48);
    data.set(new Uint8Array(Float32Array.from([1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2]).buffer), 8);
    const externalData = (path: string) => (path === "sub/w.bin" ? data : new Uint8Array());
    const [layer] = load(sketch({ location: "sub/w.bin", offset: "8", length: "48" }), { externalData }).layers;
    expect(layer).toMatchObject({ density: { A: 8 / 12 } });
    expect(
      complaint(() => load(sketch({ location: "sub/w.bin", offset: "16", length: "48" }), { externalData })),
    ).toMatch(/tensor "w".*beyond the end/);
    expect(complaint(() => load(sketch({ location: "sub/w.bin", offset: "-8" }), { externalData }))).toMatch(
      /beyond the end/,
    );
    expect(complaint(() => load(sketch({ location: "sub/w.bin", length: "40" }), { externalData }))).toMatch(
      /40 bytes.*48 bytes/,
    );
    expect(complaint(() => load(sketch({}), { externalData }))).toMatch(/no location/);
    expect(complaint(() => load(sketch({ location: "sub/w.bin" })))).toMatch(/cannot be read here/);
  });

  test.each(["../w.bin", "/etc/passwd", "a/../../w.bin", "C:\\w.bin", "..\\w.bin"])(
    "the path %s is refused",
    (location) => {
      expect(complaint(() => load(sketch({ location }), { externalData: () => new Uint8Array(48) }))).toMatch(
        /outside the folder/,
      );
    },
  );
});

test("an attribute with a damaged tensor names the node", () => {
  const sketch: ModelSketch = {
    inputs: { x: [2, 3] },
    nodes: [{ op: "Constant", name: "k", outputs: ["w"], attributes: { value: rawTensor(1, [3], new Uint8Array(4)) } }],
    outputs: ["w"],
  };
  expect(complaint(() => load(sketch))).toMatch(/node "k" \(Constant\), tensor "attribute value".*4 bytes.*12 bytes/);
});
