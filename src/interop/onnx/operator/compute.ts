// The operators that multiply: how each becomes a conv2d or matmul of the workload, and how the memory of its
// operands is to be walked so that nothing is copied.

import { rowMajorStrides } from "../../../tensor/tensor.ts";
import type { ComputeOperation } from "../../../workload/layer.ts";
import { elementCount } from "../constant.ts";
import { onnxType } from "../data-type.ts";
import type { Context, Value } from "./context.ts";
import { broadcast, input, intAttribute, nodeFault, shapeOf } from "./context.ts";
import { windowOf } from "./window.ts";

/** How an operand reads a tensor of the model. */
export interface OperandUse {
  readonly tensor: string;
  /** True when the tensor depends on no model input. */
  readonly fixed: boolean;
  /** Sizes and strides of the logical axes of `Operand` (see workload/layer.ts). */
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  /** First element of each batch entry, where broadcasting over several axes gives no single batch stride. */
  readonly batchOffsets?: readonly number[];
  /** The tensor that holds its zero point: the value that counts as zero. */
  readonly zeroPoint?: string;
  /** Logical axis of a zero point with several elements. */
  readonly zeroPointAxis?: number;
}

export interface Compute {
  readonly operation: ComputeOperation;
  readonly A: OperandUse;
  readonly B: OperandUse;
  readonly shape: readonly number[];
  readonly type: number;
}

export type ComputeRule = (context: Context) => Compute;

/** Zero point of an operand: the input at `index`, when it is there. */
const zeroPoint = (c: Context, index: number | undefined, axis: number) => {
  const value = index === undefined ? undefined : c.inputs[index];
  return value === undefined ? {} : { zeroPoint: value.name, zeroPointAxis: axis };
};

interface Places {
  /** Positions of the activation, the weights and their zero points among the inputs. */
  readonly x: number;
  readonly w: number;
  readonly xZero?: number;
  readonly wZero?: number;
  readonly type: (c: Context) => number;
}

const convolution =
  (places: Places): ComputeRule =>
  (c) => {
    const [x, w] = [input(c, places.x), input(c, places.w)];
    if (x.shape.length !== w.shape.length || x.shape.length < 3 || x.shape.length > 4) {
      throw nodeFault(c, {
        message: "only 1-D and 2-D convolutions are supported",
        found: `input [${x.shape.join(", ")}], weights [${w.shape.join(", ")}]`,
      });
    }
    const [batch = 1, channels = 1, ...spatial] = x.shape;
    const [outChannels = 1, perGroup = 1, ...kernel] = w.shape;
    const groups = intAttribute(c, "group", 1);
    if (groups < 1 || channels !== perGroup * groups || outChannels % groups !== 0) {
      throw nodeFault(
        c,
        {
          message: "channels do not fit the weights",
          found: `${String(channels)} channels, weights [${w.shape.join(", ")}], ${String(groups)} groups`,
        },
        w.name,
      );
    }
    const window = windowOf(c, spatial, kernel);
    // A 1-D convolution is a 2-D one of height 1: the extra axis goes in front of the spatial ones.
    const flat = spatial.length === 1;
    const pair = (values: readonly number[], filler: number): [number, number] =>
      flat ? [filler, values[0] ?? filler] : [values[0] ?? filler, values[1] ?? filler];
    const [height, width] = pair(spatial, 1);
    const [kernelHeight, kernelWidth] = pair(kernel, 1);
    const [top, left] = pair(window.before, 0);
    const [bottom, right] = pair(window.after, 0);
    const operand = (value: Value, sizes: readonly number[], zero: object): OperandUse => ({
      tensor: value.name,
      fixed: value.fixed,
      sizes,
      strides: rowMajorStrides(sizes),
      ...zero,
    });
    return {
      operation: {
        operator: "conv2d",
        batch,
        inChannels: channels,
        height,
        width,
        outChannels,
        kernelHeight,
        kernelWidth,
        stride: pair(window.stride, 1),
        padding: [top, left, bottom, right],
        dilation: pair(window.dilation, 1),
        groups,
      },
      A: operand(w, [outChannels, perGroup, kernelHeight, kernelWidth], zeroPoint(c, places.wZero, 0)),
      B: operand(x, [batch, channels, height, width], zeroPoint(c, places.xZero, 1)),
      shape: [batch, outChannels, ...window.output],
      type: places.type(c),
    };
  };

/** One factor of a product as a matrix: rows, columns, their strides, and the leading batch axes. */
interface Matrix {
  readonly value: Value;
  readonly rows: number;
  readonly columns: number;
  readonly rowStride: number;
  readonly columnStride: number;
  readonly batch: readonly number[];
  readonly zero: { readonly zeroPoint?: string };
}

