// What a tile costs in a storage format when only a density model of its tensor is known: the formats' own exact sizes,
// averaged. With actual data for the model it is the exact mean over all tiles.

import { tileClasses, tileCount } from "./density/density.ts";
import type { DensityModel } from "./density/density.ts";
import { checkFormat, sizeBits } from "./format.ts";
import type { Format } from "./format.ts";
import { longRuns, rankedBits } from "./ranked-format.ts";
import type { RankedFormat } from "./ranked-format.ts";

export type TileFormat = Format | RankedFormat;

/**
 * Mean bits of a tile over the tiles that cut the model's tensor, values of `valueBits` bits each. N:M and DBB are taken
 * as pruned to fit. Throws InputError where the format or its widths do not fit the tile.
 */
export function tileBits(model: DensityModel, tile: readonly number[], format: TileFormat, valueBits: number): number {
  if (format.kind === "ranked") {
    const { metadata, elements } = rankedBits(model, tile, format);
    return metadata.reduce((sum, bits) => sum + bits, 0) + elements * valueBits;
  }
  checkFormat(format);
  if (format.kind === "run-length") {
    const entries = model.expected(tile) + longRuns(model, tile, format.runBits);
    return entries * (format.runBits + valueBits);
  }
  if (format.kind === "bitmap" || format.kind === "dense") {
    // These depend on the number of elements alone, so that its mean will do.
    const elements = model.shape.reduce((product, size) => product * size, 1) / tileCount(model.shape, tile);
    return format.kind === "dense" ? elements * valueBits : elements + model.expected(tile) * valueBits;
  }
  // A size is a sum of three parts: what the shape decides, what each non-zero adds, what each bit of a value adds.
  const expected = model.expected(tile);
  let bits = 0;
  for (const { weight, sizes } of tileClasses(model.shape, tile)) {
    bits += weight * sized(sizes, 0, valueBits, format);
  }
  const whole = tile.map((size, axis) => Math.min(size, model.shape[axis] ?? 1));
  const one = sized(whole, 1, valueBits, format) - sized(whole, 0, valueBits, format);
  return bits + expected * one;
}

/** The exact size with values of any width, from those of 8 and 16 bits. */
function sized(shape: readonly number[], nonZeros: number, valueBits: number, format: Format): number {
  const narrow = sizeBits({ type: "int8", shape, nonZeros, zeroRuns: [] }, format);
  const wide = sizeBits({ type: "int16", shape, nonZeros, zeroRuns: [] }, format);
  return narrow + ((wide - narrow) / 8) * (valueBits - 8);
}
