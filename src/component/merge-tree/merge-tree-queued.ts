// Runs a merge tree whose queues or root width matter, pulled from the root: a queue is filled again when all of it was
// taken, so that the steps that made room are known by then and a full queue is a maximum and not an event.

import type { Fibres, MergeEvents, MergeTree } from "./merge-tree.ts";
import { nodeWidth } from "./merge-tree.ts";
import type { Merger } from "./merge-tree-streams.ts";
import { checkFibres, emptyStreams, makeRoom, round, roundings } from "./merge-tree-streams.ts";

/** Elements that are made at a time where queues have no bound. */
const unboundedBlock = 64;

/**
 * A merger that is exact for every tree: any depth of the queues, any width of the root, any arrival times.
 *
 * With `leafQueues` a fibre stands for a subtree of one step a cycle whose elements are there from the start: what it
 * merges goes through a queue as a node has it, an element a cycle from cycle 0.
 */
export function queuedMerger(tree: MergeTree, leafQueues = false): Merger {
  const { leaves, fifoDepth, rootWidth } = tree;
  const rounding = roundings[tree.accumulator];
  const width = Int32Array.from({ length: leaves }, (_, n) =>
    n === 0 ? 0 : nodeWidth(tree, Math.floor(Math.log2(n))),
  );
  // Of every node and leaf in heap order, the block of elements that it offers now, from `n * block`: coordinate, value,
  // the cycle from which it can be taken, and the cycle in which it, or that place of the block before, was taken.
  let block = 0;
  let coordinate = new Int32Array(0);
  let value = new Float64Array(0);
  let time = new Int32Array(0);
  let taken = new Int32Array(0);
  // What of its block was not taken yet, and whether nothing comes after; 1 in `begun` from the first block on.
  const head = new Int32Array(2 * leaves);
  const tail = new Int32Array(2 * leaves);
  const ended = new Uint8Array(2 * leaves);
  const begun = new Uint8Array(2 * leaves);
  const lastStep = new Int32Array(2 * leaves);
  // Of the pass at hand.
  let fibres: Fibres = {
    count: 0,
    starts: new Uint32Array(0),
    ends: new Uint32Array(0),
    coordinates: new Uint32Array(0),
  };
  const position = new Uint32Array(leaves);
  let total = 0;
  let isBounded = false;
  let comparisons = 0;
  let forwards = 0;
  const out = emptyStreams();

  const refillLeaf = (n: number): void => {
    const leaf = n - leaves;
    const { coordinates, values, available } = fibres;
    const start = position[leaf] ?? 0;
    const end = fibres.ends[leaf] ?? 0;
    const count = Math.min(block, end - start);
    const base = n * block;
    for (let i = 0; i < count; i++) coordinate[base + i] = coordinates[start + i] ?? 0;
    if (leafQueues) queueLeaf(n, base, base + count);
    else for (let i = 0; i < count; i++) time[base + i] = available === undefined ? 0 : (available[start + i] ?? 0);
    if (values !== undefined) for (let i = 0; i < count; i++) value[base + i] = values[start + i] ?? 0;
    head[n] = base;
    tail[n] = base + count;
    position[leaf] = start + count;
    if (start + count === end) ended[n] = 1;
  };

  /** Times of the elements that a subtree puts into its queue: one a cycle, as far as there is room. */
  const queueLeaf = (n: number, from: number, to: number): void => {
    beginNode(n);
    let ready = lastStep[n] ?? 0;
    for (let at = from; at < to; at++) {
      const room = (taken[at] ?? 0) + 1;
      ready = (room > ready ? room : ready) + 1;
      time[at] = ready;
    }
    lastStep[n] = ready;
  };

  /** Before the first block of a node there was none. */
  const beginNode = (n: number): void => {
    if (begun[n] === 1) return;
    begun[n] = 1;
    lastStep[n] = 0;
    const end = (n + 1) * block;
    // The elements that the first ones look back at.
    time.fill(0, end - Math.min(block, n < leaves ? (width[n] ?? 1) : 1), end);
    taken.fill(-1, n * block, n * block + Math.min(block, total));
  };

  /** Makes the next block of node `n`, of which every element was taken. */
  const refill = (n: number): void => {
    if (n >= leaves) {
      refillLeaf(n);
      return;
    }
    const left = 2 * n;
    const right = left + 1;
    const base = n * block;
    const limit = base + block;
    beginNode(n);
    const [coordinates, values, times, takes] = [coordinate, value, time, taken];
    const isValued = fibres.values !== undefined;
    const isFull = isBounded;
    let step = lastStep[n] ?? 0;
    let at = base;
    // The element that was made as many before as the node takes steps in a cycle. A queue that holds fewer lets fewer
    // through than that.
    let before = limit - Math.min(block, width[n] ?? 1);
    while (at < limit) {
      if (head[left] === tail[left] && ended[left] === 0) refill(left);
      if (head[right] === tail[right] && ended[right] === 0) refill(right);
      let i = head[left] ?? 0;
      let j = head[right] ?? 0;
      const iEnd = tail[left] ?? 0;
      const jEnd = tail[right] ?? 0;
      const first = at;
      while (i < iEnd && j < jEnd && at < limit) {
        const a = coordinates[i] ?? 0;
        const b = coordinates[j] ?? 0;
        // 1 where a goes up, 1 where b goes up, as in merge-tree-timed.ts.
        const isLeft = (a - b - 1) >>> 31;
        const isRight = (b - a - 1) >>> 31;
        // In order, so many in a cycle, with room in the queue and both heads there.
        const ta = times[i] ?? 0;
        const tb = times[j] ?? 0;
        const turn = times[before] ?? 0;
        const room = (takes[at] ?? 0) + 1;
        const heads = ta + ((tb - ta) & ((ta - tb) >> 31));
        const queue = turn + ((room - turn) & ((turn - room) >> 31));
        const ready = heads + ((queue - heads) & ((heads - queue) >> 31));
        step += (ready - step) & ((step - ready) >> 31);
        times[at] = step + 1;
        coordinates[at] = b + ((a - b) & -isLeft);
        if (isValued) {
          const single = values[j + ((i - j) & -isLeft)] ?? 0;
          values[at] = (isLeft & isRight) === 0 ? single : round(single + (values[j] ?? 0), rounding);
        }
        if (isFull) {
          // Of the one that stays, this is written again when it is taken.
          takes[i] = step;
          takes[j] = step;
        }
        i += isLeft;
        j += isRight;
        at++;
        if (++before === limit) before = base;
      }
      comparisons += at - first;
      head[left] = i;
      head[right] = j;
      // One child gives no more: the other's elements are forwarded.
      const only = i === iEnd && ended[left] === 1 ? right : left;
      const other = only === left ? right : left;
      if (head[other] !== tail[other] || ended[other] === 0) continue;
      let k = head[only] ?? 0;
      const kEnd = tail[only] ?? 0;
      if (k === kEnd && ended[only] === 1) break;
      const alone = at;
      for (; k < kEnd && at < limit; k++) {
        const there = times[k] ?? 0;
        const turn = times[before] ?? 0;
        const room = (takes[at] ?? 0) + 1;
        const queue = turn + ((room - turn) & ((turn - room) >> 31));
        const ready = there + ((queue - there) & ((there - queue) >> 31));
        step += (ready - step) & ((step - ready) >> 31);
        times[at] = step + 1;
        coordinates[at] = coordinates[k] ?? 0;
        if (isValued) values[at] = values[k] ?? 0;
        if (isFull) takes[k] = step;
        at++;
        if (++before === limit) before = base;
      }
      forwards += at - alone;
      head[only] = k;
    }
    lastStep[n] = step;
    head[n] = base;
    tail[n] = at;
    if (isGone(left) && isGone(right)) ended[n] = 1;
  };

  /** Whether everything that a child ever gives was taken. */
  const isGone = (n: number): boolean => ended[n] === 1 && head[n] === tail[n];

  /** Sets all nodes and leaves before their first element. */
  const begin = (): void => {
    // A queue that everything fits into is never full.
    isBounded = fifoDepth < total;
    block = isBounded ? fifoDepth : Math.max(unboundedBlock, rootWidth);
    const room = 2 * leaves * block;
    if (coordinate.length < room) {
      coordinate = new Int32Array(room);
      time = new Int32Array(room);
      taken = new Int32Array(room);
    }
    if (fibres.values !== undefined && value.length < room) value = new Float64Array(room);
    begun.fill(0);
    head.fill(0);
    tail.fill(0);
    for (let leaf = 0; leaf < leaves; leaf++) {
      const start = fibres.starts[leaf] ?? 0;
      position[leaf] = start;
      ended[leaves + leaf] = leaf >= fibres.count || start >= (fibres.ends[leaf] ?? 0) ? 1 : 0;
    }
    for (let n = leaves - 1; n >= 1; n--) ended[n] = (ended[2 * n] ?? 0) & (ended[2 * n + 1] ?? 0);
    comparisons = 0;
    forwards = 0;
  };

  /** The root's block leaves, so many a cycle; elements that have left before and now. */
  const leaveRoot = (before: number): number => {
    const { coordinates, values, times } = out;
    const [from, to] = [head[1] ?? 0, tail[1] ?? 0];
    let departure = before === 0 ? 0 : (times[before - 1] ?? 0);
    let count = before;
    for (let i = from; i < to; i++) {
      const ready = time[i] ?? 0;
      // The root itself keeps its rate; a leaf that is the whole tree does not.
      const turn = count < rootWidth ? 0 : (times[count - rootWidth] ?? 0) + 1;
      departure = ready > departure ? ready : departure;
      departure = turn > departure ? turn : departure;
      taken[i] = departure;
      coordinates[count] = coordinate[i] ?? 0;
      times[count++] = departure;
    }
    if (fibres.values !== undefined) for (let i = from; i < to; i++) values[before + i - from] = value[i] ?? 0;
    head[1] = to;
    return count;
  };

  return (given) => {
    fibres = given;
    total = checkFibres(tree, fibres);
    makeRoom(out, total);
    begin();
    let count = 0;
    while (ended[1] === 0) {
      refill(1);
      count = leaveRoot(count);
    }
    const departure = out.times[count - 1] ?? 0;
    const events: MergeEvents = { comparisons, additions: total - count, forwards };
    return {
      count,
      cycles: count === 0 ? 0 : departure + 1,
      events,
      coordinates: out.coordinates.subarray(0, count),
      values: given.values === undefined ? undefined : out.values.subarray(0, count),
      departures: out.times.subarray(0, count),
    };
  };
}
