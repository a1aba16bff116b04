// What a merge tree does to fibres, without running it: elements that leave, and steps of its nodes. One pass over the
// elements in any order of time, since none of it depends on when they arrive.

import type { Fibres, MergeEvents } from "./merge-tree.ts";

/** Events of a pass, and the number of elements that leave it. */
export interface MergeCounts extends MergeEvents {
  union: number;
}

/** Counts over coordinates from 0 up to the range that it was made for; it keeps one number a coordinate. */
export interface MergeCounter {
  /**
   * Distinct coordinates of any number of fibres: what one pass, or several after one another, leave of them.
   *
   * @throws RangeError for a coordinate beyond the range.
   */
  unionSize(fibres: Fibres): number;
  /**
   * Union and events of one pass through the tree.
   *
   * @throws RangeError when there are more fibres than leaves, or for a coordinate beyond the range.
   */
  mergeEvents(fibres: Fibres): MergeCounts;
}

/**
 * A counter for trees of `leaves` leaves over coordinates below `range`.
 *
 * An element that is alone at its coordinate takes a step in each node on its way from leaf to root. Of two at the same
 * coordinate, the one from the later leaf ends where their ways meet: that node's step is already counted. So the
 * fibres are passed in the order of their leaves, and each coordinate remembers the last leaf that had it. A step is a
 * forward where everything below the node's other child is smaller: from some element on, for each level of a leaf.
 */
export function mergeCounter(leaves: number, range: number): MergeCounter {
  const depth = Math.log2(leaves);
  // Mark + leaf of the last fibre with this coordinate; marks of earlier passes are lower, so nothing is cleared.
  const last = leaves <= 1024 ? new Uint16Array(range) : new Uint32Array(range);
  const highest = leaves <= 1024 ? 2 ** 16 : 2 ** 31;
  let mark = 0;
  const nextMark = (): number => {
    mark += leaves;
    if (mark + leaves > highest) {
      last.fill(0);
      mark = leaves;
    }
    return mark;
  };
  // Largest coordinate below each node and leaf in heap order, -1 where there is none.
  const largest = new Int32Array(2 * leaves);
  // Of one leaf: where the steps of each level become forwards, and how many of the lowest levels' steps are.
  const forwardFrom = new Float64Array(depth);
  const forwardsBelow = new Uint8Array(depth + 1);

  const checkRange = (coordinate: number): void => {
    if (coordinate >= range) throw new RangeError(`coordinate ${coordinate} in a counter for those below ${range}`);
  };

  const unionSize = (fibres: Fibres): number => {
    const { coordinates, starts, ends, count } = fibres;
    const now = nextMark();
    let union = 0;
    for (let f = 0; f < count; f++) {
      const start = starts[f] ?? 0;
      const end = ends[f] ?? 0;
      if (end > start) checkRange(coordinates[end - 1] ?? 0);
      for (let i = start; i < end; i++) {
        const coordinate = coordinates[i] ?? 0;
        union += ((last[coordinate] ?? 0) - now) >>> 31;
        last[coordinate] = now;
      }
    }
    return union;
  };

  const findLargest = ({ coordinates, starts, ends, count }: Fibres): void => {
    for (let leaf = 0; leaf < leaves; leaf++) {
      const end = leaf < count ? (ends[leaf] ?? 0) : 0;
      const empty = leaf >= count || end <= (starts[leaf] ?? 0);
      largest[leaves + leaf] = empty ? -1 : (coordinates[end - 1] ?? 0);
    }
    for (let n = leaves - 1; n >= 1; n--) largest[n] = Math.max(largest[2 * n] ?? 0, largest[2 * n + 1] ?? 0);
  };

  return {
    unionSize,
    mergeEvents(fibres) {
      const { coordinates, starts, ends, count } = fibres;
      if (count > leaves) throw new RangeError(`${count} fibres do not fit ${leaves} leaves`);
      const now = nextMark();
      findLargest(fibres);
      checkRange(largest[1] ?? 0);
      let entering = 0;
      let union = 0;
      let steps = 0;
      let forwards = 0;
      for (let leaf = 0; leaf < count; leaf++) {
        const start = starts[leaf] ?? 0;
        const end = ends[leaf] ?? 0;
        entering += end - start;
        for (let level = 0; level < depth; level++) {
          const sibling = largest[((leaves + leaf) >> level) ^ 1] ?? 0;
          forwardFrom[level] = firstAbove(coordinates, start, end, sibling);
        }
        for (let i = start; i < end;) {
          // Up to `until` the same levels forward.
          let until = end;
          let any = false;
          for (let level = 0; level < depth; level++) {
            const from = forwardFrom[level] ?? 0;
            if (from > i) until = Math.min(until, from);
            else any = true;
            forwardsBelow[level + 1] = (forwardsBelow[level] ?? 0) + (from > i ? 0 : 1);
          }
          for (; i < until; i++) {
            const coordinate = coordinates[i] ?? 0;
            const before = last[coordinate] ?? 0;
            last[coordinate] = now + leaf;
            // The highest bit in which two leaves differ is the level where their ways meet; an earlier mark differs
            // above all levels.
            const own = Math.min(depth, 31 - Math.clz32(before ^ (now + leaf)));
            steps += own;
            union += (depth - 1 - own) >>> 31;
            if (any) forwards += forwardsBelow[own] ?? 0;
          }
        }
      }
      return { union, comparisons: steps - forwards, additions: entering - union, forwards };
    },
  };
}

/** First place from `start` with a coordinate above `limit`, else `end`. */
function firstAbove(coordinates: Uint32Array, start: number, end: number, limit: number): number {
  if (start >= end || limit < (coordinates[start] ?? 0)) return start;
  if (limit >= (coordinates[end - 1] ?? 0)) return end;
  let low = start;
  let high = end - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((coordinates[middle] ?? 0) > limit) high = middle;
    else low = middle;
  }
  return high;
}
