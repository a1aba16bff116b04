// Operators that move elements without computing: reshape, transpose, slice, concat, gather and their kin, with
// values carried through where they are constants, because shapes are often computed in the graph.

import type { Constant } from "../constant.ts";
import {
  broadcastStrides,
  elementCount,
  foldLimit,
  gatherStrided,
  integerConstant,
  lazyConstant,
  reshaped,
  rowMajorStrides,
  singleValue,
  uniformConstant,
} from "../constant.ts";
import { allocate, onnxType } from "../data-type.ts";
import type { Context, Inferred, Rule } from "./context.ts";
import {
  axisOf,
  broadcast,
  input,
  intAttribute,
  intsAttribute,
  nodeFault,
  shapeOf,
  unknown,
  valuesOf,
} from "./context.ts";

/** An output of the type of `source`, with its values where both are known. */
const moved = (
  c: Context,
  index: number,
  shape: readonly number[],
  values: (constant: Constant) => Constant,
): Inferred[] => {
  const { type, constant } = input(c, index);
  return [{ shape, type, ...(constant === undefined ? {} : { constant: values(constant) }) }];
};

/** The same elements in row-major order under a new shape. */
const rearranged = (c: Context, shape: readonly number[]): Inferred[] => {
  const from = shapeOf(c, 0);
  if (elementCount(from) !== elementCount(shape)) {
    throw nodeFault(c, {
      message: "reshape changes the number of elements",
      found: `[${from.join(", ")}] to [${shape.join(", ")}]`,
    });
  }
  return moved(c, 0, shape, (constant) => reshaped(constant, shape));
};

const reshape: Rule = (c) => {
  const from = shapeOf(c, 0);
  const wish = c.inputs.length > 1 ? valuesOf(c, 1) : intsAttribute(c, "shape");
  if (wish === undefined) return unknown;
  const keepZero = intAttribute(c, "allowzero", 0) === 1;
  const shape = wish.map((size, axis) => (size === 0 && !keepZero ? (from[axis] ?? 0) : size));
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const rest = elementCount(shape.filter((_, axis) => axis !== open));
    shape[open] = rest === 0 ? 0 : elementCount(from) / rest;
  }
  if (shape.some((size) => size < 0 || !Number.isInteger(size))) {
    throw nodeFault(c, {
      message: "reshape to an impossible shape",
      found: `[${from.join(", ")}] to [${wish.join(", ")}]`,
    });
  }
  return rearranged(c, shape);
};

const flatten: Rule = (c) => {
  const from = shapeOf(c, 0);
  const wish = intAttribute(c, "axis", 1);
  const axis = wish === from.length ? wish : axisOf(c, wish, from.length);
  return rearranged(c, [elementCount(from.slice(0, axis)), elementCount(from.slice(axis))]);
};

/** The axes of Squeeze, Unsqueeze and reductions: an attribute in old operator sets, an input in new ones. */
export const axesOf = (c: Context): number[] | undefined | "unknown" =>
  c.inputs[1] === undefined ? intsAttribute(c, "axes") : (valuesOf(c, 1) ?? "unknown");

const squeeze: Rule = (c) => {
  const from = shapeOf(c, 0);
  const axes = axesOf(c);
  if (axes === "unknown") return unknown;
  const drop = new Set(
    axes?.map((axis) => axisOf(c, axis, from.length)) ?? from.flatMap((size, axis) => (size === 1 ? [axis] : [])),
  );
  return rearranged(
    c,
    from.filter((_, axis) => !drop.has(axis)),
  );
};

const unsqueeze: Rule = (c) => {
  const axes = axesOf(c);
  if (axes === "unknown" || axes === undefined) return unknown;
  const from = shapeOf(c, 0);
  const rank = from.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(c, axis, rank)));
  let next = 0;
  return rearranged(
    c,
    Array.from({ length: from.length + added.size }, (_, axis) => (added.has(axis) ? 1 : (from[next++] ?? 1))),
  );
};

const transpose: Rule = (c) => {
  const from = shapeOf(c, 0);
  const order = intsAttribute(c, "perm") ?? from.map((_, axis) => from.length - 1 - axis);
  if (
    order.length !== from.length ||
    new Set(order).size !== order.length ||
    order.some((axis) => from[axis] === undefined)
  ) {
    throw nodeFault(c, {
      message: "perm is no permutation of the axes",
      found: `[${order.join(", ")}]`,
      expected: `an order of ${String(from.length)} axes`,
    });
  }
  const strides = rowMajorStrides(from);
  const shape = order.map((axis) => from[axis] ?? 1);
  return moved(c, 0, shape, (constant) =>
    gatherStrided(
      constant,
      shape,
      order.map((axis) => strides[axis] ?? 0),
    ),
  );
};

