// Reads the layer tables ("topologies") of SCALE-Sim, conv and gemm, including those that its own reader refuses: blank
// rows, missing trailing commas, extra columns, byte order marks. What it cannot read it names by line and column.

import { InputError } from "../base/error.ts";
import type { ComputeLayer, ComputeOperation, Conv2d, Layer, Network } from "../workload/layer.ts";
import { MAXIMUM_DIMENSION, operandShapes, requireDimension, validateOperation } from "../workload/shapes.ts";
import type { Cell, Header, InFile, Row } from "./scalesim-topology-header.ts";
import { CONV_COLUMNS, letters, readHeader, readRows } from "./scalesim-topology-header.ts";

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
  if (header === undefined) return false;
  const words = header.cells.map((cell) => letters(cell.text));
  return words.slice(1, 4).toSorted().join() === "k,m,n" || (words[1]?.startsWith("ifmap") ?? false);
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
    const layer = readRow(row, header, batch, file, notes);
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

/** What the warnings are made of; a Set where one mention is enough however many rows repeat it. */
interface Notes {
  readonly remarks: Set<string>;
  readonly titles: string[];
  readonly comments: string[];
  readonly depthwise: string[];
  readonly repeated: string[];
  /** Names given to layers so far. */
  readonly names: Set<string>;
}

function newNotes(): Notes {
  return { remarks: new Set(), titles: [], comments: [], depthwise: [], repeated: [], names: new Set() };
}

function warningsOf(notes: Notes): readonly string[] {
  return [
    ...notes.remarks,
    ...listed("rows with only a name are skipped", notes.titles),
    ...listed("comments after the last column are ignored", notes.comments),
    ...listed("depth-wise by SCALE-Sim's rule (DP in the name) with several filters for each channel", notes.depthwise),
    ...listed("names that occur before get their line's number", notes.repeated),
  ];
}

/** One warning for any number of like things, none for none; the first eight are named. */
export function listed(text: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length > 8 ? ` and ${items.length - 8} more` : "";
  return [`${text}: ${items.slice(0, 8).join(", ")}${more}`];
}

function readRow(row: Row, header: Header, batch: number, file: InFile, notes: Notes): ComputeLayer | undefined {
  const [nameCell] = row.cells;
  if (nameCell === undefined) return undefined;
  const place = { ...file, line: row.line };
  if (nameCell.text === "") {
    throw new InputError({
      ...place,
      column: nameCell.column,
      message: "the row has no name",
      expected: "a layer name in the first column",
    });
  }
  if (row.cells.length === 1) {
    notes.titles.push(`"${nameCell.text}" (line ${row.line})`);
    return undefined;
  }
  const sizes = header.titles.map((title, i) => readSize(row, i + 1, title, place));
  const extra = readExtras(row, header, place, notes);
  const images = extra.batch ?? batch;
  const operation =
    header.kind === "gemm" ? gemm(header, sizes, images) : convolution(nameCell.text, sizes, images, row, place, notes);
  const name = uniqueName(nameCell.text, row.line, notes);
  try {
    validateOperation(operation, name);
  } catch (error) {
    throw error instanceof InputError ? new InputError({ ...place, ...error.fault }) : error;
  }
  return {
    kind: "compute",
    name,
    operation,
    weightsConstant: true,
    density: { A: extra.density ?? 1, B: 1 },
    densitySource: { A: extra.density === undefined ? "assumed" : "given", B: "assumed" },
  };
}

function readSize(row: Row, index: number, title: string, place: InFile & { readonly line: number }): number {
  const cell = row.cells[index];
  if (cell === undefined) {
    const last = row.cells.at(-1);
    throw new InputError({
      ...place,
      column: (last?.column ?? 1) + (last?.text.length ?? 0),
      path: title,
      message: "the row ends too early",
      found: `${row.cells.length} cells`,
      expected: `a ${title} in cell ${index + 1}`,
    });
  }
  const value = /^\d{1,10}$/.test(cell.text) ? Number(cell.text) : 0;
  if (value < 1 || value > MAXIMUM_DIMENSION) {
    const symbolic = /^[A-Za-z]\w*$/.test(cell.text);
    throw new InputError({
      ...place,
      column: cell.column,
      path: title,
      message: cell.text === "" ? "empty cell" : symbolic ? "symbolic size" : "bad size",
      ...(cell.text === "" ? {} : { found: cell.text }),
      expected: symbolic
        ? `a number in its place (1 to ${MAXIMUM_DIMENSION})`
        : `an integer from 1 to ${MAXIMUM_DIMENSION}`,
    });
  }
  return value;
}

function readExtras(
  row: Row,
  header: Header,
  place: InFile & { readonly line: number },
  notes: Notes,
): { density?: number; batch?: number } {
  const found: { density?: number; batch?: number } = {};
  for (let index = header.titles.length + 1; index < row.cells.length; index++) {
    const cell = row.cells[index];
    if (cell === undefined || cell.text === "") continue;
    const { use, title } = header.extras[index - header.titles.length - 1] ?? { use: "untitled", title: "" };
    if (use === "ignored") continue;
    if (use === "batch") {
      found.batch = readSize(row, index, title, place);
    } else if (use === "sparsity" || /^\d+\s*:\s*\d+$/.test(cell.text)) {
      found.density = readSparsity(cell, place);
    } else if (cell.text.startsWith("#")) {
      notes.comments.push(`"${cell.text}" (line ${row.line})`);
    } else {
      throw new InputError({
        ...place,
        column: cell.column,
        message: "a cell past the last titled column",
        found: cell.text,
        expected: `${header.titles.length + 1} cells, or a Sparsity N:M`,
      });
    }
  }
  return found;
}

/** `N:M`: N of every M weights are kept. */
function readSparsity(cell: Cell, place: InFile & { readonly line: number }): number {
  const match = /^(\d{1,9})\s*:\s*(\d{1,9})$/.exec(cell.text);
  const kept = Number(match?.[1] ?? 0);
  const block = Number(match?.[2] ?? 0);
  if (kept < 1 || block < kept) {
    throw new InputError({
      ...place,
      column: cell.column,
      path: "Sparsity",
      message: "bad sparsity",
      found: cell.text,
      expected: "N:M with 1 <= N <= M",
    });
  }
  return kept / block;
}

function gemm(header: Header, sizes: readonly number[], batch: number): ComputeOperation {
  const size = (title: string): number => sizes[header.titles.indexOf(title)] ?? 0;
  return { operator: "matmul", batch: 1, M: size("N"), N: size("M") * batch, K: size("K") };
}

function convolution(
  name: string,
  sizes: readonly number[],
  batch: number,
  row: Row,
  place: InFile & { readonly line: number },
  notes: Notes,
): Conv2d {
  const [height = 0, width = 0, kernelHeight = 0, kernelWidth = 0, channels = 0, filters = 0, stride = 0] = sizes;
  requireFits(kernelHeight, height, 3, row, place);
  requireFits(kernelWidth, width, 4, row, place);
  const depthwise = name.includes("DP");
  if (depthwise && filters > 1) notes.depthwise.push(`"${name}" (${channels} x ${filters} outputs)`);
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

function requireFits(
  kernel: number,
  size: number,
  index: number,
  row: Row,
  place: InFile & { readonly line: number },
): void {
  if (kernel <= size) return;
  const title = CONV_COLUMNS[index - 1]?.title ?? "";
  throw new InputError({
    ...place,
    column: row.cells[index]?.column ?? 1,
    path: title,
    message: "the filter is larger than the image",
    found: String(kernel),
    expected: `at most ${size}`,
  });
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
