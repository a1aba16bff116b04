// The lowered matrices of a convolution by their entries: weights as [filters x taps], input as im2col [taps x output
// pixels], row k = (channel, kernel row, kernel column), column n = (image, output row, output column).

import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import { integers, reals, requireDimensions, requireEntries } from "../tensor/sparse-matrix.ts";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import type { Conv2d, Operand } from "./layer.ts";
import { convolutionOutput } from "./shapes.ts";

/** Non-zero weights of one group. Throws InputError past the limits of a sparse matrix. */
export function lowerWeights(conv: Conv2d, { tensor, strides }: Operand, group: number): SparseMatrix {
  const { data } = tensor;
  const [filter = 0, channel = 0, row = 0, column = 0] = strides;
  const rows = conv.outChannels / conv.groups;
  const channels = conv.inChannels / conv.groups;
  const { kernelHeight, kernelWidth } = conv;
  const columns = channels * kernelHeight * kernelWidth;
  requireDimensions(rows, columns);
  const place = new Float64Array(columns);
  let k = 0;
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < kernelHeight; r++) {
      for (let s = 0; s < kernelWidth; s++) place[k++] = c * channel + r * row + s * column;
    }
  }
  const rowStart = integers(rows + 1);
  for (let m = 0, count = 0; m < rows; m++) {
    const start = (group * rows + m) * filter;
    for (let j = 0; j < columns; j++) if (data[start + (place[j] ?? 0)] !== 0) count++;
    requireEntries(count);
    rowStart[m + 1] = count;
  }
  const entries = rowStart[rows] ?? 0;
  const kept = integers(entries);
  const value = reals(entries);
  for (let m = 0, next = 0; m < rows; m++) {
    const start = (group * rows + m) * filter;
    for (let j = 0; j < columns; j++) {
      const weight = data[start + (place[j] ?? 0)] ?? 0;
      if (weight === 0) continue;
      kept[next] = j;
      value[next++] = weight;
    }
  }
  return { rows, columns, rowStart, column: kept, value };
}

/**
 * im2col of the non-zero inputs of one group: each non-zero goes to the outputs that it meets, a kernel position at a
 * time. Throws InputError past the limits of a sparse matrix.
 */
export function lowerInput(conv: Conv2d, operand: Operand, group: number): SparseMatrix {
  const { batch, height, width, kernelHeight, kernelWidth } = conv;
  const [outHeight, outWidth] = convolutionOutput(conv);
  const channels = conv.inChannels / conv.groups;
  const rows = channels * kernelHeight * kernelWidth;
  const columns = batch * outHeight * outWidth;
  requireDimensions(rows, columns);
  const meet: Meeting = { outHeight, outWidth, row: inputRows(conv, outHeight), column: outputColumns(conv, outWidth) };
  const plane: Plane = {
    rowStart: integers(batch * height + 1),
    x: integers(batch * height * width),
    value: reals(batch * height * width),
  };
  const rowStart = integers(rows + 1);
  for (let c = 0, k = 0, count = 0; c < channels; c++) {
    packPlane(conv, operand, group * channels + c, plane);
    for (let r = 0; r < kernelHeight; r++) {
      for (let s = 0; s < kernelWidth; s++) {
        count = lowerTap(conv, meet, plane, r, s, count);
        requireEntries(count);
        rowStart[++k] = count;
      }
    }
  }
  const entries = rowStart[rows] ?? 0;
  const target = { column: integers(entries), value: reals(entries) };
  for (let c = 0, next = 0; c < channels; c++) {
    packPlane(conv, operand, group * channels + c, plane);
    for (let r = 0; r < kernelHeight; r++) {
      for (let s = 0; s < kernelWidth; s++) next = lowerTap(conv, meet, plane, r, s, next, target);
    }
  }
  return { rows, columns, rowStart, ...target };
}

/** Which inputs and outputs a kernel position brings together. */
interface Meeting {
  readonly outHeight: number;
  readonly outWidth: number;
  /** For each kernel row and output row the input row, -1 in the padding. */
  readonly row: Int32Array;
  /** For each kernel column and input column the output column, -1 for none. */
  readonly column: Int32Array;
}

/** The entries of one row of the lowered input, to `target` from index `next` on; only counted without one. */
function lowerTap(
  { batch, height, width }: Conv2d,
  { outHeight, outWidth, row, column }: Meeting,
  plane: Plane,
  r: number,
  s: number,
  start: number,
  target?: { readonly column: Uint32Array; readonly value: Float64Array },
): number {
  let next = start;
  for (let image = 0; image < batch; image++) {
    for (let p = 0; p < outHeight; p++) {
      const y = row[r * outHeight + p] ?? -1;
      if (y < 0) continue;
      const first = (image * outHeight + p) * outWidth;
      const end = plane.rowStart[image * height + y + 1] ?? 0;
      for (let i = plane.rowStart[image * height + y] ?? 0; i < end; i++) {
        const q = column[s * width + (plane.x[i] ?? 0)] ?? -1;
        if (q < 0) continue;
        if (target !== undefined) {
          target.column[next] = first + q;
          target.value[next] = plane.value[i] ?? 0;
        }
        next++;
      }
    }
  }
  return next;
}

