// Runs a merge tree whose queues or root width matter, pulled from the root: when a node makes an element, the steps
// that took the elements before it are already known, so that a full queue is a maximum and not an event.

import type { MergeEvents, MergeTree } from "./merge-tree.ts";
import { nodeWidth } from "./merge-tree.ts";
import type { Merger } from "./merge-tree-streams.ts";
import { checkFibres, emptyStreams, makeRoom, round, roundings } from "./merge-tree-streams.ts";

/** The head of a child that delivers no more: above every coordinate. */
const exhausted = 2 ** 31 - 1;

/** A merger that is exact for every tree: any depth of the queues, any width of the root, any arrival times. */
export function queuedMerger(tree: MergeTree): Merger {
  const { leaves, fifoDepth, rootWidth } = tree;
  const rounding = roundings[tree.accumulator];
  const width = Int32Array.from({ length: leaves }, (_, n) =>
    n === 0 ? 0 : nodeWidth(tree, Math.floor(Math.log2(n))),
  );
  const firstStep = new Int32Array(leaves);
  for (let n = 1; n < leaves; n++) firstStep[n] = (firstStep[n - 1] ?? 0) + (width[n - 1] ?? 0);
  // Of every node and leaf, in heap order: the element that it offers, and the cycle from which it can be taken.
  const coordinate = new Int32Array(2 * leaves);
  const value = new Float64Array(2 * leaves);
  const time = new Int32Array(2 * leaves);
  // Of every node: elements made and taken, the steps that made the last `width` and took the last `fifoDepth`.
  const made = new Int32Array(leaves);
  const taken = new Int32Array(leaves);
  const steps = new Int32Array((firstStep[leaves - 1] ?? 0) + (width[leaves - 1] ?? 0));
  let takes = new Int32Array(0);
  const position = new Uint32Array(leaves);
  const out = emptyStreams();

  return (fibres) => {
    const { coordinates, values, available } = fibres;
    const total = checkFibres(tree, fibres);
    makeRoom(out, total);
    // A queue that everything fits into is never full.
    const depth = fifoDepth < total ? fifoDepth : 0;
    if (depth > 0 && takes.length === 0) takes = new Int32Array(leaves * depth);
    const events: MergeEvents = { comparisons: 0, additions: 0, forwards: 0 };
    made.fill(0);
    taken.fill(0);
    for (let leaf = 0; leaf < leaves; leaf++) position[leaf] = leaf < fibres.count ? (fibres.starts[leaf] ?? 0) : 0;

    const nextOfLeaf = (n: number): void => {
      const leaf = n - leaves;
      const at = position[leaf] ?? 0;
      if (leaf >= fibres.count || at >= (fibres.ends[leaf] ?? 0)) {
        coordinate[n] = exhausted;
        return;
      }
      position[leaf] = at + 1;
      coordinate[n] = coordinates[at] ?? 0;
      if (values !== undefined) value[n] = values[at] ?? 0;
      time[n] = available === undefined ? 0 : (available[at] ?? 0);
    };

    /** Makes the next element of node `n`; its children offer theirs already. */
    const advance = (n: number): void => {
      if (n >= leaves) {
        nextOfLeaf(n);
        return;
      }
      const left = 2 * n;
      const right = left + 1;
      const a = coordinate[left] ?? 0;
      const b = coordinate[right] ?? 0;
      const smaller = Math.min(a, b);
      coordinate[n] = smaller;
      if (smaller === exhausted) return;
      const index = made[n] ?? 0;
      made[n] = index + 1;
      const nodeSteps = width[n] ?? 1;
      const slot = (firstStep[n] ?? 0) + (index % nodeSteps);
      // In order, `nodeSteps` in a cycle, with room in the queue and every head there.
      let step = index === 0 ? 0 : (steps[(firstStep[n] ?? 0) + ((index - 1) % nodeSteps)] ?? 0);
      if (index >= nodeSteps) step = Math.max(step, (steps[slot] ?? 0) + 1);
      if (depth > 0 && index >= depth) step = Math.max(step, (takes[n * depth + (index % depth)] ?? 0) + 1);
      if (a !== exhausted) step = Math.max(step, time[left] ?? 0);
      if (b !== exhausted) step = Math.max(step, time[right] ?? 0);
      steps[slot] = step;
      time[n] = step + 1;
      if (a !== exhausted && b !== exhausted) events.comparisons++;
      else events.forwards++;
      const valueLeft = value[left] ?? 0;
      const valueRight = value[right] ?? 0;
      if (a === b) {
        events.additions++;
        value[n] = round(valueLeft + valueRight, rounding);
      } else value[n] = a < b ? valueLeft : valueRight;
      if (a === smaller) take(left, step);
      if (b === smaller) take(right, step);
    };

    /** The element that `n` offers is taken in cycle `step`. */
    const take = (n: number, step: number): void => {
      if (depth > 0 && n < leaves) {
        const index = taken[n] ?? 0;
        takes[n * depth + (index % depth)] = step;
        taken[n] = index + 1;
      }
      advance(n);
    };

    for (let n = 2 * leaves - 1; n >= 1; n--) advance(n);
    let count = 0;
    while (coordinate[1] !== exhausted) {
      let departure = time[1] ?? 0;
      // The root itself keeps its rate; a leaf that is the whole tree does not.
      if (count > 0) departure = Math.max(departure, out.times[count - 1] ?? 0);
      if (count >= rootWidth) departure = Math.max(departure, (out.times[count - rootWidth] ?? 0) + 1);
      out.coordinates[count] = coordinate[1] ?? 0;
      out.values[count] = value[1] ?? 0;
      out.times[count++] = departure;
      take(1, departure);
    }
    return {
      count,
      cycles: count === 0 ? 0 : (out.times[count - 1] ?? 0) + 1,
      events,
      coordinates: out.coordinates.subarray(0, count),
      values: values === undefined ? undefined : out.values.subarray(0, count),
      departures: out.times.subarray(0, count),
    };
  };
}
