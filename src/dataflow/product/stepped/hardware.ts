// What the dataflows of a stepped sparse product share: the states of the controller that wait for memories, the tree and
// the queue, and the books.

import type { ProductCounts, ProductMachine } from "../product.ts";
import type { Waiting } from "./memories.ts";
import { steppedQueue, steppedSums, steppedWords } from "./memories.ts";
import type { ControllerState, ProductObserver } from "./observer.ts";
import type { MergedElement } from "./tree.ts";
import { mergedAtOnce, steppedTree } from "./tree.ts";

/** What a controller has ended: a batch of resting entries, a pass over partial results, or an empty row of C. */
export type UnitKind = "batch" | "pass" | "empty";

/** States of the controller, which yields once a cycle, and what it has ended at the end of each unit. */
export type States<Result = void> = Generator<UnitKind | undefined, Result>;

/** Elements that are there already. */
export const inFull = (elements: readonly MergedElement[]): Waiting<MergedElement> => ({
  length: elements.length,
  elements: () => elements,
});

export type Hardware = ReturnType<typeof hardwareOf>;

/** The parts of a machine and the states that dataflows share; an observer sees the cycles that are stepped. */
export function hardwareOf(machine: ProductMachine, observer?: ProductObserver) {
  const { multipliers, distributionWidth, elementBytes, cache, dramBytesPerCycle } = machine;
  const words = steppedWords(machine);
  const queue = steppedQueue();
  const sums = steppedSums<MergedElement>(machine);
  const tree = steppedTree(machine.tree, observer);
  const bytes = { A: 0, B: 0, partialSumsOut: 0, partialSumsIn: 0, C: 0 };
  const counted = { multiplications: 0, executed: 0, additions: 0, treeElements: 0, outputWords: 0 };
  const carried = { words: 0, written: 0, read: 0 };
  const sumsInCache = new Map<number, readonly MergedElement[]>();
  const given = { stationaryWords: 0, streamingWords: 0, batches: 0, mergePasses: 0 };
  let rows: { readonly row: number; readonly elements: readonly MergedElement[] }[] = [];
  let isStepped = true;
  /** The observer, where the unit at hand is stepped. */
  let watching = observer;
  let additionsAtOnce = 0;
  let batchCycles = 0;
  let batchBytes = 0;

  const move = (what: keyof typeof bytes, moved: number): void => {
    bytes[what] += moved;
    batchBytes += moved;
  };

  function* idle(cycles: number, state: ControllerState): States {
    if (!isStepped) return;
    watching?.enters(state);
    for (let cycle = 0; cycle < cycles; cycle++) yield;
  }

  /** Until all words are back; nothing at all for none. */
  function* load(what: "A" | "B", addresses: readonly number[], sum?: number): States {
    const [before, sumsBefore] = [words.misses, words.sumMisses];
    watching?.enters(what === "A" ? "rest" : "stream");
    if (isStepped) words.ask(addresses, sum);
    else words.fetch(addresses, sum);
    if (sum !== undefined) carried.words++;
    while (words.isBusy()) yield;
    const ofSums = words.sumMisses - sumsBefore;
    move(what, (words.misses - before - ofSums) * cache.lineBytes);
    move("partialSumsIn", ofSums * cache.lineBytes);
  }

  /** Entries that lie in memory from one address to before another. */
  function* loadResting(from: number, to: number): States {
    const entries = to - from;
    given.stationaryWords += entries;
    if (machine.stationary === "cache") {
      yield* load(
        "A",
        Array.from({ length: entries }, (_, i) => from + i),
      );
      return;
    }
    move("A", entries * elementBytes);
    if (!isStepped) return;
    watching?.enters("rest");
    for (let handed = 0; handed < entries; handed += distributionWidth) {
      watching?.hands(handed, Math.min(entries, handed + distributionWidth));
      yield;
    }
  }

  /** Elements set out for the controller. */
  const send = (elements: number, delay: number): void => {
    watching?.sends(elements, delay);
    if (isStepped) queue.send(elements, delay);
  };

  /** Waits for as many cycles as the way to the controller is long, and on until nothing is on it or waits there. */
  function* settle(way: number): States {
    if (!isStepped) return;
    watching?.enters("settle");
    for (let waited = 0; waited < way || queue.isBusy(); waited++) yield;
  }

  /** Sends fibres up the tree side by side, an element of each a cycle; what left the root. */
  function* merge(fibres: readonly (readonly MergedElement[])[]): States<readonly MergedElement[]> {
    if (!isStepped) {
      for (const fibre of fibres) counted.treeElements += fibre.length;
      const { merged, additions } = mergedAtOnce(fibres);
      additionsAtOnce += additions;
      return merged;
    }
    const longest = Math.max(0, ...fibres.map((fibre) => fibre.length));
    watching?.enters("merge");
    tree.expect(fibres.map((fibre) => fibre.length));
    for (let cycle = 0; cycle < Math.max(longest, Math.log2(multipliers)) || tree.isBusy(); cycle++) {
      for (const [multiplier, fibre] of fibres.entries()) {
        const element = fibre[cycle];
        if (element === undefined) continue;
        counted.treeElements++;
        tree.form(multiplier, element);
        watching?.forms(multiplier, element);
      }
      yield;
    }
    return tree.out.splice(0);
  }

  const keep = (row: number, fibre: Waiting<MergedElement>): void => {
    move("partialSumsOut", sums.write(row, fibre) * elementBytes);
  };

  const fetch = (row: number, count: number): readonly (readonly MergedElement[])[] => {
    const { fibres, spilled } = sums.take(row, count);
    move("partialSumsIn", spilled * elementBytes);
    return fibres;
  };

  /** Sums of a folded row, between its folds. */
  const keepCarried = (row: number, partial: readonly MergedElement[]): void => {
    if (machine.carriedSums === "partialSums") {
      keep(row, inFull(partial));
      return;
    }
    carried.written += partial.length;
    sumsInCache.set(row, partial);
    bytes.partialSumsOut += partial.length * elementBytes;
    if (machine.outputWrites === "timed") batchBytes += partial.length * elementBytes;
  };

  const fetchCarried = (row: number): readonly MergedElement[] => {
    if (machine.carriedSums === "partialSums") return fetch(row, 1).flat();
    const partial = sumsInCache.get(row) ?? [];
    sumsInCache.delete(row);
    carried.read += partial.length;
    return partial;
  };

  /** A row of C is done, and so many words of it leave the chip. */
  const finishRow = (row: number, elements: readonly MergedElement[], written: number): void => {
    rows.push({ row, elements });
    counted.outputWords += written;
    bytes.C += written * elementBytes;
    if (machine.outputWrites === "timed") batchBytes += written * elementBytes;
  };

  /** Rows finished since the last question. */
  const takeRows = (): readonly { readonly row: number; readonly elements: readonly MergedElement[] }[] => {
    const taken = rows;
    rows = [];
    return taken;
  };

  /** Ends a unit, which lasts until the off-chip memory has moved its bytes. */
  function* transfers(ended: UnitKind): States {
    const isMoving = (): boolean => isStepped && batchCycles * dramBytesPerCycle < batchBytes;
    watching?.enters("transfer");
    while (isMoving()) yield;
    batchCycles = 0;
    batchBytes = 0;
    yield ended;
  }

  /** Merges what waits of a row, as many fibres at a time as there are multipliers, until one is left. */
  function* mergeWaiting(row: number): States {
    for (;;) {
      const fibres = sums.waiting(row);
      for (let first = 0; first < fibres; first += multipliers) {
        const pass = fetch(row, Math.min(multipliers, fibres - first));
        given.mergePasses++;
        watching?.merges(row, pass);
        const begin = batchCycles;
        const merged = yield* merge(pass);
        // The network brings elements to the leaves while the root is at work, and longer if it is narrower.
        const working = batchCycles - begin - Math.log2(multipliers);
        yield* idle(Math.max(0, Math.ceil(pass.flat().length / distributionWidth) - working), "distribute");
        yield* idle(machine.control.mergePass, "tail");
        if (fibres > multipliers) keep(row, inFull(merged));
        else finishRow(row, merged, merged.length);
        yield* transfers("pass");
      }
      if (fibres <= multipliers) return;
    }
  }

  const view = { tree, words, queue, sums };

  const tick = (): void => {
    watching?.begins(view);
    words.tick();
    queue.tick();
    tree.tick();
    batchCycles++;
    watching?.ends();
  };

  const counts = (): ProductCounts => ({
    ...counted,
    ...given,
    additions: counted.additions + tree.additions + additionsAtOnce,
    cacheHits: words.hits,
    cacheMisses: words.misses,
    cacheAccesses: words.accesses,
    partialSumWrites: sums.written() + carried.written,
    partialSumReads: sums.read() + carried.read,
    spilledWords: sums.spilled() + carried.written,
    carriedWords: carried.words,
  });

  return {
    machine,
    bytes,
    counted,
    given,
    counts,
    /** Before anything has happened. */
    nothing: () => ({ counts: counts(), dram: { ...bytes } }),
    tick,
    /** From now on states take their cycles, or none while everything else goes on as if they had. */
    step: (stepped: boolean) => {
      isStepped = stepped;
      watching = stepped ? observer : undefined;
      words.watch(watching);
    },
    /** Who looks on at the unit at hand. */
    watching: () => watching,
    idle,
    load,
    loadResting,
    send,
    settle,
    merge,
    keep,
    keepCarried,
    fetchCarried,
    finishRow,
    takeRows,
    transfers,
    mergeWaiting,
  };
}