const expand: Rule = (c) => {
  const wish = valuesOf(c, 1);
  if (wish === undefined) return unknown;
  const from = shapeOf(c, 0);
  const shape = broadcast(c, [from, wish]);
  return moved(c, 0, shape, (constant) => gatherStrided(constant, shape, broadcastStrides(from, shape)));
};

const tile: Rule = (c) => {
  const repeats = valuesOf(c, 1);
  if (repeats === undefined) return unknown;
  const from = shapeOf(c, 0);
  const shape = from.map((size, axis) => size * (repeats[axis] ?? 1));
  const { type, constant } = input(c, 0);
  const single = constant === undefined ? undefined : singleValue(constant);
  return [{ shape, type, ...(single === undefined ? {} : { constant: uniformConstant(type, shape, single) }) }];
};

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
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < run; i++) result[o * row + offset + i] = values[o * run + i] ?? 0;
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
  )
    return unknown;
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
        if (index < 0 || index >= size)
          throw nodeFault(c, {
            message: "gather index outside the axis",
            found: String(place),
            expected: `below ${String(size)}`,
          });
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

const shapeOperator: Rule = (c) => {
  const from = shapeOf(c, 0);
  const bound = (name: string, otherwise: number) => {
    const wish = intAttribute(c, name, otherwise);
    return Math.min(Math.max(wish < 0 ? wish + from.length : wish, 0), from.length);
  };
  const part = from.slice(bound("start", 0), bound("end", from.length));
  return [{ shape: [part.length], type: onnxType.int64, constant: integerConstant(part, [part.length]) }];
};

const size: Rule = (c) => [
  { shape: [], type: onnxType.int64, constant: integerConstant([elementCount(shapeOf(c, 0))], []) },
];

const pad: Rule = (c) => {
  const { shape: from, type } = input(c, 0);
  const pads = c.inputs[1] === undefined ? (intsAttribute(c, "pads") ?? intsAttribute(c, "paddings")) : valuesOf(c, 1);
  const chosen = c.inputs[3] === undefined ? from.map((_, axis) => axis) : valuesOf(c, 3);
  if (pads === undefined || chosen === undefined) return unknown;
  if (pads.length !== chosen.length * 2) {
    throw nodeFault(c, {
      message: "pads do not match the axes",
      found: `${String(pads.length)} values`,
      expected: String(chosen.length * 2),
    });
  }
  const shape = [...from];
  for (const [index, wish] of chosen.entries()) {
    const axis = axisOf(c, wish, from.length);
    shape[axis] = (shape[axis] ?? 0) + (pads[index] ?? 0) + (pads[index + chosen.length] ?? 0);
  }
  return [{ shape, type }];
};

/** Blocks of channels to blocks of pixels (`inverse` false) or back. */
const depthAndSpace =
  (inverse: boolean): Rule =>
  (c) => {
    const [n, channels, height, width] = shapeOf(c, 0);
    const block = intAttribute(c, "blocksize", 1);
    if (n === undefined || channels === undefined || height === undefined || width === undefined || block < 1) {
      throw nodeFault(c, { message: "expected a 4-D input and a positive blocksize" });
    }
    const shape = inverse
      ? [n, channels * block * block, height / block, width / block]
      : [n, channels / (block * block), height * block, width * block];
    return [{ shape, type: input(c, 0).type }];
  };

const resize: Rule = (c) => {
  const { shape: from, type } = input(c, 0);
  const fromAttribute = c.node.attributes.get("scales")?.floats;
  const scaleInput = c.node.operator === "Upsample" || c.opset < 11 ? 1 : 2;
  const sizes = c.inputs[3] === undefined ? undefined : valuesOf(c, 3);
  const scales = fromAttribute ?? valuesOf(c, scaleInput);
  const axes = intsAttribute(c, "axes")?.map((axis) => axisOf(c, axis, from.length)) ?? from.map((_, axis) => axis);
  const shape = [...from];
  const source = sizes !== undefined && sizes.length > 0 ? sizes : scales;
  if (source === undefined || source.length !== axes.length) return unknown;
  for (const [index, axis] of axes.entries()) {
    const value = source[index] ?? 1;
    // Scales are float32: 0.99999 of a pixel from rounding must not lose a row.
    shape[axis] = source === sizes ? value : Math.floor((from[axis] ?? 0) * value + 1e-5);
  }
  return [{ shape, type }];
};

export const layoutRules: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherND: gatherNd,
  GatherElements: (c) => [{ shape: shapeOf(c, 1), type: input(c, 0).type }],
  Shape: shapeOperator,
  Size: size,
  Pad: pad,
  DepthToSpace: depthAndSpace(false),
  SpaceToDepth: depthAndSpace(true),
  Resize: resize,
  Upsample: resize,
};
