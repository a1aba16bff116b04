// The matrix product that SCALE-Sim makes of a layer: its sizes, its folds over the array, and the word addresses of
// its operands as tables whose sums are the addresses, so that no address matrix is ever built.

import { InputError } from "../../../base/error.ts";
import type { ScalesimConfiguration, ScalesimLayer } from "../scalesim.ts";
import { layerWiseKept, rowWiseFilter } from "./sparsity.ts";

/** Addresses of an operand are below this: they are kept in 32-bit tables. */
const MAXIMUM_WORDS = 2 ** 31 - 1;

/** Words of an operand, addressed from 0 without the configuration's offset. */
export interface AddressSpace {
  readonly words: number;
  /** True where the last windows run off the image: SCALE-Sim never fetches those words. Absent when none does. */
  readonly outside?: (address: number) => boolean;
  /** From SCALE-Sim's address in the image to that in the image enlarged for those windows, and back. */
  readonly enlarge?: (word: number) => number;
  readonly shrink?: (address: number) => number;
}

/** SCALE-Sim's address of a word of the model. */
export const toScalesim = (space: AddressSpace, address: number, offset: number): number =>
  (space.shrink === undefined ? address : space.shrink(address)) + offset;

/** The model's address of a word of SCALE-Sim's. */
export const fromScalesim = (space: AddressSpace, address: number, offset: number): number =>
  space.enlarge === undefined ? address - offset : space.enlarge(address - offset);

/**
 * An operand that lanes read one element a cycle, lane `r` one cycle after lane `r - 1`: in a fold that starts at cycle
 * 0, lane `r` reads element `e` at cycle `start + e + r`, at address `laneAddress[r] + elementAddress[e]`.
 */
export interface Streamed {
  readonly kind: "streamed";
  /** Which fold index picks the lanes. */
  readonly lanesBy: "row" | "column";
  /** Lanes of a full fold. */
  readonly lanesPerFold: number;
  /** Lanes of all folds. */
  readonly lanes: number;
  /** Words that each lane reads at once: 1, or a whole block in row-wise sparsity. */
  readonly width: number;
  readonly start: number;
  /** Of lane `l`, word `w`: index `l * width + w`; -1 where the lane has no word. */
  readonly laneAddress: Int32Array;
  readonly elementAddress: Int32Array;
  readonly space: AddressSpace;
}

/** An operand that is loaded before a fold streams: array row `rows - 1 - t` at cycle `t`, all columns at once. */
export interface Stationary {
  readonly kind: "stationary";
  /** Of all row folds. */
  readonly rows: number;
  /** Of all column folds. */
  readonly columns: number;
  /** Of a full fold: the array's height and width. */
  readonly rowsPerFold: number;
  readonly columnsPerFold: number;
  /** Address of row r, column c: `rowAddress[r] + columnAddress[c]`; -1 in `slots` marks a null. */
  readonly rowAddress: Int32Array;
  readonly columnAddress: Int32Array;
  /** In row-wise sparsity: the weight of row r, column c at `[r * columns + c]`, -1 for none, instead of `rowAddress`. */
  readonly slots?: Int32Array;
  readonly space: AddressSpace;
}

export type Operand = Streamed | Stationary;

/** A layer on an array, in SCALE-Sim's terms. */
export interface Product {
  /** Pixels of the ofmap, filters, and weights of a filter. */
  readonly pixels: number;
  readonly filters: number;
  readonly window: number;
  /** Weights of a filter that are stored, so that they take array rows or cycles. */
  readonly storedWindow: number;
  /** Array rows and columns that the layer would use without folding, and elements streamed through each fold. */
  readonly rows: number;
  readonly columns: number;
  readonly stream: number;
  readonly rowFolds: number;
  readonly columnFolds: number;
  readonly foldCycles: number;
  readonly ifmap: Operand;
  readonly filter: Operand;
  /** Every address of the ifmap is read by one lane of one fold only: no window overlaps another. */
  readonly windowsApart: boolean;
  /** Row-wise sparsity: folds of the ifmap's prefetch order, which covers the whole window. */
  readonly prefetchWindow?: Int32Array;
}

