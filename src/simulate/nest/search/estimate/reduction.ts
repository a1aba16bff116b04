// What a network that adds sums between units costs a schedule, for the quick figure of a search: means over the run, of
// the same quantities by which the evaluation puts it on top of the nest.

import type { LoopTable } from "./loops.ts";
import type { NestSpace } from "../search-space.ts";

/** A network over the units of one axis. */
export interface SearchReduction {
  /** The level below which the axis lies, and its name. */
  readonly level: number;
  readonly axis: string;
  /** Cycles in which `points` sums of each of `groups` groups of `parts` units leave. */
  cycles(parts: number, groups: number, points: number): number;
  /** Registers that one sum passes. */
  hops(parts: number): number;
}

export interface ReductionEstimate {
  /** How often sums leave the units for the memory around them, which is kept at `child`. */
  times: number;
  /** Cycles each time, and registers that one sum passes. */
  cycles: number;
  hops: number;
  /** Reads a point whose tiles the table of loops was made for. */
  read(tiles: Int32Array, child: number): void;
}

export function reductionEstimate(space: NestSpace, loops: LoopTable, network: SearchReduction): ReductionEstimate {
  const { count, depth, slots, sizes, temporal, relevant } = space;
  const names = space.hierarchy.levels[network.level]?.axes ?? [];
  const own = slots.findIndex(({ level, axis }) => level === network.level && names[axis]?.name === network.axis);
  const { along, dimension, first } = loops;
  const estimate: ReductionEstimate = {
    times: 1,
    cycles: 0,
    hops: 0,
    read(tiles, child) {
      let times = 1;
      let leaves = false;
      // Sums stay while loops of reduced dimensions run, and leave when any other loop around them moves on.
      for (let loop = first[child] ?? 0; loop < loops.count; loop++) {
        leaves ||= relevant[2 * count + (dimension[loop] ?? 0)] === 1;
        if (leaves) times *= along[loop] ?? 1;
      }
      let [parts, groups, points] = [1, 1, 1];
      const last = ((child < depth ? (temporal[child] ?? 0) : slots.length) - 1) * count;
      for (let d = 0; d < count; d++) {
        if (relevant[2 * count + d] === 0) continue;
        const size = sizes[d] ?? 1;
        points *= size / Math.ceil(size / (tiles[last + d] ?? 1));
      }
      for (let cut = 0; cut < loops.spatialCount; cut++) {
        const slot = loops.spatialSlot[cut] ?? 0;
        const d = loops.spatialDimension[cut] ?? 0;
        const units = Math.ceil((tiles[(slot - 1) * count + d] ?? 1) / (tiles[slot * count + d] ?? 1));
        const sums = relevant[2 * count + d] === 0;
        if (slot === own && sums) parts *= units;
        else if (slot === own) groups *= units;
        else if (!sums && (slots[slot]?.level ?? 0) > network.level && (slots[slot]?.level ?? 0) < child) {
          points *= loops.spatialMean[cut] ?? 1;
        }
      }
      estimate.times = times;
      estimate.cycles = network.cycles(parts, groups, points);
      estimate.hops = network.hops(parts);
    },
  };
  return estimate;
}
