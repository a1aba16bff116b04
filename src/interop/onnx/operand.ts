// Turns a tensor of the model into an operand of a layer: strided where possible, its zero point taken off, its
// density counted.

import { rowMajorStrides } from "../../tensor/tensor.ts";
import type { Operand } from "../../workload/layer.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Constant } from "./constant.ts";
import { elementCount } from "./constant.ts";
import { toTensor } from "./data-type.ts";
import type { OperandUse } from "./operator/compute.ts";

/**
 * The operand over the tensor that `use` reads. No copy is made, except where a zero point other than 0 is taken off
 * (the result is int16 or int32) or where broadcasting over several axes has no single batch stride.
 */
export function operandOf(tensor: Tensor, use: OperandUse, zeroPoint?: ArrayLike<number>): Operand {
  const shifted = withoutZeroPoint(tensor, zeroPoint, use.zeroPointAxis ?? 0);
  return use.batchOffsets === undefined
    ? { tensor: shifted, strides: use.strides }
    : gathered(shifted, use, use.batchOffsets);
}

/** The operand of a constant: one element with strides of 0 where all values are equal; undefined without values. */
export function constantOperand(
  constant: Constant,
  use: OperandUse,
  zeroPoint?: ArrayLike<number>,
): Operand | undefined {
  if (constant.uniform !== undefined && (zeroPoint?.length ?? 1) === 1) {
    const tensor = toTensor(Float64Array.of(constant.uniform - (zeroPoint?.[0] ?? 0)), [1]);
    return { tensor, strides: use.sizes.map(() => 0) };
  }
  const values = constant.read();
  return values === undefined ? undefined : operandOf(toTensor(values, constant.shape), use, zeroPoint);
}

/** Fraction of non-zeros; every stored element counts alike, since broadcasting repeats all of them equally often. */
export function densityOf(tensor: Tensor): number {
  const { data } = tensor;
  let nonZeros = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) nonZeros++;
  return data.length === 0 ? 0 : nonZeros / data.length;
}

function withoutZeroPoint(tensor: Tensor, zeroPoint: ArrayLike<number> | undefined, axis: number): Tensor {
  if (zeroPoint === undefined || Array.from(zeroPoint).every((value) => value === 0)) return tensor;
  const inner = elementCount(tensor.shape.slice(axis + 1));
  const count = zeroPoint.length;
  const wide = tensor.type === "int32" || tensor.type === "float32";
  const data = wide ? new Int32Array(tensor.data.length) : new Int16Array(tensor.data.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = (tensor.data[i] ?? 0) - (zeroPoint[count === 1 ? 0 : Math.floor(i / inner) % count] ?? 0);
  }
  return { type: wide ? "int32" : "int16", shape: tensor.shape, data };
}

/** A contiguous copy of a batched matrix whose entries start at irregular offsets. */
function gathered(tensor: Tensor, use: OperandUse, offsets: readonly number[]): Operand {
  const [, rows = 1, columns = 1] = use.sizes;
  const [, rowStride = 0, columnStride = 0] = use.strides;
  const data = tensor.data.slice(0, 0);
  const copy =
    data instanceof Float32Array
      ? new Float32Array(offsets.length * rows * columns)
      : new Int32Array(offsets.length * rows * columns);
  let to = 0;
  for (const offset of offsets) {
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < columns; k++) copy[to++] = tensor.data[offset + r * rowStride + k * columnStride] ?? 0;
    }
  }
  return {
    tensor: { type: copy instanceof Float32Array ? "float32" : "int32", shape: use.sizes, data: copy },
    strides: rowMajorStrides(use.sizes),
  };
}
