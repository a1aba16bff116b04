// Operators that create tensors, and those that reduce axes: constants, ranges, sums, maxima.

import type { Constant } from "../constant.ts";
import { elementCount, foldLimit, integerConstant, lazyConstant, singleValue, uniformConstant } from "../constant.ts";
import type { NumberArray } from "../data-type.ts";
import { allocate, onnxType } from "../data-type.ts";
import type { Context, Inferred, Rule } from "./context.ts";
import {
  axisOf,
  floatAttribute,
  input,
  intAttribute,
  intsAttribute,
  nodeFault,
  shapeOf,
  tensorAttribute,
  unknown,
  valuesOf,
} from "./context.ts";
import { axesOf } from "./layout.ts";

const of = (constant: Constant): Inferred[] => [{ shape: constant.shape, type: constant.type, constant }];

const constantNode: Rule = (c) => {
  const tensor = tensorAttribute(c, "value");
  if (tensor !== undefined) return of(tensor);
  if (c.node.attributes.has("value_int")) return of(integerConstant([intAttribute(c, "value_int", 0)], []));
  const ints = intsAttribute(c, "value_ints");
  if (ints !== undefined) return of(integerConstant(ints, [ints.length]));
  if (c.node.attributes.has("value_float")) {
    return of(uniformConstant(onnxType.float32, [], floatAttribute(c, "value_float", 0)));
  }
  const floats = c.node.attributes.get("value_floats")?.floats;
  if (floats !== undefined) return of(lazyConstant(onnxType.float32, [floats.length], () => Float32Array.from(floats)));
  if (c.node.attributes.has("value_string") || c.node.attributes.has("value_strings")) return unknown;
  throw nodeFault(c, { message: "constant has no value" });
};

const constantOfShape: Rule = (c) => {
  const shape = valuesOf(c, 0);
  if (shape === undefined) return unknown;
  const value = tensorAttribute(c, "value");
  const single = value === undefined ? 0 : singleValue(value);
  const type = value?.type ?? onnxType.float32;
  return single === undefined ? [{ shape, type }] : of(uniformConstant(type, shape, single));
};

const range: Rule = (c) => {
  const [start, limit, delta] = [valuesOf(c, 0)?.[0], valuesOf(c, 1)?.[0], valuesOf(c, 2)?.[0]];
  if (start === undefined || limit === undefined || delta === undefined) return unknown;
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isFinite(count)) {
    throw nodeFault(c, {
      message: "range without an end",
      found: `from ${String(start)} to ${String(limit)} by ${String(delta)}`,
    });
  }
  const { type } = input(c, 0);
  const compute = () => {
    if (count > foldLimit) return undefined;
    const values = allocate(type, count);
    for (let i = 0; i < count; i++) values[i] = start + i * delta;
    return values;
  };
  return of(lazyConstant(type, [count], compute));
};

/** The axes a reduction removes, from an attribute or an input; all when none are given. */
const reducedAxes = (c: Context): Set<number> | undefined => {
  const rank = shapeOf(c, 0).length;
  const axes = axesOf(c);
  if (axes === "unknown") return undefined;
  if ((axes === undefined || axes.length === 0) && intAttribute(c, "noop_with_empty_axes", 0) === 1) return new Set();
  if (axes === undefined || axes.length === 0) return new Set(Array.from({ length: rank }, (_, axis) => axis));
  return new Set(axes.map((axis) => axisOf(c, axis, rank)));
};

/** A reduction; with `combine`, folded when it reduces a whole constant to one element. */
const reduce =
  (combine?: (values: NumberArray) => number): Rule =>
  (c) => {
    const { shape: from, type, constant } = input(c, 0);
    const axes = reducedAxes(c);
    if (axes === undefined) return unknown;
    const keep = intAttribute(c, "keepdims", 1) === 1;
    const shape = from.flatMap((size, axis) => (axes.has(axis) ? (keep ? [1] : []) : [size]));
    if (combine === undefined || constant === undefined || elementCount(shape) !== 1) return [{ shape, type }];
    const compute = () => {
      const values = constant.read();
      if (values === undefined) return undefined;
      const result = allocate(type, 1);
      result[0] = combine(values);
      return result;
    };
    return of(lazyConstant(type, shape, compute));
  };

const fold = (start: number, step: (sum: number, value: number) => number) => (values: NumberArray) => {
  let result = start;
  for (const value of values) result = step(result, value);
  return result;
};

const argument: Rule = (c) => {
  const from = shapeOf(c, 0);
  const axis = axisOf(c, intAttribute(c, "axis", 0), from.length);
  const keep = intAttribute(c, "keepdims", 1) === 1;
  return [
    { shape: from.flatMap((size, other) => (other === axis ? (keep ? [1] : []) : [size])), type: onnxType.int64 },
  ];
};

const topK: Rule = (c) => {
  const { shape: from, type } = input(c, 0);
  const k = c.inputs[1] === undefined ? intAttribute(c, "k", 1) : valuesOf(c, 1)?.[0];
  if (k === undefined) return [{}, {}];
  const axis = axisOf(c, intAttribute(c, "axis", -1), from.length);
  const shape = from.map((size, other) => (other === axis ? k : size));
  return [
    { shape, type },
    { shape, type: onnxType.int64 },
  ];
};

const oneHot: Rule = (c) => {
  const indices = shapeOf(c, 0);
  const depth = valuesOf(c, 1)?.[0];
  if (depth === undefined) return unknown;
  const axis = axisOf(c, intAttribute(c, "axis", -1), indices.length + 1);
  return [{ shape: [...indices.slice(0, axis), depth, ...indices.slice(axis)], type: input(c, 2).type }];
};

/** Indices of the non-zeros of a constant, [rank, count]; unknown for activations. */
const nonZero: Rule = (c) => {
  const { shape: from, constant } = input(c, 0);
  const values = constant === undefined || elementCount(from) > 65536 ? undefined : constant.read();
  if (values === undefined) return unknown;
  const places: number[] = [];
  for (const [index, value] of values.entries()) if (value !== 0) places.push(index);
  const strides = from.map((_, axis) => elementCount(from.slice(axis + 1)));
  const coordinates = from.flatMap((size, axis) =>
    places.map((place) => Math.floor(place / (strides[axis] ?? 1)) % size),
  );
  return of(integerConstant(coordinates, [from.length, places.length]));
};

const random: Rule = (c) => [
  { shape: intsAttribute(c, "shape") ?? [], type: intAttribute(c, "dtype", onnxType.float32) },
];

export const generateRules: Readonly<Record<string, Rule>> = {
  Constant: constantNode,
  ConstantOfShape: constantOfShape,
  Range: range,
  OneHot: oneHot,
  NonZero: nonZero,
  RandomNormal: random,
  RandomUniform: random,
  ArgMax: argument,
  ArgMin: argument,
  TopK: topK,
  ReduceSum: reduce(fold(0, (sum, value) => sum + value)),
  ReduceProd: reduce(fold(1, (product, value) => product * value)),
  ReduceMax: reduce(fold(-Infinity, Math.max)),
  ReduceMin: reduce(fold(Infinity, Math.min)),
  ReduceMean: reduce(),
  ReduceL1: reduce(),
  ReduceL2: reduce(),
  ReduceLogSum: reduce(),
  ReduceLogSumExp: reduce(),
  ReduceSumSquare: reduce(),
};
