// A cache that is told beforehand what will be read: lines are fetched and held until their reader has them, results
// that are read once are written without a fetch and freed when they are read. Counts lines, and prices it.

import { InputError } from "../../base/error.ts";
import type { Technology } from "../../technology/technology.ts";
import type { ComponentCost } from "../component.ts";

/**
 * Zhang, Attaluri, Emer and Sanchez (ASPLOS 2021) have such a cache. `fetch` brings a line in and pins it, `release`
 * unpins it, `write` puts a line of a partial result there without reading memory, `consume` pins such a line and
 * `free` drops it. A line makes room in its set for another one when it is not pinned, the least recently used first.
 * Where all ways are pinned, a fetched line goes past the cache to its reader, and a written one to memory.
 */
export interface FibreCache {
  readonly kind: "fibreCache";
  readonly bytes: number;
  readonly lineBytes: number;
  readonly ways: number;
  readonly banks: number;
  /** Bits of a byte address, which say how long a tag is. */
  readonly addressBits: number;
}

/** @throws InputError for a geometry whose parts do not divide one another. */
export function fibreCache(parameters: Omit<FibreCache, "kind">): FibreCache {
  const { bytes, lineBytes, ways, banks, addressBits } = parameters;
  check("lineBytes", lineBytes, isWhole(lineBytes), "a whole number of bytes from 1");
  check("ways", ways, isWhole(ways), "a whole number from 1");
  const sets = bytes / lineBytes / ways;
  check("bytes", bytes, isWhole(sets), `a whole number of sets of ${ways} lines of ${lineBytes} bytes`);
  check("banks", banks, isWhole(sets / banks), `a whole number that divides ${sets} sets`);
  check("addressBits", addressBits, isWhole(addressBits) && addressBits <= 64, "1 to 64 bits");
  return { kind: "fibreCache", ...parameters };
}

const isWhole = (value: number): boolean => Number.isInteger(value) && value >= 1;

function check(path: string, value: number, holds: boolean, expected: string): void {
  if (!holds) throw new InputError({ path, message: "impossible cache", found: String(value), expected });
}

/** The content of a cache. Lines are numbered from 0; those of partial results are numbered apart, downwards from -1. */
export interface FibreCacheState {
  readonly hits: number;
  readonly misses: number;
  /** Lines of partial results that left for memory, driven out or never let in. */
  readonly spills: number;
  /** Reads and writes of lines. */
  readonly accesses: number;
  /** Whether the line was there; it is pinned after, unless it went past the cache (`isPinned` says which). */
  fetch(line: number): boolean;
  /** Whether the last `fetch` or `consume` left its line pinned. */
  readonly isPinned: boolean;
  release(line: number): void;
  write(line: number): void;
  /** Whether the line of a partial result was there; it is pinned then, else it is read from memory. */
  consume(line: number): boolean;
  /** Drops a consumed line, if it is there. */
  free(line: number): void;
}

export function fibreCacheState(cache: FibreCache): FibreCacheState {
  const { ways } = cache;
  const sets = cache.bytes / cache.lineBytes / ways;
  // Place p of set s is s * ways + p.
  const lineAt = new Float64Array(sets * ways).fill(Number.NaN);
  const pins = new Int32Array(sets * ways);
  const usedAt = new Float64Array(sets * ways);
  let now = 0;

  const setOf = (line: number): number => (line >= 0 ? line % sets : (-1 - line) % sets);

  const placeOf = (line: number): number => {
    const first = setOf(line) * ways;
    for (let place = first; place < first + ways; place++) if (lineAt[place] === line) return place;
    return -1;
  };

  /** The place that a new line takes, or -1 where all are pinned. */
  const makePlace = (line: number): number => {
    const first = setOf(line) * ways;
    let victim = -1;
    let oldest = Infinity;
    for (let place = first; place < first + ways; place++) {
      if (Number.isNaN(lineAt[place])) return place;
      const used = usedAt[place] ?? 0;
      if (pins[place] !== 0 || used >= oldest) continue;
      oldest = used;
      victim = place;
    }
    if (victim >= 0 && (lineAt[victim] ?? 0) < 0) self.spills++;
    return victim;
  };

  const settle = (place: number, line: number, pinned: number): void => {
    lineAt[place] = line;
    pins[place] = pinned;
    usedAt[place] = now;
  };

  const pin = (place: number): void => {
    pins[place] = (pins[place] ?? 0) + 1;
    usedAt[place] = now;
  };

  const self = {
    hits: 0,
    misses: 0,
    spills: 0,
    accesses: 0,
    isPinned: false,
    fetch(line: number): boolean {
      now++;
      self.accesses++;
      const found = placeOf(line);
      if (found >= 0) {
        self.hits++;
        self.isPinned = true;
        pin(found);
        return true;
      }
      self.misses++;
      const place = makePlace(line);
      self.isPinned = place >= 0;
      if (place >= 0) settle(place, line, 1);
      return false;
    },
    release(line: number): void {
      const place = placeOf(line);
      pins[place] = (pins[place] ?? 0) - 1;
    },
    write(line: number): void {
      now++;
      self.accesses++;
      const place = makePlace(line);
      if (place >= 0) settle(place, line, 0);
      else self.spills++;
    },
    consume(line: number): boolean {
      now++;
      self.accesses++;
      const place = placeOf(line);
      self.isPinned = place >= 0;
      if (place >= 0) pin(place);
      return place >= 0;
    },
    free(line: number): void {
      const place = placeOf(line);
      if (place < 0) return;
      lineAt[place] = Number.NaN;
      pins[place] = 0;
    },
  };
  return self;
}

/**
 * Energy of `access`, which reads or writes a line and the tags of its set, and of `fill`, which writes a line and its
 * tag; area of data and tags. Assumed: a tag has a valid bit, a rank among the ways and a counter of five bits of pins.
 */
export function fibreCacheCost(cache: FibreCache, technology: Technology): ComponentCost {
  const { bytes, lineBytes, ways, banks, addressBits } = cache;
  const sets = bytes / lineBytes / ways;
  const portBits = 8 * lineBytes;
  const data = technology.sram(bytes / banks, portBits);
  const stateBits = 1 + Math.ceil(Math.log2(ways)) + 5;
  const tagBits = Math.max(0, addressBits - Math.floor(Math.log2(sets * lineBytes))) + stateBits;
  const tags = technology.sram((sets / banks) * ((ways * tagBits) / 8), ways * tagBits);
  const table = data.table === tags.table ? data.table : `${data.table} + ${tags.table}`;
  return {
    energy: {
      access: { joules: tags.readJoules + data.readJoules, table },
      fill: { joules: tags.writeJoules + data.writeJoules, table },
    },
    squareMillimetres: banks * (data.squareMillimetres + tags.squareMillimetres),
    tables: [...new Set([data.table, tags.table])],
    leakageWatts: banks * (data.leakageWatts + tags.leakageWatts),
  };
}
