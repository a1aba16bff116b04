// What a loop nest computes: dimensions with their sizes, and which words of each operand one multiplication touches.
// A convolution and a matrix product are two instances of it.

import type { ComputeOperation } from "../../workload/layer.ts";
import { convolutionOutput } from "../../workload/shapes.ts";

export type OperandKey = "A" | "B" | "C";

/** The operands in the order in which everything about them is listed: weights, inputs, results. */
export const operandKeys: readonly OperandKey[] = ["A", "B", "C"];

export interface Dimension {
  /** One of the field's letters: N, G, M, C, P, Q, R, S, or K for the reduction of a matrix product. */
  readonly name: string;
  readonly size: number;
}

/**
 * One axis of an operand: a multiplication at coordinates x touches the word at sum(coefficient * x[dimension]) + offset.
 * Words outside [0, extent) are padding: they are neither stored nor moved.
 */
export interface Rank {
  readonly name: string;
  /** One term, or two where a window slides: output position times stride plus kernel tap times dilation. */
  readonly terms: readonly { readonly dimension: number; readonly coefficient: number }[];
  readonly offset: number;
  readonly extent: number;
}

/** C[...] += A[...] B[...] over all dimensions; dimensions that C lacks are reduced. Every rank of C has one term. */
export interface NestProblem {
  readonly dimensions: readonly Dimension[];
  readonly operands: Readonly<Record<OperandKey, readonly Rank[]>>;
}

const identity = (name: string, dimension: number, size: number): Rank => ({
  name,
  terms: [{ dimension, coefficient: 1 }],
  offset: 0,
  extent: size,
});

/**
 * The nest of a layer. Convolutions: N images, G groups, M output channels and C input channels of one group, P x Q
 * output positions, R x S kernel taps. Matrix products: G products, M, N and the reduction K. Dimensions of size 1 are
 * kept, so that every convolution has the same ones.
 */
export function nestProblem(operation: ComputeOperation): NestProblem {
  if (operation.operator === "matmul") {
    const { batch, M, N, K } = operation;
    const [g, m, n, k] = [
      identity("group", 0, batch),
      identity("M", 1, M),
      identity("N", 2, N),
      identity("K", 3, K),
    ] as const;
    return {
      dimensions: [
        { name: "G", size: batch },
        { name: "M", size: M },
        { name: "N", size: N },
        { name: "K", size: K },
      ],
      operands: { A: [g, m, k], B: [g, k, n], C: [g, m, n] },
    };
  }
  const { batch, groups, kernelHeight, kernelWidth } = operation;
  const [height, width] = convolutionOutput(operation);
  const M = operation.outChannels / groups;
  const C = operation.inChannels / groups;
  const window = (name: string, axis: 0 | 1, output: number, tap: number, extent: number): Rank => ({
    name,
    terms: [
      { dimension: output, coefficient: operation.stride[axis] },
      { dimension: tap, coefficient: operation.dilation[axis] },
    ],
    offset: -operation.padding[axis],
    extent,
  });
  const [n, g, m, c] = [
    identity("image", 0, batch),
    identity("group", 1, groups),
    identity("output channel", 2, M),
    identity("input channel", 3, C),
  ] as const;
  return {
    dimensions: [
      { name: "N", size: batch },
      { name: "G", size: groups },
      { name: "M", size: M },
      { name: "C", size: C },
      { name: "P", size: height },
      { name: "Q", size: width },
      { name: "R", size: kernelHeight },
      { name: "S", size: kernelWidth },
    ],
    operands: {
      A: [g, m, c, identity("kernel row", 6, kernelHeight), identity("kernel column", 7, kernelWidth)],
      B: [n, g, c, window("input row", 0, 4, 6, operation.height), window("input column", 1, 5, 7, operation.width)],
      C: [n, g, m, identity("output row", 4, height), identity("output column", 5, width)],
    },
  };
}

/** Dimensions that the result lacks, by index. */
export function reducedDimensions({ dimensions, operands }: NestProblem): readonly number[] {
  const kept = new Set(operands.C.flatMap((rank) => rank.terms.map((term) => term.dimension)));
  return dimensions.flatMap((_, index) => (kept.has(index) ? [] : [index]));
}
