// Gustavson's product on processors that take rows from a queue: fibres are fetched ahead of their task into a cache,
// tasks run side by side, and what a long row leaves in between comes back from the cache.

import type { FibreCache } from "../../component/memory/fibre-cache.ts";
import { fibreCacheState } from "../../component/memory/fibre-cache.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import type { ProductRun } from "../product/product.ts";
import { offChipQueue } from "./off-chip-queue.ts";
import type { Task } from "./task-tree.ts";
import { taskTree } from "./task-tree.ts";

/** Processors around a cache of fibres, as the dataflow sees them. */
export interface RowTaskMachine {
  readonly processors: number;
  /** Fibres that a task merges, at most. */
  readonly radix: number;
  readonly cache: FibreCache;
  readonly elementBytes: number;
  /** Fibres that tasks may hold from their fetch to their end; one task may hold more when it is alone. */
  readonly inputsAhead: number;
  /** Off-chip memory: bytes a cycle in both directions together, Infinity where it is not timed. */
  readonly dramBytesPerCycle: number;
  /** Cycles from the end of a transfer to its data. */
  readonly dramLatency: number;
}

/** A task on its way. */
interface Job {
  readonly task: Task;
  /** The task that takes its result, if any. */
  parent: Job | undefined;
  /** Children that are not done. */
  waitsFor: number;
  /** Elements of its result, and whether that is a row of C. */
  readonly union: number;
  /** Elements that enter, of rows of B and of results of children. */
  readonly products: number;
  readonly partials: number;
  /** First line of its result, where that is not a row of C. */
  line: number;
  readonly children: readonly Job[];
  /** Lines of B that it has pinned. */
  pinned: number[];
  ready: number;
}

/**
 * Rows of A in order, each a task or a tree of them (`taskTree`). The scheduler fetches tasks in order, those first that
 * waited for others, as long as no more than `inputsAhead` fibres are held: its part of A, the lines of its rows of B
 * and of partial results that are not in the cache go through the off-chip channel in that order. A processor takes
 * the task that was fetched first, starts when its data are there and takes one element a cycle. At the end of a task
 * its row of C goes off chip, or its result into the cache as lines of its own, which the next task frees. What ends in
 * one cycle ends in the order of the processors, then tasks are fetched, then idle processors take tasks.
 */
