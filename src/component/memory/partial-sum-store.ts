// A memory for partial sums that are read once: sets by output row, blocks that belong to one fibre, finite. Counts
// words in, out and beside it, and prices it; time is that of the tree that reads it and the channel behind it.

import { InputError } from "../../base/error.ts";
import type { Technology } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";

/**
 * Row r lies in set (r mod sets). A fibre of partial sums takes whole blocks of its row's set, each tagged with the
 * iteration that made it; reading a word frees it, and its block with the last one. What finds no free block goes
 * off chip and is fetched from there when it is read: the words that come too late, while earlier ones stay where they
 * are and nothing comes back early. That choice is assumed, for its hardware needs no victim; publications that have
 * such a memory let it overflow or never fill.
 */
export interface PartialSumStore {
  readonly kind: "partialSumStore";
  /** Infinity has no bound, and no price. */
  readonly bytes: number;
  /** Bytes of an element: value and coordinate together. */
  readonly wordBytes: number;
  /** Words of a block, which holds those of one fibre only. */
  readonly blockWords: number;
  /** Sets of equally many blocks; 1 shares all of it among all rows. */
  readonly sets: number;
  /** Banks of one word's width. */
  readonly banks: number;
  /** Bits of a block's tag. */
  readonly tagBits: number;
}

/** @throws InputError for blocks that do not fill the sets evenly. */
export function partialSumStore(parameters: Omit<PartialSumStore, "kind">): PartialSumStore {
  const { bytes, wordBytes, blockWords, sets, banks, tagBits } = parameters;
  check("wordBytes", wordBytes, wordBytes > 0 && wordBytes < Infinity, "bytes above 0");
  check("blockWords", blockWords, isWhole(blockWords), "a whole number of words from 1");
  check("sets", sets, isWhole(sets), "a whole number from 1");
  check("banks", banks, isWhole(banks), "a whole number from 1");
  check("tagBits", tagBits, isWhole(tagBits), "a whole number of bits from 1");
  const blocks = bytes / wordBytes / blockWords / sets;
  const whole = `${sets} sets of whole blocks of ${blockWords} words of ${wordBytes} bytes, or Infinity`;
  check("bytes", bytes, bytes === Infinity || isWhole(blocks), whole);
  return { kind: "partialSumStore", ...parameters };
}

const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 1;

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible partial-sum store", found: String(value), expected });
}

export interface PartialSumCounts {
  /** Words written to and read from the store. */
  written: number;
  read: number;
  /** Words that went off chip instead, and those fetched back when they were read. */
  spilled: number;
  refetched: number;
  /** Most words waiting at once, and most of them in the store. */
  peakWords: number;
  peakResidentWords: number;
}

/** The fibres that wait to be read, and what was counted so far. */
export interface PartialSumState {
  /** Adds a fibre of `words` words to `row`, after those that it has. Returns the words that went off chip. */
  push(row: number, words: number): number;
  /**
   * Reads the oldest `fibres` fibres of `row`, all of them by default, and forgets them. Returns the words that were
   * fetched from off chip. @throws RangeError when the row has fewer.
   */
  consume(row: number, fibres?: number): number;
  /** Fibres of `row` that wait. */
  waiting(row: number): number;
  counts(): PartialSumCounts;
}

