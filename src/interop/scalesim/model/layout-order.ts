// The order in which SCALE-Sim's custom layouts put the words of ifmap and filter into memory lines: the tensor is cut
// into blocks, and blocks and what is in them are nested as the layout says.

import { InputError } from "../../../base/error.ts";
import type { ScalesimLayer, ScalesimLayout } from "../scalesim.ts";

/** Words of a padded operand, 4 bytes each here. */
const MAXIMUM_WORDS = 2 ** 28;

/**
 * Word indices of the ifmap, numbered (row, column, channel) and without the configuration's offset, in the order of
 * the layout; -1 where the last blocks reach past the map. Lines are cut from it, each of `bandwidth` words
 * (IfmapSRAMBankBandwidth). Throws InputError when a block has more words than a line or the padded map is too large.
 *
 * A layout's numbers 0 to 2 name the blocks along each dimension and 3 to 5 the places in a block, although its file
 * calls the former intra-line and the latter inter-line: with those in the usual ranges a line holds the words at one
 * place of many blocks, not a block.
 */
export function ifmapLayoutOrder(layer: ScalesimLayer, layout: ScalesimLayout, bandwidth: number): Int32Array {
  const { factors, intraOrder, interOrder } = layout.ifmap;
  const words = factors.reduce((product, factor) => product * factor, 1);
  if (words > bandwidth) {
    throw new InputError({
      path: `layout of ${layout.name}`,
      message: "an ifmap block does not fit a line",
      found: `${factors.join(" x ")} = ${words} words`,
      expected: `at most IfmapSRAMBankBandwidth (${bandwidth})`,
    });
  }
  const sizes = [layer.ifmapHeight, layer.ifmapWidth, layer.channels];
  return blockedOrder(sizes, factors, [...interOrder, ...intraOrder], `ifmap of layer ${layer.name}`);
}

/**
 * Word indices of the filters in the order of the layout, as `ifmapLayoutOrder`; block and line must be of the same
 * size (FilterSRAMBankBandwidth). SCALE-Sim numbers the words (filter, channel, row, column) here, while the array asks
 * for them by (filter, row, column, channel): the words are the same, but unless a filter has one channel or one
 * pixel they are not where the layout says.
 */
export function filterLayoutOrder(layer: ScalesimLayer, layout: ScalesimLayout, bandwidth: number): Int32Array {
  const { factors, intraOrder, interOrder } = layout.filter;
  const words = factors.reduce((product, factor) => product * factor, 1);
  if (words !== bandwidth) {
    throw new InputError({
      path: `layout of ${layout.name}`,
      message: "a filter block does not fill a line",
      found: `${factors.join(" x ")} = ${words} words`,
      expected: `FilterSRAMBankBandwidth (${bandwidth})`,
    });
  }
  const sizes = [layer.filters, layer.channels, layer.filterHeight, layer.filterWidth];
  return blockedOrder(sizes, factors, [...interOrder, ...intraOrder], `filter of layer ${layer.name}`);
}

/**
 * Row-major indices of a tensor, padded to whole blocks and nested along `axes`, the last the fastest. Of d dimensions
 * axis i < d counts the blocks of dimension i and axis d + i the places in a block; `axes` has each of them once.
 */
function blockedOrder(
  sizes: readonly number[],
  factors: readonly number[],
  axes: readonly number[],
  what: string,
): Int32Array {
  const dimensions = sizes.length;
  const blocks = sizes.map((size, i) => Math.ceil(size / (factors[i] ?? 1)));
  const extents = [...blocks, ...factors];
  const words = extents.reduce((product, extent) => product * extent, 1);
  if (words > MAXIMUM_WORDS) {
    throw new InputError({
      path: what,
      message: "too large with the padding of its layout",
      found: `${words} words`,
      expected: `at most ${MAXIMUM_WORDS}`,
    });
  }
  const counters = new Int32Array(axes.length);
  const coordinates = new Int32Array(dimensions);
  const order = new Int32Array(words);
  for (let position = 0; position < words; position++) {
    order[position] = indexOf(coordinates, sizes);
    for (let place = axes.length - 1; place >= 0; place--) {
      const axis = axes[place] ?? 0;
      const dimension = axis % dimensions;
      const step = axis < dimensions ? (factors[dimension] ?? 1) : 1;
      const counter = (counters[place] ?? 0) + 1;
      const extent = extents[axis] ?? 1;
      const wraps = counter === extent;
      counters[place] = wraps ? 0 : counter;
      coordinates[dimension] = (coordinates[dimension] ?? 0) + (wraps ? step * (1 - extent) : step);
      if (!wraps) break;
    }
  }
  return order;
}

/** Row-major index, -1 outside the tensor. */
function indexOf(coordinates: Int32Array, sizes: readonly number[]): number {
  let index = 0;
  for (let i = 0; i < sizes.length; i++) {
    const size = sizes[i] ?? 0;
    const coordinate = coordinates[i] ?? 0;
    if (coordinate >= size) return -1;
    index = index * size + coordinate;
  }
  return index;
}
