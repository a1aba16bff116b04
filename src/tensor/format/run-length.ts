// Run-length of zeros: entries (zeros before, value), row-major over the whole tensor, as in Eyeriss (5-bit runs) and
// EIE and SCNN (4-bit runs). A run too long for its field costs an explicit entry with the value zero.

import { elementCount, wordsOf, zeros } from "../tensor.ts";
import type { Tensor, TensorData } from "../tensor.ts";
import { packFields, unpackFields } from "./bits.ts";
import { damaged, metadata, positionsOfNonZeros, scatter, valueBits } from "./encoded.ts";
import type { FormatOperations } from "./encoded.ts";

export interface RunLengthFormat {
  readonly kind: "run-length";
  /** Width of the field that counts zeros: runs of at most 2^runBits - 1. */
  readonly runBits: number;
}

/**
 * entries x (runBits + value width). A non-zero after r zeros takes 1 + floor(r / 2^runBits) entries, because an
 * explicit zero entry covers 2^runBits zeros: those of its run and its own value. Zeros after the last non-zero take
 * none: the shape says where the tensor ends.
 */
export const runLength = (runBits: number): RunLengthFormat => ({ kind: "run-length", runBits });

interface Entries {
  readonly runs: Uint32Array;
  readonly values: TensorData;
}

function entriesOf(tensor: Tensor, reach: number): Entries {
  const positions = positionsOfNonZeros(tensor);
  let count = positions.length;
  let after = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] ?? 0;
    count += Math.floor((position - after) / reach);
    after = position + 1;
  }
  const runs = new Uint32Array(count);
  const values = zeros(tensor.type, count);
  const from = wordsOf(tensor.data);
  const to = wordsOf(values);
  let next = 0;
  after = 0;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] ?? 0;
    let run = position - after;
    for (; run >= reach; run -= reach) runs[next++] = reach - 1;
    runs[next] = run;
    to[next++] = from[position] ?? 0;
    after = position + 1;
  }
  return { runs, values };
}

export const runLengthOperations: FormatOperations<RunLengthFormat> = {
  parameters: [{ name: "runBits", minimum: 1, maximum: 31 }],
  create: ([runBits = 0]) => runLength(runBits),
  valuesOf: ({ runBits }) => [runBits],
  encode(tensor, { runBits }) {
    const { runs, values } = entriesOf(tensor, 2 ** runBits);
    return { type: tensor.type, shape: tensor.shape, values, metadata: { runs: packFields(runs, runBits) } };
  },
  decode(streams, { runBits }) {
    const stored = streams.values.length;
    const positions = unpackFields(metadata(streams, "runs", stored * runBits), runBits, stored);
    const count = elementCount(streams.shape);
    let after = 0;
    for (let i = 0; i < stored; i++) {
      const position = after + (positions[i] ?? 0);
      if (position >= count) throw damaged(`runs[${i}]`, `an element below ${count}`, position);
      positions[i] = position;
      after = position + 1;
    }
    return scatter(streams, positions, streams.values);
  },
  sizeBits({ type, zeroRuns }, { runBits }) {
    const reach = 2 ** runBits;
    let entries = 0;
    for (const [run, count] of zeroRuns) entries += count * (1 + Math.floor(run / reach));
    return entries * runBits + valueBits(type, entries);
  },
  // Runs are geometric: P(run >= z) = (1 - density)^z, so a non-zero takes 1 + sum over j of P(run >= j reach) entries.
  expectedBits(type, shape, density, { runBits }) {
    if (density === 0) return 0;
    const overflow = (1 - density) ** (2 ** runBits);
    const entries = (density * elementCount(shape)) / (1 - overflow);
    return entries * runBits + valueBits(type, entries);
  },
};
