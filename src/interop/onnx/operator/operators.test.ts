// Every rule against ONNX Runtime: the inferred shape is the shape that comes out, and folded values are the values.

import { expect, test, describe } from "vitest";
import type { AttributeValue } from "../../../../test/support/onnx-models.ts";
import { buildModel, floats, integers, rawTensor } from "../../../../test/support/onnx-models.ts";
import type { TensorProto } from "../generated/onnx_pb.ts";
import { executeOnnx } from "../execute.ts";
import { inferShapes } from "../infer.ts";
import { readOnnx } from "../read.ts";

interface Case {
  readonly op: string;
  /** Inputs in order; undefined for one that is left out. */
  readonly inputs: readonly (TensorProto | undefined)[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly outputs?: number;
  readonly opset?: number;
}

const x = (...shape: number[]) => floats(shape, [-2.5, -1, 0, 0.5, 1, 1.5, 2.5, 3]);
const flags = (values: readonly number[]) => rawTensor(9, [values.length], Uint8Array.from(values));
const scalar = (value: number) => integers([value], []);
const bytes = (shape: readonly number[], values: readonly number[]) => rawTensor(2, shape, Uint8Array.from(values));
const pads = (...values: number[]) => ({ pads: values });

const unary = [
  "Abs",
  "Neg",
  "Floor",
  "Ceil",
  "Round",
  "Sign",
  "Exp",
  "Relu",
  "Tanh",
  "Sigmoid",
  "Sin",
  "Cos",
  "Reciprocal",
  "Identity",
  "Erf",
  "Softplus",
  "LeakyRelu",
  "HardSwish",
  "Softmax",
  "IsNaN",
  "Elu",
];
const binary = [
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Max",
  "Min",
  "Sum",
  "Mean",
  "Less",
  "Greater",
  "Equal",
  "LessOrEqual",
  "GreaterOrEqual",
];

const cases: readonly Case[] = [
  ...unary.map((op) => ({ op, inputs: [x(2, 5)] })),
  ...binary.map((op) => ({ op, inputs: [x(2, 1, 3), x(4, 1)] })),
  { op: "Pow", inputs: [x(2, 3), floats([1], [2])] },
  { op: "Sqrt", inputs: [floats([3], [1, 4, 9])] },
  { op: "Mod", inputs: [integers([-7, 7, 5]), integers([3, -3, 4])] },
  { op: "Mod", inputs: [x(3), floats([3], [2, 2, 2])], attributes: { fmod: 1 } },
  { op: "Div", inputs: [integers([-7, 7, 5]), integers([2, -2, 3])] },
  { op: "Where", inputs: [flags([1, 0, 1]), x(2, 3), x(1, 3)] },
  { op: "And", inputs: [flags([1, 0, 1]), flags([1, 1, 0])] },
  { op: "Not", inputs: [flags([1, 0, 1])] },
  { op: "Cast", inputs: [x(2, 4)], attributes: { to: 7 } },
  { op: "Cast", inputs: [x(2, 4)], attributes: { to: 9 } },
  { op: "Clip", inputs: [x(2, 4), floats([], [-1]), floats([], [2])] },
  { op: "Clip", inputs: [x(2, 4), undefined, floats([], [2])] },
  { op: "Dropout", inputs: [x(2, 4)] },
  { op: "LRN", inputs: [x(1, 4, 3, 3)], attributes: { size: 3 } },
  { op: "LayerNormalization", inputs: [x(2, 4), x(4)] },
  { op: "BatchNormalization", inputs: [x(1, 2, 3, 3), floats([2]), floats([2]), floats([2]), floats([2])] },
  { op: "DequantizeLinear", inputs: [bytes([2, 3], [1, 2, 3, 4, 5, 6]), floats([], [0.5]), bytes([], [3])] },
  {
    op: "DequantizeLinear",
    inputs: [bytes([2, 3], [1, 2, 3, 4, 5, 6]), floats([3], [0.5, 1, 2]), bytes([3], [3, 2, 1])],
  },
  {
    op: "DequantizeLinear",
    inputs: [bytes([2, 3], [1, 2, 3, 4, 5, 6]), floats([2], [0.5, 1])],
    attributes: { axis: 0 },
  },
  { op: "QuantizeLinear", inputs: [x(2, 3), floats([], [0.5]), bytes([], [3])] },
  { op: "DynamicQuantizeLinear", inputs: [x(2, 3)], outputs: 3 },
  { op: "Reshape", inputs: [x(2, 3, 4), integers([0, -1])] },
  { op: "Reshape", inputs: [x(2, 3, 4), integers([4, 6])] },
  { op: "Flatten", inputs: [x(2, 3, 4)], attributes: { axis: 2 } },
  { op: "Flatten", inputs: [x(2, 3, 4)], attributes: { axis: -1 } },
  { op: "Flatten", inputs: [x(2, 3, 4)], attributes: { axis: 3 } },
  { op: "Squeeze", inputs: [x(1, 3, 1)] },
  { op: "Squeeze", inputs: [x(1, 3, 1), integers([-1])] },
  { op: "Squeeze", inputs: [x(1, 3, 1)], attributes: { axes: [0] }, opset: 11 },
  { op: "Unsqueeze", inputs: [x(3), integers([0, -1])] },
  { op: "Unsqueeze", inputs: [x(3)], attributes: { axes: [1, 2] }, opset: 11 },
  { op: "Transpose", inputs: [x(2, 3, 4)] },
  { op: "Transpose", inputs: [x(2, 3, 4)], attributes: { perm: [1, 2, 0] } },
  { op: "Expand", inputs: [x(3, 1), integers([2, 1, 4])] },
  { op: "Tile", inputs: [x(2, 3), integers([2, 3])] },
  { op: "Concat", inputs: [x(2, 3), x(2, 1), x(2, 2)], attributes: { axis: 1 } },
  { op: "Concat", inputs: [x(2, 3), x(4, 3)], attributes: { axis: -2 } },
  { op: "Split", inputs: [x(2, 6)], attributes: { axis: 1 }, outputs: 3 },
  { op: "Split", inputs: [x(2, 6), integers([1, 5])], attributes: { axis: 1 }, outputs: 2 },
  { op: "Split", inputs: [x(6)], attributes: { split: [2, 4] }, outputs: 2, opset: 11 },
  { op: "Slice", inputs: [x(4, 6), integers([1, -4]), integers([3, 100])] },
  { op: "Slice", inputs: [x(4, 6), integers([4]), integers([0]), integers([1]), integers([-2])] },
  { op: "Slice", inputs: [x(4, 6), integers([-1]), integers([-100]), integers([0]), integers([-1])] },
  { op: "Slice", inputs: [x(4, 6)], attributes: { starts: [1], ends: [2 ** 40], axes: [1] }, opset: 9 },
  { op: "Gather", inputs: [x(4, 3), integers([0, -1, 2])] },
  { op: "Gather", inputs: [x(4, 3), scalar(1)], attributes: { axis: 1 } },
  { op: "Gather", inputs: [x(2, 3, 2), integers([1, 0, 2, 2], [2, 2])], attributes: { axis: 1 } },
  { op: "GatherElements", inputs: [x(2, 3), integers([1, 0, 0], [1, 3])] },
  { op: "GatherND", inputs: [x(2, 3, 4), integers([0, 1, 1, 2], [2, 2])] },
  { op: "Shape", inputs: [x(2, 3, 4)] },
  { op: "Shape", inputs: [x(2, 3, 4)], attributes: { start: 1, end: -1 } },
  { op: "Size", inputs: [x(2, 3, 4)] },
  { op: "Pad", inputs: [x(2, 3), integers([0, 1, 2, 3])] },
  { op: "Pad", inputs: [x(2, 3)], attributes: pads(0, 1, 2, 3), opset: 7 },
  { op: "DepthToSpace", inputs: [x(1, 8, 2, 3)], attributes: { blocksize: 2 } },
  { op: "SpaceToDepth", inputs: [x(1, 2, 4, 6)], attributes: { blocksize: 2 } },
  { op: "Resize", inputs: [x(1, 1, 5, 7), undefined, floats([4], [1, 1, 2, 0.6])] },
  { op: "Resize", inputs: [x(1, 1, 5, 7), undefined, undefined, integers([1, 1, 3, 9])] },
  { op: "Upsample", inputs: [x(1, 1, 5, 7), floats([4], [1, 1, 2, 1])], opset: 9 },
  { op: "ConstantOfShape", inputs: [integers([2, 3])], attributes: { value: floats([1], [2.5]) } },
  { op: "ConstantOfShape", inputs: [integers([2, 3])] },
  { op: "Range", inputs: [scalar(1), scalar(10), scalar(4)] },
  { op: "Range", inputs: [floats([], [5]), floats([], [1]), floats([], [-1.5])] },
  { op: "OneHot", inputs: [integers([0, 2]), scalar(3), integers([0, 1])] },
  { op: "NonZero", inputs: [floats([2, 3], [1, 0, 2])] },
  { op: "ArgMax", inputs: [x(2, 3)], attributes: { axis: 1, keepdims: 0 } },
  { op: "TopK", inputs: [x(2, 8), integers([3])], outputs: 2 },
  { op: "ReduceSum", inputs: [x(2, 3, 4), integers([0, 2])], attributes: { keepdims: 0 } },
  { op: "ReduceProd", inputs: [x(4)], attributes: { keepdims: 0 } },
  { op: "ReduceMax", inputs: [x(2, 4)] },
  { op: "ReduceMean", inputs: [x(2, 3, 4)], attributes: { axes: [-1] } },
  { op: "MaxPool", inputs: [x(1, 2, 7, 7)], attributes: { kernel_shape: [3, 3], strides: [2, 2] } },
  { op: "MaxPool", inputs: [x(1, 2, 6, 6)], attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
  {
    op: "MaxPool",
    inputs: [x(1, 2, 7, 8)],
    attributes: { kernel_shape: [3, 2], strides: [2, 2], auto_pad: "SAME_UPPER" },
  },
  { op: "MaxPool", inputs: [x(1, 2, 9)], attributes: { kernel_shape: [3], dilations: [2], pads: [1, 0] } },
  {
    op: "AveragePool",
    inputs: [x(1, 2, 7, 7)],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 0] },
  },
  { op: "GlobalAveragePool", inputs: [x(1, 2, 7, 7)] },
  { op: "Conv", inputs: [x(1, 2, 7, 8), x(3, 2, 3, 3)] },
  { op: "Conv", inputs: [x(1, 2, 7, 8), x(3, 2, 3, 2)], attributes: { auto_pad: "SAME_LOWER", strides: [2, 2] } },
  { op: "Conv", inputs: [x(1, 2, 7, 8), x(3, 2, 3, 3)], attributes: { auto_pad: "VALID", dilations: [2, 3] } },
  { op: "Conv", inputs: [x(1, 4, 7), x(4, 1, 3)], attributes: { group: 4, pads: [2, 1], strides: [2] } },
  { op: "Gemm", inputs: [x(2, 3), x(4, 3)], attributes: { transB: 1, alpha: { float: 0.5 } } },
  { op: "MatMul", inputs: [x(3), x(3, 2)] },
  { op: "MatMul", inputs: [x(2, 3), x(3)] },
  { op: "MatMul", inputs: [x(2, 1, 4, 3), x(5, 3, 2)] },
];

