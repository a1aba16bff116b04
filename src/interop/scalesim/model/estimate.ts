// CALC mode: DRAM reads of an operand under SCALE-Sim's epoch model. A memory keeps every word it has seen until half of
// it is full, then forgets all of them at once; the bandwidth is whatever makes that stall free.

import { diagonalOfEntry } from "./anti-diagonal.ts";
import type { Demand, Fold } from "./demand.ts";
import type { Operand, Product } from "./operands.ts";
import type { ScalesimAccess } from "../scalesim.ts";

/** Words a cycle at which SCALE-Sim charges the first fill, "arbitrary" by its own comment. */
const FIRST_FILL_WORDS_PER_CYCLE = 10;
/** A memory is kept as 100 sets, half of which are filled ahead. */
const SETS_PER_EPOCH = 50;

/** Is told of every word that is fetched, and of every cycle in which the memory was half full and forgot its words. */
export interface EpochListener {
  readonly word: (address: number, cycle: number) => void;
  readonly flush: (cycle: number) => void;
}

/** Words of one of the 100 sets of a memory of `kilobytes` times 1024 words. */
export const setWords = (kilobytes: number): number => Math.floor((kilobytes * 1024) / 100);

/** Words that a memory keeps before it forgets them all. */
export const capacityWords = (kilobytes: number): number => SETS_PER_EPOCH * setWords(kilobytes);

/** DRAM reads of an operand and the cycles in which they arrive; `firstRequest` is the cycle of the array's first. */
export function estimateReads(
  operand: Operand,
  demand: Demand,
  product: Product,
  kilobytes: number,
  firstRequest: number,
): ScalesimAccess {
  const set = setWords(kilobytes);
  const capacity = capacityWords(kilobytes);
  const epochs = countEpochs(operand, demand, product, capacity);
  const inLastEpoch = epochs.misses - epochs.flushes * capacity;
  if (epochs.flushes === 0) {
    const sets = Math.ceil(inLastEpoch / set);
    return { startCycle: -firstFillCycles(sets * set), stopCycle: -1, words: epochs.misses };
  }
  return {
    startCycle: firstRequest - firstFillCycles(capacity),
    stopCycle: epochs.lastFlush + 1,
    words: epochs.misses,
  };
}

/** Cycles that SCALE-Sim charges for the first fill. */
export const firstFillCycles = (words: number): number => Math.ceil(words / FIRST_FILL_WORDS_PER_CYCLE);

interface Epochs {
  /** Words fetched: each new one of an epoch. */
  readonly misses: number;
  /** Epochs that ended because the memory was half full, and the cycle in which the last of them did. */
  readonly flushes: number;
  readonly lastFlush: number;
}

function countEpochs(operand: Operand, demand: Demand, product: Product, capacity: number): Epochs {
  const words = repeatedWords(operand, product);
  return words === undefined ? walkEpochs(operand, demand, product, capacity) : skipEpochs(words, capacity);
}

/**
 * A sequence of requests made of groups: each group asks for its `words` different words, in one order, `repeats`
 * times. Any run of `words` requests of a group holds each of them once, which is all that counting epochs needs.
 */
interface RepeatedWords {
  readonly groups: number;
  readonly words: (group: number) => number;
  readonly repeats: number;
  /** Cycle of request `index` of a group, from 0 to `words * repeats` - 1. */
  readonly cycleOf: (group: number, index: number) => number;
}

/** Counts from flush to flush. */
function skipEpochs(sequence: RepeatedWords, capacity: number): Epochs {
  let misses = 0;
  let flushes = 0;
  let lastFlush = -1;
  let held = 0;
  for (let group = 0; group < sequence.groups; group++) {
    const words = sequence.words(group);
    const requests = words * sequence.repeats;
    // Where the part of the current epoch that lies in this group begins: all is new until each word was asked once.
    let begin = 0;
    for (;;) {
      const fresh = Math.min(words, requests - begin);
      if (held + fresh < capacity) {
        misses += fresh;
        held += fresh;
        break;
      }
      const filling = capacity - held;
      begin += filling;
      misses += filling;
      held = 0;
      flushes++;
      lastFlush = sequence.cycleOf(group, begin - 1);
    }
  }
  return { misses, flushes, lastFlush };
}

