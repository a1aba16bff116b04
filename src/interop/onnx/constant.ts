// Values known before execution: initialisers and what is folded from them, read only when somebody asks and never
// materialised while one number says it all.

import { rowMajorStrides } from "../../tensor/tensor.ts";
import type { NumberArray } from "./data-type.ts";
import { allocate } from "./data-type.ts";

/** A constant tensor. Values are row-major; `read` yields undefined where they are too many or of a type not read. */
export interface Constant {
  /** ONNX element type code. */
  readonly type: number;
  readonly shape: readonly number[];
  /** The value of every element, where all are equal by construction. */
  readonly uniform?: number;
  readonly read: () => NumberArray | undefined;
}

/** The most elements that folding materialises beyond the size of its own inputs: 64 MiB of float32. */
export const foldLimit = 2 ** 24;

/** Product of the dimensions; 1 for a scalar. Unlike a tensor's, a shape of ONNX may hold zeros, and is checked on reading. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** A constant whose values are computed at the first `read`. `compute` may give undefined: values not known. */
export function lazyConstant(type: number, shape: readonly number[], compute: () => NumberArray | undefined): Constant {
  let done = false;
  let values: NumberArray | undefined;
  const read = () => {
    if (!done) {
      values = compute();
      done = true;
    }
    return values;
  };
  return { type, shape, read };
}

/** A constant of one value throughout; materialised only on `read`, and only up to the fold limit. */
export function uniformConstant(type: number, shape: readonly number[], value: number): Constant {
  const fill = () => (elementCount(shape) <= foldLimit ? allocate(type, elementCount(shape)).fill(value) : undefined);
  return { ...lazyConstant(type, shape, fill), uniform: value };
}

/** A small constant of int64 values, such as a shape. */
export function integerConstant(values: readonly number[], shape: readonly number[]): Constant {
  return lazyConstant(7, shape, () => Float64Array.from(values));
}

/** The same elements under another shape (or type code): no copy. */
export function reshaped(constant: Constant, shape: readonly number[]): Constant {
  return { ...constant, shape };
}

/** The value of a constant that has one value throughout (or one element), or undefined. */
export function singleValue(constant: Constant): number | undefined {
  if (constant.uniform !== undefined) return constant.uniform;
  return elementCount(constant.shape) === 1 ? constant.read()?.[0] : undefined;
}

/**
 * Elements `at(outer)` of `source` gathered into `shape` by strides into the source: transpose, expand and slices.
 * A stride of 0 repeats.
 */
export function gatherStrided(
  source: Constant,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Constant {
  const single = singleValue(source);
  if (single !== undefined) return uniformConstant(source.type, shape, single);
  return lazyConstant(source.type, shape, () => {
    const count = elementCount(shape);
    if (count > Math.max(foldLimit, elementCount(source.shape))) return undefined;
    const values = source.read();
    if (values === undefined) return undefined;
    const result = allocate(source.type, count);
    const index = new Array<number>(shape.length).fill(0);
    let from = offset;
    for (let to = 0; to < count; to++) {
      result[to] = values[from] ?? 0;
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        const next = (index[axis] ?? 0) + 1;
        from += strides[axis] ?? 0;
        if (next < (shape[axis] ?? 0)) {
          index[axis] = next;
          break;
        }
        from -= (strides[axis] ?? 0) * (shape[axis] ?? 0);
        index[axis] = 0;
      }
    }
    return result;
  });
}

/** Strides of `shape` when broadcast to `target` (numpy rules): 0 along repeated axes. Shapes must be compatible. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const own = rowMajorStrides(shape);
  const shift = target.length - shape.length;
  return target.map((_, axis) => {
    const mine = axis - shift;
    return mine < 0 || shape[mine] === 1 ? 0 : (own[mine] ?? 0);
  });
}
