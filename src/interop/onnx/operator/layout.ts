// Operators that arrange elements anew: reshape, transpose, expand, pad, resize and their kin, with values carried
// through where they are constants, because shapes are often computed in the graph.

import { rowMajorStrides } from "../../../tensor/tensor.ts";
import {
  broadcastStrides,
  elementCount,
  gatherStrided,
  integerConstant,
  reshaped,
  singleValue,
  uniformConstant,
} from "../constant.ts";
import { onnxType } from "../data-type.ts";
import type { Context, Inferred, Rule } from "./context.ts";
import {
  axisOf,
  broadcast,
  input,
  intAttribute,
  intsAttribute,
  moved,
  nodeFault,
  shapeOf,
  unknown,
  valuesOf,
} from "./context.ts";

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
  Shape: shapeOperator,
  Size: size,
  Pad: pad,
  DepthToSpace: depthAndSpace(false),
  SpaceToDepth: depthAndSpace(true),
  Resize: resize,
  Upsample: resize,
};
