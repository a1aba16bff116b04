// Runs a merge tree on whole fibres: what leaves the root, in which cycle, and how many steps the nodes take. Level by
// level where the queues cannot matter, else by the recurrences of merge-tree-queued.ts; both equal the stepped tree.

import type { Fibres, MergeEvents, MergeTree } from "./merge-tree.ts";
import {
  depthIrrelevantWhen,
  mergeDepth,
  narrowLevels,
  nodeWidth,
  steadyExactWhen,
  steadyMergeCycles,
} from "./merge-tree.ts";
import { queuedMerger } from "./merge-tree-queued.ts";
import type { Merged, Merger, Rounding, Streams } from "./merge-tree-streams.ts";
import { checkFibres, emptyStreams, makeRoom, round, roundings } from "./merge-tree-streams.ts";

export type { Merged, Merger } from "./merge-tree-streams.ts";

/**
 * A merger for `tree`, exact for every tree and any arrival times. Level by level it takes tens of nanoseconds an
 * element; a tree with a wide root takes twice as long, queues of one element some times.
 */
export function timedMerger(tree: MergeTree): Merger {
  const queued = queuedMerger(tree);
  if (tree.leaves === 1) return queued;
  const levels = levelMerger(tree);
  const anyDepth = depthIrrelevantWhen(tree);
  const steady = steadyExactWhen(tree);
  const wide = steady || tree.fifoDepth === 1 || narrowLevels(tree) === 0 ? queued : wideMerger(tree);
  return (fibres) => {
    if (fibres.available !== undefined) return anyDepth ? levels(fibres) : queued(fibres);
    return steady ? levels(fibres) : wide(fibres);
  };
}

/**
 * The narrow levels below a wide root merge whole streams: with two elements a queue and everything there from the
 * start they always have the next element ready, so that only the queue of the highest of them counts. Levels above
 * the lowest node that has all fibres below it let everything through at once, for they are wider.
 */
function wideMerger(tree: MergeTree): Merger {
  const depth = mergeDepth(tree);
  const narrow = narrowLevels(tree);
  const mergeLevels = levelsOf(tree, narrow);
  // Trees on 1, 2, 4 and so on of the streams that the narrow levels leave.
  const queued = Array.from({ length: depth - narrow + 1 }, (_, levels) =>
    queuedMerger({ ...tree, leaves: 2 ** levels, rootWidth: nodeWidth(tree, depth - narrow - levels) }, true),
  );
  return (fibres) => {
    const { streams, starts, ends, count, levelsLeft, elements, events } = mergeLevels(fibres);
    if (count <= 1) {
      events.forwards += (levelsLeft + depth - narrow) * elements;
      return leave(tree, streams, elements, levelsLeft, false, fibres.values !== undefined, events);
    }
    const levels = Math.ceil(Math.log2(count));
    const merge = queued[levels];
    if (merge === undefined) throw new RangeError(`${count} streams in a tree of ${tree.leaves} leaves`);
    const { coordinates, values } = streams;
    const merged = merge({
      count,
      starts,
      ends,
      coordinates,
      values: fibres.values === undefined ? undefined : values,
    });
    // The level that has the queue is in the times already.
    const later = depth - levels - 1;
    const { departures } = merged;
    for (let i = 0; i < departures.length; i++) departures[i] = (departures[i] ?? 0) + later;
    const forwards = levelsLeft * elements + (depth - narrow - levels) * merged.count;
    return {
      ...merged,
      cycles: merged.count === 0 ? 0 : merged.cycles + later,
      events: {
        comparisons: events.comparisons + merged.events.comparisons,
        additions: events.additions + merged.events.additions,
        forwards: events.forwards + forwards + merged.events.forwards,
      },
    };
  };
}

/** All levels of a tree whose queues cannot matter. */
function levelMerger(tree: MergeTree): Merger {
  const mergeLevels = levelsOf(tree, mergeDepth(tree));
  return (fibres) => {
    const { streams, levelsLeft, elements, events } = mergeLevels(fibres);
    events.forwards += levelsLeft * elements;
    const timed = fibres.available !== undefined;
    return leave(tree, streams, elements, levelsLeft, timed, fibres.values !== undefined, events);
  };
}

/** What a number of levels make of fibres: stream s is the elements from `starts[s]` up to `ends[s]`, for s below `count`. */
interface LevelStreams {
  readonly streams: Streams;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly count: number;
  readonly elements: number;
  /** Levels that a lone stream has still to pass as it is; they are not in the events. */
  readonly levelsLeft: number;
  readonly events: MergeEvents;
}

