// The loops of a point of a search's space that have more than one step, in flat lists, innermost first, and how many
// steps and units they make: what the quick figure goes by. What a dimension's tiles say is kept until they change.

import type { NestSpace, Point } from "../search-space.ts";

export interface LoopTable {
  /** Reads a point; all else holds until the next call. */
  read(point: Point): void;
  /** Loops in time, innermost first; by level the first of them that lies outside it. */
  count: number;
  readonly first: Int32Array;
  readonly dimension: Int32Array;
  readonly slot: Int32Array;
  /** Mean steps of a loop; and the steps in time of the first unit for each of the loops of that level outside. */
  readonly mean: Float64Array;
  readonly along: Float64Array;
  /** Loops along axes, outermost first: slot, dimension and mean steps. */
  spatialCount: number;
  readonly spatialSlot: Int32Array;
  readonly spatialDimension: Int32Array;
  readonly spatialMean: Float64Array;
  /** By stage: steps in time of the loops around it, and units that it has in use. */
  readonly steps: Float64Array;
  readonly instances: Float64Array;
  /** By stage * count + dimension: pieces of the first unit in time; length of a last shorter one to that of the others. */
  readonly lockstep: Float64Array;
  readonly ratio: Float64Array;
}

export function loopTable({ count, depth, slots, sizes, temporal }: NestSpace): LoopTable {
  const slotCount = slots.length;
  const most = depth * count;
  const slotLevel = Int32Array.from(slots, ({ level }) => level);
  const isSpatial = Uint8Array.from(slots, ({ axis }) => Number(axis >= 0));
  /** By slot * count + dimension: the tiles that the rest stands for, mean steps, and the largest number. */
  const known = new Int32Array(slotCount * count);
  const means = new Float64Array(slotCount * count);
  const across = new Float64Array(slotCount * count);
  const table: LoopTable = {
    read,
    count: 0,
    first: new Int32Array(depth + 1),
    dimension: new Int32Array(most),
    slot: new Int32Array(most),
    mean: new Float64Array(most),
    along: new Float64Array(most),
    spatialCount: 0,
    spatialSlot: new Int32Array(slotCount * count),
    spatialDimension: new Int32Array(slotCount * count),
    spatialMean: new Float64Array(slotCount * count),
    steps: new Float64Array(depth + 1).fill(1),
    instances: new Float64Array(depth + 1).fill(1),
    lockstep: new Float64Array((depth + 1) * count).fill(1),
    ratio: new Float64Array((depth + 1) * count).fill(1),
  };
  const { first, dimension, slot: loopSlot, mean, along, steps, instances, lockstep, ratio } = table;
  const { spatialSlot, spatialDimension, spatialMean } = table;

  function readDimension(tiles: Int32Array, d: number): void {
    const size = sizes[d] ?? 1;
    let outer = size;
    let before = 1;
    // Pieces of the first unit in time, which are those of all: whole ones, and the length of a last shorter one.
    let whole = 0;
    let length = size;
    let shorter = size;
    for (let slot = 0; slot < slotCount; slot++) {
      const at = slot * count + d;
      const tile = tiles[at] ?? 1;
      known[at] = tile;
      if (tile === outer) {
        means[at] = 1;
        across[at] = 1;
      } else {
        const pieces = Math.ceil(size / tile);
        means[at] = pieces / before;
        across[at] = Math.ceil(outer / tile);
        before = pieces;
      }
      if (tile === size) {
        // Not cut yet.
      } else if (isSpatial[slot] === 0) {
        whole = (whole * length) / tile + Math.floor(shorter / tile);
        shorter %= tile;
      } else if (shorter >= tile) {
        whole += 1;
        shorter = 0;
      }
      length = tile;
      outer = tile;
      const level = slotLevel[slot] ?? 0;
      lockstep[(level + 1) * count + d] = whole + (shorter > 0 ? 1 : 0);
      ratio[(level + 1) * count + d] = shorter > 0 ? shorter / tile : 1;
    }
  }

  function read({ tiles, order }: Point): void {
    for (let d = 0; d < count; d++) {
      for (let at = d; at < known.length; at += count) {
        if (known[at] === tiles[at]) continue;
        readDimension(tiles, d);
        break;
      }
    }
    let cuts = 0;
    for (let level = 0; level < depth; level++) {
      let product = instances[level] ?? 1;
      for (let slot = (temporal[level] ?? 0) + 1; slot < (temporal[level + 1] ?? 0); slot++) {
        for (let d = 0; d < count; d++) {
          const at = slot * count + d;
          if (across[at] === 1) continue;
          product *= across[at] ?? 1;
          spatialSlot[cuts] = slot;
          spatialDimension[cuts] = d;
          spatialMean[cuts] = means[at] ?? 1;
          cuts += 1;
        }
      }
      instances[level + 1] = product;
      let timesteps = 1;
      for (let d = 0; d < count; d++) timesteps *= lockstep[(level + 1) * count + d] ?? 1;
      steps[level + 1] = timesteps;
    }
    table.spatialCount = cuts;
    let loops = 0;
    for (let level = depth - 1; level >= 0; level--) {
      first[level + 1] = loops;
      const slot = temporal[level] ?? 0;
      for (let i = (level + 1) * count - 1; i >= level * count; i--) {
        const d = order[i] ?? 0;
        const outside = level === 0 ? 1 : (lockstep[level * count + d] ?? 1);
        const inTime = (lockstep[(level + 1) * count + d] ?? 1) / outside;
        const average = means[slot * count + d] ?? 1;
        if (average === 1 && inTime === 1) continue;
        dimension[loops] = d;
        loopSlot[loops] = slot;
        mean[loops] = average;
        along[loops] = inTime;
        loops += 1;
      }
    }
    first[0] = loops;
    table.count = loops;
  }

  return table;
}
