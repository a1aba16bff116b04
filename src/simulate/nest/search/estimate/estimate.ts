// A quick figure for a schedule of a search's space: cycles and joules within a few per cent of the evaluation, in a
// microsecond or two, so that a search looks at many schedules and evaluates the promising ones. Nothing is concluded
// from it.

import type { SparsityFactors } from "../../../../dataflow/nest/evaluation.ts";
import type { NestPrice } from "../search-price.ts";
import type { SearchReduction } from "./reduction.ts";
import { reductionEstimate } from "./reduction.ts";
import { fitsOf } from "./fits.ts";
import { loopTable } from "./loops.ts";
import type { NestSpace, Point } from "../search-space.ts";
import { byteTable, flatMemories, memoryTable, portTable, priceTable, rankTable } from "../search-tables.ts";

export interface NestEstimate {
  /** Whether every tile fits its memory and no axis takes more steps than it has units. */
  fits(point: Point): boolean;
  /** Writes cycles and joules into `out`. */
  estimate(point: Point, out: Float64Array): void;
}

export interface EstimateExtras {
  /** Mean word sizes and step times of sparse operands. */
  readonly sparsity?: SparsityFactors | undefined;
  /** A network that adds sums between units. */
  readonly reduction?: SearchReduction | undefined;
}

/**
 * The model: tiles are counted as if loops of different dimensions were independent, a sliding window reuses its halo
 * only where its loop is the innermost that moves the operand, and every step of a loop takes the mean time. Tiles must
 * be aligned (each a multiple of the next one inwards, or the whole dimension).
 */
