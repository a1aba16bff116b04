// Density-bound blocks: a bit mask of B bits and N value slots for every block of B elements along a row, used or not,
// as in S2TA. Tensors are seen as the matrix [first dimension, product of the rest].

import { InputError } from "../../base/error.ts";
import { elementBits, matrixShape } from "../tensor.ts";
import { maskOf, positionsOf } from "./bits.ts";
import { blockCount, fillSlots, requireBlockBound } from "./block.ts";
import { damaged, gather, metadata, scatter } from "./encoded.ts";
import type { FormatOperations } from "./encoded.ts";

export interface DbbFormat {
  readonly kind: "dbb";
  /** Most non-zeros in a block, and slots of a block. */
  readonly n: number;
  /** Elements of a block. */
  readonly b: number;
}

/** rows x ceil(columns / b) x (b + n x value width): fixed, whatever the tensor holds. */
export const dbb = (n: number, b: number): DbbFormat => ({ kind: "dbb", n, b });

export const dbbOperations: FormatOperations<DbbFormat> = {
  parameters: [
    { name: "n", minimum: 1, maximum: 65536 },
    { name: "b", minimum: 1, maximum: 65536 },
  ],
  create: ([n = 0, b = 0]) => dbb(n, b),
  valuesOf: ({ n, b }) => [n, b],
  check({ n, b }) {
    if (n > b) {
      throw new InputError({
        path: "n",
        message: "more non-zeros than elements in a block",
        found: `${n} of ${b}`,
        expected: "n at most b",
      });
    }
  },
  encode(tensor, { n, b }) {
    const { values, maskPositions } = fillSlots(tensor, b, n);
    return {
      type: tensor.type,
      shape: tensor.shape,
      values,
      metadata: { masks: maskOf(maskPositions, blockCount(tensor.shape, b) * b) },
    };
  },
  decode(streams, { n, b }) {
    const [, columns] = matrixShape(streams.shape);
    const blocks = blockCount(streams.shape, b);
    if (streams.values.length !== blocks * n) throw damaged("values", `${blocks * n} slots`, streams.values.length);
    const positions = positionsOf(metadata(streams, "masks", blocks * b));
    const slots = new Uint32Array(positions.length);
    const blocksInRow = Math.ceil(columns / b);
    let current = -1;
    let used = 0;
    for (let i = 0; i < positions.length; i++) {
      const bit = positions[i] ?? 0;
      const block = Math.floor(bit / b);
      if (block !== current) used = 0;
      current = block;
      const row = Math.floor(block / blocksInRow);
      const column = bit - row * blocksInRow * b;
      if (column >= columns) throw damaged("masks", `columns below ${columns}`, column);
      if (used === n) throw damaged("masks", `at most ${n} ones in block ${block}`, n + 1);
      slots[i] = block * n + used++;
      positions[i] = row * columns + column;
    }
    return scatter(streams, positions, gather({ type: streams.type, data: streams.values }, slots));
  },
  sizeBits: ({ type, shape }, { n, b }) => blockCount(shape, b) * (b + n * elementBits(type)),
  requireFit: (tensor, { n, b }) => requireBlockBound(tensor, b, n),
};