/** Ofmap height and width, rounded up: the last windows may run off the image. */
export function ofmapSize(layer: ScalesimLayer): readonly [height: number, width: number] {
  const along = (size: number, filter: number): number => Math.ceil((size - filter) / layer.stride) + 1;
  return [along(layer.ifmapHeight, layer.filterHeight), along(layer.ifmapWidth, layer.filterWidth)];
}

/** Throws InputError when an operand is too large to be addressed. */
export function productOf(layer: ScalesimLayer, configuration: ScalesimConfiguration): Product {
  const { arrayHeight, arrayWidth, dataflow, sparsity } = configuration;
  const [height, width] = ofmapSize(layer);
  const pixels = height * width;
  const filters = layer.filters;
  const window = layer.filterHeight * layer.filterWidth * layer.channels;
  requireAddressable(layer);
  const image = imageOf(layer, height, width);
  const rowWise =
    sparsity?.mapping === "row-wise"
      ? rowWiseFilter(window, filters, sparsity.blockSize, sparsity.seed, configuration.offsets.filter)
      : undefined;
  const kept =
    sparsity?.mapping === "layer-wise"
      ? layerWiseKept(window, layer.sparsity)
      : Int32Array.from({ length: window }, (_, k) => k);
  const pixelAddress = image.pixelAddress;
  const windowAddress = kept.map(image.windowAddress);
  const filterAddress = Int32Array.from({ length: filters }, (_, n) => n * window);
  const filterSpace: AddressSpace = { words: window * filters };
  const storedWindow = rowWise?.rows ?? kept.length;
  const rows = dataflow === "os" ? pixels : storedWindow;
  const columns = dataflow === "is" ? pixels : filters;
  const stream = dataflow === "os" ? storedWindow : dataflow === "ws" ? pixels : filters;
  const rowFolds = Math.ceil(rows / arrayHeight);
  const columnFolds = Math.ceil(columns / arrayWidth);
  const byRow = (
    start: number,
    laneAddress: Int32Array,
    elementAddress: Int32Array,
    space: AddressSpace,
  ): Streamed => ({
    kind: "streamed",
    lanesBy: "row",
    lanesPerFold: arrayHeight,
    lanes: laneAddress.length,
    width: 1,
    start,
    laneAddress,
    elementAddress,
    space,
  });
  const loaded = { kind: "stationary", rows, columns, rowsPerFold: arrayHeight, columnsPerFold: arrayWidth } as const;
  const operands = (): { ifmap: Operand; filter: Operand } => {
    if (dataflow === "os") {
      return {
        ifmap: byRow(0, pixelAddress, windowAddress, image.space),
        filter: {
          ...byRow(0, filterAddress, kept, filterSpace),
          lanesBy: "column",
          lanesPerFold: arrayWidth,
        },
      };
    }
    if (dataflow === "is") {
      return {
        ifmap: {
          ...loaded,
          rowAddress: windowAddress,
          columnAddress: pixelAddress,
          space: image.space,
        },
        filter: byRow(arrayHeight, kept, filterAddress, filterSpace),
      };
    }
    const filter = { ...loaded, rowAddress: kept, columnAddress: filterAddress, space: filterSpace };
    if (rowWise === undefined || sparsity === undefined) {
      return {
        ifmap: byRow(arrayHeight, windowAddress, pixelAddress, image.space),
        filter,
      };
    }
    const laneAddress = blockLanes(windowAddress, arrayHeight, rowFolds, sparsity.blockSize);
    return {
      ifmap: {
        ...byRow(arrayHeight, laneAddress, pixelAddress, image.space),
        lanes: rowFolds * arrayHeight,
        width: sparsity.blockSize,
      },
      filter: { ...filter, slots: rowWise.slots },
    };
  };
  return {
    pixels,
    filters,
    window,
    storedWindow,
    rows,
    columns,
    stream,
    rowFolds,
    columnFolds,
    foldCycles: stream + arrayWidth - 2 + (dataflow === "os" ? arrayHeight : 2 * arrayHeight),
    ...operands(),
    windowsApart:
      image.space.outside === undefined &&
      rowWise === undefined &&
      (layer.filterHeight <= layer.stride || height === 1) &&
      (layer.filterWidth <= layer.stride || width === 1),
    ...(rowWise === undefined ? {} : { prefetchWindow: windowAddress }),
  };
}

