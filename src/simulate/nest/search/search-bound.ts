// Lower bounds of cycles and joules of all schedules that begin with given loops, for branch and bound: what must be
// computed, what every level must move at least once, and what the given loops make it move again.

import type { SparsityFactors } from "../../../dataflow/nest/evaluation.ts";
import { byteTable, flatMemories, memoryTable, priceTable } from "./search-tables.ts";
import type { NestPrice } from "./search-price.ts";
import type { NestSpace, Point } from "./search-space.ts";
import { flatRanks } from "./search-space.ts";

/**
 * Writes lower bounds of cycles and joules into `out`, for every completion of a point whose bypass and whose loops of
 * the first `levels` levels are given.
 */
export type NestBound = (point: Point, levels: number, out: Float64Array) => void;

/**
 * Proof, by part. Steps: a step multiplies once in each unit, and the given loops fix how many positions of a dimension
 * the first unit has left at each of their steps. Reads of an input across a boundary whose loops are given: every word
 * once; and again at every step of a loop that it does not depend on, where that loop lies around one that replaces the
 * whole tile (a dimension of a rank without a window, of two steps or more in every context). Results likewise. A unit
 * asks at every step, and one read serves no more units than lie along dimensions that the word does not depend on, or
 * that slide. A memory's ports move its bytes in no less time than their width allows.
 */
