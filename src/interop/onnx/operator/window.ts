// Sliding windows: the geometry that convolutions and pooling share, and the pooling operators.

import { windowPositions } from "../../../workload/shapes.ts";
import type { Context, Rule } from "./context.ts";
import { input, intAttribute, intsAttribute, nodeFault, shapeOf, stringAttribute } from "./context.ts";

/** Per spatial axis: kernel, stride, dilation, padding before and after, and the output size. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly output: readonly number[];
}

const positives = (c: Context, name: string, rank: number): number[] => {
  const values = intsAttribute(c, name) ?? new Array<number>(rank).fill(1);
  if (values.length !== rank || values.some((value) => !(value >= 1 && value < 2 ** 31))) {
    throw nodeFault(c, {
      message: `attribute ${name} must hold ${String(rank)} positive numbers`,
      found: `[${values.slice(0, 8).join(", ")}]`,
    });
  }
  return values;
};

/**
 * The window of a convolution or pooling over `spatial` sizes (ONNX operator specification: SAME pads so that
 * output = ceil(size / stride), the odd pixel after for SAME_UPPER and before for SAME_LOWER).
 * @throws InputError for attributes of the wrong length, unknown auto_pad, or a window that fits nowhere.
 */
export function windowOf(c: Context, spatial: readonly number[], kernel: readonly number[]): Window {
  const rank = spatial.length;
  const stride = positives(c, "strides", rank);
  const dilation = positives(c, "dilations", rank);
  const mode = stringAttribute(c, "auto_pad", "NOTSET");
  const pads = intsAttribute(c, "pads") ?? new Array<number>(rank * 2).fill(0);
  if (pads.length !== rank * 2 || pads.some((pad) => !(pad >= 0 && pad < 2 ** 31))) {
    throw nodeFault(c, {
      message: `attribute pads must hold ${String(rank * 2)} numbers of at least 0`,
      found: `[${pads.slice(0, 8).join(", ")}]`,
    });
  }
  const extent = kernel.map((size, axis) => (dilation[axis] ?? 1) * (size - 1) + 1);
  const before: number[] = [];
  const after: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [size, step, reach] = [spatial[axis] ?? 1, stride[axis] ?? 1, extent[axis] ?? 1];
    const total = Math.max(0, (Math.ceil(size / step) - 1) * step + reach - size);
    const smaller = Math.floor(total / 2);
    const [head, tail] = paddingOf(c, mode, [smaller, total - smaller], [pads[axis] ?? 0, pads[axis + rank] ?? 0]);
    before.push(head);
    after.push(tail);
  }
  const ceiling = intAttribute(c, "ceil_mode", 0) === 1;
  const output = spatial.map((size, axis) =>
    windowPositions(
      {
        size,
        kernel: kernel[axis] ?? 1,
        stride: stride[axis] ?? 1,
        before: before[axis] ?? 0,
        after: after[axis] ?? 0,
        dilation: dilation[axis] ?? 1,
      },
      `node "${c.node.name}" (${c.node.operator})`,
      ceiling,
    ),
  );
  return { kernel, stride, dilation, before, after, output };
}

function paddingOf(
  c: Context,
  mode: string,
  [smaller, larger]: readonly [number, number],
  explicit: readonly [number, number],
): readonly [number, number] {
  switch (mode) {
    case "":
    case "NOTSET":
      return explicit;
    case "VALID":
      return [0, 0];
    case "SAME_UPPER":
      return [smaller, larger];
    case "SAME_LOWER":
      return [larger, smaller];
    default:
      throw nodeFault(c, {
        message: "unknown auto_pad",
        found: mode,
        known: ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"],
        expected: "NOTSET, VALID, SAME_UPPER or SAME_LOWER",
      });
  }
}

/** Batch, channels and spatial sizes of input 0. @throws InputError when it has no spatial axis. */
function spatialInput(c: Context): { head: number[]; spatial: number[] } {
  const shape = shapeOf(c, 0);
  if (shape.length < 3) {
    throw nodeFault(c, {
      message: "input has no spatial axes",
      found: `[${shape.join(", ")}]`,
      expected: "[batch, channels, spatial ...]",
    });
  }
  return { head: shape.slice(0, 2), spatial: shape.slice(2) };
}

const pool: Rule = (c) => {
  const { head, spatial } = spatialInput(c);
  const kernel = positives(c, "kernel_shape", spatial.length);
  const shape = [...head, ...windowOf(c, spatial, kernel).output];
  return [
    { shape, type: input(c, 0).type },
    { shape, type: 7 },
  ];
};

const globalPool: Rule = (c) => {
  const { head, spatial } = spatialInput(c);
  return [{ shape: [...head, ...spatial.map(() => 1)], type: input(c, 0).type }];
};

export const windowRules: Readonly<Record<string, Rule>> = {
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  QLinearAveragePool: pool,
  GlobalMaxPool: globalPool,
  GlobalAveragePool: globalPool,
  GlobalLpPool: globalPool,
  QLinearGlobalAveragePool: globalPool,
};