export function nestEstimate(
  space: NestSpace,
  price: NestPrice,
  { sparsity, reduction }: EstimateExtras = {},
): NestEstimate {
  const { count, depth, slots, sizes, temporal, relevant } = space;
  const slotCount = slots.length;
  const ranks = rankTable(space);
  const { start: rankStart, first: rankFirst, second: rankSecond, tables } = ranks;
  const prices = priceTable(price, depth);
  const bytes = byteTable(space, sparsity);
  const [least, runs] = [sparsity?.stepCycles ?? 1, Float64Array.from(sparsity?.runs?.stepCycles ?? [])];
  const runsAlong = space.dimensions.indexOf(sparsity?.runs?.dimension ?? -1);
  const lastTile = ((temporal[depth - 1] ?? 0) - 1) * count + runsAlong;
  const memories = flatMemories(space);
  const memoryAt = memoryTable(memories, depth);
  const { beside, apart, memoryLevel, sharedPort, readCycles, writeCycles } = portTable(memories);
  const multicast = Uint8Array.from(slots, (slot) => Number(slot.multicast));
  const macs = space.problem.dimensions.reduce((product, { size }) => product * size, 1);
  /** By dimension: the operands that depend on it, in bits. */
  const operandsOf = Int32Array.from({ length: count }, (_, d) =>
    [0, 1, 2].reduce((mask, operand) => mask | ((relevant[operand * count + d] ?? 0) << operand), 0),
  );
  const loops = loopTable(space);
  const network = reduction === undefined ? undefined : reductionEstimate(space, loops, reduction);
  /** The levels between which sums pass the network, -1 where none do, and how many pass. */
  let [networkFrom, networkTo, passed] = [-1, -1, 0];
  const { steps, instances, first: loopStart, dimension, slot: loopSlot, mean, along, lockstep, ratio } = loops;
  // Bytes that each memory reads and writes for transitions at a stage: 2 for each (memory, stage, operand).
  const moved = new Float64Array(memories.length * (depth + 1) * 6);
  const totals = new Float64Array(memories.length * 2);
  /** By stage * 3 + operand: how often its tile changes. */
  const changes = new Float64Array((depth + 1) * 3);
  /** By stage: at how many of the changes of results partial sums come back, as a share. */
  const backs = new Float64Array(depth + 1);
  /** By stage: the memories that move anything, in bits. */
  const busy = new Int32Array(depth + 1);
  const times = new Float64Array(16);

  const estimate = (point: Point, out: Float64Array): void => {
    const { tiles } = point;
    loops.read(point);
    const masks = space.bypasses[point.bypass];
    moved.fill(0);
    totals.fill(0);
    changes.fill(1);
    backs.fill(0);
    busy.fill(0);
    networkFrom = -1;
    let joules = price.joulesPerMac * macs;
    for (let operand = 0; operand < 3; operand++) {
      let parent = 0;
      for (let child = 1; child <= depth; child++) {
        if (child < depth) {
          const there = (space.keepable[child] ?? 0) & ~(masks?.[child] ?? 0);
          if (((there >> operand) & 1) === 0) continue;
        }
        joules += boundary(operand, parent, child, tiles);
        parent = child;
      }
    }
    const run = runsAlong < 0 ? 1 : (tiles[lastTile] ?? 1);
    const stepCycles = runs.length === 0 ? least : (runs[Math.min(runs.length - 1, run)] ?? least);
    // What moves within a step moves side by side, whether or not its memory can be filled beside the work.
    const port = Math.max(
      portTime(7, depth, steps[depth] ?? 1, beside, 1),
      portTime(7, depth, steps[depth] ?? 1, apart, 1),
    );
    let cycles = Math.max(stepCycles, sparsity === undefined ? Math.ceil(port - 1e-9) : port);
    // One step of the datapath; a tile of the nearest level takes as many as that level has.
    cycles *= (steps[depth] ?? 1) / (steps[depth - 1] ?? 1);
    let drain = 0;
    let work = 0;
    for (let stage = depth - 1; stage >= 1; stage--) {
      cycles = tileTime(stage, cycles);
      if (stage === networkFrom + 1) work = cycles;
      cycles /= steps[stage - 1] ?? 1;
      drain += swap(8, stage);
    }
    // What makes the units wait for memories further up hides the network, but for their first words.
    let hidden = networkFrom < 1 ? 0 : cycles - work - swap(3, 1);
    cycles += drain;
    const longest = Math.max(wholeRun(beside), wholeRun(apart));
    hidden += Math.max(0, longest - cycles);
    cycles = Math.max(cycles, longest);
    if (network !== undefined && networkFrom >= 0) {
      network.read(tiles, networkTo);
      const memory = memoryAt[networkTo * 3 + 2] ?? -1;
      const beneath = networkTo < depth && (memories[memory]?.overlapped ?? false) ? work / network.times : 0;
      const waiting = (network.times - 1) * Math.max(0, network.cycles - beneath);
      cycles += Math.max(0, waiting - Math.max(0, hidden)) + network.cycles;
      joules += passed * network.hops * (price.joulesPerHop ?? 0);
    }
    out[0] = cycles;
    out[1] = joules + price.joulesPerCycle * cycles;
  };

  /** Cycles in which the ports of a group move all bytes of the run. */
  const wholeRun = (group: Int32Array): number => {
    let longest = 0;
    for (let i = 0; i < group.length; i++) {
      const m = group[i] ?? 0;
      longest = Math.max(longest, transfer(m, totals[2 * m] ?? 0, totals[2 * m + 1] ?? 0));
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
   * steps of equal shares where they move in all of them, through the ports of the memories in `group`; `back` times the
   * partial sums that come back in the mean.
   */
  const portTime = (mask: number, stage: number, share: number, group: Int32Array, back: number): number => {
    let longest = 0;
    for (let i = 0; i < group.length; i++) {
      const m = group[i] ?? 0;
      if ((((busy[stage] ?? 0) >> m) & 1) === 0) continue;
      const child = memoryLevel[m] === stage;
      const from = (m * (depth + 1) + stage) * 6;
      let read = 0;
      let write = 0;
      if (mask === 8) {
        // On the last way out the results leave the child for the parent, and nothing comes back.
        const often = changes[stage * 3 + 2] ?? 1;
        if (child) read = (moved[from + 4] ?? 0) / often;
        else write = (moved[from + 5] ?? 0) / often;
      } else {
        for (let operand = 0; operand < 3; operand++) {
          if (((mask >> operand) & 1) === 0) continue;
          const often = share > 1 ? share : (changes[stage * 3 + operand] ?? 1);
          const out = (moved[from + 2 * operand] ?? 0) / often;
          const into = (moved[from + 2 * operand + 1] ?? 0) / often;
          read += operand === 2 && !child ? out * back : out;
          write += operand === 2 && child ? into * back : into;
        }
      }
      if (read > 0 || write > 0) longest = Math.max(longest, transfer(m, read, write));
    }
    return share > 1 ? longest : Math.ceil(longest - 1e-9);
  };

  /** Cycles of moves without work beside them. */
  const swap = (mask: number, stage: number): number =>
    Math.max(portTime(mask, stage, 1, beside, 1), portTime(mask, stage, 1, apart, 1));

  /** Mean of the longer of a tile's time and that of what moves beside it; the last tiles of a dimension are shorter. */
  const longer = (stage: number, inner: number, during: number): number => {
    if (during === 0) return inner;
    let whole = inner;
    let shortest = 1;
    for (let d = 0; d < count; d++) {
      const short = ratio[stage * count + d] ?? 1;
      if (short === 1) continue;
      const pieces = lockstep[stage * count + d] ?? 1;
      whole *= pieces / (pieces - 1 + short);
      shortest *= short;
    }
    if (shortest === 1 || during >= whole) return Math.max(inner, during);
    if (during <= whole * shortest) return inner;
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

  /** The mean over tiles to which partial sums come back and those to which none do. */
  const besideWork = (mask: number, stage: number, inner: number, during: number): number => {
    const share = backs[stage] ?? 0;
    if ((mask & 4) === 0 || share === 0 || share === 1) return longer(stage, inner, during);
    if (longer(stage, inner, during / share) === inner) return inner;
    const [without, all] = [portTime(mask, stage, 1, beside, 0), portTime(mask, stage, 1, beside, 1 / share)];
    return (1 - share) * longer(stage, inner, without) + share * longer(stage, inner, all);
  };

  /** Cycles of all steps of a stage, each of `inner` or as long as what moves beside it takes. */
  const tileTime = (stage: number, inner: number): number => {
    times.fill(-1);
    /** For each operand whether a loop further in changes it. */
    let mask = 0;
    let after = steps[stage] ?? 1;
    let total = (steps[stage - 1] ?? 1) * inner;
    const own = loopStart[stage - 1] ?? 0;
    for (let loop = loopStart[stage] ?? 0; loop < loops.count; loop++) {
      const factor = along[loop] ?? 1;
      if (factor <= 1) continue;
      mask |= operandsOf[dimension[loop] ?? 0] ?? 0;
      // `after` counts the settings of the loops down to this one.
      const transitions = after - after / factor;
      after /= factor;
      if ((times[mask] ?? -1) < 0) {
        times[mask] = portTime(mask, stage, 1, beside, 1);
        times[8 + mask] = portTime(mask, stage, 1, apart, 1);
      }
      const during = times[mask] ?? 0;
      const between = times[8 + mask] ?? 0;
      // Before the first step of a tile around there is no work, so that all moves go side by side.
      total +=
        transitions * (loop < own ? between + besideWork(mask, stage, inner, during) : Math.max(between, during));
    }
    // Before the first tile nothing leaves, and no partial sum comes back.
    return total + swap(3, stage);
  };

  /** How often an operand's tile changes at a stage. */
  const changesOf = (operand: number, stage: number): number => {
    let seen = 0;
    let after = steps[stage] ?? 1;
    let often = 1;
    for (let loop = loopStart[stage] ?? 0; loop < loops.count; loop++) {
      const factor = along[loop] ?? 1;
      if (factor <= 1) continue;
      seen |= operandsOf[dimension[loop] ?? 0] ?? 0;
      if (((seen >> operand) & 1) === 1) often += after - after / factor;
      after /= factor;
    }
    return often;
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
  const boundary = (operand: number, parent: number, child: number, tiles: Int32Array): number => {
    let moving = -1;
    let movingSlot = -1;
    let reload = 1;
    let loop = loopStart[child] ?? 0;
    // Loops inside the last one that the operand has bring nothing new; the datapath keeps nothing between steps.
    if (child < depth) {
      while (loop < loops.count && (((operandsOf[dimension[loop] ?? 0] ?? 0) >> operand) & 1) === 0) loop++;
      if (loop < loops.count) {
        moving = dimension[loop] ?? 0;
        movingSlot = loopSlot[loop] ?? 0;
      }
    }
    for (; loop < loops.count; loop++) {
      if ((((operandsOf[dimension[loop] ?? 0] ?? 0) >> operand) & 1) === 0) reload *= mean[loop] ?? 1;
    }
    const last = (temporal[child] ?? slotCount) - 1;
    let above = 1;
    let between = 1;
    let unicast = 1;
    for (let cut = 0; cut < loops.spatialCount; cut++) {
      const slot = loops.spatialSlot[cut] ?? 0;
      if (slot > last) break;
      if ((((operandsOf[loops.spatialDimension[cut] ?? 0] ?? 0) >> operand) & 1) === 1) continue;
      const factor = loops.spatialMean[cut] ?? 1;
      if (slot < (temporal[parent] ?? 0)) above *= factor;
      else {
        between *= factor;
        if (multicast[slot] === 0) unicast *= factor;
      }
    }
    // The halo is reused where the moving loop's units do not split its dimension.
    const shared = temporal[child - 1] ?? 0;
    let distinct = 1;
    let sent = 1;
    for (let rank = rankStart[operand] ?? 0; rank < (rankStart[operand + 1] ?? 0); rank++) {
      const a = rankFirst[rank] ?? 0;
      const b = rankSecond[rank] ?? -1;
      const table = tables[rank];
      if (table === undefined) {
        const size = sizes[a] ?? 1;
        distinct *= size;
        sent *= size;
        continue;
      }
      const each = table.sum(
        slide(tiles, a, last, last, moving, movingSlot),
        b < 0 ? 1 : slide(tiles, b, last, last, moving, movingSlot),
      );
      const other = moving === a ? b : moving === b ? a : -1;
      const split = other >= 0 && tiles[shared * count + other] !== tiles[last * count + other];
      // Units side by side in the window hold each other's next words: every unit takes its own ones anew.
      const within = split ? -1 : moving;
      const all = table.sum(
        slide(tiles, a, shared, last, within, movingSlot),
        b < 0 ? 1 : slide(tiles, b, shared, last, within, movingSlot),
      );
      sent *= each;
      distinct *= split ? Math.min(each, all) : all;
    }
    const at = ((operand * (depth + 1) + parent) * (depth + 1) + child) * 6;
    const upper = memoryAt[parent * 3 + operand] ?? 0;
    const lower = child < depth ? (memoryAt[child * 3 + operand] ?? 0) : -1;
    if (child < depth) changes[child * 3 + operand] = changesOf(operand, child);
    if (operand < 2) {
      const reads = distinct * reload * above * unicast;
      const deliveries = sent * reload * above * between;
      const word = bytes[operand * (depth + 1) + child] ?? 1;
      move(upper, child, operand, reads * word, 0);
      if (lower >= 0) move(lower, child, operand, 0, deliveries * word);
      return reads * (prices[at] ?? 0) + deliveries * (prices[at + 1] ?? 0);
    }
    const finals = distinct * above;
    const written = finals * reload;
    const partials = written - finals;
    const surrendered = written * between;
    const partialWord = bytes[3 * (depth + 1) + child] ?? 1;
    const finalWord = child === depth ? partialWord : (bytes[2 * (depth + 1) + child] ?? 1);
    backs[child] = partials / written;
    if (reduction !== undefined && parent <= reduction.level && child > reduction.level) {
      [networkFrom, networkTo, passed] = [parent, child, written];
    }
    move(upper, child, 2, partials * partialWord, partials * partialWord + finals * finalWord);
    if (lower >= 0) {
      const leaving = (surrendered - finals * between) * partialWord + finals * between * finalWord;
      move(lower, child, 2, leaving, partials * partialWord);
    }
    return (
      partials * ((prices[at] ?? 0) + (prices[at + 1] ?? 0) + (prices[at + 2] ?? 0) + (prices[at + 5] ?? 0)) +
      finals * (prices[at + 3] ?? 0) +
      surrendered * (prices[at + 4] ?? 0)
    );
  };

  const move = (m: number, stage: number, operand: number, read: number, write: number): void => {
    busy[stage] = (busy[stage] ?? 0) | (1 << m);
    const at = (m * (depth + 1) + stage) * 6 + 2 * operand;
    moved[at] = (moved[at] ?? 0) + read;
    moved[at + 1] = (moved[at + 1] ?? 0) + write;
    totals[2 * m] = (totals[2 * m] ?? 0) + read;
    totals[2 * m + 1] = (totals[2 * m + 1] ?? 0) + write;
  };

  return { fits: fitsOf(space, ranks), estimate };
}
