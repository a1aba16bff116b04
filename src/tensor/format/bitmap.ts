// One bit for every element, row-major, and the non-zeros packed in the same order.

import { elementCount } from "../tensor.ts";
import { maskOf, positionsOf } from "./bits.ts";
import { collect, metadata, scatter, valueBits } from "./encoded.ts";
import type { FormatOperations } from "./encoded.ts";

export interface BitmapFormat {
  readonly kind: "bitmap";
}

/** elements + non-zeros x value width. */
export const bitmap = (): BitmapFormat => ({ kind: "bitmap" });

export const bitmapOperations: FormatOperations<BitmapFormat> = {
  parameters: [],
  create: bitmap,
  valuesOf: () => [],
  encode(tensor) {
    const { positions, values } = collect(tensor);
    return {
      type: tensor.type,
      shape: tensor.shape,
      values,
      metadata: { mask: maskOf(positions, tensor.data.length) },
    };
  },
  decode(streams) {
    const mask = metadata(streams, "mask", elementCount(streams.shape));
    return scatter(streams, positionsOf(mask), streams.values);
  },
  sizeBits: ({ type, shape, nonZeros }) => elementCount(shape) + valueBits(type, nonZeros),
};
