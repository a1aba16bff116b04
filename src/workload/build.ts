// A network written down as a flow of shapes: each function takes the shape that goes in, records a layer, and gives
// the shape that comes out, so that a table of widths is all that a network file holds.

import type { ComputeLayer, ComputeOperation, Layer, Network } from "./layer.ts";
import type { Pooling, Shape } from "./shapes.ts";
import {
  broadcastOutput,
  concatOutput,
  elementCount,
  flattenOutput,
  globalPoolOutput,
  poolingOutput,
  requireShape,
  validateOperation,
} from "./shapes.ts";

/** A network under construction. Layers are recorded in the order of the calls, which is the order of execution. */
export interface Draft {
  readonly name: string;
  readonly source: string;
  readonly inputs: { readonly name: string; readonly shape: Shape }[];
  readonly layers: Layer[];
  readonly taken: Set<string>;
}

/** An empty draft; `source` is the publication that the dimensions come from. */
export function draftNetwork(name: string, source: string): Draft {
  return { name, source, inputs: [], layers: [], taken: new Set() };
}

/** The network of a draft. */
export function finishNetwork(draft: Draft, warnings: readonly string[] = []): Network {
  return { name: draft.name, source: draft.source, inputs: draft.inputs, layers: draft.layers, warnings };
}

/** Declares an input of the network. */
export function input(draft: Draft, name: string, shape: Shape): Shape {
  draft.inputs.push({ name, shape: requireShape(shape, name) });
  return shape;
}

/** One number for both directions, or vertical and horizontal. */
export type Pair = number | readonly [number, number];

export interface ConvOptions {
  readonly channels: number;
  readonly kernel: Pair;
  readonly stride?: Pair;
  /** Padding on both sides of each direction. */
  readonly padding?: Pair;
  readonly groups?: number;
}

/** Convolution with constant weights; [batch, channels, height, width] in and out. */
export function conv(draft: Draft, name: string, from: Shape, options: ConvOptions): Shape {
  const [batch = 0, inChannels = 0, height = 0, width = 0] = from;
  const [kernelHeight, kernelWidth] = both(options.kernel);
  const [vertical, horizontal] = both(options.padding ?? 0);
  const operation = {
    operator: "conv2d",
    batch,
    inChannels,
    height,
    width,
    outChannels: options.channels,
    kernelHeight,
    kernelWidth,
    stride: both(options.stride ?? 1),
    padding: [vertical, horizontal, vertical, horizontal],
    dilation: [1, 1],
    groups: options.groups ?? 1,
  } as const;
  return compute(draft, name, operation, true);
}

/** Fully connected layer over the last axis: A is [features x inputs], the axes before are the columns of B. */
export function linear(draft: Draft, name: string, from: Shape, features: number): Shape {
  const K = from.at(-1) ?? 0;
  const N = elementCount(from.slice(0, -1), name);
  compute(draft, name, { operator: "matmul", batch: 1, M: features, N, K }, true);
  return [...from.slice(0, -1), features];
}

/** `batch` independent products of two activations, A [M x K] by B [K x N]. */
export function activationProduct(
  draft: Draft,
  name: string,
  sizes: { readonly batch: number; readonly M: number; readonly N: number; readonly K: number },
): Shape {
  return compute(draft, name, { operator: "matmul", ...sizes }, false);
}

export interface PoolOptions {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding?: Pair;
  readonly ceil?: boolean;
}

/** Pooling; `operator` is `maxpool` or `avgpool`. */
export function pool(
  draft: Draft,
  name: string,
  operator: "maxpool" | "avgpool",
  from: Shape,
  options: PoolOptions,
): Shape {
  const [vertical, horizontal] = both(options.padding ?? 0);
  const pooling: Pooling = {
    kernel: both(options.kernel),
    stride: both(options.stride),
    padding: [vertical, horizontal, vertical, horizontal],
    ceil: options.ceil ?? false,
  };
  return passes(draft, name, operator, poolingOutput(from, pooling, name));
}

/** Mean over all positions of each channel. */
export function globalAveragePool(draft: Draft, name: string, from: Shape): Shape {
  return passes(draft, name, "globalavgpool", globalPoolOutput(from, name));
}

/** [batch, features] from [batch, ...]. */
export function flatten(draft: Draft, name: string, from: Shape): Shape {
  return passes(draft, name, "flatten", flattenOutput(from, 1, name));
}

/** Sum of two flows. */
export function add(draft: Draft, name: string, left: Shape, right: Shape): Shape {
  return passes(draft, name, "add", broadcastOutput([left, right], name));
}

/** Flows joined along the channels. */
export function concat(draft: Draft, name: string, flows: readonly Shape[]): Shape {
  return passes(draft, name, "concat", concatOutput(flows, 1, name));
}

/** A layer that keeps the shape: relu, softmax, layernorm ... */
export function pointwise(draft: Draft, name: string, operator: string, from: Shape): Shape {
  return passes(draft, name, operator, from);
}

/** A layer without multiplications whose output shape the caller knows: lookups, splits, selections of tokens. */
export function passes(draft: Draft, name: string, operator: string, outputShape: Shape): Shape {
  take(draft, name);
  draft.layers.push({ kind: "shape", name, operator, outputShape });
  return outputShape;
}

function compute(draft: Draft, name: string, operation: ComputeOperation, weightsConstant: boolean): Shape {
  take(draft, name);
  const output = validateOperation(operation, name);
  draft.layers.push(assumedLayer(name, operation, weightsConstant));
  return output;
}

/** A compute layer without values: both densities 1, assumed. */
export function assumedLayer(name: string, operation: ComputeOperation, weightsConstant: boolean): ComputeLayer {
  return {
    kind: "compute",
    name,
    operation,
    weightsConstant,
    density: { A: 1, B: 1 },
    densitySource: { A: "assumed", B: "assumed" },
  };
}

/** Two layers of one name are a mistake in a network file, never in a user's input. */
function take(draft: Draft, name: string): void {
  if (draft.taken.has(name)) throw new Error(`${draft.name}: two layers are called ${name}`);
  draft.taken.add(name);
}

function both(pair: Pair): readonly [number, number] {
  return typeof pair === "number" ? [pair, pair] : pair;
}
