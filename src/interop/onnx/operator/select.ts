// Operators that cut tensors up and put parts together: slice, split, gather, concat, with values carried through where
// they are constants, because shapes are often computed in the graph.

import { rowMajorStrides } from "../../../tensor/tensor.ts";
import type { Constant } from "../constant.ts";
import { elementCount, foldLimit, gatherStrided, lazyConstant } from "../constant.ts";
import { allocate } from "../data-type.ts";
import type { Rule } from "./context.ts";
import { axisOf, input, intAttribute, intsAttribute, moved, nodeFault, shapeOf, unknown, valuesOf } from "./context.ts";

const concat: Rule = (c) => {
  const parts = c.inputs.flatMap((value) => (value === undefined ? [] : [value]));
  const first = input(c, 0);
  const axis = axisOf(c, intAttribute(c, "axis", 1), first.shape.length);
  const shape = [...first.shape];
  shape[axis] = 0;
  for (const part of parts) {
    if (
      part.shape.length !== shape.length ||
      part.shape.some((size, other) => other !== axis && size !== shape[other])
    ) {
      throw nodeFault(
        c,
        {
          message: `shapes do not join along axis ${String(axis)}`,
          found: `[${part.shape.join(", ")}]`,
          expected: `[${first.shape.join(", ")}] elsewhere`,
        },
        part.name,
      );
    }
    shape[axis] += part.shape[axis] ?? 0;
  }
  const constants = parts.flatMap((part) => (part.constant === undefined ? [] : [part.constant]));
  if (constants.length !== parts.length) return [{ shape, type: first.type }];
  return [
    {
      shape,
      type: first.type,
      constant: lazyConstant(first.type, shape, () => joined(first.type, shape, axis, constants)),
    },
  ];
};

function joined(type: number, shape: readonly number[], axis: number, parts: readonly Constant[]) {
  const count = elementCount(shape);
  if (count > foldLimit) return undefined;
  const result = allocate(type, count);
  const outer = elementCount(shape.slice(0, axis));
  const row = elementCount(shape.slice(axis));
  let offset = 0;
  for (const part of parts) {
    const values = part.read();
    if (values === undefined) return undefined;
    const run = elementCount(part.shape.slice(axis));
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < run; i++) result[o * row + offset + i] = values[o * run + i] ?? 0;
    }
    offset += run;
  }
  return result;
}

const split: Rule = (c) => {
  const { shape: from, type, constant } = input(c, 0);
  const axis = axisOf(c, intAttribute(c, "axis", 0), from.length);
  const size = from[axis] ?? 0;
  const count = c.node.outputs.length;
  const chunk = Math.ceil(size / count);
  const equal = Array.from({ length: count }, (_, i) => Math.max(0, Math.min(chunk, size - i * chunk)));
  const sizes = (c.inputs[1] === undefined ? intsAttribute(c, "split") : valuesOf(c, 1)) ?? equal;
  if (sizes.length !== count || sizes.some((part) => part < 0) || sizes.reduce((sum, part) => sum + part, 0) !== size) {
    throw nodeFault(c, {
      message: "split sizes do not add up to the axis",
      found: sizes.join(" + "),
      expected: String(size),
    });
  }
  const strides = rowMajorStrides(from);
  let start = 0;
  return sizes.map((part) => {
    const shape = from.map((whole, other) => (other === axis ? part : whole));
    const offset = start * (strides[axis] ?? 1);
    start += part;
    return {
      shape,
      type,
      ...(constant === undefined ? {} : { constant: gatherStrided(constant, shape, strides, offset) }),
    };
  });
};

const slice: Rule = (c) => {
  const from = shapeOf(c, 0);
  const asInputs = c.inputs.length > 1;
  const starts = asInputs ? valuesOf(c, 1) : intsAttribute(c, "starts");
  const ends = asInputs ? valuesOf(c, 2) : intsAttribute(c, "ends");
  const axes =
    (c.inputs[3] === undefined ? intsAttribute(c, "axes") : valuesOf(c, 3)) ?? starts?.map((_, axis) => axis);
  const steps = c.inputs[4] === undefined ? undefined : valuesOf(c, 4);
  if (
    starts === undefined ||
    ends === undefined ||
    axes === undefined ||
    (c.inputs[4] !== undefined && steps === undefined)
  ) {
    return unknown;
  }
  if (c.inputs[3] !== undefined && valuesOf(c, 3) === undefined) return unknown;
  const shape = [...from];
  const strides = rowMajorStrides(from);
  let offset = 0;
  for (const [index, wish] of axes.entries()) {
    const axis = axisOf(c, wish, from.length);
    const size = from[axis] ?? 0;
    const step = steps?.[index] ?? 1;
    if (step === 0) throw nodeFault(c, { message: "slice step is 0" });
    const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
    const start = step > 0 ? clamp(starts[index] ?? 0, 0, size) : clamp(starts[index] ?? 0, 0, size - 1);
    const end = step > 0 ? clamp(ends[index] ?? size, 0, size) : clamp(ends[index] ?? 0, -1, size - 1);
    shape[axis] = Math.max(0, Math.ceil((end - start) / step));
    offset += start * (strides[axis] ?? 1);
    strides[axis] = (strides[axis] ?? 1) * step;
  }
  return moved(c, 0, shape, (constant) => gatherStrided(constant, shape, strides, offset));
};

const gather: Rule = (c) => {
  const { shape: from, type, constant } = input(c, 0);
  const indices = input(c, 1);
  const axis = axisOf(c, intAttribute(c, "axis", 0), from.length);
  const shape = [...from.slice(0, axis), ...indices.shape, ...from.slice(axis + 1)];
  const picked = indices.constant;
  if (constant === undefined || picked === undefined) return [{ shape, type }];
  const compute = () => {
    const count = elementCount(shape);
    const values = count > Math.max(foldLimit, elementCount(from)) ? undefined : constant.read();
    const places = picked.read();
    if (values === undefined || places === undefined) return undefined;
    const size = from[axis] ?? 0;
    const outer = elementCount(from.slice(0, axis));
    const inner = elementCount(from.slice(axis + 1));
    const result = allocate(type, count);
    for (let o = 0, to = 0; o < outer; o++) {
      for (const place of places) {
        const index = place < 0 ? place + size : place;
        if (index < 0 || index >= size) {
          throw nodeFault(c, {
            message: "gather index outside the axis",
            found: String(place),
            expected: `below ${String(size)}`,
          });
        }
        for (let i = 0; i < inner; i++) result[to++] = values[(o * size + index) * inner + i] ?? 0;
      }
    }
    return result;
  };
  return [{ shape, type, constant: lazyConstant(type, shape, compute) }];
};

const gatherNd: Rule = (c) => {
  const { shape: from, type } = input(c, 0);
  const indices = shapeOf(c, 1);
  const depth = indices[indices.length - 1] ?? 0;
  const batchAxes = intAttribute(c, "batch_dims", 0);
  return [{ shape: [...indices.slice(0, -1), ...from.slice(batchAxes + depth)], type }];
};

export const selectRules: Readonly<Record<string, Rule>> = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherND: gatherNd,
  GatherElements: (c) => [{ shape: shapeOf(c, 1), type: input(c, 0).type }],
};
