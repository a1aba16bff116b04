// The merge tree of a stepped sparse product, one cycle at a time, with values: nodes that take as many elements a cycle
// as their level is wide, adding where the heads of their two queues meet, and wait for a head that is still to come.
// No cleverness.

import type { MergeTree } from "../../../component/merge-tree/merge-tree.ts";
import type { ProductObserver } from "./observer.ts";

export interface MergedElement {
  readonly column: number;
  readonly value: number;
}

export interface SteppedTree {
  additions: number;
  /** What waits at each node, in heap order: node n merges what its children 2n and 2n + 1 made; leaves come last. */
  readonly queues: readonly (readonly MergedElement[])[];
  /** What left the root since it was last emptied. */
  readonly out: MergedElement[];
  isBusy: () => boolean;
  /** Elements that multipliers are going to form, beginning with the first multiplier. */
  expect: (elements: readonly number[]) => void;
  /** A multiplier forms an element, which is at its leaf in this cycle. */
  form: (multiplier: number, element: MergedElement) => void;
  tick: () => void;
}

export function steppedTree({ leaves, rootWidth, fifoDepth }: MergeTree, observer?: ProductObserver): SteppedTree {
  // The children of node n are 2n and 2n + 1; the leaves follow the nodes. Each queue holds what its owner made.
  const queues = Array.from({ length: 2 * leaves }, (): MergedElement[] => []);
  const toForm = Array.from({ length: leaves }, () => 0);
  const queueOf = (node: number): MergedElement[] => {
    const queue = queues[node];
    if (queue === undefined) throw new Error(`no node ${node}`);
    return queue;
  };
  /** Whether something below a node, or in its own queue, is still to come. */
  const hasMore = (node: number): boolean =>
    queueOf(node).length > 0 ||
    (node < leaves ? hasMore(2 * node) || hasMore(2 * node + 1) : (toForm[node - leaves] ?? 0) > 0);

  const step = (node: number, made: MergedElement[]): boolean => {
    const left = queueOf(2 * node);
    const right = queueOf(2 * node + 1);
    const [a] = left;
    const [b] = right;
    const waits = (a === undefined && hasMore(2 * node)) || (b === undefined && hasMore(2 * node + 1));
    observer?.compares(node, a, b, waits);
    if (waits) return false;
    if (a !== undefined && b !== undefined && a.column === b.column) {
      made.push({ column: a.column, value: a.value + b.value });
      self.additions++;
      left.shift();
      right.shift();
    } else if (a !== undefined && (b === undefined || a.column < b.column)) {
      made.push(a);
      left.shift();
    } else if (b !== undefined) {
      made.push(b);
      right.shift();
    } else return false;
    return true;
  };

  const self: SteppedTree = {
    additions: 0,
    queues,
    out: [],
    isBusy: () => hasMore(1),
    expect: (elements) => {
      for (const [multiplier, count] of elements.entries()) toForm[multiplier] = count;
    },
    form: (multiplier, element) => {
      queueOf(leaves + multiplier).push(element);
      toForm[multiplier] = (toForm[multiplier] ?? 0) - 1;
    },
    tick: () => {
      const room = queues.map((queue) => fifoDepth - queue.length);
      self.out.push(...queueOf(1).splice(0, rootWidth));
      // From the root down, so that an element passes one level in a cycle.
      for (let node = 1; node < leaves; node++) {
        const width = Math.max(1, Math.floor(rootWidth / 2 ** Math.floor(Math.log2(node))));
        const made: MergedElement[] = [];
        while (made.length < Math.min(width, room[node] ?? 0) && step(node, made));
        queueOf(node).push(...made);
      }
    },
  };
  return self;
}

/** What leaves the root of a tree that merges these fibres, and the additions, without their time. */
export function mergedAtOnce(fibres: readonly (readonly MergedElement[])[]): {
  readonly merged: readonly MergedElement[];
  readonly additions: number;
} {
  if (fibres.length === 1) return { merged: fibres[0] ?? [], additions: 0 };
  const sums = new Map<number, number>();
  let additions = 0;
  for (const fibre of fibres) {
    for (const { column, value } of fibre) {
      const before = sums.get(column);
      if (before !== undefined) additions++;
      sums.set(column, (before ?? 0) + value);
    }
  }
  const merged = [...sums].sort(([a], [b]) => a - b).map(([column, value]) => ({ column, value }));
  return { merged, additions };
}
