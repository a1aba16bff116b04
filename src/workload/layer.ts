// What a network computes, layer by layer: the compute operators with all their dimensions, and the shape-only
// operators between them. Values are optional: a layer without tensors is a shape with assumed densities.

import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** 2-D convolution in NCHW order; weights are [outChannels, inChannels / groups, kernelHeight, kernelWidth]. */
export interface Conv2d {
  readonly operator: "conv2d";
  readonly batch: number;
  readonly inChannels: number;
  readonly height: number;
  readonly width: number;
  readonly outChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  /** Vertical, horizontal. */
  readonly stride: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly padding: readonly [number, number, number, number];
  /** Vertical, horizontal. */
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** `batch` independent products C[M x N] = A[M x K] B[K x N]; A is the weight operand where there is one. */
export interface Matmul {
  readonly operator: "matmul";
  readonly batch: number;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

export type ComputeOperation = Conv2d | Matmul;

/**
 * Values of an operand with the strides of its logical axes, so that a transposed matrix needs no copy.
 * Axes: conv2d A = [outChannels, inChannels / groups, kernelHeight, kernelWidth], conv2d B = [batch, inChannels,
 * height, width]; matmul A = [batch, M, K], matmul B = [batch, K, N]. A stride of 0 broadcasts an axis.
 */
export interface Operand {
  readonly tensor: Tensor;
  readonly strides: readonly number[];
}

/** A layer that multiplies: the unit of simulation. Immutable. */
export interface ComputeLayer {
  readonly kind: "compute";
  readonly name: string;
  readonly operation: ComputeOperation;
  /** True when operand A is constant (weights); false for products of two activations. */
  readonly weightsConstant: boolean;
  /** Fractions of non-zeros; measured where values are present, assumed elsewhere. */
  readonly density: {
    readonly A: number;
    readonly B: number;
    /** Of the result as it is written, where that is known. */
    readonly C?: number;
  };
  /** Where each density comes from. */
  readonly densitySource: { readonly A: DensitySource; readonly B: DensitySource };
  readonly values?: { readonly A?: Operand; readonly B?: Operand };
  /**
   * The operands of a matmul of batch 1 by their entries, where they would be too large to be dense. A layer has these
   * or `values` or neither, and its densities are measured on them.
   */
  readonly sparse?: { readonly A: SparseMatrix; readonly B: SparseMatrix };
  /**
   * Entries of A [M x K] and of B [K x N] of each lowered product, where their number is known and their places are
   * not: a layer with values has none.
   */
  readonly nonZeros?: { readonly A: number; readonly B: number };
}

export type DensitySource = "measured" | "given" | "assumed";

/** A layer that only moves or reshapes: pooling, activation, normalisation, addition ... */
export interface ShapeLayer {
  readonly kind: "shape";
  readonly name: string;
  readonly operator: string;
  readonly outputShape: readonly number[];
}

export type Layer = ComputeLayer | ShapeLayer;

/** An output of an executed model read as class scores. */
export interface Answer {
  readonly output: string;
  readonly classes: readonly { readonly index: number; readonly score: number }[];
}

/** A network with every shape known, layers in execution order. */
export interface Network {
  readonly name: string;
  /** Publication, file or command line that it comes from. */
  readonly source: string;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly layers: readonly Layer[];
  /**
   * Compute layers, by their place among the compute layers from 0, before which layers of the network are missing.
   * All others are taken to follow the one before them: what branches and joins is not recorded.
   */
  readonly gaps?: readonly number[];
  /** What an executed model said, best class first. */
  readonly answers?: readonly Answer[];
  /** What a reader should know: operators passed over, columns ignored ... */
  readonly warnings: readonly string[];
}
