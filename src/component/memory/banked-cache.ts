// A set-associative cache in banks that serves sets of word requests: its parameters, the time of a set in one pass
// over its words, and its price. The stepped reference is in banked-cache-stepped.ts.

import { InputError } from "../../base/error.ts";
import type { Technology } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";

/**
 * All words of a set are requested in the same cycle. A line lies in bank (line mod banks), and each bank serves its
 * requests in the order of the set, one access a cycle; an access covers up to `wordsPerBank` requests that follow one
 * another in the bank's queue and go to the same line. An access in cycle t to a line that is there gives its words in
 * t + `hitCycles`. The first one to a line that is not there fetches it and gives its words in t + `missCycles`;
 * further ones to that line wait for it, and one a cycle gets its words after that. The least recently used line of the
 * cache set makes room at once, also for lines of the same request.
 */
export interface BankedCache {
  readonly kind: "bankedCache";
  readonly bytes: number;
  readonly lineBytes: number;
  readonly ways: number;
  readonly banks: number;
  /** Bytes of a word, the unit of addresses. */
  readonly wordBytes: number;
  /** Words of one line that one access covers; Infinity covers all that follow one another. */
  readonly wordsPerBank: number;
  readonly hitCycles: number;
  readonly missCycles: number;
  /** Bits of a byte address, which say how long a tag is. */
  readonly addressBits: number;
}

/** Past this cycle, times start anew between two steps. */
const latestStart = 2 ** 30;

/** @throws InputError for a geometry whose parts do not divide one another, or times below 0. */
export function bankedCache(parameters: Omit<BankedCache, "kind">): BankedCache {
  const { bytes, lineBytes, ways, banks, wordBytes, wordsPerBank, hitCycles, missCycles, addressBits } = parameters;
  const sets = bytes / lineBytes / ways;
  check("wordBytes", wordBytes, wordBytes > 0, "bytes above 0");
  check("lineBytes", lineBytes, isPowerOfTwo(lineBytes / wordBytes), "a power of two of words");
  check("ways", ways, isWhole(ways, 1), "a whole number from 1");
  check("bytes", bytes, isWhole(sets, 1), `a whole number of sets of ${ways} lines of ${lineBytes} bytes`);
  check("banks", banks, isPowerOfTwo(banks) && isWhole(sets / banks, 1), `a power of two that divides ${sets} sets`);
  check("wordsPerBank", wordsPerBank, wordsPerBank === Infinity || isWhole(wordsPerBank, 1), "1 or more words");
  for (const [path, cycles] of Object.entries({ hitCycles, missCycles })) {
    check(path, cycles, isWhole(cycles, 0) && cycles <= latestStart / 2, "a whole number of cycles from 0 to 2^29");
  }
  check("addressBits", addressBits, isWhole(addressBits, 1) && addressBits <= 64, "1 to 64 bits");
  return { kind: "bankedCache", ...parameters };
}

const isWhole = (value: number, least: number): boolean => Number.isInteger(value) && value >= least;
const isPowerOfTwo = (value: number): boolean => value >= 1 && Number.isInteger(Math.log2(value));

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible cache", found: String(value), expected });
}

/** Sets of lines, of all banks together. Each bank holds its own, so that banks never meet. */
export const cacheSets = (cache: BankedCache): number => cache.bytes / cache.lineBytes / cache.ways;

export const wordsPerLine = (cache: BankedCache): number => cache.lineBytes / cache.wordBytes;

/** The content of a cache, and what it has served so far. */
export interface CacheState {
  /** Words whose line was there or on its way. */
  readonly hits: number;
  /** Lines fetched, each for the first of its words. */
  readonly misses: number;
  /** Accesses of banks; with one word an access as many as words. */
  readonly accesses: number;
  /** Cycles that the last set would have taken with every line there: what it took beyond is waiting for lines. */
  readonly residentCycles: number;
  /** Lines fetched for the word `extra` of the last range: 0 or 1. */
  readonly extraMisses: number;
  /**
   * Serves the first `count` of `addresses` as one set of requests and returns the cycles until the last word is there;
   * 0 for an empty set. Addresses count words, from 0 up to 2^31.
   */
  step(addresses: Int32Array, count: number): number;
  /** The same for `count` consecutive words from `first`, then the word `extra` unless that is negative. */
  stepRange(first: number, count: number, extra: number): number;
  /** Forgets every line; the counts stay. */
  empty(): void;
}

