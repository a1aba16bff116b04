// What the dataflows of a stepped sparse product share: the states of the controller that wait for memories, the tree and
// the queue, and the books.

import type { ProductCounts, ProductMachine } from "../product.ts";
import { steppedQueue, steppedSums, steppedWords } from "./memories.ts";
import type { MergedElement } from "./tree.ts";
import { steppedTree } from "./tree.ts";

/** States of the controller, which yields once a cycle. */
export type States<Result = void> = Generator<undefined, Result>;

export interface Entry {
  readonly row: number;
  readonly column: number;
  readonly value: number;
  readonly address: number;
}

export const inRuns = <Item>(items: readonly Item[], length: number): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / length) }, (_, i) => items.slice(i * length, (i + 1) * length));

export type Hardware = ReturnType<typeof hardwareOf>;

/** The parts of a machine and the states that dataflows share. */
export function hardwareOf(machine: ProductMachine, rowsOfC: number) {
  const { multipliers, distributionWidth, elementBytes, cache, dramBytesPerCycle } = machine;
  const words = steppedWords(machine);
  const queue = steppedQueue();
  const sums = steppedSums<MergedElement>(machine);
  const tree = steppedTree(multipliers);
  const bytes = { A: 0, B: 0, partialSumsOut: 0, partialSumsIn: 0, C: 0 };
  const counted = { multiplications: 0, executed: 0, additions: 0, treeElements: 0, outputWords: 0 };
  const given = { stationaryWords: 0, streamingWords: 0, batches: 0, mergePasses: 0 };
  const rows = Array.from({ length: rowsOfC }, (): readonly MergedElement[] => []);
  let batchCycles = 0;
  let batchBytes = 0;

  const move = (what: keyof typeof bytes, moved: number): void => {
    bytes[what] += moved;
    batchBytes += moved;
  };

  function* idle(cycles: number): States {
    for (let cycle = 0; cycle < cycles; cycle++) yield;
  }

  /** Until all words are back; nothing at all for none. */
  function* load(what: "A" | "B", addresses: readonly number[]): States {
    const before = words.misses;
    words.ask(addresses);
    while (words.isBusy()) yield;
    move(what, (words.misses - before) * cache.lineBytes);
  }

  function* loadResting(entries: readonly Entry[]): States {
    given.stationaryWords += entries.length;
    if (machine.stationary === "cache") {
      yield* load(
        "A",
        entries.map(({ address }) => address),
      );
      return;
    }
    move("A", entries.length * elementBytes);
    for (let handed = 0; handed < entries.length; handed += distributionWidth) yield;
  }

  /** Waits for as many cycles as the way to the controller is long, and on until nothing is on it or waits there. */
  function* settle(way: number): States {
    for (let waited = 0; waited < way || queue.isBusy(); waited++) yield;
  }

  /** Sends fibres up the tree side by side, an element of each a cycle; what left the root. */
  function* merge(fibres: readonly (readonly MergedElement[])[]): States<readonly MergedElement[]> {
    const longest = Math.max(0, ...fibres.map((fibre) => fibre.length));
    for (let cycle = 0; cycle < Math.max(longest, Math.log2(multipliers)) || tree.isBusy(); cycle++) {
      for (const [multiplier, fibre] of fibres.entries()) {
        const element = fibre[cycle];
        if (element === undefined) continue;
        counted.treeElements++;
        tree.form(multiplier, element);
      }
      yield;
    }
    return tree.out.splice(0);
  }

  const keep = (row: number, fibre: readonly MergedElement[]): void => {
    move("partialSumsOut", sums.write(row, fibre) * elementBytes);
  };

  const fetch = (row: number): readonly (readonly MergedElement[])[] => {
    const { fibres, spilled } = sums.take(row);
    move("partialSumsIn", spilled * elementBytes);
    return fibres;
  };

  const output = (elements: number): void => {
    counted.outputWords += elements;
    bytes.C += elements * elementBytes;
    if (machine.outputWrites === "timed") batchBytes += elements * elementBytes;
  };

  /** A batch lasts until the off-chip memory has moved its bytes. */
  function* transfers(): States {
    const isMoving = (): boolean => batchCycles * dramBytesPerCycle < batchBytes;
    while (isMoving()) yield;
    batchCycles = 0;
    batchBytes = 0;
  }

  /** Merges what waits of a row, as many fibres at a time as there are multipliers, until one is left. */
  function* mergeWaiting(row: number): States {
    for (;;) {
      const passes = inRuns(fetch(row), multipliers);
      for (const pass of passes) {
        given.mergePasses++;
        const merged = yield* merge(pass);
        // The network brings elements to the leaves while the root is at work, and longer if it is narrower.
        for (
          let brought = merged.length * distributionWidth;
          brought < pass.flat().length;
          brought += distributionWidth
        ) {
          yield;
        }
        yield* idle(machine.control.mergePass);
        if (passes.length > 1) keep(row, merged);
        else {
          rows[row] = merged;
          output(merged.length);
        }
        yield* transfers();
      }
      if (passes.length <= 1) return;
    }
  }

  const tick = (): void => {
    words.tick();
    queue.tick();
    tree.tick();
    batchCycles++;
  };

  const counts = (): ProductCounts => ({
    ...counted,
    ...given,
    additions: counted.additions + tree.additions,
    cacheHits: words.hits,
    cacheMisses: words.misses,
    cacheAccesses: words.accesses,
    partialSumWrites: sums.written(),
    partialSumReads: sums.read(),
    spilledWords: sums.spilled(),
  });

  return {
    machine,
    queue,
    bytes,
    counted,
    given,
    rows,
    counts,
    tick,
    idle,
    load,
    loadResting,
    settle,
    merge,
    keep,
    fetch,
    output,
    transfers,
    mergeWaiting,
  };
}
