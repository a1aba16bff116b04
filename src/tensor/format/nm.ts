// N:M structured sparsity: N slots (value, place) for every block of M elements along a row, used or not, as in the
// sparse tensor cores of NVIDIA (2:4). Tensors are seen as the matrix [first dimension, product of the rest].

import { InputError } from "../../base/error.ts";
import { elementBits, elementCount, magnitudeMask, matrixShape, wordsOf } from "../tensor.ts";
import { bitsFor, packFields, unpackFields } from "./bits.ts";
import { blockCount, fillSlots, requireBlockBound } from "./block.ts";
import { damaged, metadata, scatter } from "./encoded.ts";
import type { FormatOperations } from "./encoded.ts";

export interface NmFormat {
  readonly kind: "nm";
  readonly n: number;
  readonly m: number;
}

/** rows x ceil(columns / m) x n x (ceil(log2 m) + value width): fixed, whatever the tensor holds. */
export const nm = (n: number, m: number): NmFormat => ({ kind: "nm", n, m });

export const nmOperations: FormatOperations<NmFormat> = {
  parameters: [
    { name: "n", minimum: 1, maximum: 65536 },
    { name: "m", minimum: 1, maximum: 65536 },
  ],
  create: ([n = 0, m = 0]) => nm(n, m),
  valuesOf: ({ n, m }) => [n, m],
  check({ n, m }) {
    if (n > m) {
      throw new InputError({
        path: "n",
        message: "more non-zeros than elements in a block",
        found: `${n}:${m}`,
        expected: "n at most m",
      });
    }
  },
  encode(tensor, { n, m }) {
    const { values, places } = fillSlots(tensor, m, n);
    return { type: tensor.type, shape: tensor.shape, values, metadata: { places: packFields(places, bitsFor(m)) } };
  },
  decode(streams, { n, m }) {
    const [, columns] = matrixShape(streams.shape);
    const slots = blockCount(streams.shape, m) * n;
    const placeBits = bitsFor(m);
    const places = unpackFields(metadata(streams, "places", slots * placeBits), placeBits, slots);
    if (streams.values.length !== slots) throw damaged("values", `${slots} slots`, streams.values.length);
    const words = wordsOf(streams.values);
    const mask = magnitudeMask(streams.type);
    const blocksInRow = Math.ceil(columns / m);
    const count = elementCount(streams.shape);
    let kept = 0;
    const positions = new Uint32Array(slots);
    const values = streams.values.slice();
    const keptWords = wordsOf(values);
    for (let slot = 0; slot < slots; slot++) {
      const word = words[slot] ?? 0;
      if ((word & mask) === 0) continue;
      const block = Math.floor(slot / n);
      const row = Math.floor(block / blocksInRow);
      const column = (block - row * blocksInRow) * m + (places[slot] ?? 0);
      const position = row * columns + column;
      if (column >= columns || position >= count || (places[slot] ?? 0) >= m) {
        throw damaged(`places[${slot}]`, "a place in the block", places[slot] ?? 0);
      }
      positions[kept] = position;
      keptWords[kept++] = word;
    }
    return scatter(streams, positions.subarray(0, kept), values.subarray(0, kept));
  },
  sizeBits: ({ type, shape }, { n, m }) => blockCount(shape, m) * n * (bitsFor(m) + elementBits(type)),
  requireFit: (tensor, { n, m }) => requireBlockBound(tensor, m, n),
};
