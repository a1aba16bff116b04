// What the two ways of running a merge tree share: the result of a pass, buffers of streams, rounding of sums.

import type { NumberFormat } from "../../technology/technology.ts";
import type { Fibres, MergeEvents, MergeTree } from "./merge-tree.ts";

/** What one pass gives. The arrays hold `count` elements and stay valid until the merger's next pass. */
export interface Merged {
  /** Elements that left the root. */
  readonly count: number;
  /** Cycles until the last element has left; 0 when there was none. */
  readonly cycles: number;
  readonly events: MergeEvents;
  /** Strictly ascending. */
  readonly coordinates: Uint32Array;
  /** Sums in the tree's order, rounded or wrapped in its accumulator format; absent when the fibres had no values. */
  readonly values: Float64Array | undefined;
  /** Cycle in which each element leaves the root. */
  readonly departures: Int32Array;
}

/** Merges up to `leaves` fibres in one pass. It owns its buffers, so that a pass allocates nothing but the result. */
export type Merger = (fibres: Fibres) => Merged;

/** Buffers of one level's streams. */
export interface Streams {
  coordinates: Uint32Array;
  values: Float64Array;
  /** Cycle from which each element can be taken. */
  times: Int32Array;
}

/** Rounding of a sum: none, to single precision, or to the low 32, 16 or 8 bits. */
export type Rounding = 0 | 1 | 2 | 3 | 4;

export const roundings: Readonly<Record<NumberFormat, Rounding>> = {
  int64: 0,
  float16: 1,
  float32: 1,
  int32: 2,
  int16: 3,
  int8: 4,
};

/** The same sums as `arithmetic[format].add`, without a call through a closure in the innermost loop. */
export function round(sum: number, rounding: Rounding): number {
  if (rounding === 0) return sum;
  if (rounding === 1) return Math.fround(sum);
  if (rounding === 2) return sum | 0;
  return rounding === 3 ? (sum << 16) >> 16 : (sum << 24) >> 24;
}

export const emptyStreams = (): Streams => ({
  coordinates: new Uint32Array(0),
  values: new Float64Array(0),
  times: new Int32Array(0),
});

/** Room for `count` elements; what was there is lost. */
export function makeRoom(streams: Streams, count: number): void {
  if (streams.coordinates.length >= count) return;
  const room = Math.max(1024, 2 ** Math.ceil(Math.log2(count)));
  streams.coordinates = new Uint32Array(room);
  streams.values = new Float64Array(room);
  streams.times = new Int32Array(room);
}

/** @throws RangeError when there are more fibres than leaves, or cycles could pass 2^31. */
export function checkFibres(tree: MergeTree, fibres: Fibres): number {
  if (fibres.count > tree.leaves) throw new RangeError(`${fibres.count} fibres do not fit ${tree.leaves} leaves`);
  let count = 0;
  let latest = 0;
  for (let f = 0; f < fibres.count; f++) {
    const start = fibres.starts[f] ?? 0;
    const end = fibres.ends[f] ?? 0;
    count += end - start;
    if (fibres.available === undefined) continue;
    for (let i = start; i < end; i++) latest = Math.max(latest, fibres.available[i] ?? 0);
  }
  if (latest + 2 * count + tree.leaves >= 2 ** 31) throw new RangeError("a merge of more than 2^31 cycles");
  return count;
}