/** Undefined where two requests of a group may be for the same word: windows that overlap or reach past the image. */
function repeatedWords(operand: Operand, product: Product): RepeatedWords | undefined {
  const { rowFolds, columnFolds, foldCycles } = product;
  if (
    operand === product.ifmap ? !product.windowsApart : operand.kind === "stationary" && operand.slots !== undefined
  ) {
    return undefined;
  }
  if (operand.kind === "stationary") {
    const { rows, columns, rowsPerFold, columnsPerFold } = operand;
    const width = (group: number): number => Math.min(columnsPerFold, columns - group * columnsPerFold);
    return {
      groups: columnFolds,
      words: (group) => rows * width(group),
      repeats: 1,
      cycleOf: (group, index) => {
        const line = Math.floor(index / width(group));
        const row = Math.floor(line / rowsPerFold);
        const unused = Math.max(0, (row + 1) * rowsPerFold - rows);
        return (group * rowFolds + row) * foldCycles + unused + (line % rowsPerFold);
      },
    };
  }
  const { lanes, lanesPerFold, start } = operand;
  const elements = operand.elementAddress.length;
  const lanesOf = (fold: number): number => Math.min(lanesPerFold, lanes - fold * lanesPerFold);
  if (operand.lanesBy === "row") {
    const words = lanes * elements;
    return {
      groups: 1,
      words: () => words,
      repeats: columnFolds,
      cycleOf: (_, index) => {
        const request = index % words;
        const row = Math.floor(request / (lanesPerFold * elements));
        const fold = Math.floor(index / words) * rowFolds + row;
        return (
          fold * foldCycles + start + diagonalOfEntry(request - row * lanesPerFold * elements, lanesOf(row), elements)
        );
      },
    };
  }
  return {
    groups: columnFolds,
    words: (group) => lanesOf(group) * elements,
    repeats: rowFolds,
    cycleOf: (group, index) => {
      const words = lanesOf(group) * elements;
      const fold = group * rowFolds + Math.floor(index / words);
      return fold * foldCycles + start + diagonalOfEntry(index % words, lanesOf(group), elements);
    },
  };
}

/** Looks at every request in turn. */
export function walkEpochs(
  operand: Operand,
  demand: Demand,
  product: Product,
  capacity: number,
  listener?: EpochListener,
): Epochs {
  const { words, outside } = operand.space;
  const { rowFolds, columnFolds, foldCycles } = product;
  // Epoch in which a word was last seen; words outside the image count as seen for ever.
  const seen = new Int32Array(words);
  if (outside !== undefined) {
    for (let address = 0; address < words; address++) if (outside(address)) seen[address] = 0x7fffffff;
  }
  const buffer = new Int32Array(demand.lanes * demand.width);
  let epoch = 1;
  let held = 0;
  let misses = 0;
  let flushes = 0;
  let lastFlush = -1;
  let start = 0;
  for (let column = 0; column < columnFolds; column++) {
    for (let row = 0; row < rowFolds; row++) {
      const fold: Fold = { row, column };
      const { first, end } = demand.span(fold);
      for (let cycle = first; cycle < end; cycle++) {
        const count = demand.line(fold, cycle, buffer);
        for (let i = 0; i < count; i++) {
          const address = buffer[i] ?? 0;
          if ((seen[address] ?? 0) >= epoch) continue;
          seen[address] = epoch;
          held++;
          listener?.word(address, start + cycle);
          if (held < capacity) continue;
          misses += held;
          held = 0;
          epoch++;
          flushes++;
          lastFlush = start + cycle;
          listener?.flush(lastFlush);
        }
      }
      start += foldCycles;
    }
    // The next column fold asks for the same words again, or never for an old one.
    if (flushes === 0 && operand.kind === "streamed" && operand.lanesBy === "row") break;
  }
  return { misses: misses + held, flushes, lastFlush };
}
