// Processors that take rows from a queue, one cycle at a time: lists of elements are merged for real, lines of the cache
// are objects, bytes cross the channel cycle by cycle. The reference for src/dataflow/row-tasks; no cleverness, and no
// code in common.

import type { RowTaskMachine } from "../../src/dataflow/row-tasks/row-tasks.ts";
import type { SparseMatrix } from "../../src/tensor/sparse-matrix.ts";

type Element = readonly [column: number, value: number];
interface Line {
  readonly name: string;
  pins: number;
  readonly isPartial: boolean;
  used: number;
}
interface Transfer {
  left: number;
  owner: SteppedTask | undefined;
}

interface SteppedTask {
  /** A row of B scaled by an entry of A, or the result of a task. */
  readonly inputs: ({ readonly entry: number } | { readonly task: SteppedTask })[];
  readonly row: number;
  parent: SteppedTask | undefined;
  result: Element[] | undefined;
  lines: string[];
  pinned: Line[];
  readyAt: number;
  stepsLeft: number;
}

function plan(entries: readonly number[], radix: number, row: number, open: SteppedTask[]): SteppedTask {
  const inputs: SteppedTask["inputs"] = [];
  const self: SteppedTask = {
    inputs,
    row,
    parent: undefined,
    result: undefined,
    lines: [],
    pinned: [],
    readyAt: Infinity,
    stepsLeft: 0,
  };
  const ways = Math.min(radix, entries.length);
  for (let way = 0; way < ways; way++) {
    const share = entries.filter(
      (_, i) => i >= Math.floor((way * entries.length) / ways) && i < Math.floor(((way + 1) * entries.length) / ways),
    );
    const [only] = share;
    if (share.length === 1 && only !== undefined) inputs.push({ entry: only });
    else {
      const task = plan(share, radix, row, open);
      task.parent = self;
      inputs.push({ task });
    }
  }
  if (inputs.every((input) => "entry" in input)) open.push(self);
  return self;
}

