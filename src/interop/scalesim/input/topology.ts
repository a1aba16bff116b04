// Reads the layer tables ("topologies") of SCALE-Sim, conv and gemm, including those that its own reader refuses: blank
// rows, missing trailing commas, extra columns, byte order marks. What it cannot read it names by line and column.

import { InputError, at } from "../../../base/error.ts";
import type { ComputeLayer, ComputeOperation, Conv2d, Layer, Network } from "../../../workload/layer.ts";
import { operandShapes, requireDimension, validateOperation } from "../../../workload/shapes.ts";
import type { Header, InFile, Row } from "./topology-header.ts";
import { kindOfTitles, readHeader, readRows } from "./topology-header.ts";
import type { RowNotes, TopologyRow } from "./topology-rows.ts";
import { listed, newRowNotes, readTopologyRow, rowWarnings } from "./topology-rows.ts";

export interface TopologyOptions {
  /** Shown in errors and as the network's source. */
  readonly file?: string;
  /** Name of the network; the file's name without folder and ending by default. */
  readonly name?: string;
  /** Batch of the rows that have no batch of their own; default 1. */
  readonly batch?: number;
}

/** True when the first line that is not blank is the header of a conv or gemm topology. Never throws. */
export function isScalesimTopology(text: string): boolean {
  const header = readRows(text.slice(0, 4096))[0];
  return header !== undefined && kindOfTitles(header) !== undefined;
}

/**
 * The network that a topology describes; one layer a row, in order.
 *
 * conv: `name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides[, Sparsity]`.
 * SCALE-Sim convolves without padding and rounds the output up, ceil((H - Fh + s) / s), the last windows running off
 * the image: a convolution gets just the bottom and right padding that gives this size. A name with `DP` in it is
 * depth-wise, which SCALE-Sim expands into `Channels` layers of one channel with all of `Num Filter` each: here one
 * convolution with groups = Channels and Channels x Num Filter outputs, the same work.
 *
 * gemm: `name, M, N, K[, Sparsity]` in any order of M, N, K by title. SCALE-Sim's M counts pixels or tokens and its N
 * filters, the other way round than `Matmul`, whose A holds the weights: the layer gets M = its N and N = its M.
 *
 * A `Sparsity` cell `N:M` (N of M weights kept) becomes the given density of A. A `Batch Size` column is honoured (a gemm
 * with a batch has that many times the columns). Other columns are ignored, and rows with only a name skipped, with a
 * warning. Throws InputError with file, line and column for everything else that is not as above.
 */
export function readScalesimTopology(text: string, options: TopologyOptions = {}): Network {
  const file = options.file === undefined ? {} : { file: options.file };
  const batch = requireDimension(options.batch ?? 1, "batch");
  const [first, ...rows] = readRows(text);
  if (first === undefined) throw new InputError({ ...file, message: "empty topology", expected: "a header row" });
  const notes = newNotes();
  const header = readHeader(first, file, notes.remarks);
  const layers: Layer[] = [];
  for (const row of rows) {
    const layer = readLayer(row, header, batch, file, notes);
    if (layer !== undefined) layers.push(layer);
  }
  const head = layers[0];
  if (head?.kind !== "compute") {
    throw new InputError({ ...file, message: "no layers", expected: "one row or more under the header" });
  }
  return {
    name: options.name ?? stem(options.file),
    source: options.file === undefined ? "SCALE-Sim topology" : `SCALE-Sim topology ${options.file}`,
    inputs: [{ name: "input", shape: operandShapes(head.operation).B }],
    layers,
    warnings: warningsOf(notes),
  };
}

interface Notes extends RowNotes {
  readonly depthwise: string[];
  readonly repeated: string[];
  /** Names given to layers so far. */
  readonly names: Set<string>;
}

const newNotes = (): Notes => ({ ...newRowNotes(), depthwise: [], repeated: [], names: new Set() });

const warningsOf = (notes: Notes): readonly string[] => [
  ...rowWarnings(notes),
  ...listed("depth-wise by SCALE-Sim's rule (DP in the name) with several filters for each channel", notes.depthwise),
  ...listed("names that occur before get their line's number", notes.repeated),
];

function readLayer(row: Row, header: Header, batch: number, file: InFile, notes: Notes): ComputeLayer | undefined {
  const read = readTopologyRow(row, header, file, notes);
  if (read === undefined) return undefined;
  const operation = checkedOperation(read, header, read.batch ?? batch, file);
  if (operation.operator === "conv2d" && isDepthwise(read.name) && operation.outChannels > operation.inChannels) {
    const { inChannels, outChannels } = operation;
    notes.depthwise.push(`"${read.name}" (${inChannels} x ${outChannels / inChannels} outputs)`);
  }
  const density = read.sparsity === undefined ? undefined : read.sparsity.kept / read.sparsity.block;
  return {
    kind: "compute",
    name: uniqueName(read.name, row.line, notes),
    operation,
    weightsConstant: true,
    density: { A: density ?? 1, B: 1 },
    densitySource: { A: density === undefined ? "assumed" : "given", B: "assumed" },
  };
}

/** SCALE-Sim's rule: case matters, and any place in the name will do. */
export const isDepthwise = (name: string): boolean => name.includes("DP");

/** What a row computes on `batch` images, one operation for all channels. Throws InputError where it is too large. */
export function checkedOperation(row: TopologyRow, header: Header, batch: number, file: InFile): ComputeOperation {
  const operation =
    header.kind === "gemm" ? gemm(header, row.sizes, batch) : convolution(row.sizes, batch, isDepthwise(row.name));
  try {
    validateOperation(operation, row.name);
  } catch (error) {
    throw error instanceof InputError ? at(error, { ...file, line: row.line }) : error;
  }
  return operation;
}

function gemm(header: Header, sizes: readonly number[], batch: number): ComputeOperation {
  const size = (title: string): number => sizes[header.titles.indexOf(title)] ?? 0;
  return { operator: "matmul", batch: 1, M: size("N"), N: size("M") * batch, K: size("K") };
}

function convolution(sizes: readonly number[], batch: number, depthwise: boolean): Conv2d {
  const [height = 0, width = 0, kernelHeight = 0, kernelWidth = 0, channels = 0, filters = 0, stride = 0] = sizes;
  return {
    operator: "conv2d",
    batch,
    inChannels: channels,
    height,
    width,
    outChannels: depthwise ? channels * filters : filters,
    kernelHeight,
    kernelWidth,
    stride: [stride, stride],
    padding: [0, 0, overrun(height, kernelHeight, stride), overrun(width, kernelWidth, stride)],
    dilation: [1, 1],
    groups: depthwise ? channels : 1,
  };
}

/** Pixels by which the last of SCALE-Sim's ceil((size - kernel + stride) / stride) windows runs off the image. */
export function overrun(size: number, kernel: number, stride: number): number {
  return Math.ceil((size - kernel) / stride) * stride + kernel - size;
}

function uniqueName(name: string, line: number, notes: Notes): string {
  let unique = name;
  if (notes.names.has(name)) {
    unique = `${name}_line${line}`;
    while (notes.names.has(unique)) unique += "_";
    notes.repeated.push(`"${name}" (line ${line}: "${unique}")`);
  }
  notes.names.add(unique);
  return unique;
}

/** File name without its folder and ending. */
function stem(file: string | undefined): string {
  const base = file
    ?.split(/[/\\]/)
    .at(-1)
    ?.replace(/\.[^.]*$/, "");
  return base === undefined || base === "" ? "topology" : base;
}
