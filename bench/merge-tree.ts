// Elements a second on one core through a merge tree of 64 leaves, timed and only counted, and words a second through
// a banked cache.

import { bankedCache, cacheState } from "../src/component/memory/banked-cache.ts";
import { contiguousFibres, mergeTree } from "../src/component/merge-tree/merge-tree.ts";
import type { Fibres } from "../src/component/merge-tree/merge-tree.ts";
import { mergeCounter } from "../src/component/merge-tree/merge-tree-counts.ts";
import { timedMerger } from "../src/component/merge-tree/merge-tree-timed.ts";
import { median, print, time } from "./measure.ts";

const leaves = 64;

/** A small generator with a seed: the same input in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    return ((mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `leaves` fibres of 0 to 2 * mean elements below `range`, 16 of which arrive in each cycle, one of a leaf in turn. */
function group(next: () => number, mean: number, range: number): Fibres {
  const fibres = Array.from({ length: leaves }, () => {
    const length = Math.floor(next() * 2 * mean);
    const chosen = new Set<number>();
    while (chosen.size < length) chosen.add(Math.floor(next() * range));
    return Uint32Array.from(chosen).sort();
  });
  const offsets = new Uint32Array(leaves + 1);
  for (const [f, fibre] of fibres.entries()) offsets[f + 1] = (offsets[f] ?? 0) + fibre.length;
  const count = offsets[leaves] ?? 0;
  const coordinates = new Uint32Array(count);
  const available = new Int32Array(count);
  let supplied = 0;
  for (const [f, fibre] of fibres.entries()) coordinates.set(fibre, offsets[f] ?? 0);
  for (let i = 0; supplied < count; i++) {
    for (const [f, fibre] of fibres.entries()) {
      if (i < fibre.length) available[(offsets[f] ?? 0) + i] = Math.floor(supplied++ / 16);
    }
  }
  const values = Float64Array.from(coordinates, () => Math.floor(next() * 100));
  return contiguousFibres(offsets, { coordinates, values, available });
}

const next = random(7);
const range = 4000;
const groups = Array.from({ length: 40 }, (_, i) => group(next, 20 + ((i * 37) % 200), range));
const elements = groups.reduce((sum, { coordinates }) => sum + coordinates.length, 0);

/** M elements a second of `work` over all groups. */
function rate(work: (fibres: Fibres) => number): number {
  let checksum = 0;
  const seconds = time(9, () => {
    for (let repeat = 0; repeat < 4; repeat++) for (const fibres of groups) checksum += work(fibres);
  });
  if (!(checksum > 0)) throw new Error("the tree lost its elements");
  return (4 * elements) / median(seconds) / 1e6;
}

const tree = { leaves, fifoDepth: 4, rootWidth: 1, coordinateBits: 16, accumulator: "float32" } as const;
const merge = timedMerger(mergeTree(tree));
const narrow = timedMerger(mergeTree({ ...tree, fifoDepth: 1 }));
const wide = timedMerger(mergeTree({ ...tree, rootWidth: 16, fifoDepth: 32 }));
const counter = mergeCounter(leaves, range);
const untimed = (fibres: Fibres): Fibres => ({ ...fibres, available: undefined });
const bare = (fibres: Fibres): Fibres => ({ ...untimed(fibres), values: undefined });

for (const [name, target, work] of [
  ["timed, arrivals and values", 10, (fibres: Fibres) => merge(fibres).cycles],
  ["timed, all there from the start, values", 10, (fibres: Fibres) => merge(untimed(fibres)).cycles],
  ["timed, all there from the start, coordinates", 10, (fibres: Fibres) => merge(bare(fibres)).cycles],
  ["timed, queues of one element", 3, (fibres: Fibres) => narrow(fibres).cycles],
  ["timed, 16 a cycle at the root, coordinates", 10, (fibres: Fibres) => wide(bare(fibres)).cycles],
  ["events counted", 60, (fibres: Fibres) => counter.mergeEvents(fibres).comparisons],
  ["union counted", 60, (fibres: Fibres) => counter.unionSize(fibres)],
] as const) {
  print({
    name: `merge tree, ${leaves} leaves, ${name}`,
    value: rate(work),
    unit: "M elements/s",
    target,
    wants: "at least",
  });
}

/** Word addresses of sets of 64 requests, one set after the other, in 2 MiB of which 1 MiB fits into the cache. */
const words = 2 ** 19;
const sets = 20_000;
const patterns: readonly [name: string, address: (set: number, i: number) => number][] = [
  ["random words, half of them missing", () => Math.floor(next() * words)],
  ["random words, all resident", () => Math.floor((next() * words) / 2)],
  ["consecutive words", (set, i) => (set * 64 + i) % words],
  ["one word for 8 requests each", (set, i) => (set * 997 + (i >> 3) * 5003) % (words / 2)],
];
for (const [name, address] of patterns) {
  const requests = Array.from({ length: sets }, (_, set) => Int32Array.from({ length: 64 }, (_, i) => address(set, i)));
  for (const wordsPerBank of [1, 32]) {
    const cache = bankedCache({
      bytes: 2 ** 20,
      lineBytes: 128,
      ways: 16,
      banks: 32,
      wordBytes: 4,
      wordsPerBank,
      hitCycles: 2,
      missCycles: 86,
      addressBits: 34,
    });
    const state = cacheState(cache);
    let cycles = 0;
    const seconds = time(9, () => {
      for (const addresses of requests) cycles += state.step(addresses, 64);
    });
    if (!(cycles > 0)) throw new Error("the cache lost its words");
    print({
      name: `banked cache, ${name}, ${wordsPerBank} an access`,
      value: (sets * 64) / median(seconds) / 1e6,
      unit: "M words/s",
      target: 10,
      wants: "at least",
    });
  }
}