/** One channel of all images by its non-zeros, input row by input row. */
interface Plane {
  /** batch x height + 1 numbers. */
  readonly rowStart: Uint32Array;
  readonly x: Uint32Array;
  readonly value: Float64Array;
}

function packPlane(conv: Conv2d, { tensor, strides }: Operand, channel: number, plane: Plane): void {
  const { data } = tensor;
  const [imageStride = 0, channelStride = 0, rowStride = 0, columnStride = 0] = strides;
  const { rowStart, x: xs, value } = plane;
  let count = 0;
  for (let image = 0, line = 0; image < conv.batch; image++) {
    for (let y = 0; y < conv.height; y++) {
      let at = image * imageStride + channel * channelStride + y * rowStride;
      for (let x = 0; x < conv.width; x++, at += columnStride) {
        const input = data[at] ?? 0;
        if (input === 0) continue;
        xs[count] = x;
        value[count++] = input;
      }
      rowStart[++line] = count;
    }
  }
}

function inputRows({ kernelHeight, stride, dilation, padding, height }: Conv2d, outHeight: number): Int32Array {
  const rows = new Int32Array(kernelHeight * outHeight);
  for (let r = 0; r < kernelHeight; r++) {
    for (let p = 0; p < outHeight; p++) {
      const y = p * stride[0] + r * dilation[0] - padding[0];
      rows[r * outHeight + p] = y >= 0 && y < height ? y : -1;
    }
  }
  return rows;
}

function outputColumns({ kernelWidth, stride, dilation, padding, width }: Conv2d, outWidth: number): Int32Array {
  const columns = new Int32Array(kernelWidth * width).fill(-1);
  for (let s = 0; s < kernelWidth; s++) {
    for (let q = 0; q < outWidth; q++) {
      const x = q * stride[1] + s * dilation[1] - padding[1];
      if (x >= 0 && x < width) columns[s * width + x] = q;
    }
  }
  return columns;
}

/** The outputs that a kernel position meets outside the padding: a box of output rows and columns. */
interface TapBox {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A random lowered input of one group with an exact number of entries: the given one, or `density` times the places
 * that are not padding, rounded. Throws InputError for more entries than there are such places.
 */
export function randomInput(conv: Conv2d, entries: number | { readonly density: number }, seed: number): SparseMatrix {
  const { batch, kernelHeight, kernelWidth } = conv;
  const [outHeight, outWidth] = convolutionOutput(conv);
  const channels = conv.inChannels / conv.groups;
  const taps = kernelHeight * kernelWidth;
  const rows = channels * taps;
  const columns = batch * outHeight * outWidth;
  requireDimensions(rows, columns);
  const boxes = tapBoxes(conv, outHeight, outWidth);
  const places = boxes.reduce((sum, box) => sum + batch * box.height * box.width, 0);
  const count = typeof entries === "number" ? entries : Math.round(entries.density * channels * places);
  // One row a channel with only the places outside the padding; each is then put where it belongs.
  const { rowStart: packedStart, column, value } = randomSparse(channels, places, count, seed);
  const rowStart = integers(rows + 1);
  for (let c = 0; c < channels; c++) {
    let i = packedStart[c] ?? 0;
    const end = packedStart[c + 1] ?? 0;
    let first = 0;
    for (const [tap, { top, left, height, width }] of boxes.entries()) {
      const area = height * width;
      const last = first + batch * area;
      for (; i < end && (column[i] ?? 0) < last; i++) {
        const place = (column[i] ?? 0) - first;
        const image = Math.floor(place / area);
        const rest = place - image * area;
        const down = Math.floor(rest / width);
        column[i] = (image * outHeight + top + down) * outWidth + left + (rest - down * width);
      }
      first = last;
      rowStart[c * taps + tap + 1] = i;
    }
  }
  return { rows, columns, rowStart, column, ...(value === undefined ? {} : { value }) };
}

function tapBoxes(conv: Conv2d, outHeight: number, outWidth: number): readonly TapBox[] {
  const vertical = (r: number) =>
    inside(outHeight, conv.stride[0], r * conv.dilation[0] - conv.padding[0], conv.height);
  const horizontal = (s: number) =>
    inside(outWidth, conv.stride[1], s * conv.dilation[1] - conv.padding[1], conv.width);
  return Array.from({ length: conv.kernelHeight * conv.kernelWidth }, (_, tap) => {
    const s = tap % conv.kernelWidth;
    const [top, height] = vertical((tap - s) / conv.kernelWidth);
    const [left, width] = horizontal(s);
    return { top, left, height, width };
  });
}

/** First and number of the outputs p below `outputs` with 0 <= p x stride + offset < size. */
function inside(outputs: number, stride: number, offset: number, size: number): readonly [number, number] {
  const first = Math.max(0, Math.ceil(-offset / stride));
  const end = Math.min(outputs, Math.floor((size - 1 - offset) / stride) + 1);
  return [first, Math.max(0, end - first)];
}
