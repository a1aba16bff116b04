// Prices of one SRAM array of any capacity and access width from the CACTI sweep: log-log interpolation between runs,
// fitted power laws beyond them.

import { log, log2 } from "../base/transcendental.ts";
import { InputError } from "../base/error.ts";
import { derived } from "../base/source.ts";
import type { PriceTable, SramPrice } from "./technology.ts";
import { cactiSource, cactiSweep, capacityExponents, widthExponents } from "./tables/cacti-sram.ts";
import type { CactiLaw, CactiNode, CactiSeries } from "./tables/cacti-sram.ts";

/** A function from capacity in bytes and access width in bits to a price. */
export type SramPricer = (bytes: number, widthBits: number) => SramPrice;

/** Accesses wider than this are built from arrays of this width side by side, each with its share of the bytes. */
const widestArrayBits = 256;

/**
 * Throws InputError unless `bytes` and `widthBits` describe a memory: both finite and above 0, and no access wider
 * than the whole memory.
 */
export function checkMemory(bytes: number, widthBits: number): void {
  if (!(bytes > 0 && bytes < Infinity)) {
    throw new InputError({
      message: "no price for a memory of this capacity",
      found: String(bytes),
      expected: "a finite number of bytes above 0",
    });
  }
  if (!(widthBits > 0 && widthBits < Infinity)) {
    throw new InputError({
      message: "no price for a memory with accesses of this width",
      found: String(widthBits),
      expected: "a finite number of bits above 0",
    });
  }
  if (widthBits > bytes * 8) {
    throw new InputError({
      message: "one access of a memory is wider than the memory",
      found: `${widthBits} bits`,
      expected: `at most the ${bytes * 8} bits that ${bytes} bytes hold`,
    });
  }
}

/** The tables that prices of `cactiSram(node)` may name. */
export function cactiTables(node: CactiNode): readonly PriceTable[] {
  const swept: PriceTable = { name: tableName(node, ""), source: cactiSource };
  const beyond: PriceTable = {
    name: tableName(node, ", extrapolated"),
    source: derived("power laws fitted to the CACTI 7 runs, beyond their capacities or below 32 bits"),
  };
  if (cactiSweep[node].length > 1) return [swept, beyond];
  const width: PriceTable = {
    name: tableName(node, ", width law of 45 nm"),
    source: derived("CACTI 7 runs at 64 bits, carried to other widths by the power law fitted at 45 nm"),
  };
  return [swept, width, beyond];
}

const tableName = (node: CactiNode, suffix: string): string => `CACTI 7 ${node} nm${suffix}`;

/**
 * Prices of one array with one read-write port at `node`. Between runs: log-log in capacity, then in width. Beyond
 * them the power laws carry the nearest run on, and the table's name says `extrapolated`. An access wider than 256
 * bits is served by several arrays of 256 bits, each holding its share of the bytes.
 */
export function cactiSram(node: CactiNode): SramPricer {
  return (bytes, widthBits) => {
    checkMemory(bytes, widthBits);
    const arrays = Math.max(1, widthBits / widestArrayBits);
    const width = widthBits / arrays;
    const [low, high] = seriesAround(node, width);
    const figures =
      high === undefined
        ? atWidth(atCapacity(low, bytes / arrays, node), width / low.widthBits)
        : between(
            atCapacity(low, bytes / arrays, node),
            atCapacity(high, bytes / arrays, node),
            log(width / low.widthBits) / log(high.widthBits / low.widthBits),
          );
    const inside =
      width >= 32 &&
      covers(low, bytes / arrays) &&
      (high === undefined || high === low || covers(high, bytes / arrays));
    const lawful = cactiSweep[node].length === 1 && width !== low.widthBits;
    return {
      readJoules: arrays * figures.read * 1e-12,
      writeJoules: arrays * figures.write * 1e-12,
      leakageWatts: arrays * figures.leakage * 1e-3,
      squareMillimetres: arrays * figures.area,
      table: tableName(node, inside ? (lawful ? ", width law of 45 nm" : "") : ", extrapolated"),
    };
  };
}

/** The runs at the widths around `width`; one series alone when `width` equals it or lies outside them all. */
function seriesAround(node: CactiNode, width: number): readonly [CactiSeries, CactiSeries | undefined] {
  let low: CactiSeries | undefined;
  for (const series of cactiSweep[node]) {
    if (series.widthBits === width) return [series, undefined];
    if (series.widthBits > width) return low === undefined ? [series, undefined] : [low, series];
    low = series;
  }
  if (low === undefined) throw new Error(`no CACTI runs at ${node} nm`);
  return [low, undefined];
}

const capacities = (series: CactiSeries): number => series.readPicojoules.length;

const covers = (series: CactiSeries, bytes: number): boolean =>
  bytes >= series.firstBytes && bytes <= series.firstBytes * 2 ** (capacities(series) - 1);

/** Picojoules, picojoules, milliwatts and square millimetres of one array. */
type Figures = CactiLaw;

function atCapacity(series: CactiSeries, bytes: number, node: CactiNode): Figures {
  const position = log2(bytes / series.firstBytes);
  const last = capacities(series) - 1;
  if (position <= 0) return beyond(rowOf(series, 0), position, capacityExponents[node]);
  if (position >= last) return beyond(rowOf(series, last), position - last, capacityExponents[node]);
  const index = Math.floor(position);
  return between(rowOf(series, index), rowOf(series, index + 1), position - index);
}

function rowOf(series: CactiSeries, index: number): Figures {
  const read = series.readPicojoules[index];
  const write = series.writePicojoules[index];
  const leakage = series.leakageMilliwatts[index];
  const area = series.squareMillimetres[index];
  if (read === undefined || write === undefined || leakage === undefined || area === undefined) {
    throw new Error(`the CACTI runs at ${series.widthBits} bits have no row ${index}`);
  }
  return { read, write, leakage, area };
}

/** `octaves` doublings of the capacity away from `figures`. */
const beyond = (figures: Figures, octaves: number, law: CactiLaw): Figures => ({
  read: figures.read * 2 ** (octaves * law.read),
  write: figures.write * 2 ** (octaves * law.write),
  leakage: figures.leakage * 2 ** (octaves * law.leakage),
  area: figures.area * 2 ** (octaves * law.area),
});

const atWidth = (figures: Figures, ratio: number): Figures => beyond(figures, log2(ratio), widthExponents);

/** The point a share `share` of the way from `a` to `b`, in log space. */
function between(a: Figures, b: Figures, share: number): Figures {
  if (share === 0) return a;
  return {
    read: a.read * (b.read / a.read) ** share,
    write: a.write * (b.write / a.write) ** share,
    leakage: a.leakage * (b.leakage / a.leakage) ** share,
    area: a.area * (b.area / a.area) ** share,
  };
}
