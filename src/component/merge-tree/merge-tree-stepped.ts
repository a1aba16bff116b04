// The merge tree one cycle at a time, with every node's queue: the reference that the timed merge must equal. No
// cleverness: all nodes decide on the queues as the cycle finds them, then all queues change.

import { arithmetic } from "../arithmetic.ts";
import type { Fibres, MergeEvents, MergeTree } from "./merge-tree.ts";
import { nodeWidth } from "./merge-tree.ts";

/** What left the root, in order; `cycles` ends after the last departure and is 0 when nothing left. */
export interface SteppedMerge {
  readonly coordinates: number[];
  readonly values: number[];
  readonly departures: number[];
  readonly cycles: number;
  readonly events: MergeEvents;
}

/** One element on its way; `last` says that its queue gets no further one. */
interface Token {
  readonly coordinate: number;
  readonly value: number;
  readonly last: boolean;
}

/** A queue as a node above sees it. */
interface Queue {
  readonly tokens: Token[];
  /** True from the start for an empty leaf, else once the last token was taken. */
  exhausted: boolean;
}

/** What a node does in one cycle: how many tokens it takes from each child, and what it puts into its own queue. */
interface Decision {
  readonly left: number;
  readonly right: number;
  readonly made: readonly Token[];
}

/** @throws Error for more fibres than leaves, or coordinates that do not ascend. */
export function steppedMerge(tree: MergeTree, fibres: Fibres): SteppedMerge {
  const { leaves } = tree;
  const add = arithmetic[tree.accumulator].add;
  const waiting = leafTokens(tree, fibres);
  const events: MergeEvents = { comparisons: 0, additions: 0, forwards: 0 };
  const coordinates: number[] = [];
  const values: number[] = [];
  const departures: number[] = [];
  // Heap order: node n has children 2n and 2n + 1, the leaves are `leaves` and up.
  const queues: Queue[] = Array.from({ length: 2 * leaves }, (_, n) => ({
    tokens: [],
    exhausted: n >= leaves && (waiting[n - leaves] ?? []).length === 0,
  }));
  for (let n = leaves - 1; n >= 1; n--) queueOf(n).exhausted = queueOf(2 * n).exhausted && queueOf(2 * n + 1).exhausted;

  function queueOf(n: number): Queue {
    const queue = queues[n];
    if (queue === undefined) throw new Error(`no node ${n}`);
    return queue;
  }

  const decide = (n: number): Decision => {
    const left = queueOf(2 * n);
    const right = queueOf(2 * n + 1);
    const room = tree.fifoDepth - queueOf(n).tokens.length;
    const steps = Math.min(room, nodeWidth(tree, Math.floor(Math.log2(n))));
    let i = 0;
    let j = 0;
    let leftEnded = left.exhausted;
    let rightEnded = right.exhausted;
    const made: Token[] = [];
    while (made.length < steps && !(leftEnded && rightEnded)) {
      const a = left.tokens[i];
      const b = right.tokens[j];
      if ((a === undefined && !leftEnded) || (b === undefined && !rightEnded)) break;
      const takeLeft = a !== undefined && (b === undefined || a.coordinate <= b.coordinate);
      const takeRight = b !== undefined && (a === undefined || b.coordinate <= a.coordinate);
      if (a !== undefined && b !== undefined) events.comparisons++;
      else events.forwards++;
      if (takeLeft) {
        i++;
        leftEnded = a.last;
      }
      if (takeRight) {
        j++;
        rightEnded = b.last;
      }
      const last = leftEnded && rightEnded;
      if (takeLeft && takeRight) {
        events.additions++;
        made.push({ coordinate: a.coordinate, value: add(a.value, b.value), last });
      } else if (takeLeft) made.push({ ...a, last });
      else if (takeRight) made.push({ ...b, last });
    }
    return { left: i, right: j, made };
  };

  const take = (queue: Queue, count: number): readonly Token[] => {
    const taken = queue.tokens.splice(0, count);
    if (taken.at(-1)?.last === true) queue.exhausted = true;
    return taken;
  };

  let cycle = 0;
  while (!queueOf(1).exhausted) {
    for (let leaf = 0; leaf < leaves; leaf++) {
      const fibre = waiting[leaf] ?? [];
      const { tokens } = queueOf(leaves + leaf);
      // A leaf hands elements over in order, each from the cycle in which it is available.
      for (let next = fibre[0]; next !== undefined && next.available <= cycle; next = fibre[0]) {
        tokens.push(next);
        fibre.shift();
      }
    }
    const decisions: Decision[] = [];
    for (let n = 1; n < leaves; n++) decisions.push(decide(n));
    for (const { coordinate, value } of take(queueOf(1), tree.rootWidth)) {
      coordinates.push(coordinate);
      values.push(value);
      departures.push(cycle);
    }
    for (const [index, { left, right, made }] of decisions.entries()) {
      const n = index + 1;
      take(queueOf(2 * n), left);
      take(queueOf(2 * n + 1), right);
      queueOf(n).tokens.push(...made);
    }
    cycle++;
  }
  return { coordinates, values, departures, cycles: departures.length === 0 ? 0 : cycle, events };
}

function leafTokens(tree: MergeTree, fibres: Fibres): (Token & { readonly available: number })[][] {
  if (fibres.count > tree.leaves) throw new Error(`${fibres.count} fibres do not fit ${tree.leaves} leaves`);
  return Array.from({ length: fibres.count }, (_, f) => {
    const start = fibres.starts[f] ?? 0;
    const end = fibres.ends[f] ?? 0;
    let before = -1;
    return Array.from({ length: end - start }, (_, i) => {
      const at = start + i;
      const coordinate = fibres.coordinates[at] ?? 0;
      if (coordinate <= before) throw new Error(`the coordinates of fibre ${f} do not ascend`);
      before = coordinate;
      const value = fibres.values?.[at] ?? 0;
      return { coordinate, value, last: at === end - 1, available: fibres.available?.[at] ?? 0 };
    });
  });
}