interface Image {
  readonly space: AddressSpace;
  readonly pixelAddress: Int32Array;
  readonly windowAddress: (k: number) => number;
}

/** The ifmap, enlarged to hold windows that run off it; without such windows its addresses are SCALE-Sim's own. */
function imageOf(layer: ScalesimLayer, height: number, width: number): Image {
  const { ifmapHeight, ifmapWidth, filterWidth, channels, stride } = layer;
  const [rows, line] = imageSize(layer, height, width);
  const ifmapLine = ifmapWidth * channels;
  const runsOff = rows > ifmapHeight || line > ifmapLine;
  const run = filterWidth * channels;
  return {
    space: {
      words: rows * line,
      ...(runsOff
        ? {
            outside: (address: number) => address >= ifmapHeight * line || address % line >= ifmapLine,
            enlarge: (word: number) => Math.floor(word / ifmapLine) * line + (word % ifmapLine),
            shrink: (address: number) => Math.floor(address / line) * ifmapLine + (address % line),
          }
        : {}),
    },
    pixelAddress: Int32Array.from(
      { length: height * width },
      (_, i) => Math.floor(i / width) * stride * line + (i % width) * stride * channels,
    ),
    windowAddress: (k) => Math.floor(k / run) * line + (k % run),
  };
}

/** Word `w` of lane `j` in row fold `f`: the block of weights that rows of the lane's group share (facts of row-wise mode). */
function blockLanes(windowAddress: Int32Array, arrayHeight: number, rowFolds: number, block: number): Int32Array {
  const addresses = new Int32Array(rowFolds * arrayHeight * block).fill(-1);
  const rowsPerBlock = block / 2;
  for (let lane = 0; lane < rowFolds * arrayHeight; lane++) {
    const fold = Math.floor(lane / arrayHeight);
    const first = fold * 2 * arrayHeight + Math.floor((lane % arrayHeight) / rowsPerBlock) * block;
    for (let w = 0; w < block; w++) addresses[lane * block + w] = windowAddress[first + w] ?? -1;
  }
  return addresses;
}

/** Height of the enlarged image and words of one of its lines. */
function imageSize(layer: ScalesimLayer, height: number, width: number): readonly [rows: number, line: number] {
  const { ifmapHeight, ifmapWidth, filterHeight, filterWidth, channels, stride } = layer;
  return [
    Math.max(ifmapHeight, (height - 1) * stride + filterHeight),
    Math.max(ifmapWidth, (width - 1) * stride + filterWidth) * channels,
  ];
}

/** Throws InputError when an operand of the layer is too large to be addressed. */
export function requireAddressable(layer: ScalesimLayer): void {
  const [height, width] = ofmapSize(layer);
  const [rows, line] = imageSize(layer, height, width);
  requireWords(layer, "filter", layer.filterHeight * layer.filterWidth * layer.channels * layer.filters);
  requireWords(layer, "ofmap", height * width * layer.filters);
  requireWords(layer, "ifmap", rows * line);
}

function requireWords(layer: ScalesimLayer, operand: string, words: number): void {
  if (words <= MAXIMUM_WORDS) return;
  throw new InputError({
    path: `layer ${layer.name}`,
    message: `the ${operand} is too large`,
    found: `${words} words`,
    expected: `at most ${MAXIMUM_WORDS}`,
  });
}