/** The pass over a set equals the stepped cache everywhere: banks share no line, so their order does not matter. */
export const cacheExactWhen = (): boolean => true;

/**
 * An empty cache. Besides its lines it keeps a number for each line up to the highest one that was asked for.
 *
 * `requestsPerCycle` is the width of what brings the requests: those of a set then reach the banks that many a cycle,
 * in their order, instead of all in the first.
 */
export function cacheState(cache: BankedCache, requestsPerCycle = Infinity): CacheState {
  check(
    "requestsPerCycle",
    requestsPerCycle,
    requestsPerCycle === Infinity || isWhole(requestsPerCycle, 1),
    "1 or more",
  );
  const { ways, banks, hitCycles, missCycles } = cache;
  const sets = cacheSets(cache);
  const lineWords = wordsPerLine(cache);
  const lineShift = Math.log2(lineWords);
  const bankMask = banks - 1;
  // An access never covers more words than a set can have.
  const coverage = Math.min(cache.wordsPerBank, latestStart);
  const together = requestsPerCycle === Infinity;
  // Requests to one line that follow one another are served as one, unless an access might not find all of them there.
  const runs = together || coverage === 1;
  // Place of each line in the cache, plus 1; 0 is not there. Places of cache set s are s * ways and up.
  let placeOf = new Int32Array(1024);
  const lineAt = new Int32Array(sets * ways).fill(-1);
  // Number of the request that used a place last, 0 never: the smallest of a cache set is its victim.
  const usedAt = new Float64Array(sets * ways);
  const requestsBefore = Float64Array.of(1);
  // Cycle in which the last waiting access to a fetched line gets its words; before `start` it means nothing.
  const givenAt = new Int32Array(sets * ways).fill(-1);
  const bankFree = new Int32Array(banks);
  // The access that each bank served last: its line, and the words that it could still cover.
  const openLine = new Int32Array(banks);
  const openWords = new Int32Array(banks);
  // First cycle of the next set of requests; of the one at hand, the end of its last access.
  let now = 0;
  let lastEnd = 0;

  /** Drives out the least recently used line of the cache set of `line`; the place that is free for it. */
  const makePlace = (line: number): number => {
    if (line >= placeOf.length) {
      // The sign bit comes down with the shift: a negative address would ask for a table of all lines.
      if (line > (2 ** 31 - 1) >>> lineShift) throw new RangeError("a negative address");
      const grown = new Int32Array(2 ** Math.ceil(Math.log2(line + 1)));
      grown.set(placeOf);
      placeOf = grown;
    }
    const first = (line % sets) * ways;
    let oldest = Infinity;
    for (let place = first; place < first + ways; place++) oldest = Math.min(oldest, usedAt[place] ?? 0);
    let victim = first;
    while (usedAt[victim] !== oldest) victim++;
    const out = lineAt[victim] ?? -1;
    if (out >= 0) placeOf[out] = 0;
    return victim;
  };

  /** The line's first access, in cycle `first`, fetches it; the cycle in which the last of its accesses has its words. */
  const fetchLine = (line: number, request: number, first: number, accesses: number): number => {
    self.misses++;
    const place = makePlace(line);
    lineAt[place] = line;
    placeOf[line] = place + 1;
    usedAt[place] = request;
    const waited = first + missCycles + accesses - 1;
    const given = accesses === 1 ? waited : Math.max(waited, first + accesses - 1 + hitCycles);
    givenAt[place] = given;
    return given;
  };

  /** Accesses for `count` words of a line, beyond what the bank's access before covers, if that is of this set. */
  const furtherAccesses = (bank: number, line: number, count: number, follows: boolean): number => {
    const open = follows && openLine[bank] === line ? (openWords[bank] ?? 0) : 0;
    const accesses = Math.ceil(Math.max(0, count - open) / coverage);
    openLine[bank] = line;
    openWords[bank] = open + accesses * coverage - count;
    self.accesses += accesses;
    return accesses;
  };

  /**
   * Serves `count` requests to `line` that follow one another, the first of them being request `index` of its set.
   * Returns the cycle in which the last of them has its word, or 0 when an earlier access covers them all. Small enough
   * that it is compiled into the loops that call it; what is rare stands above.
   */
  const serve = (line: number, count: number, index: number, start: number): number => {
    const arrival = together ? start : start + Math.floor(index / requestsPerCycle);
    const bank = line & bankMask;
    const free = bankFree[bank] ?? 0;
    const accesses = coverage === 1 ? count : furtherAccesses(bank, line, count, free > arrival);
    if (accesses === 0) return 0;
    // The later of the two, without a branch: whether a bank is still busy cannot be foretold.
    const first = arrival - ((arrival - free) & ((arrival - free) >> 31));
    const end = first + accesses;
    bankFree[bank] = end;
    if (end > lastEnd) lastEnd = end;
    const request = (requestsBefore[0] ?? 0) + index;
    const place = line < placeOf.length ? (placeOf[line] ?? 0) - 1 : -1;
    if (place < 0) return fetchLine(line, request, first, accesses);
    usedAt[place] = request;
    const before = givenAt[place] ?? 0;
    if (before < start) return end - 1 + hitCycles;
    return (givenAt[place] = Math.max(end - 1 + hitCycles, before + accesses));
  };

  /** The first cycle of a set of requests. */
  const begin = (): number => {
    if (now > latestStart) {
      bankFree.fill(0);
      givenAt.fill(-1);
      now = 0;
    }
    lastEnd = now;
    return now;
  };

  /** The cycles of a set of `count` requests, the last of which has its word in cycle `last`. */
  const end = (count: number, last: number, missesBefore: number): number => {
    const start = now;
    now = last + 1;
    requestsBefore[0] = (requestsBefore[0] ?? 0) + count;
    if (coverage === 1) self.accesses += count;
    self.hits += count - (self.misses - missesBefore);
    self.residentCycles = count === 0 ? 0 : lastEnd + hitCycles - start;
    return now - start;
  };

  const self = {
    hits: 0,
    misses: 0,
    accesses: 0,
    residentCycles: 0,
    extraMisses: 0,
    step(addresses: Int32Array, count: number): number {
      const missesBefore = self.misses;
      const start = begin();
      let last = start - 1;
      const runEnd = runs ? count : 0;
      for (let i = 0; i < count;) {
        const line = (addresses[i] ?? 0) >>> lineShift;
        const index = i++;
        while (i < runEnd && (addresses[i] ?? 0) >>> lineShift === line) i++;
        const given = serve(line, i - index, index, start);
        if (given > last) last = given;
      }
      return end(count, last, missesBefore);
    },
    stepRange(first: number, count: number, extra: number): number {
      const missesBefore = self.misses;
      const start = begin();
      let last = start - 1;
      for (let i = 0; i < count;) {
        const line = (first + i) >>> lineShift;
        const next = runs ? Math.min(count, (line + 1) * lineWords - first) : i + 1;
        const given = serve(line, next - i, i, start);
        if (given > last) last = given;
        i = next;
      }
      const missesOfRange = self.misses;
      if (extra >= 0) {
        const given = serve(extra >>> lineShift, 1, count, start);
        if (given > last) last = given;
      }
      self.extraMisses = self.misses - missesOfRange;
      return end(extra >= 0 ? count + 1 : count, last, missesBefore);
    },
    empty(): void {
      placeOf.fill(0);
      lineAt.fill(-1);
      usedAt.fill(0);
    },
  };
  return self;
}