/** The last two axes of a tensor as a matrix; a vector is a row (on the left) or a column (on the right). */
function matrixOf(
  value: Value,
  side: "left" | "right",
  transposed: boolean,
  zero: { readonly zeroPoint?: string },
): Matrix {
  const shape =
    value.shape.length >= 2 ? value.shape : side === "left" ? [1, value.shape[0] ?? 1] : [value.shape[0] ?? 1, 1];
  const [rows = 1, columns = 1] = shape.slice(-2);
  const batch = shape.slice(0, -2);
  return transposed
    ? { value, rows: columns, columns: rows, rowStride: 1, columnStride: columns, batch, zero }
    : { value, rows, columns, rowStride: columns, columnStride: 1, batch, zero };
}

/** First element of each entry of `batch` in a tensor whose own leading axes are `own`, by broadcasting. */
function batchWalk(
  own: readonly number[],
  batch: readonly number[],
  entry: number,
): { stride: number; offsets?: number[] } {
  const count = elementCount(batch);
  if (elementCount(own) === 1) return { stride: 0 };
  if (elementCount(own) === count) return { stride: entry };
  const strides = rowMajorStrides(own);
  const outer = rowMajorStrides(batch);
  const offsets = Array.from({ length: count }, (_, index) => {
    let offset = 0;
    for (const [axis, size] of own.entries()) {
      const at = batch.length - own.length + axis;
      const coordinate = Math.floor(index / (outer[at] ?? 1)) % (batch[at] ?? 1);
      if (size !== 1) offset += coordinate * (strides[axis] ?? 0) * entry;
    }
    return offset;
  });
  return { stride: 0, offsets };
}

/**
 * left [.., T, K] times right [.., K, M]. With constant 2-D weights on the right, A is their transpose [M, K] and B
 * the activation [K, N] with every leading axis folded into N. With batches, and for two activations, the same per
 * batch entry: N counts the rows of the left factor. Only a constant left factor takes A's place itself.
 */
function product(c: Context, left: Matrix, right: Matrix, type: number): Compute {
  if (left.columns !== right.rows) {
    throw nodeFault(
      c,
      {
        message: "inner dimensions of the product differ",
        found: `[${left.value.shape.join(", ")}] times [${right.value.shape.join(", ")}]`,
      },
      right.value.name,
    );
  }
  const batch = broadcast(c, [left.batch, right.batch]);
  const rows = left.value.shape.length >= 2 || c.node.operator === "Gemm" ? [left.rows] : [];
  const columns = right.value.shape.length >= 2 || c.node.operator === "Gemm" ? [right.columns] : [];
  const shape = [...batch, ...rows, ...columns];
  const K = left.columns;
  const use = (
    matrix: Matrix,
    sizes: readonly number[],
    strides: readonly number[],
    offsets?: readonly number[],
  ): OperandUse => ({
    tensor: matrix.value.name,
    fixed: matrix.value.fixed,
    sizes,
    strides,
    ...(offsets === undefined ? {} : { batchOffsets: offsets }),
    ...matrix.zero,
  });
  const weightsRight = right.value.fixed && !left.value.fixed;
  if (weightsRight && elementCount(right.batch) === 1 && (left.batch.length === 0 || left.rowStride === K)) {
    const [M, N] = [right.columns, left.rows * elementCount(left.batch)];
    return {
      operation: { operator: "matmul", batch: 1, M, N, K },
      A: use(right, [1, M, K], [0, right.columnStride, right.rowStride]),
      B: use(left, [1, K, N], [0, left.columnStride, left.rowStride]),
      shape,
      type,
    };
  }
  const count = elementCount(batch);
  const walks = {
    left: batchWalk(left.batch, batch, left.rows * K),
    right: batchWalk(right.batch, batch, right.columns * K),
  };
  if (!left.value.fixed) {
    const [M, N] = [right.columns, left.rows];
    return {
      operation: { operator: "matmul", batch: count, M, N, K },
      A: use(right, [count, M, K], [walks.right.stride, right.columnStride, right.rowStride], walks.right.offsets),
      B: use(left, [count, K, N], [walks.left.stride, left.columnStride, left.rowStride], walks.left.offsets),
      shape,
      type,
    };
  }
  const [M, N] = [left.rows, right.columns];
  return {
    operation: { operator: "matmul", batch: count, M, N, K },
    A: use(left, [count, M, K], [walks.left.stride, left.rowStride, left.columnStride], walks.left.offsets),
    B: use(right, [count, K, N], [walks.right.stride, right.rowStride, right.columnStride], walks.right.offsets),
    shape,
    type,
  };
}