const title = ({ op, inputs, attributes, opset }: Case) =>
  `${op} ${inputs.map((input) => (input === undefined ? "-" : `[${input.dims.join(",")}]`)).join(" ")} ${JSON.stringify(attributes ?? {}, (_, value: unknown) => (typeof value === "object" && value !== null && "dims" in value ? "tensor" : value))} ${opset ?? ""}`;

/** The case as a model; `activations` of its inputs are fed at run time, the others are initialisers. */
function modelOf(current: Case, activations: number) {
  const named = current.inputs.flatMap((tensor, index) =>
    tensor === undefined ? [] : [{ name: `i${String(index)}`, tensor, fed: index < activations }],
  );
  const outputs = Array.from({ length: current.outputs ?? 1 }, (_, index) => `o${String(index)}`);
  return buildModel({
    inputs: Object.fromEntries(
      named.filter(({ fed }) => fed).map(({ name, tensor }) => [name, tensor.dims.map(Number)]),
    ),
    types: Object.fromEntries(named.map(({ name, tensor }) => [name, tensor.dataType])),
    initialisers: Object.fromEntries(named.filter(({ fed }) => !fed).map(({ name, tensor }) => [name, tensor])),
    nodes: [
      {
        op: current.op,
        inputs: current.inputs.map((tensor, index) => (tensor === undefined ? "" : `i${String(index)}`)),
        outputs,
        ...(current.attributes === undefined ? {} : { attributes: current.attributes }),
      },
    ],
    outputs,
    opset: current.opset ?? 17,
  });
}