/**
 * Energy of `access`, which reads the tags of a cache set and then the words that it covers of one way, and of `fill`,
 * which writes a line and its tag; area of data and tags. Assumed: a tag has a valid bit and a rank among the ways;
 * the registers for lines on their way are not counted.
 */
export function bankedCacheCost(cache: BankedCache, technology: Technology): ComponentCost {
  const { bytes, lineBytes, ways, banks, addressBits } = cache;
  const sets = cacheSets(cache);
  const portBits = 8 * Math.min(lineBytes, cache.wordsPerBank * cache.wordBytes);
  const data = technology.sram(bytes / banks, portBits);
  const rankBits = Math.ceil(Math.log2(ways));
  const tagBits = Math.max(0, addressBits - Math.floor(Math.log2(sets * lineBytes))) + 1 + rankBits;
  const tags = technology.sram((sets / banks) * ((ways * tagBits) / 8), ways * tagBits);
  const table = data.table === tags.table ? data.table : `${data.table} + ${tags.table}`;
  return {
    energy: {
      access: { joules: tags.readJoules + data.readJoules, table },
      fill: { joules: tags.writeJoules + ((8 * lineBytes) / portBits) * data.writeJoules, table },
    },
    squareMillimetres: banks * (data.squareMillimetres + tags.squareMillimetres),
    tables: [...new Set([data.table, tags.table])],
    leakageWatts: banks * (data.leakageWatts + tags.leakageWatts),
  };
}
