// The counts of the partial-sum store against a store of single blocks, and their conservation, over random traffic.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import { technology } from "../../technology/technologies.ts";
import type { PartialSumCounts, PartialSumState, PartialSumStore } from "./partial-sum-store.ts";
import { partialSumState, partialSumStore, partialSumStoreCost } from "./partial-sum-store.ts";

const rows = 6;

/** A store in which every block and every word is an object. */
function naive({ bytes, wordBytes, blockWords, sets }: PartialSumStore): PartialSumState {
  interface Word {
    readonly block: { words: number } | undefined;
  }
  const capacity = bytes / wordBytes / blockWords / sets;
  const used = Array.from({ length: sets }, () => 0);
  const fibres = Array.from({ length: rows }, (): Word[][] => []);
  const counts: PartialSumCounts = {
    written: 0,
    read: 0,
    spilled: 0,
    refetched: 0,
    peakWords: 0,
    peakResidentWords: 0,
  };
  return {
    push(row, words) {
      let block: { words: number } | undefined;
      let outside = 0;
      const fibre = Array.from({ length: words }, (): Word => {
        if (block === undefined || block.words === blockWords) {
          block = undefined;
          if ((used[row % sets] ?? 0) < capacity) {
            block = { words: 0 };
            used[row % sets] = (used[row % sets] ?? 0) + 1;
          }
        }
        if (block === undefined) {
          outside++;
          counts.spilled++;
        } else {
          block.words++;
          counts.written++;
        }
        return { block };
      });
      fibres[row]?.push(fibre);
      const waiting = fibres.flat(2);
      counts.peakWords = Math.max(counts.peakWords, waiting.length);
      const stored = waiting.filter((word) => word.block !== undefined);
      counts.peakResidentWords = Math.max(counts.peakResidentWords, stored.length);
      return outside;
    },
    consume(row, count = fibres[row]?.length ?? 0) {
      let fetched = 0;
      for (const { block } of fibres[row]?.splice(0, count).flat() ?? []) {
        if (block === undefined) fetched++;
        else {
          counts.read++;
          if (--block.words === 0) used[row % sets] = (used[row % sets] ?? 0) - 1;
        }
      }
      counts.refetched += fetched;
      return fetched;
    },
    waiting: (row) => fibres[row]?.length ?? 0,
    counts: () => ({ ...counts }),
  };
}

const stores = fc
  .record({
    blocks: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(Infinity)),
    blockWords: fc.integer({ min: 1, max: 4 }),
    sets: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ blocks, blockWords, sets }) =>
    partialSumStore({ bytes: blocks * blockWords * sets * 4, wordBytes: 4, blockWords, sets, banks: 1, tagBits: 8 }),
  );

interface Action {
  readonly row: number;
  /** Words to push, or a share of the row's fibres to read. */
  readonly words?: number;
  readonly share?: number;
}

const actions = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ row: fc.nat(rows - 1), words: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ row: fc.nat(rows - 1), share: fc.constantFrom(0, 0.5, 1) }) },
  ),
  { maxLength: 60 },
);

function perform(state: PartialSumState, sequence: readonly Action[]): number[] {
  return sequence.map(({ row, words, share = 1 }) =>
    words === undefined ? state.consume(row, Math.ceil(share * state.waiting(row))) : state.push(row, words),
  );
}

test("counts equal those of a store of single blocks", () => {
  fc.assert(
    fc.property(stores, actions, (store, sequence) => {
      const state = partialSumState(store);
      const reference = naive(store);
      expect(perform(state, sequence)).toEqual(perform(reference, sequence));
      expect(state.counts()).toEqual(reference.counts());
    }),
    { numRuns: 2000 },
  );
});

test("what goes in comes out once; nothing is spilled while everything fits", () => {
  fc.assert(
    fc.property(stores, actions, (store, sequence) => {
      const state = partialSumState(store);
      perform(state, sequence);
      const { written, spilled } = state.counts();
      const pushed = sequence.reduce((sum, action: Action) => sum + (action.words ?? 0), 0);
      expect(written + spilled).toBe(pushed);
      for (let row = 0; row < rows; row++) state.consume(row);
      const { read, refetched, peakWords, peakResidentWords } = state.counts();
      expect({ read, refetched }).toEqual({ read: written, refetched: spilled });
      const capacity = store.bytes / store.wordBytes;
      expect(peakResidentWords).toBeLessThanOrEqual(Math.min(capacity, peakWords));
      if (peakWords > capacity) expect(spilled).toBeGreaterThan(0);
      // Shared by word, all of the capacity is of use.
      const shared = partialSumState(partialSumStore({ ...store, sets: 1, blockWords: 1 }));
      perform(shared, sequence);
      if (peakWords <= capacity) expect(shared.counts().spilled).toBe(0);
      expect(partialSumState(store).consume(0)).toBe(0);
    }),
    { numRuns: 1000 },
  );
});

test("many rows and fibres", () => {
  const state = partialSumState(
    partialSumStore({ bytes: 256 * 1024, wordBytes: 4, blockWords: 16, sets: 64, banks: 16, tagBits: 17 }),
  );
  for (let k = 0; k < 4; k++) for (let row = 0; row < 1000; row++) expect(state.push(row, 16)).toBe(0);
  // 1,000 rows over 64 sets of 64 blocks: 15 or 16 rows of 4 blocks each, so that set 0 is full now and set 63 is not.
  expect(state.push(0, 20)).toBe(20);
  expect(state.push(63, 20)).toBe(0);
  expect(state.consume(0, 4)).toBe(0);
  expect(state.waiting(0)).toBe(1);
  expect(state.consume(0)).toBe(20);
  expect(() => state.consume(0, 1)).toThrow("row 0 has 0 fibres, not 1");
});

test("blocks that do not fill the sets are refused, and a store without a bound has no price", () => {
  const store = { bytes: 1024, wordBytes: 4, blockWords: 16, sets: 4, banks: 4, tagBits: 17 };
  expect(() => partialSumStore({ ...store, sets: 5 })).toThrow(InputError);
  expect(() => partialSumStore({ ...store, bytes: 0 })).toThrow("bytes: impossible partial-sum store");
  expect(() => partialSumStore({ ...store, blockWords: 1.5 })).toThrow(InputError);
  const price = technology("28nm");
  expect(() => partialSumStoreCost(partialSumStore({ ...store, bytes: Infinity }), price)).toThrow(InputError);
  const cost = partialSumStoreCost(partialSumStore({ ...store, bytes: 2 ** 18 }), price);
  const words = price.sram(2 ** 16, 32);
  const tags = price.sram((2 ** 10 * 17) / 8, 17);
  expect(cost.squareMillimetres).toBeCloseTo(4 * (words.squareMillimetres + tags.squareMillimetres), 12);
  expect(cost.energy.readWord?.joules).toBeCloseTo(words.readJoules + tags.readJoules, 20);
});