describe("rules against ONNX Runtime", () => {
  for (const current of cases) {
    test(title(current), async () => {
      const constant = modelOf(current, 0);
      const { outputs } = await executeOnnx(constant, { kind: "tensors", tensors: {} }, { file: "case" });
      expect(outputs.length).toBe(current.outputs ?? 1);
      const folded = inferShapes(readOnnx(constant, { file: "case" }));
      const needsValues = current.op === "Range" || current.op === "ConstantOfShape" || current.op === "NonZero";
      const inferred = needsValues ? folded : inferShapes(readOnnx(modelOf(current, 1), { file: "case" }));
      for (const { name, tensor } of outputs) {
        expect(inferred.values.get(name)?.shape).toEqual(tensor.shape);
        const value = folded.values.get(name);
        expect(value?.fixed).toBe(true);
        const values = value?.constant?.read();
        if (values === undefined) continue;
        expect(values.length).toBe(tensor.data.length);
        for (const [index, item] of values.entries()) {
          // 0 / 0 is not a number on both sides, which toBeCloseTo calls unequal.
          if (Number.isNaN(item)) expect(tensor.data[index]).toBeNaN();
          else expect(item).toBeCloseTo(tensor.data[index] ?? NaN, 4);
        }
      }
      // Operators whose values shapes are computed with must fold.
      if (mustFold.has(current.op)) expect(folded.values.get("o0")?.constant?.read()).toBeDefined();
    });
  }
});

const mustFold = new Set([
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Mod",
  "Pow",
  "Sqrt",
  "Max",
  "Min",
  "Sum",
  "Where",
  "Cast",
  "Clip",
  "Equal",
  "Less",
  "And",
  "Not",
  "Floor",
  "Ceil",
  "Identity",
  "DequantizeLinear",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Transpose",
  "Expand",
  "Concat",
  "Split",
  "Slice",
  "Gather",
  "Shape",
  "Size",
  "ConstantOfShape",
  "Range",
  "NonZero",
  "ReduceProd",
]);
