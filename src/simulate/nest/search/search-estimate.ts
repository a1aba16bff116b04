// A quick figure for a schedule of a search's space: cycles and joules within a few per cent of the evaluation, in a few
// microseconds, so that a search looks at many schedules and evaluates the promising ones. Nothing is concluded from it.

import type { SparsityFactors } from "../../../dataflow/nest/evaluation.ts";
import type { NestPrice } from "./search-price.ts";
import type { NestSpace, Point } from "./search-space.ts";
import { flatRanks } from "./search-space.ts";
import { byteTable, flatMemories, priceTable } from "./search-tables.ts";

export interface NestEstimate {
  /** Whether every tile fits its memory and no axis takes more steps than it has units. */
  fits(point: Point): boolean;
  /** Writes cycles and joules into `out`. */
  estimate(point: Point, out: Float64Array): void;
}

/**
 * The model: tiles are counted as if loops of different dimensions were independent, a sliding window reuses its halo
 * only where its loop is the innermost that moves the operand, and every step of a loop takes the mean time. Tiles must
 * be aligned (each a multiple of the next one inwards, or the whole dimension).
 */
export function nestEstimate(space: NestSpace, price: NestPrice, sparsity?: SparsityFactors): NestEstimate {
  const { count, depth, slots, sizes, temporal, relevant } = space;
  const slotCount = slots.length;
  const ranks = flatRanks(space);
  const rankStart = Int32Array.of(0, ...[1, 2, 3].map((n) => ranks.slice(0, n).flat().length));
  const rankFirst = Int32Array.from(ranks.flat(), ({ first }) => first);
  const rankSecond = Int32Array.from(ranks.flat(), ({ second }) => second);
  const tables = ranks.flat().map(({ table }) => table);
  const prices = priceTable(price, depth);
  const bytes = byteTable(space, sparsity);
  const { A, B, partial } = space.hierarchy.wordBytes;
  const wordBytes = [A, B, partial] as const;
  const [least, runs] = [sparsity?.stepCycles ?? 1, Float64Array.from(sparsity?.runs?.stepCycles ?? [])];
  const lastTile = ((temporal[depth - 1] ?? 0) - 1) * count + (sparsity?.runs?.dimension ?? 0);
  const memories = flatMemories(space);
  const bounded = memories.filter((memory) => memory.bytes < Infinity);
  const memoryAt = Int32Array.from({ length: depth * 3 }, (_, i) =>
    memories.findIndex(({ level, mask }) => level === Math.floor(i / 3) && ((mask >> (i % 3)) & 1) === 1),
  );
  /** Memories whose ports take time, beside the work and apart from it. */
  const timed = [true, false].map((overlapped) =>
    Int32Array.from(
      memories.flatMap((memory, m) =>
        memory.overlapped === overlapped && Math.min(memory.readBytesPerCycle, memory.writeBytesPerCycle) < Infinity
          ? [m]
          : [],
      ),
    ),
  );
  const [beside, apart] = [timed[0] ?? new Int32Array(0), timed[1] ?? new Int32Array(0)];
  const memoryLevel = Int32Array.from(memories, ({ level }) => level);
  const sharedPort = Uint8Array.from(memories, (memory) => Number(memory.sharedPort));
  /** Cycles a byte. */
  const readCycles = Float64Array.from(memories, ({ readBytesPerCycle }) => 1 / readBytesPerCycle);
  const writeCycles = Float64Array.from(
    memories,
    (memory) => 1 / (memory.sharedPort ? memory.readBytesPerCycle : memory.writeBytesPerCycle),
  );
  const slotLevel = Int32Array.from(slots, ({ level }) => level);
  const isSpatial = Uint8Array.from(slots, ({ axis }) => Number(axis >= 0));
  const units = Float64Array.from(slots, (slot) => slot.units);
  const most = Int32Array.from(slots, ({ single }) => (single ? 1 : count));
  const multicast = Uint8Array.from(slots, (slot) => Number(slot.multicast));
  const macs = space.problem.dimensions.reduce((product, { size }) => product * size, 1);
  /** Mean steps of a loop, and the largest number. */
  const mean = new Float64Array(slotCount * count);
  const instances = new Float64Array(depth + 1);
  const steps = new Float64Array(depth + 1);
  const lockstep = new Float64Array((depth + 1) * count);
  // Bytes that each memory reads and writes for transitions at a stage: 2 for each (memory, stage, operand).
  const moved = new Float64Array(memories.length * (depth + 1) * 6);
  const changes = new Float64Array((depth + 1) * 3);
  const times = new Float64Array(16);
  /** Length of the last shorter piece of a dimension to that of the others, by stage * count + dimension; 1 without one. */
  const ratio = new Float64Array((depth + 1) * count).fill(1);

  const words = (operand: number, tiles: Int32Array, level: number): number => {
    const base = level === 0 ? -1 : (temporal[level] ?? 0) - 1;
    let product = 1;
    for (let rank = rankStart[operand] ?? 0; rank < (rankStart[operand + 1] ?? 0); rank++) {
      const first = rankFirst[rank] ?? 0;
      const table = tables[rank];
      const a = base < 0 ? (sizes[first] ?? 1) : (tiles[base * count + first] ?? 1);
      if (table === undefined) {
        product *= a;
        continue;
      }
      const second = rankSecond[rank] ?? 0;
      product *= table.most(a, base < 0 ? (sizes[second] ?? 1) : (tiles[base * count + second] ?? 1));
    }
    return product;
  };

  const fits = ({ tiles, bypass }: Point): boolean => {
    for (let slot = 0; slot < slotCount; slot++) {
      if (isSpatial[slot] === 0) continue;
      let used = 1;
      let along = 0;
      for (let d = 0; d < count; d++) {
        const here = Math.ceil((tiles[(slot - 1) * count + d] ?? 1) / (tiles[slot * count + d] ?? 1));
        used *= here;
        if (here > 1) along += 1;
      }
      if (used > (units[slot] ?? 1) || along > (most[slot] ?? 1)) return false;
    }
    const masks = space.bypasses[bypass];
    for (let m = 0; m < bounded.length; m++) {
      const memory = bounded[m];
      if (memory === undefined) continue;
      const { level, bytes: there } = memory;
      const kept = memory.mask & ~(masks?.[level] ?? 0);
      let needed = 0;
      for (let operand = 0; operand < 3; operand++) {
        if (((kept >> operand) & 1) === 1) needed += words(operand, tiles, level) * (wordBytes[operand] ?? 1);
      }
      if (needed > there) return false;
    }
    return true;
  };

  const estimate = ({ tiles, order, bypass }: Point, out: Float64Array): void => {
    const masks = space.bypasses[bypass];
    for (let d = 0; d < count; d++) {
      const size = sizes[d] ?? 1;
      let before = 1;
      // Pieces of the first unit in time, which are those of all: whole ones, and the length of a last shorter one.
      let whole = 0;
      let length = size;
      let shorter = size;
      lockstep[d] = 1;
      for (let slot = 0; slot < slotCount; slot++) {
        const tile = tiles[slot * count + d] ?? 1;
        const pieces = Math.ceil(size / tile);
        const average = pieces / before;
        mean[slot * count + d] = average;
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
        before = pieces;
        const level = slotLevel[slot] ?? 0;
        lockstep[(level + 1) * count + d] = whole + (shorter > 0 ? 1 : 0);
        ratio[(level + 1) * count + d] = shorter > 0 ? shorter / tile : 1;
      }
    }
    instances[0] = 1;
    for (let level = 0; level < depth; level++) {
      let product = instances[level] ?? 1;
      let timesteps = 1;
      for (let d = 0; d < count; d++) timesteps *= lockstep[(level + 1) * count + d] ?? 1;
      for (let slot = (temporal[level] ?? 0) + 1; slot < (temporal[level + 1] ?? 0); slot++) {
        for (let d = 0; d < count; d++) {
          product *= Math.ceil((tiles[(slot - 1) * count + d] ?? 1) / (tiles[slot * count + d] ?? 1));
        }
      }
      instances[level + 1] = product;
      steps[level + 1] = timesteps;
    }
    steps[0] = 1;
    moved.fill(0);
    changes.fill(1);
    let joules = price.joulesPerMac * macs;
    for (let operand = 0; operand < 3; operand++) {
      let parent = 0;
      for (let child = 1; child <= depth; child++) {
        if (child < depth) {
          const there = (space.keepable[child] ?? 0) & ~(masks?.[child] ?? 0);
          if (((there >> operand) & 1) === 0) continue;
        }
        joules += boundary(operand, parent, child, tiles, order);
        parent = child;
      }
    }
    const stepCycles = runs.length === 0 ? least : (runs[Math.min(runs.length - 1, tiles[lastTile] ?? 1)] ?? least);
    // What moves within a step moves side by side, whether or not its memory can be filled beside the work.
    let cycles = Math.max(
      stepCycles,
      portTime(7, depth, steps[depth] ?? 1, beside),
      portTime(7, depth, steps[depth] ?? 1, apart),
    );
    // One step of the datapath; a tile of the nearest level takes as many as that level has.
    cycles *= (steps[depth] ?? 1) / (steps[depth - 1] ?? 1);
    let drain = 0;
    for (let stage = depth - 1; stage >= 1; stage--) {
      cycles = tileTime(stage, cycles, order) / (steps[stage - 1] ?? 1);
      drain += portTime(8, stage, 1, beside) + portTime(8, stage, 1, apart);
    }
    cycles += drain;
    cycles = Math.max(cycles, wholeRun(beside), wholeRun(apart));
    out[0] = cycles;
    out[1] = joules + price.joulesPerCycle * cycles;
  };

  /** Cycles in which the ports of a group move all bytes of the run. */
  const wholeRun = (group: Int32Array): number => {
    let longest = 0;
    for (let i = 0; i < group.length; i++) {
      const m = group[i] ?? 0;
      let read = 0;
      let write = 0;
      for (let at = (m * (depth + 1) + 1) * 6; at < (m + 1) * (depth + 1) * 6; at += 2) {
        read += moved[at] ?? 0;
        write += moved[at + 1] ?? 0;
      }
      longest = Math.max(longest, transfer(m, read, write));
    }
    return longest;
  };

  const transfer = (m: number, read: number, write: number): number => {
    const pool = instances[memoryLevel[m] ?? 0] ?? 1;
    const out = read * (readCycles[m] ?? 0);
    const into = write * (writeCycles[m] ?? 0);
    return (sharedPort[m] === 1 ? out + into : Math.max(out, into)) / pool;
  };

  /**
   * Cycles to move one tile of each operand in `mask` for a stage (8: the results on their last way out), over `share`
   * steps of equal shares where they move in all of them, through the ports of the memories in `group`.
   */
  const portTime = (mask: number, stage: number, share: number, group: Int32Array): number => {
    let longest = 0;
    for (let i = 0; i < group.length; i++) {
      const m = group[i] ?? 0;
      let read = 0;
      let write = 0;
      for (let operand = 0; operand < 3; operand++) {
        if (((mask >> operand) & 1) === 0 && !(mask === 8 && operand === 2)) continue;
        const at = ((m * (depth + 1) + stage) * 3 + operand) * 2;
        const times = share > 1 ? share : (changes[stage * 3 + operand] ?? 1);
        const out = (moved[at] ?? 0) / times;
        const into = (moved[at + 1] ?? 0) / times;
        const child = memoryLevel[m] === stage;
        // On the last way out the results leave the child for the parent, and nothing comes back.
        if (mask !== 8 || child) read += out;
        if (mask !== 8 || !child) write += into;
      }
      longest = Math.max(longest, transfer(m, read, write));
    }
    return share > 1 ? longest : Math.ceil(longest - 1e-9);
  };

  /** Mean of the longer of a tile's time and that of what moves beside it; the last tiles of a dimension are shorter. */
  const longer = (stage: number, inner: number, during: number): number => {
    if (during === 0) return inner;
    let whole = inner;
    let least = 1;
    for (let d = 0; d < count; d++) {
      const short = ratio[stage * count + d] ?? 1;
      if (short === 1) continue;
      const pieces = lockstep[stage * count + d] ?? 1;
      whole *= pieces / (pieces - 1 + short);
      least *= short;
    }
    if (least === 1 || during >= whole) return Math.max(inner, during);
    if (during <= whole * least) return inner;
    return spread(stage, 0, whole, during);
  };

  /** The same over the pieces of the dimensions from one on, of tiles that take `time` where none of these is shorter. */
  const spread = (stage: number, from: number, time: number, during: number): number => {
    let d = from;
    while (d < count && ratio[stage * count + d] === 1) d++;
    if (d >= count || time <= during) return Math.max(time, during);
    const pieces = lockstep[stage * count + d] ?? 1;
    const short = spread(stage, d + 1, time * (ratio[stage * count + d] ?? 1), during);
    return pieces === 1 ? short : (short + (pieces - 1) * spread(stage, d + 1, time, during)) / pieces;
  };

  /** Cycles of all steps of a stage, each of `inner` or as long as what moves beside it takes. */
  const tileTime = (stage: number, inner: number, order: Int32Array): number => {
    times.fill(-1);
    /** For each operand whether a loop further in changes it. */
    let mask = 0;
    let after = steps[stage] ?? 1;
    let total = (steps[stage - 1] ?? 1) * inner;
    for (let level = stage - 1; level >= 0; level--) {
      for (let i = count - 1; i >= 0; i--) {
        const d = order[level * count + i] ?? 0;
        const factor =
          (lockstep[(level + 1) * count + d] ?? 1) / (level === 0 ? 1 : (lockstep[level * count + d] ?? 1));
        if (factor <= 1) continue;
        for (let operand = 0; operand < 3; operand++) mask |= (relevant[operand * count + d] ?? 0) << operand;
        // `after` counts the settings of the loops down to this one.
        const transitions = after - after / factor;
        after /= factor;
        if ((times[mask] ?? -1) < 0) {
          times[mask] = portTime(mask, stage, 1, beside);
          times[8 + mask] = portTime(mask, stage, 1, apart);
        }
        const during = times[mask] ?? 0;
        const between = times[8 + mask] ?? 0;
        total += transitions * (between + (level === stage - 1 ? longer(stage, inner, during) : during));
      }
    }
    return total + portTime(7, stage, 1, beside) + portTime(7, stage, 1, apart);
  };

  /** How often each operand's tile changes at a stage, by stage * 3 + operand. */
  const countChanges = (operand: number, stage: number, order: Int32Array): void => {
    let seen = 0;
    let after = steps[stage] ?? 1;
    let often = 1;
    for (let level = stage - 1; level >= 0; level--) {
      for (let i = count - 1; i >= 0; i--) {
        const d = order[level * count + i] ?? 0;
        const factor =
          (lockstep[(level + 1) * count + d] ?? 1) / (level === 0 ? 1 : (lockstep[level * count + d] ?? 1));
        if (factor <= 1) continue;
        seen |= relevant[operand * count + d] ?? 0;
        if (seen === 1) often += after - after / factor;
        after /= factor;
      }
    }
    changes[stage * 3 + operand] = often;
  };

  /** Positions of a dimension whose words come once: a tile of slot `from`, or all that the moving loop covers. */
  const slide = (
    tiles: Int32Array,
    d: number,
    from: number,
    last: number,
    moving: number,
    movingSlot: number,
  ): number => {
    const tile = tiles[from * count + d] ?? 1;
    if (d !== moving) return tile;
    if ((tiles[movingSlot * count + d] ?? 1) !== (tiles[last * count + d] ?? 1)) return tile;
    return movingSlot === 0 ? (sizes[d] ?? 1) : (tiles[(movingSlot - 1) * count + d] ?? 1);
  };

  /** Adds the bytes of one boundary to `moved` and returns its joules. */
  const boundary = (operand: number, parent: number, child: number, tiles: Int32Array, order: Int32Array): number => {
    let moving = child === depth ? -2 : -1;
    let movingSlot = -1;
    let reload = 1;
    for (let level = child - 1; level >= 0; level--) {
      const slot = temporal[level] ?? 0;
      for (let i = count - 1; i >= 0; i--) {
        const d = order[level * count + i] ?? 0;
        const factor = mean[slot * count + d] ?? 1;
        if (factor === 1) continue;
        if (relevant[operand * count + d] === 0) {
          if (moving !== -1) reload *= factor;
        } else if (moving === -1) {
          moving = d;
          movingSlot = slot;
        }
      }
    }
    const last = (temporal[child] ?? slotCount) - 1;
    let above = 1;
    let between = 1;
    let apart = 1;
    for (let slot = 0; slot <= last; slot++) {
      if (isSpatial[slot] === 0) continue;
      const level = slotLevel[slot] ?? 0;
      for (let d = 0; d < count; d++) {
        if (relevant[operand * count + d] === 1) continue;
        const factor = mean[slot * count + d] ?? 1;
        if (level < parent) above *= factor;
        else {
          between *= factor;
          if (multicast[slot] === 0) apart *= factor;
        }
      }
    }
    // The halo is reused where the moving loop's units do not split its dimension.
    const shared = temporal[child - 1] ?? 0;
    let distinct = 1;
    let sent = 1;
    for (let rank = rankStart[operand] ?? 0; rank < (rankStart[operand + 1] ?? 0); rank++) {
      const first = rankFirst[rank] ?? 0;
      const second = rankSecond[rank] ?? 0;
      const table = tables[rank];
      if (table === undefined) {
        const size = sizes[first] ?? 1;
        distinct *= size;
        sent *= size;
        continue;
      }
      sent *= table.sum(
        slide(tiles, first, last, last, moving, movingSlot),
        slide(tiles, second, last, last, moving, movingSlot),
      );
      distinct *= table.sum(
        slide(tiles, first, shared, last, moving, movingSlot),
        slide(tiles, second, shared, last, moving, movingSlot),
      );
    }
    const at = ((operand * (depth + 1) + parent) * (depth + 1) + child) * 6;
    const upper = memoryAt[parent * 3 + operand] ?? 0;
    const lower = child < depth ? (memoryAt[child * 3 + operand] ?? 0) : -1;
    const up = ((upper * (depth + 1) + child) * 3 + operand) * 2;
    const down = ((lower * (depth + 1) + child) * 3 + operand) * 2;
    if (child < depth) countChanges(operand, child, order);
    if (operand < 2) {
      const reads = distinct * reload * above * apart;
      const deliveries = sent * reload * above * between;
      const word = bytes[operand * (depth + 1) + child] ?? 1;
      moved[up] = (moved[up] ?? 0) + reads * word;
      if (lower >= 0) moved[down + 1] = (moved[down + 1] ?? 0) + deliveries * word;
      return reads * (prices[at] ?? 0) + deliveries * (prices[at + 1] ?? 0);
    }
    const finals = distinct * above;
    const written = finals * reload;
    const partials = written - finals;
    const surrendered = written * between;
    const partialWord = bytes[3 * (depth + 1) + child] ?? 1;
    const finalWord = child === depth ? partialWord : (bytes[2 * (depth + 1) + child] ?? 1);
    moved[up] = (moved[up] ?? 0) + partials * partialWord;
    moved[up + 1] = (moved[up + 1] ?? 0) + partials * partialWord + finals * finalWord;
    if (lower >= 0) {
      moved[down] = (moved[down] ?? 0) + (surrendered - finals * between) * partialWord + finals * between * finalWord;
      moved[down + 1] = (moved[down + 1] ?? 0) + partials * partialWord;
    }
    return (
      partials * ((prices[at] ?? 0) + (prices[at + 1] ?? 0) + (prices[at + 2] ?? 0) + (prices[at + 5] ?? 0)) +
      finals * (prices[at + 3] ?? 0) +
      surrendered * (prices[at + 4] ?? 0)
    );
  };

  return { fits, estimate };
}
