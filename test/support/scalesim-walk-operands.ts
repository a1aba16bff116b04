// The address matrices of a layer as SCALE-Sim builds them, dense or thinned out by an N:M pattern, and the storage that
// it reckons for a sparse filter.

import type {
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimSparsity,
  ScalesimStorage,
} from "../../src/interop/scalesim/scalesim.ts";
import type { Matrix } from "./scalesim-walk-matrix.ts";
import { at, build, transpose, widthOf } from "./scalesim-walk-matrix.ts";
import { numpyRandomInteger } from "./scalesim-walk-python.ts";

export interface Operands {
  /** Pixels of the ofmap x weights of a filter (only those kept if sparse by layer). */
  readonly ifmap: Matrix;
  /** Weights of a filter (only those kept) x filters. */
  readonly filter: Matrix;
  /** Pixels of the ofmap x filters. */
  readonly ofmap: Matrix;
  /** Multiply-accumulates of the dense layer. */
  readonly macs: number;
  readonly storage?: ScalesimStorage;
}

export function operandsOf(layer: ScalesimLayer, configuration: ScalesimConfiguration): Operands {
  const { ifmapHeight, ifmapWidth, filterHeight, filterWidth, channels, filters, stride } = layer;
  const { offsets, sparsity } = configuration;
  const ofmapHeight = Math.ceil((ifmapHeight - filterHeight + stride) / stride);
  const ofmapWidth = Math.ceil((ifmapWidth - filterWidth + stride) / stride);
  const pixels = ofmapHeight * ofmapWidth;
  const window = filterHeight * filterWidth * channels;

  const ifmap = build(pixels, window, (pixel, weight) => {
    const y = Math.floor(pixel / ofmapWidth) * stride + Math.floor(weight / (filterWidth * channels));
    const x = (pixel % ofmapWidth) * stride + (Math.floor(weight / channels) % filterWidth);
    // Where the size was rounded up, the last windows run off the image.
    if (y >= ifmapHeight || x >= ifmapWidth) return -1;
    return (y * ifmapWidth + x) * channels + (weight % channels) + offsets.ifmap;
  });
  const filter = build(window, filters, (weight, column) => column * window + weight + offsets.filter);
  const ofmap = build(pixels, filters, (pixel, column) => pixel * filters + column + offsets.ofmap);
  const macs = pixels * window * filters;

  if (sparsity === undefined) return { ifmap, filter, ofmap, macs };
  const keeps = sparsity.mapping === "layer-wise" ? layerMask(layer, window) : rowMask(sparsity, window, filters);
  const thinned =
    sparsity.mapping === "layer-wise"
      ? thinByLayer(layer, ifmap, filter, keeps, offsets.ifmap)
      : { ifmap, filter: thinByRow(sparsity.blockSize, filter, keeps, offsets.filter) };
  return { ...thinned, ofmap, macs, storage: storageOf(layer, sparsity, thinned.filter, keeps) };
}

/** 1 where a weight is kept, weights x filters: the first N of every M, the same in every filter. */
function layerMask({ sparsity, filters }: ScalesimLayer, window: number): Matrix {
  return build(window, filters, (weight) => (weight % sparsity.block < sparsity.kept ? 1 : 0));
}

/** The same with an own N for each filter, drawn from 1 to half a block. */
function rowMask({ blockSize, seed }: ScalesimSparsity, window: number, filters: number): Matrix {
  const random = numpyRandomInteger(seed);
  const kept = Array.from({ length: filters }, () => random(1, Math.floor(blockSize / 2) + 1));
  return build(window, filters, (weight, column) => (weight % blockSize < at(kept, column) ? 1 : 0));
}

// SCALE-Sim multiplies addresses by the mask and takes an address of 0 for no weight, also where 0 is the address of
// the first word. So do these.

const masked = (matrix: Matrix, mask: Matrix): Matrix =>
  matrix.map((row, i) => row.map((address, j) => address * at(at(mask, i), j)));

function thinByLayer(
  layer: ScalesimLayer,
  ifmap: Matrix,
  filter: Matrix,
  mask: Matrix,
  ifmapOffset: number,
): { ifmap: Matrix; filter: Matrix } {
  const { kept, block } = layer.sparsity;
  const columns = transpose(masked(filter, mask)).map((weights) => {
    const condensed: number[] = [];
    for (let start = 0; start < weights.length; start += block) {
      const nonzero = weights.slice(start, start + block).filter((address) => address !== 0);
      while (nonzero.length < kept) nonzero.push(0);
      condensed.push(...nonzero);
    }
    return condensed;
  });
  const rows = [...transpose(columns)];
  while (rows.at(-1)?.every((address) => address === 0) === true) rows.pop();

  const maskedIfmap = ifmap.map((row) => row.map((address, weight) => address * at(at(mask, weight), 0)));
  const stays = at(maskedIfmap, 0).map((_, weight) => maskedIfmap.some((row) => row[weight] !== 0));
  if (maskedIfmap.length === 1 && ifmapOffset === 0) stays[0] = true;
  return { ifmap: maskedIfmap.map((row) => row.filter((_, weight) => stays[weight] === true)), filter: rows };
}

/** Every block becomes half a block of slots; slots without a weight are -1. The rows fill up to pairs of blocks. */
function thinByRow(blockSize: number, filter: Matrix, mask: Matrix, filterOffset: number): Matrix {
  const slots = Math.floor(blockSize / 2);
  const pairs = Math.ceil(filter.length / (2 * blockSize));
  const columns = transpose(masked(filter, mask)).map((weights) => {
    const compressed: number[] = [];
    for (let block = 0; block < 2 * pairs; block++) {
      const all = weights.slice(block * blockSize, (block + 1) * blockSize);
      const nonzero = all.filter((address) => address !== 0).slice(0, slots);
      while (nonzero.length < slots) nonzero.push(0);
      compressed.push(...nonzero);
    }
    while (compressed.length < pairs * blockSize) compressed.push(0);
    return compressed;
  });
  const rows = transpose(columns);
  const first = at(at(rows, 0), 0);
  return rows.map((row, i) =>
    row.map((address, j) => {
      if (i === 0 && j === 0 && filterOffset === 0 && first === 0) return 0;
      return address === 0 ? -1 : address;
    }),
  );
}

/** In words of 32 bits. */
function storageOf(layer: ScalesimLayer, sparsity: ScalesimSparsity, filter: Matrix, mask: Matrix): ScalesimStorage {
  const [rows, columns] = [mask.length, widthOf(mask)];
  const original = rows * columns;
  if (sparsity.representation === "ellpack_block") {
    const values = filter.length * widthOf(filter);
    let bits = 0;
    while (2 ** bits < layer.sparsity.block) bits++;
    const metadata = (values * bits) / 32;
    return { original, compressed: values + metadata, metadata };
  }
  const nonzero = mask.flat().filter((kept) => kept === 1).length;
  const pointers = (sparsity.representation === "csr" ? rows : columns) + 1;
  return { original, compressed: 2 * nonzero + pointers, metadata: nonzero + pointers };
}
