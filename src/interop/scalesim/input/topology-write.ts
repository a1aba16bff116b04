// Writes a network as a layer table ("topology") of SCALE-Sim, so that it can be run there; what the format cannot say
// is refused, and what it says in another way (padding) or not at all (densities) is listed as warnings.

import { InputError } from "../../../base/error.ts";
import type { ComputeLayer, Conv2d, Matmul, Network } from "../../../workload/layer.ts";
import { validateOperation } from "../../../workload/shapes.ts";
import { listed } from "./topology-rows.ts";
import { overrun } from "./topology.ts";

/** A topology, and what it says differently from the network. */
export interface TopologyText {
  readonly text: string;
  readonly kind: "conv" | "gemm";
  readonly warnings: readonly string[];
}

const CONV_HEADER =
  "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,";
const GEMM_HEADER = "Layer, M, N, K,";

/** Largest M of `N:M` that a given density is tried with. */
const LARGEST_BLOCK = 64;

/**
 * The compute layers of a network as a SCALE-Sim topology: gemm where all are matrix products, else conv, in which a
 * matrix product becomes a 1 x 1 convolution over an image one pixel wide. Shape-only layers have no place there.
 *
 * SCALE-Sim has no padding: sizes are written with the padding inside them, cut to the pixels that some window reads.
 * Depth-wise convolutions (one input channel a group) need `DP` in the name and get it, other names lose it. A given
 * density of the weights becomes `N:M` (M at most 64).
 * Throws InputError, naming the layer, for dilation, a batch, two strides, other groups, and networks without layers.
 */
export function writeScalesimTopology(network: Network): TopologyText {
  const layers = network.layers.filter((layer) => layer.kind === "compute");
  if (layers.length === 0) throw new InputError({ path: network.name, message: "no compute layers to write" });
  const kind = layers.every((layer) => layer.operation.operator === "matmul") ? "gemm" : "conv";
  const notes: Notes = { padded: [], unsaid: [], renamed: [] };
  const sparse = layers.some((layer) => layer.densitySource.A === "given");
  const lines = [(kind === "gemm" ? GEMM_HEADER : CONV_HEADER) + (sparse ? " Sparsity," : "")];
  const taken = new Set<string>();
  for (const layer of layers) {
    const { operation } = layer;
    const depthwise = operation.operator === "conv2d" && operation.groups > 1;
    const name = writeName(layer.name, kind === "conv", depthwise, taken, notes);
    const sizes =
      operation.operator === "conv2d" ? convRow(operation, layer.name, notes) : matmulRow(operation, kind, layer.name);
    lines.push(`${[name, ...sizes, ...sparsity(layer, notes)].join(",")},`);
  }
  return { text: `${lines.join("\n")}\n`, kind, warnings: warningsOf(notes) };
}

interface Notes {
  readonly padded: string[];
  readonly unsaid: string[];
  readonly renamed: string[];
}

function warningsOf(notes: Notes): readonly string[] {
  return [
    ...listed("images are written with their padding, cut to the pixels that windows read", notes.padded),
    ...listed("densities that are not written", notes.unsaid),
    ...listed("names that are written differently", notes.renamed),
  ];
}

function convRow(conv: Conv2d, name: string, notes: Notes): readonly number[] {
  const refuse = (field: string, found: string, expected: string): InputError =>
    new InputError({ path: `${name}.${field}`, message: "SCALE-Sim's topology cannot say this", found, expected });
  if (conv.batch !== 1) throw refuse("batch", String(conv.batch), "a batch of 1");
  if (conv.dilation[0] !== 1 || conv.dilation[1] !== 1) {
    throw refuse("dilation", conv.dilation.join("x"), "no dilation");
  }
  if (conv.stride[0] !== conv.stride[1]) {
    throw refuse("stride", conv.stride.join("x"), "one stride for both directions");
  }
  if (conv.groups !== 1 && conv.groups !== conv.inChannels) {
    throw refuse("groups", String(conv.groups), `1, or depth-wise (${conv.inChannels})`);
  }
  const [, , outHeight = 1, outWidth = 1] = validateOperation(conv, name);
  const [stride] = conv.stride;
  const [top, left, bottom, right] = conv.padding;
  const height = imageSize(conv.height, conv.kernelHeight, stride, top, bottom, outHeight);
  const width = imageSize(conv.width, conv.kernelWidth, stride, left, right, outWidth);
  if (height !== conv.height || width !== conv.width) {
    notes.padded.push(`${name} (${conv.height} x ${conv.width} as ${height} x ${width})`);
  }
  return [height, width, conv.kernelHeight, conv.kernelWidth, conv.inChannels, conv.outChannels / conv.groups, stride];
}

/** The size that SCALE-Sim, which rounds the windows up and knows no padding, turns into the same `positions`. */
function imageSize(
  size: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
  positions: number,
): number {
  const same = before === 0 && size >= kernel && after === overrun(size, kernel, stride);
  return same ? size : (positions - 1) * stride + kernel;
}

/** SCALE-Sim's M counts columns of B and its N rows of A; see `readScalesimTopology`. */
function matmulRow(matmul: Matmul, kind: "conv" | "gemm", name: string): readonly number[] {
  if (matmul.batch !== 1) {
    throw new InputError({
      path: `${name}.batch`,
      message: "SCALE-Sim's topology cannot say this",
      found: String(matmul.batch),
      expected: "one product a layer",
    });
  }
  validateOperation(matmul, name);
  return kind === "gemm" ? [matmul.N, matmul.M, matmul.K] : [matmul.N, 1, 1, 1, matmul.K, matmul.M, 1];
}

function sparsity(layer: ComputeLayer, notes: Notes): readonly string[] {
  const { name, density, densitySource } = layer;
  if (density.B !== 1) notes.unsaid.push(`${name} (activations)`);
  if (densitySource.A !== "given") {
    if (density.A !== 1) notes.unsaid.push(`${name} (weights, ${densitySource.A})`);
    return [];
  }
  for (let block = 1; block <= LARGEST_BLOCK; block++) {
    const kept = Math.round(density.A * block);
    if (kept >= 1 && kept / block === density.A) return [`${kept}:${block}`];
  }
  notes.unsaid.push(`${name} (weights, ${density.A} is no N:M with M up to ${LARGEST_BLOCK})`);
  return [];
}

/** A name that survives: without commas and line ends, with DP exactly where the layer is depth-wise, and used once. */
function writeName(name: string, conv: boolean, depthwise: boolean, taken: Set<string>, notes: Notes): string {
  let written = name
    .replace(/[,\r\n]+/g, "_")
    .trim()
    .replace(/^\uFEFF/, "");
  if (written === "") written = "layer";
  if (depthwise && !written.includes("DP")) written += "_DP";
  if (conv && !depthwise) written = written.replaceAll("DP", "Dp");
  const base = written;
  for (let i = 2; taken.has(written); i++) written = `${base}_${i}`;
  taken.add(written);
  if (written !== name) notes.renamed.push(`${name} as ${written}`);
  return written;
}