/** An empty store. It keeps a few numbers for each waiting fibre and for each row up to the highest one pushed. */
export function partialSumState(store: PartialSumStore): PartialSumState {
  const { blockWords, sets } = store;
  // Infinity minus any number of blocks stays Infinity.
  const freeBlocks = new Float64Array(sets).fill(store.bytes / store.wordBytes / blockWords / sets);
  const counts = { written: 0, read: 0, spilled: 0, refetched: 0, peakWords: 0, peakResidentWords: 0 };
  // Four numbers of each fibre, side by side as they are used together: words in the store and beside it, and the next
  // fibre of its row. Fibres that were read are linked to `unused`; -1 ends a list. A fibre is named by its first number.
  let fibreOf = new Int32Array(256);
  let made = 0;
  let unused = -1;
  // Four numbers of each row: its oldest and newest fibre, and how many it has.
  let rowOf = new Int32Array(256);

  const takeFibre = (): number => {
    if (unused >= 0) {
      const fibre = unused;
      unused = fibreOf[fibre + 2] ?? -1;
      return fibre;
    }
    if (made === fibreOf.length) fibreOf = grown(fibreOf, 2 * made);
    made += 4;
    return made - 4;
  };

  return {
    push(row, words) {
      const at = 4 * row;
      if (at >= rowOf.length) rowOf = grown(rowOf, 4 * 2 ** Math.ceil(Math.log2(row + 1)));
      const set = row % sets;
      const free = freeBlocks[set] ?? 0;
      const blocks = Math.min(free, Math.ceil(words / blockWords));
      const inside = Math.min(words, blocks * blockWords);
      freeBlocks[set] = free - blocks;
      const fibre = takeFibre();
      fibreOf[fibre] = inside;
      fibreOf[fibre + 1] = words - inside;
      fibreOf[fibre + 2] = -1;
      const before = rowOf[at + 2] ?? 0;
      if (before === 0) rowOf[at] = fibre;
      else fibreOf[(rowOf[at + 1] ?? 0) + 2] = fibre;
      rowOf[at + 1] = fibre;
      rowOf[at + 2] = before + 1;
      counts.written += inside;
      counts.spilled += words - inside;
      const stored = counts.written - counts.read;
      counts.peakResidentWords = Math.max(counts.peakResidentWords, stored);
      counts.peakWords = Math.max(counts.peakWords, stored + counts.spilled - counts.refetched);
      return words - inside;
    },
    consume(row, fibres = rowOf[4 * row + 2] ?? 0) {
      const has = rowOf[4 * row + 2] ?? 0;
      if (fibres > has) throw new RangeError(`row ${row} has ${has} fibres, not ${fibres}`);
      const set = row % sets;
      let fibre = rowOf[4 * row] ?? -1;
      let fetched = 0;
      for (let count = 0; count < fibres; count++) {
        const inside = fibreOf[fibre] ?? 0;
        freeBlocks[set] = (freeBlocks[set] ?? 0) + Math.ceil(inside / blockWords);
        counts.read += inside;
        fetched += fibreOf[fibre + 1] ?? 0;
        const after = fibreOf[fibre + 2] ?? -1;
        fibreOf[fibre + 2] = unused;
        unused = fibre;
        fibre = after;
      }
      if (has > 0) {
        rowOf[4 * row] = fibre;
        rowOf[4 * row + 2] = has - fibres;
      }
      counts.refetched += fetched;
      return fetched;
    },
    waiting: (row) => rowOf[4 * row + 2] ?? 0,
    counts: () => ({ ...counts }),
  };
}

function grown(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(length);
  to.set(from);
  return to;
}

/**
 * Energy of `readWord` and `writeWord`, each with the tag of its block; area of words and tags.
 *
 * @throws InputError for a store without a bound.
 */
export function partialSumStoreCost(store: PartialSumStore, technology: Technology): ComponentCost {
  const { bytes, wordBytes, blockWords, banks, tagBits } = store;
  const words = technology.sram(bytes / banks, 8 * wordBytes);
  const tags = technology.sram((bytes / wordBytes / blockWords / banks) * (tagBits / 8), tagBits);
  const table = words.table === tags.table ? words.table : `${words.table} + ${tags.table}`;
  return {
    energy: {
      readWord: { joules: words.readJoules + tags.readJoules, table },
      writeWord: { joules: words.writeJoules + tags.writeJoules, table },
    },
    squareMillimetres: banks * (words.squareMillimetres + tags.squareMillimetres),
    tables: [...new Set([words.table, tags.table])],
    leakageWatts: banks * (words.leakageWatts + tags.leakageWatts),
  };
}
