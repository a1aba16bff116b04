// The tasks of one row of a product: fibres that a processor can take at once are one task, more of them a tree of tasks
// whose results are fibres of further tasks.

/**
 * A task merges `inputs` fibres: input i is the entries of A from `bounds[i]` to before `bounds[i + 1]`, a row of B
 * where that is a single entry, else the result of the next of `children`.
 */
export interface Task {
  readonly bounds: readonly number[];
  readonly children: readonly Task[];
}

/**
 * The tasks for the entries of A from `first` to before `end`, at least one. Balanced and full at the top: a task of
 * more fibres than the radix has as many inputs as the radix, of equally many fibres but for one. That keeps the fewest
 * elements from a second merge when a row is little longer than the radix.
 */
export function taskTree(first: number, end: number, radix: number): Task {
  const fibres = end - first;
  const inputs = Math.min(fibres, radix);
  const bounds = Array.from({ length: inputs + 1 }, (_, i) => first + Math.floor((i * fibres) / inputs));
  const children: Task[] = [];
  for (let i = 0; i < inputs; i++) {
    const from = bounds[i] ?? 0;
    const to = bounds[i + 1] ?? 0;
    if (to - from > 1) children.push(taskTree(from, to, radix));
  }
  return { bounds, children };
}
