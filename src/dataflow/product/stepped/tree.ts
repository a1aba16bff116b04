// The merge tree of a stepped sparse product, one cycle at a time, with values: every node passes one element a cycle,
// adding where the heads of its two queues meet. No cleverness.

export interface MergedElement {
  readonly column: number;
  readonly value: number;
}

export interface SteppedTree {
  additions: number;
  /** What left the root since it was last emptied. */
  readonly out: MergedElement[];
  isBusy: () => boolean;
  /** A multiplier forms an element in this cycle; it is at its leaf in the next. */
  form: (multiplier: number, element: MergedElement) => void;
  tick: () => void;
}

/** A tree on a power of two of multipliers; its queues have no bound. */
export function steppedTree(multipliers: number): SteppedTree {
  // The children of node n are 2n and 2n + 1; the multipliers follow the nodes. Each queue holds what its owner made.
  const queues = Array.from({ length: 2 * multipliers }, (): MergedElement[] => []);
  let formed: { readonly multiplier: number; readonly element: MergedElement }[] = [];
  const self: SteppedTree = {
    additions: 0,
    out: [],
    isBusy: () => formed.length > 0 || queues.some((queue) => queue.length > 0),
    form: (multiplier, element) => {
      formed.push({ multiplier, element });
    },
    tick: () => {
      // From the root down, so that an element passes one level in a cycle.
      for (let node = 1; node < multipliers; node++) {
        const made = node === 1 ? self.out : queues[node];
        const left = queues[2 * node];
        const right = queues[2 * node + 1];
        if (made === undefined || left === undefined || right === undefined) throw new Error(`no node ${node}`);
        const [a] = left;
        const [b] = right;
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
        }
      }
      for (const { multiplier, element } of formed) queues[multipliers + multiplier]?.push(element);
      formed = [];
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