export function rowTasks(A: SparseMatrix, B: SparseMatrix, machine: RowTaskMachine): ProductRun {
  const { processors, radix, elementBytes, inputsAhead, dramLatency } = machine;
  const { lineBytes } = machine.cache;
  const cache = fibreCacheState(machine.cache);
  const channel = offChipQueue(machine.dramBytesPerCycle);
  const unionOf = unionCounter(A, B);
  const linesOf = (elements: number): number => Math.ceil((elements * elementBytes) / lineBytes);

  const counts = { multiplications: 0, additions: 0, rows: 0, tasks: 0, partialWrites: 0, partialReads: 0, outputs: 0 };
  const stationaryWords = A.column.length;
  const bytes = { A: 0, B: 0, partialSumsIn: 0, C: 0 };
  /** Processor cycles: with elements, without any, and waiting for data. */
  const spent = { merging: 0, empty: 0, waiting: 0 };

  let row = 0;
  let nextLine = -1;
  /** Tasks of the last row looked at that wait for nothing, and tasks of any row whose children are done. */
  const open: Job[] = [];
  let nextOpen = 0;
  const urgent: Job[] = [];
  let nextUrgent = 0;

  /** The tasks of a row; those that wait for nothing become open, in the order of their entries. */
  const jobOf = (task: Task): Job => {
    const children: Job[] = task.children.map(jobOf);
    let products = 0;
    for (let i = 0; i + 1 < task.bounds.length; i++) {
      const from = task.bounds[i] ?? 0;
      if ((task.bounds[i + 1] ?? 0) - from > 1) continue;
      const k = A.column[from] ?? 0;
      products += (B.rowStart[k + 1] ?? 0) - (B.rowStart[k] ?? 0);
    }
    const partials = children.reduce((sum, child) => sum + child.union, 0);
    const union = unionOf(task.bounds[0] ?? 0, task.bounds.at(-1) ?? 0);
    const job: Job = {
      task,
      parent: undefined,
      waitsFor: children.length,
      union,
      products,
      partials,
      line: 0,
      children,
      pinned: [],
      ready: 0,
    };
    for (const child of children) child.parent = job;
    if (children.length === 0) open.push(job);
    return job;
  };

  /** The task that is fetched next, or undefined when there is none now. */
  const peek = (): Job | undefined => {
    if (nextUrgent < urgent.length) return urgent[nextUrgent];
    while (nextOpen === open.length && row < A.rows) {
      open.length = 0;
      nextOpen = 0;
      const first = A.rowStart[row] ?? 0;
      const end = A.rowStart[++row] ?? 0;
      if (end > first) jobOf(taskTree(first, end, radix));
    }
    return open[nextOpen];
  };

  let held = 0;
  const fetched: Job[] = [];
  let nextFetched = 0;

  const fetch = (job: Job, now: number): void => {
    const { bounds } = job.task;
    let moved = 0;
    let child = 0;
    for (let i = 0; i + 1 < bounds.length; i++) {
      const from = bounds[i] ?? 0;
      if ((bounds[i + 1] ?? 0) - from > 1) {
        const result = job.children[child++];
        if (result === undefined) continue;
        counts.partialReads += result.union;
        for (let n = linesOf(result.union), line = result.line; n > 0; n--, line--) {
          if (!cache.consume(line)) {
            moved += lineBytes;
            bytes.partialSumsIn += lineBytes;
          }
        }
        continue;
      }
      const k = A.column[from] ?? 0;
      const first = B.rowStart[k] ?? 0;
      const end = B.rowStart[k + 1] ?? 0;
      moved += elementBytes;
      bytes.A += elementBytes;
      if (first === end) continue;
      const last = Math.ceil((end * elementBytes) / lineBytes);
      for (let line = Math.floor((first * elementBytes) / lineBytes); line < last; line++) {
        if (!cache.fetch(line)) {
          moved += lineBytes;
          bytes.B += lineBytes;
        }
        if (cache.isPinned) job.pinned.push(line);
      }
    }
    job.ready = moved === 0 ? now : channel.post(now, moved) + dramLatency;
    held += bounds.length - 1;
    fetched.push(job);
  };

  const end = (job: Job, now: number): void => {
    const { children, parent } = job;
    counts.tasks++;
    if (parent === undefined) counts.rows++;
    counts.multiplications += job.products;
    counts.additions += job.products + job.partials - job.union;
    for (const line of job.pinned) cache.release(line);
    job.pinned = [];
    for (const child of children) {
      for (let n = linesOf(child.union), line = child.line; n > 0; n--, line--) cache.free(line);
    }
    held -= job.task.bounds.length - 1;
    if (parent === undefined) {
      counts.outputs += job.union;
      bytes.C += job.union * elementBytes;
      channel.post(now, job.union * elementBytes);
      return;
    }
    counts.partialWrites += job.union;
    job.line = nextLine;
    const before = cache.spills;
    for (let n = linesOf(job.union); n > 0; n--) cache.write(nextLine--);
    channel.post(now, (cache.spills - before) * lineBytes);
    if (--parent.waitsFor === 0) urgent.push(parent);
  };

  const running: (Job | undefined)[] = Array.from({ length: processors });
  const endAt = new Float64Array(processors).fill(Infinity);
  let now = 0;
  for (;;) {
    for (let p = 0; p < processors; p++) {
      const job = running[p];
      if (endAt[p] !== now || job === undefined) continue;
      running[p] = undefined;
      endAt[p] = Infinity;
      end(job, now);
    }
    const spilledBefore = cache.spills;
    for (let job = peek(); job !== undefined; job = peek()) {
      const inputs = job.task.bounds.length - 1;
      if (held > 0 && held + inputs > inputsAhead) break;
      if (nextUrgent < urgent.length) nextUrgent++;
      else nextOpen++;
      fetch(job, now);
    }
    // What made room for the lines fetched now leaves after them.
    channel.post(now, (cache.spills - spilledBefore) * lineBytes);
    for (let p = 0; p < processors && nextFetched < fetched.length; p++) {
      if (running[p] !== undefined) continue;
      const job = fetched[nextFetched];
      if (job === undefined) break;
      nextFetched++;
      const elements = job.products + job.partials;
      const start = Math.max(now, job.ready);
      spent.waiting += start - now;
      if (elements === 0) spent.empty++;
      running[p] = job;
      endAt[p] = start + Math.max(1, elements);
    }
    if (nextFetched > 1024) {
      fetched.splice(0, nextFetched);
      nextFetched = 0;
    }
    let next = Infinity;
    for (let p = 0; p < processors; p++) next = Math.min(next, endAt[p] ?? Infinity);
    if (next === Infinity) break;
    now = next;
  }

  const cycles = Math.max(now, channel.free());
  const useful = counts.multiplications / processors;
  const merge = counts.partialReads / processors;
  const control = spent.empty / processors;
  const bandwidth = spent.waiting / processors;
  const stack = {
    useful,
    merge,
    control,
    bandwidth,
    imbalance: now - useful - merge - control - bandwidth,
    drain: cycles - now,
  };
  return {
    cycles,
    stack: Object.fromEntries(Object.entries(stack).filter(([, value]) => value > 1e-9 || value < -1e-9)),
    counts: {
      multiplications: counts.multiplications,
      executed: counts.multiplications,
      additions: counts.additions,
      treeElements: counts.multiplications + counts.partialReads,
      stationaryWords,
      streamingWords: counts.multiplications,
      cacheHits: cache.hits,
      cacheMisses: cache.misses,
      cacheAccesses: cache.accesses,
      partialSumWrites: counts.partialWrites,
      partialSumReads: counts.partialReads,
      spilledWords: (cache.spills * lineBytes) / elementBytes,
      carriedWords: 0,
      outputWords: counts.outputs,
      batches: counts.rows,
      mergePasses: counts.tasks,
    },
    dram: {
      A: bytes.A,
      B: bytes.B,
      partialSumsOut: cache.spills * lineBytes,
      partialSumsIn: bytes.partialSumsIn,
      C: bytes.C,
    },
  };
}

/** Counts the different columns in the rows of B that entries of A from one to before another select. */
function unionCounter(A: SparseMatrix, B: SparseMatrix): (from: number, to: number) => number {
  const seen = new Int32Array(B.columns);
  let stamp = 0;
  return (from, to) => {
    stamp++;
    let size = 0;
    for (let i = from; i < to; i++) {
      const k = A.column[i] ?? 0;
      const last = B.rowStart[k + 1] ?? 0;
      for (let j = B.rowStart[k] ?? 0; j < last; j++) {
        const column = B.column[j] ?? 0;
        if (seen[column] === stamp) continue;
        seen[column] = stamp;
        size++;
      }
    }
    return size;
  };
}
