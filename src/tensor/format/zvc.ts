// Zero-value compression: for every block of the row-major tensor a mask of as many bits as the block has elements,
// then the block's non-zeros (Rhu et al., "Compressing DMA Engine", HPCA 2018, uses blocks of 32). The last block's
// mask is whole, which is what tells the size from a bitmap's. Masks and values are kept as two streams here; a machine
// that interleaves them moves the same bits.

import { elementCount } from "../tensor.ts";
import { maskOf, positionsOf } from "./bits.ts";
import { collect, metadata, scatter, valueBits } from "./encoded.ts";
import type { FormatOperations } from "./encoded.ts";

export interface ZvcFormat {
  readonly kind: "zvc";
  /** Elements of a block. */
  readonly block: number;
}

/** ceil(elements / block) x block + non-zeros x value width. */
export const zvc = (block: number): ZvcFormat => ({ kind: "zvc", block });

const maskBits = (shape: readonly number[], block: number) => Math.ceil(elementCount(shape) / block) * block;

export const zvcOperations: FormatOperations<ZvcFormat> = {
  parameters: [{ name: "block", minimum: 1, maximum: 65536 }],
  create: ([block = 0]) => zvc(block),
  valuesOf: ({ block }) => [block],
  encode(tensor, { block }) {
    const { positions, values } = collect(tensor);
    return {
      type: tensor.type,
      shape: tensor.shape,
      values,
      metadata: { masks: maskOf(positions, maskBits(tensor.shape, block)) },
    };
  },
  decode: (streams, { block }) =>
    scatter(streams, positionsOf(metadata(streams, "masks", maskBits(streams.shape, block))), streams.values),
  sizeBits: ({ type, shape, nonZeros }, { block }) => maskBits(shape, block) + valueBits(type, nonZeros),
};
