// Where the non-zeros of a layer's operands lie, for the loop-nest engine: the layer's densities as statistics, and its
// values, where it has both operands', as they are.

import type { NestProblem, OperandKey } from "../../../mapping/nest/problem.ts";
import type { ActualData } from "../../../tensor/density/actual-data.ts";
import { actualData } from "../../../tensor/density/actual-data.ts";
import { elementMask } from "../../../tensor/density/element-mask.ts";
import { hypergeometric } from "../../../tensor/density/hypergeometric.ts";
import { maximumElements } from "../../../tensor/tensor.ts";
import type { ComputeLayer, ComputeOperation, Operand } from "../../../workload/layer.ts";
import type { Leader, NestDensities } from "./sparsity.ts";

export interface LayerDensities {
  /** As many non-zeros as the layer says, anywhere. */
  readonly statistical: NestDensities;
  /** The operands themselves; absent where a layer has no values, or only one operand's. */
  readonly actual?: { readonly A: ActualData; readonly B: ActualData };
}

/** The densities of a layer whose nest is `problem`. */
export function layerDensities(problem: NestProblem, layer: ComputeLayer): LayerDensities {
  const shapes = { A: shapeOf(problem, "A"), B: shapeOf(problem, "B") };
  const { operation, nonZeros, values, sparse } = layer;
  const spread = (leader: Leader) => {
    const elements = shapes[leader].reduce((product, size) => product * size, 1);
    // Entries of the lowered products: for a matrix product they are the operand's own.
    const given = operation.operator === "matmul" ? nonZeros?.[leader] : undefined;
    const count = given === undefined ? layer.density[leader] * elements : given * operation.batch;
    return hypergeometric(shapes[leader], Math.min(elements, Math.round(count)));
  };
  const results = layer.density.C;
  const shape = shapeOf(problem, "C");
  const statistical = {
    A: spread("A"),
    B: spread("B"),
    ...(results === undefined
      ? {}
      : { C: hypergeometric(shape, Math.round(results * shape.reduce((product, size) => product * size, 1))) }),
  };
  if (sparse !== undefined) {
    // A mask has a bit for every element, which a matrix given by its entries may have too many of.
    const fits = (leader: Leader) => shapes[leader].reduce((product, size) => product * size, 1) <= maximumElements;
    if (!fits("A") || !fits("B")) return { statistical };
    const masked = (leader: Leader) => actualData({ shape: shapes[leader], words: elementMask(sparse[leader]).words });
    return { statistical, actual: { A: masked("A"), B: masked("B") } };
  }
  if (values?.A === undefined || values.B === undefined) return { statistical };
  const masked = (leader: Leader, operand: Operand) =>
    actualData({ shape: shapes[leader], words: maskWords(operand, logicalAxes(operation, leader)) });
  return { statistical, actual: { A: masked("A", values.A), B: masked("B", values.B) } };
}

const shapeOf = ({ operands }: NestProblem, leader: OperandKey): readonly number[] =>
  operands[leader].map(({ extent }) => extent);

/** Sizes of an operand's logical axes: those that its strides go with. */
function logicalAxes(operation: ComputeOperation, leader: Leader): readonly number[] {
  if (operation.operator === "matmul") {
    const { batch, M, N, K } = operation;
    return leader === "A" ? [batch, M, K] : [batch, K, N];
  }
  const { batch, outChannels, inChannels, groups, height, width, kernelHeight, kernelWidth } = operation;
  return leader === "A"
    ? [outChannels, inChannels / groups, kernelHeight, kernelWidth]
    : [batch, inChannels, height, width];
}

/**
 * The mask of an operand in the row-major order of its logical axes, whatever its strides. Groups are the outer part of
 * an axis here and a rank of their own in the nest; the order is the same.
 */
function maskWords({ tensor, strides }: Operand, axes: readonly number[]): Uint32Array {
  const elements = axes.reduce((product, size) => product * size, 1);
  const words = new Uint32Array(Math.ceil(elements / 32));
  const place = new Int32Array(axes.length);
  let at = 0;
  for (let i = 0; i < elements; i++) {
    if (tensor.data[at] !== 0) words[i >>> 5] = (words[i >>> 5] ?? 0) | (1 << (i & 31));
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      at += stride;
      const next = (place[axis] ?? 0) + 1;
      place[axis] = next;
      if (next < (axes[axis] ?? 1)) break;
      place[axis] = 0;
      at -= next * stride;
    }
  }
  return words;
}