/** Merges pairs of whole streams, level by level: with unbounded queues a node needs nothing from above. */
function levelsOf(tree: MergeTree, depth: number): (fibres: Fibres) => LevelStreams {
  const rounding = roundings[tree.accumulator];
  const buffers = [emptyStreams(), emptyStreams()] as const;
  // Stream s of the level at hand is the elements from bounds[s] to bounds[s + 1], after the first level.
  const bounds = new Uint32Array(tree.leaves + 1);
  const boundsAfter = bounds.subarray(1);
  const pair: Pair = { i: 0, iEnd: 0, j: 0, jEnd: 0, out: 0, comparisons: 0 };
  return (fibres) => {
    const total = checkFibres(tree, fibres);
    makeRoom(buffers[0], total);
    makeRoom(buffers[1], total);
    const timed = fibres.available !== undefined;
    const valued = fibres.values !== undefined;
    let source: Streams = {
      coordinates: fibres.coordinates,
      values: fibres.values ?? buffers[1].values,
      times: fibres.available ?? buffers[1].times,
    };
    let { starts, ends, count: streams } = fibres;
    let entering = total;
    let level = 0;
    pair.comparisons = 0;
    const events: MergeEvents = { comparisons: 0, additions: 0, forwards: 0 };
    // A lone stream passes the levels above as it is. It passes the first one, where a leaf's elements take turns.
    for (; level < depth && (streams > 1 || level === 0); level++) {
      const target = buffers[level % 2 === 0 ? 0 : 1];
      const pairs = (streams + 1) >> 1;
      pair.out = 0;
      for (let s = 0; s < pairs; s++) {
        const both = 2 * s + 1 < streams;
        pair.i = starts[2 * s] ?? 0;
        pair.iEnd = ends[2 * s] ?? 0;
        pair.j = both ? (starts[2 * s + 1] ?? 0) : 0;
        pair.jEnd = both ? (ends[2 * s + 1] ?? 0) : 0;
        bounds[s] = pair.out;
        mergePair(source, target, pair, timed, valued);
      }
      bounds[pairs] = pair.out;
      // What was not added is representable already and stays as it is.
      if (valued && rounding !== 0 && pair.out < entering) roundAll(target.values, pair.out, rounding);
      events.additions += entering - pair.out;
      events.forwards += pair.out;
      entering = pair.out;
      source = target;
      starts = bounds;
      ends = boundsAfter;
      streams = pairs;
    }
    events.comparisons = pair.comparisons;
    events.forwards -= pair.comparisons;
    return { streams: source, starts, ends, count: streams, elements: entering, levelsLeft: depth - level, events };
  };
}

function roundAll(values: Float64Array, count: number, rounding: Rounding): void {
  for (let i = 0; i < count; i++) values[i] = round(values[i] ?? 0, rounding);
}

/** Two streams of a source and where their merge goes; `comparisons` counts on. */
interface Pair {
  i: number;
  iEnd: number;
  j: number;
  jEnd: number;
  out: number;
  comparisons: number;
}

/** One node with an unbounded queue: step n is taken a cycle after step n - 1 or when its heads are there. */
function mergePair(source: Streams, target: Streams, pair: Pair, timed: boolean, valued: boolean): void {
  const { coordinates: from, values: fromValues, times: fromTimes } = source;
  const { coordinates: to, values: toValues, times: toTimes } = target;
  const { iEnd, jEnd } = pair;
  let { i, j, out } = pair;
  const first = out;
  // Cycle from which the next element can be taken from this node's queue.
  let time = 0;
  while (i < iEnd && j < jEnd) {
    const a = from[i] ?? 0;
    const b = from[j] ?? 0;
    // 1 where a goes up, 1 where b goes up: coordinates below 2^31 have differences whose sign is the answer. Which
    // one it is cannot be foretold, so that a branch would cost more.
    const left = (a - b - 1) >>> 31;
    const right = (b - a - 1) >>> 31;
    if (timed) {
      time++;
      const ta = (fromTimes[i] ?? 0) + 1;
      const tb = (fromTimes[j] ?? 0) + 1;
      time = ta > time ? ta : time;
      time = tb > time ? tb : time;
      toTimes[out] = time;
    }
    if (valued) {
      const value = fromValues[j + ((i - j) & -left)] ?? 0;
      toValues[out] = (left & right) === 0 ? value : value + (fromValues[j] ?? 0);
    }
    to[out++] = b + ((a - b) & -left);
    i += left;
    j += right;
  }
  pair.comparisons += out - first;
  // One of the two is exhausted: the rest of the other is forwarded.
  const end = i < iEnd ? iEnd : jEnd;
  for (let k = i < iEnd ? i : j; k < end; k++) {
    if (timed) {
      time++;
      const there = (fromTimes[k] ?? 0) + 1;
      time = there > time ? there : time;
      toTimes[out] = time;
    }
    if (valued) toValues[out] = fromValues[k] ?? 0;
    to[out++] = from[k] ?? 0;
  }
  pair.out = out;
}

/** The result of a stream that has `levels` more to pass on its own and then leaves the root. */
function leave(
  tree: MergeTree,
  stream: Streams,
  count: number,
  levels: number,
  timed: boolean,
  valued: boolean,
  events: MergeEvents,
): Merged {
  const departures = stream.times.subarray(0, count);
  if (timed) {
    for (let i = 0; i < count; i++) departures[i] = (departures[i] ?? 0) + levels;
  } else {
    for (let i = 0; i < count; i++) departures[i] = steadyMergeCycles(tree, i + 1) - 1;
  }
  return {
    count,
    cycles: count === 0 ? 0 : (departures[count - 1] ?? 0) + 1,
    events,
    coordinates: stream.coordinates.subarray(0, count),
    values: valued ? stream.values.subarray(0, count) : undefined,
    departures,
  };
}
