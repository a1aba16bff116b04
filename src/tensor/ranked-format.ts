// Storage rank by rank: a tile as a tree of fibres, each rank with its own way to say which of its children there are.
// Whole formats such as CSR are combinations of these; others have no name.

import { InputError } from "../base/error.ts";
import type { DensityModel } from "./density/density.ts";
import { overTiles, tileClasses, tileCount } from "./density/density.ts";

/** How a rank says which children a fibre has. `axes` neighbouring axes are one rank; 1, and in the last rank all left. */
export type RankFormat = { readonly axes?: number } & (
  | /** Nothing: every child is stored, empty or not. */ { readonly kind: "uncompressed" }
  | /** One bit for each child; the non-empty ones are stored. */ { readonly kind: "bitmap" }
  | /** A coordinate of `bits` bits for each non-empty child. */ { readonly kind: "coordinate"; readonly bits: number }
  | /** Where each child begins and the last one ends: one offset of `bits` bits more than children, empty ones too. */ {
      readonly kind: "offset-pairs";
      readonly bits: number;
    }
  | /**
     * Zeros before each stored element of the fibre, in a field of `bits` bits. A longer run costs elements with the value
     * zero, one for every 2^bits zeros. Last rank only.
     */ { readonly kind: "run-length"; readonly bits: number }
);

/** Outermost rank first. */
export interface RankedFormat {
  readonly kind: "ranked";
  readonly ranks: readonly RankFormat[];
}

/** Bits of a tile, metadata of each rank apart. */
export interface RankedBits {
  readonly metadata: readonly number[];
  /** Stored elements, zeros among them where a rank stores zeros. */
  readonly elements: number;
}

/** Throws InputError where the ranks cannot store a tile of `axes` axes. */
function rankAxes(ranks: readonly RankFormat[], axes: number): readonly number[] {
  let left = axes;
  const taken = ranks.map((rank, index) => {
    const last = index === ranks.length - 1;
    const own = last ? left : (rank.axes ?? 1);
    left -= own;
    if (rank.kind === "run-length" && !last) throw bad(index, rank.kind, "run-length in the last rank");
    if (rank.kind === "offset-pairs" && last) throw bad(index, rank.kind, "a rank below the offsets");
    if ("bits" in rank && !(Number.isInteger(rank.bits) && rank.bits >= 1 && rank.bits <= 32)) {
      throw bad(index, `${rank.kind} of ${rank.bits} bits`, "1 to 32 bits");
    }
    return own;
  });
  if (ranks.length === 0 || taken.some((own) => own < 1) || (ranks.at(-1)?.axes ?? 0) > axes) {
    throw bad(ranks.length - 1, `${ranks.length} ranks`, `ranks that share ${axes} axes`);
  }
  return taken;
}

const bad = (index: number, found: string, expected: string): InputError =>
  new InputError({ path: `ranks[${index}]`, message: "unusable storage rank", found, expected });

/**
 * Mean bits of a tile over the tiles that cut the model's tensor; exact for actual data. A rank that stores or marks
 * every child below a compressed rank counts children of the mean length where tiles are cut off at the tensor's edge.
 * Throws InputError for ranks that do not fit.
 */
export function rankedBits(model: DensityModel, tile: readonly number[], { ranks }: RankedFormat): RankedBits {
  const { shape } = model;
  const own = rankAxes(ranks, tile.length);
  const tiles = tileCount(shape, tile);
  const classes = tileClasses(shape, tile);
  const metadata: number[] = [];
  // Mean numbers for one tile: fibres stored at this rank, and all the places where there could be one.
  let stored = 1;
  let places = 1;
  let fibre = [...tile];
  let before = 0;
  for (const [index, rank] of ranks.entries()) {
    const after = before + (own[index] ?? 0);
    // Children of this rank: single positions along its axes and those before, whole along the axes behind.
    const child = fibre.map((size, axis) => (axis < after ? 1 : size));
    let children = 0;
    for (const { weight, sizes } of classes) {
      children += weight * sizes.slice(0, after).reduce((product, size) => product * size, 1);
    }
    const length = children / places;
    const nonEmpty = (1 - model.empty(child)) * (tileCount(shape, child) / tiles);
    switch (rank.kind) {
      case "uncompressed":
        metadata.push(0);
        stored *= length;
        break;
      case "bitmap":
        metadata.push(stored * length);
        stored = nonEmpty;
        break;
      case "coordinate":
        metadata.push(nonEmpty * rank.bits);
        stored = nonEmpty;
        break;
      case "offset-pairs":
        metadata.push(stored * (length + 1) * rank.bits);
        stored = nonEmpty;
        break;
      case "run-length": {
        const entries = nonEmpty + (longRuns(model, fibre, rank.bits) * tileCount(shape, fibre)) / tiles;
        metadata.push(entries * rank.bits);
        stored = entries;
        break;
      }
    }
    places = children;
    fibre = child;
    before = after;
  }
  return { metadata, elements: stored };
}

/** Mean number of zeros that a tile stores because runs are longer than their field of `bits` bits can say. */
export function longRuns(model: DensityModel, tile: readonly number[], bits: number): number {
  const reach = 2 ** bits;
  if (model.alike !== undefined) {
    const sums = runSums(model, model.alike.following, reach);
    return overTiles(model.shape, tile, (elements) => {
      // Sum over j of (elements - j reach) P(j reach zeros, then a non-zero).
      const last = Math.min(sums.chance.length - 1, Math.ceil(elements / reach) - 1);
      return elements * (sums.chance[last] ?? 0) - (sums.reached[last] ?? 0);
    });
  }
  const elements = model.shape.reduce((product, size, axis) => product * Math.min(size, tile[axis] ?? 1), 1);
  let inserted = 0;
  for (let zeros = reach; zeros < elements; zeros += reach) {
    const more = model.afterZeros(tile, zeros);
    inserted += more;
    // Longer runs are rarer: what is left is below the sum's last digit.
    if (more * (elements / reach) <= inserted * 1e-15) break;
  }
  return inserted;
}

/** Sums over j up to the index, from 1: of P(j reach zeros, then a non-zero), and of that times j reach. */
interface RunSums {
  readonly chance: readonly number[];
  readonly reached: readonly number[];
}

const sumsOf = new WeakMap<DensityModel, Map<number, RunSums>>();

/** The sums of a model, which serve tiles of any size; kept with it. */
function runSums(model: DensityModel, following: (zeros: number) => number, reach: number): RunSums {
  const known = sumsOf.get(model) ?? new Map<number, RunSums>();
  sumsOf.set(model, known);
  const kept = known.get(reach);
  if (kept !== undefined) return kept;
  const elements = model.shape.reduce((product, size) => product * size, 1);
  const chance = [0];
  const reached = [0];
  for (let zeros = reach, all = 0, weighted = 0; zeros < elements; zeros += reach) {
    const more = following(zeros);
    all += more;
    weighted += more * zeros;
    chance.push(all);
    reached.push(weighted);
    if (more * (elements / reach) * elements <= 1e-12 || more * (elements / reach) <= all * 1e-15) break;
  }
  const sums = { chance, reached };
  known.set(reach, sums);
  return sums;
}