const scalarZero = (c: Context, index: number | undefined, tensor: string): { zeroPoint?: string } => {
  const value = index === undefined ? undefined : c.inputs[index];
  if (value === undefined) return {};
  if (elementCount(value.shape) !== 1) {
    throw nodeFault(
      c,
      { message: "zero points per row or column are not supported", found: `[${value.shape.join(", ")}]` },
      tensor,
    );
  }
  return { zeroPoint: value.name };
};

const matmul =
  (places: Places): ComputeRule =>
  (c) => {
    const [a, b] = [input(c, places.x), input(c, places.w)];
    if (a.shape.length === 0 || b.shape.length === 0) {
      throw nodeFault(c, { message: "a factor of the product is a scalar" });
    }
    const flag = (name: string) => intAttribute(c, name, 0) === 1;
    if (flag("transBatchA") || flag("transBatchB")) {
      throw nodeFault(c, { message: "transBatchA and transBatchB are not supported" });
    }
    const left = matrixOf(a, "left", flag("transA"), scalarZero(c, places.xZero, a.name));
    const right = matrixOf(b, "right", flag("transB"), scalarZero(c, places.wZero, b.name));
    return product(c, left, right, places.type(c));
  };

const gemm: ComputeRule = (c) => {
  for (const index of [0, 1]) {
    if (shapeOf(c, index).length !== 2) {
      throw nodeFault(
        c,
        { message: "Gemm multiplies 2-D matrices", found: `[${shapeOf(c, index).join(", ")}]` },
        input(c, index).name,
      );
    }
  }
  return matmul({ x: 0, w: 1, type: likeInput(0) })(c);
};

const likeInput = (index: number) => (c: Context) => input(c, index).type;
const integers = () => onnxType.int32;

/** Operators that become compute layers. */
export const computeRules: Readonly<Record<string, ComputeRule>> = {
  Conv: convolution({ x: 0, w: 1, type: likeInput(0) }),
  FusedConv: convolution({ x: 0, w: 1, type: likeInput(0) }),
  ConvInteger: convolution({ x: 0, w: 1, xZero: 2, wZero: 3, type: integers }),
  QLinearConv: convolution({ x: 0, xZero: 2, w: 3, wZero: 5, type: likeInput(7) }),
  MatMul: matmul({ x: 0, w: 1, type: likeInput(0) }),
  FusedMatMul: matmul({ x: 0, w: 1, type: likeInput(0) }),
  Gemm: gemm,
  MatMulInteger: matmul({ x: 0, w: 1, xZero: 2, wZero: 3, type: integers }),
  QLinearMatMul: matmul({ x: 0, xZero: 2, w: 3, wZero: 5, type: likeInput(7) }),
};

/** Operators that are known to multiply and are not supported: skipping one would understate the work. */
export const unsupportedCompute: ReadonlySet<string> = new Set([
  "Attention",
  "ConvTranspose",
  "DFT",
  "STFT",
  "DeformConv",
  "Einsum",
  "GRU",
  "LSTM",
  "RNN",
  "LinearAttention",
  "BilinearInterpolate",
  "Det",
  "GridSample",
  "LinearClassifier",
  "LinearRegressor",
  "SVMClassifier",
  "SVMRegressor",
  // com.microsoft
  "BiasedMatMul",
  "CausalConvWithState",
  "DecoderAttention",
  "DecoderMaskedMultiHeadAttention",
  "DecoderMaskedSelfAttention",
  "DynamicQuantizeLSTM",
  "DynamicQuantizeMatMul",
  "FusedGemm",
  "GatedRelativePositionBias",
  "GemmFastGelu",
  "GemmFloat8",
  "GroupQueryAttention",
  "LongformerAttention",
  "MatMulBnb4",
  "MatMulFpQ4",
  "MatMulInteger16",
  "MatMulIntegerToFloat",
  "MatMulNBits",
  "MoE",
  "MultiHeadAttention",
  "NhwcConv",
  "NhwcFusedConv",
  "PackedAttention",
  "PackedMultiHeadAttention",
  "PagedAttention",
  "QAttention",
  "QEmbedLayerNormalization",
  "QGemm",
  "QLinearConvTranspose",
  "QMoE",
  "QOrderedAttention",
  "QOrderedLongformerAttention",
  "QOrderedMatMul",
  "RelativePositionBias",
  "SparseAttention",
  "SparseToDenseMatMul",
  "TransposeMatMul",
]);