export function steppedRowTasks(A: SparseMatrix, B: SparseMatrix, machine: RowTaskMachine) {
  const { processors, radix, elementBytes, inputsAhead, dramBytesPerCycle, dramLatency, cache } = machine;
  const sets = Array.from({ length: cache.bytes / cache.lineBytes / cache.ways }, (): Line[] => []);
  const counts = { hits: 0, misses: 0, spills: 0, multiplications: 0, additions: 0, writes: 0, reads: 0, outputs: 0 };
  const dram = { A: 0, B: 0, partialSumsOut: 0, partialSumsIn: 0, C: 0 };
  const rows: Element[][] = Array.from({ length: A.rows }, () => []);
  let uses = 0;
  let partialLines = 0;

  const queue: SteppedTask[] = [];
  for (let row = 0; row < A.rows; row++) {
    const entries: number[] = [];
    for (let i = A.rowStart[row] ?? 0; i < (A.rowStart[row + 1] ?? 0); i++) entries.push(i);
    if (entries.length > 0) plan(entries, radix, row, queue);
  }
  const urgent: SteppedTask[] = [];
  const held = new Set<SteppedTask>();
  const waiting: SteppedTask[] = [];
  const transfers: Transfer[] = [];
  const working: (SteppedTask | undefined)[] = Array.from({ length: processors });

  const rowOfB = (entry: number): Element[] => {
    const k = A.column[entry] ?? 0;
    const out: Element[] = [];
    for (let j = B.rowStart[k] ?? 0; j < (B.rowStart[k + 1] ?? 0); j++) {
      out.push([B.column[j] ?? 0, (A.value?.[entry] ?? 1) * (B.value?.[j] ?? 1)]);
    }
    return out;
  };
  const setOf = (name: string): Line[] => {
    const [kind, number] = name.split(" ");
    const line = sets[Number(number) % sets.length];
    if (kind === undefined || line === undefined) throw new Error("no set");
    return line;
  };
  /** Puts a line into its set if it can; a driven-out partial result goes off chip. */
  const place = (line: Line): boolean => {
    const set = setOf(line.name);
    if (set.length === cache.ways) {
      const victim = set.filter(({ pins }) => pins === 0).toSorted((a, b) => a.used - b.used)[0];
      if (victim === undefined) return false;
      set.splice(set.indexOf(victim), 1);
      if (victim.isPartial) spill();
    }
    set.push(line);
    return true;
  };
  let spilledNow = 0;
  const spill = (): void => {
    counts.spills++;
    spilledNow += cache.lineBytes;
    dram.partialSumsOut += cache.lineBytes;
  };
  const post = (left: number, owner: SteppedTask | undefined): void => {
    if (left > 0 && dramBytesPerCycle !== Infinity) transfers.push({ left, owner });
  };

  const fetch = (task: SteppedTask, cycle: number): void => {
    let missing = 0;
    for (const input of task.inputs) {
      if ("task" in input) {
        counts.reads += input.task.result?.length ?? 0;
        for (const name of input.task.lines) {
          const line = setOf(name).find((one) => one.name === name);
          uses++;
          if (line === undefined) {
            missing += cache.lineBytes;
            dram.partialSumsIn += cache.lineBytes;
          } else {
            line.pins++;
            line.used = uses;
          }
        }
        continue;
      }
      dram.A += elementBytes;
      missing += elementBytes;
      const k = A.column[input.entry] ?? 0;
      const bytes = [(B.rowStart[k] ?? 0) * elementBytes, (B.rowStart[k + 1] ?? 0) * elementBytes] as const;
      if (bytes[0] === bytes[1]) continue;
      for (let at = Math.floor(bytes[0] / cache.lineBytes); at * cache.lineBytes < bytes[1]; at++) {
        const name = `B ${at}`;
        uses++;
        const present = setOf(name).find((one) => one.name === name);
        if (present !== undefined) {
          counts.hits++;
          present.pins++;
          present.used = uses;
          task.pinned.push(present);
          continue;
        }
        counts.misses++;
        missing += cache.lineBytes;
        dram.B += cache.lineBytes;
        const line: Line = { name, pins: 1, isPartial: false, used: uses };
        if (place(line)) task.pinned.push(line);
      }
    }
    if (missing === 0) task.readyAt = cycle;
    else if (dramBytesPerCycle === Infinity) task.readyAt = cycle + dramLatency;
    else post(missing, task);
    held.add(task);
    waiting.push(task);
  };

  const finish = (task: SteppedTask): void => {
    const merged = new Map<number, number>();
    let entered = 0;
    for (const input of task.inputs) {
      const elements = "task" in input ? (input.task.result ?? []) : rowOfB(input.entry);
      entered += elements.length;
      if ("entry" in input) counts.multiplications += elements.length;
      for (const [column, value] of elements) merged.set(column, (merged.get(column) ?? 0) + value);
      if ("task" in input) {
        for (const name of input.task.lines) {
          const set = setOf(name);
          const at = set.findIndex((line) => line.name === name);
          if (at >= 0) set.splice(at, 1);
        }
      }
    }
    for (const line of task.pinned) line.pins--;
    held.delete(task);
    const result = [...merged].toSorted(([a], [b]) => a - b);
    task.result = result;
    counts.additions += entered - result.length;
    if (task.parent === undefined) {
      rows[task.row] = result;
      counts.outputs += result.length;
      dram.C += result.length * elementBytes;
      post(result.length * elementBytes, undefined);
      return;
    }
    counts.writes += result.length;
    spilledNow = 0;
    for (let bytes = result.length * elementBytes; bytes > 0; bytes -= cache.lineBytes) {
      const name = `P ${partialLines++}`;
      task.lines.push(name);
      uses++;
      if (!place({ name, pins: 0, isPartial: true, used: uses })) spill();
    }
    post(spilledNow, undefined);
    const { parent } = task;
    if (parent.inputs.every((input) => "entry" in input || input.task.result !== undefined)) urgent.push(parent);
  };

  let cycle = 0;
  for (; ; cycle++) {
    for (const [p, task] of working.entries()) {
      if (task === undefined || task.stepsLeft > 0) continue;
      working[p] = undefined;
      finish(task);
    }
    spilledNow = 0;
    for (;;) {
      const list = urgent.length > 0 ? urgent : queue;
      const [next] = list;
      if (next === undefined) break;
      const inputs = [...held].reduce((sum, task) => sum + task.inputs.length, 0);
      if (inputs > 0 && inputs + next.inputs.length > inputsAhead) break;
      list.shift();
      fetch(next, cycle);
    }
    post(spilledNow, undefined);
    for (let p = 0; p < processors; p++) {
      if (working[p] !== undefined) continue;
      const task = waiting.shift();
      if (task === undefined) break;
      const elements = task.inputs.map((input) =>
        "task" in input ? (input.task.result?.length ?? 0) : rowOfB(input.entry).length,
      );
      task.stepsLeft = Math.max(
        1,
        elements.reduce((sum, count) => sum + count, 0),
      );
      working[p] = task;
    }
    if (working.every((task) => task === undefined) && transfers.length === 0) break;
    for (const task of working) if (task !== undefined && task.readyAt <= cycle) task.stepsLeft--;
    for (let budget = dramBytesPerCycle; budget > 0;) {
      const [first] = transfers;
      if (first === undefined) break;
      const passed = Math.min(budget, first.left);
      first.left -= passed;
      budget -= passed;
      if (first.left > 0) continue;
      transfers.shift();
      if (first.owner !== undefined) first.owner.readyAt = cycle + 1 + dramLatency;
    }
  }
  return { cycles: cycle, counts, dram, rows };
}