export function nestBound(space: NestSpace, price: NestPrice, sparsity?: SparsityFactors): NestBound {
  const { count, depth, slots, sizes, temporal, relevant, slides } = space;
  const slotCount = slots.length;
  const ranks = flatRanks(space);
  const prices = priceTable(price, depth);
  const bytes = byteTable(space, sparsity);
  const stepCycles = sparsity?.stepCycles ?? 1;
  const memories = flatMemories(space);
  const memoryAt = memoryTable(memories, depth);
  const macs = sizes.reduce((product, size) => product * size, 1);
  /** Distinct words of each operand, and multiplications at which its word is no padding. */
  const words = new Float64Array(3);
  const uses = new Float64Array(3);
  for (let operand = 0; operand < 3; operand++) {
    let [distinct, inside, covered] = [1, 1, 1];
    for (const { first, second, table } of ranks[operand] ?? []) {
      const [a, b] = [sizes[first] ?? 1, second < 0 ? 1 : (sizes[second] ?? 1)];
      distinct *= table === undefined ? a : table.sum(a, b);
      inside *= table === undefined ? a : table.sum(1, 1);
      covered *= a * b;
    }
    words[operand] = distinct;
    uses[operand] = (macs / covered) * inside;
  }
  const bytesMoved = new Float64Array(memories.length * 2);
  const spatialSteps = new Float64Array(slotCount * count);
  const instances = new Float64Array(depth + 1);

  /** Positions that the first unit has left, summed over the steps in time of the slots `slot` to `end`. */
  const left = (tiles: Int32Array, d: number, slot: number, end: number, length: number): number => {
    if (slot === end) return length;
    const tile = tiles[slot * count + d] ?? 1;
    if ((slots[slot]?.axis ?? -1) >= 0) return left(tiles, d, slot + 1, end, Math.min(tile, length));
    const whole = Math.floor(length / tile);
    const rest = length % tile;
    const full = whole > 0 ? whole * left(tiles, d, slot + 1, end, tile) : 0;
    return rest > 0 ? full + left(tiles, d, slot + 1, end, rest) : full;
  };

  /** Steps in time of the first unit, over the slots `slot` to `end` (exclusive). */
  const stepsOf = (tiles: Int32Array, d: number, slot: number, end: number, length: number): number => {
    if (slot === end) return 1;
    const tile = tiles[slot * count + d] ?? 1;
    if ((slots[slot]?.axis ?? -1) >= 0) return stepsOf(tiles, d, slot + 1, end, Math.min(tile, length));
    const whole = Math.floor(length / tile);
    const rest = length % tile;
    const full = whole > 0 ? whole * stepsOf(tiles, d, slot + 1, end, tile) : 0;
    return rest > 0 ? full + stepsOf(tiles, d, slot + 1, end, rest) : full;
  };

  /** The shortest piece of any unit that the slots before `end` leave. */
  const shortest = (tiles: Int32Array, d: number, slot: number, end: number, length: number): number => {
    if (slot === end) return length;
    const tile = tiles[slot * count + d] ?? 1;
    const rest = length % tile;
    const whole = length >= tile ? shortest(tiles, d, slot + 1, end, tile) : Number.POSITIVE_INFINITY;
    return rest > 0 ? Math.min(whole, shortest(tiles, d, slot + 1, end, rest)) : whole;
  };

  /** Whether axes below level `from` and above level `to` divide a dimension. */
  const divided = (tiles: Int32Array, d: number, from: number, to: number): boolean => {
    for (let slot = (temporal[from] ?? 0) + 1; slot < (temporal[to] ?? 0); slot++) {
      const axis = slots[slot]?.axis ?? -1;
      if (axis >= 0 && (tiles[slot * count + d] ?? 1) < (tiles[(slot - 1) * count + d] ?? 1)) return true;
    }
    return false;
  };

  /** How often the given loops of the levels before `child` make each word of an operand move anew, at least. */
  const reloads = (operand: number, child: number, { tiles, order }: Point): number => {
    let blocked = false;
    let times = 1;
    const counted = new Uint8Array(count);
    for (let level = child - 1; level >= 0; level--) {
      const slot = temporal[level] ?? 0;
      for (let i = count - 1; i >= 0; i--) {
        const d = order[level * count + i] ?? 0;
        const size = sizes[d] ?? 1;
        if (relevant[operand * count + d] === 1) {
          if (blocked || slides[operand * count + d] === 1) continue;
          // A unit without a piece in a ragged last step keeps its tile: it must have changed it before.
          const tile = tiles[slot * count + d] ?? 1;
          const enough = divided(tiles, d, level, child) ? 2 * tile - 1 : tile;
          blocked = shortest(tiles, d, 0, slot, size) > enough;
        } else if (blocked && counted[d] === 0) {
          counted[d] = 1;
          times *= stepsOf(tiles, d, 0, slot + 1, size);
        }
      }
    }
    return times;
  };

  return (point, levels, out) => {
    const { tiles, bypass } = point;
    const masks = space.bypasses[bypass];
    const end = temporal[levels] ?? slotCount;
    let units = 1;
    for (let slot = end; slot < slotCount; slot++) {
      const slotUnits = slots[slot]?.units ?? 1;
      if (Number.isFinite(slotUnits)) units *= slotUnits;
    }
    let steps = 1;
    let atLeast = 1;
    for (let d = 0; d < count; d++) {
      steps *= left(tiles, d, 0, end, sizes[d] ?? 1);
      atLeast *= stepsOf(tiles, d, 0, end, sizes[d] ?? 1);
    }
    steps = Math.max(atLeast, Math.ceil(steps / units - 1e-9));
    instances[0] = 1;
    for (let level = 0; level < levels; level++) {
      let product = instances[level] ?? 1;
      for (let slot = (temporal[level] ?? 0) + 1; slot < (temporal[level + 1] ?? 0); slot++) {
        for (let d = 0; d < count; d++) {
          const here = Math.ceil((tiles[(slot - 1) * count + d] ?? 1) / (tiles[slot * count + d] ?? 1));
          spatialSteps[slot * count + d] = here;
          product *= here;
        }
      }
      instances[level + 1] = product;
    }
    bytesMoved.fill(0);
    let joules = price.joulesPerMac * macs;
    for (let operand = 0; operand < 3; operand++) {
      let parent = 0;
      for (let child = 1; child <= depth; child++) {
        if (child < depth) {
          const there = (space.keepable[child] ?? 0) & ~(masks?.[child] ?? 0);
          if (((there >> operand) & 1) === 0) continue;
        }
        const moved =
          child === depth
            ? lastBoundary(operand, parent, levels)
            : (words[operand] ?? 0) * (child <= levels ? reloads(operand, child, point) : 1);
        joules += add(operand, parent, child, moved, levels);
        parent = child;
      }
    }
    let cycles = steps * stepCycles;
    for (const [m, memory] of memories.entries()) {
      if (memory.level > levels) continue;
      const pool = instances[memory.level] ?? 1;
      const [read, write] = [bytesMoved[m * 2] ?? 0, bytesMoved[m * 2 + 1] ?? 0];
      const time = memory.sharedPort
        ? (read + write) / (pool * memory.readBytesPerCycle)
        : Math.max(read / (pool * memory.readBytesPerCycle), write / (pool * memory.writeBytesPerCycle));
      cycles = Math.max(cycles, time);
    }
    // Sums of rounded terms: stay below them.
    out[0] = cycles * (1 - 1e-9);
    out[1] = (joules + price.joulesPerCycle * cycles) * (1 - 1e-9);
  };

  /** Words that the multipliers ask of level `parent`, at least. */
  function lastBoundary(operand: number, parent: number, levels: number): number {
    let served = 1;
    for (let slot = (temporal[parent] ?? 0) + 1; slot < slotCount; slot++) {
      const { axis, level, units, multicast } = slots[slot] ?? { axis: -1, level: 0, units: 1, multicast: true };
      if (axis < 0 || (operand < 2 && !multicast)) continue;
      let along = 1;
      if (level >= levels) {
        for (let d = 0; d < count; d++) {
          const serves = relevant[operand * count + d] === 0 || slides[operand * count + d] === 1;
          if (serves && space.allowed[slot * count + d] === 1 && (sizes[d] ?? 1) > 1) along = units;
        }
      } else {
        for (let d = 0; d < count; d++) {
          const serves = relevant[operand * count + d] === 0 || slides[operand * count + d] === 1;
          if (serves) along *= spatialSteps[slot * count + d] ?? 1;
        }
      }
      served *= along;
    }
    return (uses[operand] ?? 0) / served;
  }

  /** Joules of a boundary that moves at least `moved` words; its bytes go to `bytesMoved`. */
  function add(operand: number, parent: number, child: number, moved: number, levels: number): number {
    const at = ((operand * (depth + 1) + parent) * (depth + 1) + child) * 6;
    const upper = (memoryAt[parent * 3 + operand] ?? 0) * 2;
    const lower = child < depth ? (memoryAt[child * 3 + operand] ?? 0) * 2 : -1;
    if (operand < 2) {
      const word = bytes[operand * (depth + 1) + child] ?? 1;
      const deliveries = child === depth ? (uses[operand] ?? 0) : moved;
      bytesMoved[upper] = (bytesMoved[upper] ?? 0) + moved * word;
      if (lower >= 0) bytesMoved[lower + 1] = (bytesMoved[lower + 1] ?? 0) + deliveries * word;
      return moved * (prices[at] ?? 0) + deliveries * (prices[at + 1] ?? 0);
    }
    const results = words[2] ?? 0;
    const written = Math.max(moved, results);
    const word = Math.min(bytes[2 * (depth + 1) + child] ?? 1, bytes[3 * (depth + 1) + child] ?? 1);
    bytesMoved[upper + 1] = (bytesMoved[upper + 1] ?? 0) + written * word;
    if (lower >= 0) bytesMoved[lower] = (bytesMoved[lower] ?? 0) + written * word;
    // Every instance of the parent that sums a word of its own writes it once without reading it back.
    let apart = 1;
    for (let slot = 0; slot < (temporal[parent] ?? 0); slot++) {
      const { axis, level, units } = slots[slot] ?? { axis: -1, level: 0, units: 1 };
      if (axis < 0) continue;
      if (level >= levels) {
        apart *= units;
        continue;
      }
      for (let d = 0; d < count; d++) {
        if (space.reduced[d] === 1) apart *= spatialSteps[slot * count + d] ?? 1;
      }
    }
    const again = (prices[at] ?? 0) + (prices[at + 1] ?? 0) + (prices[at + 2] ?? 0) + (prices[at + 5] ?? 0);
    const once = prices[at + 3] ?? 0;
    // Where final words cost more than partial ones that travel twice, fewest final ones are cheapest; else the most.
    const finals = once >= again ? results : Math.min(written, results * apart);
    // Reading back needs one delivery for each word; a delivery is priced with it.
    return written * (prices[at + 4] ?? 0) + (written - finals) * again + finals * once;
  }
}
