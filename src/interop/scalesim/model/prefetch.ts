// USER mode: a read memory that is filled ahead in one fixed order. It holds a window of that order; a word that is not
// in it moves the window on, half a memory at a time and round and round, until it is.

import { InputError } from "../../../base/error.ts";
import type { Demand, Fold } from "./demand.ts";
import type { FetchOrder } from "./fetch-order.ts";
import type { BankedSram } from "../scalesim.ts";
import { cpythonSetOrder } from "../python/cpython-set.ts";
import type { Operand } from "./operands.ts";
import { fromScalesim, toScalesim } from "./operands.ts";

/** Lines of a fold that are late: by the prefetches they wait for, and by cycles of bank conflicts. With banks, all lines. */
export interface Delays {
  count: number;
  readonly cycle: Int32Array;
  readonly prefetches: Int32Array;
  readonly extra: Int32Array;
}

export const noDelays = (foldCycles: number): Delays => ({
  count: 0,
  cycle: new Int32Array(foldCycles),
  prefetches: new Int32Array(foldCycles),
  extra: new Int32Array(foldCycles),
});

export interface ReadBuffer {
  /** DRAM lines of the first fill and of each prefetch. */
  readonly firstLines: number;
  readonly prefetchLines: number;
  /** Lets the requests of a fold pass through the window; folds must come in order. */
  readonly walk: (fold: Fold, delays: Delays) => void;
}

/**
 * @param capacity words of the memory, an even number
 * @param bandwidth words of a DRAM line, of which one is read a cycle
 * @param banked the banks of a memory with a custom layout, whose lines are the DRAM's: requests for more lines of a
 *   bank than it has ports take more cycles. Absent without such a layout.
 */
export function readBuffer(
  operand: Operand,
  demand: Demand,
  order: FetchOrder,
  capacity: number,
  bandwidth: number,
  banked?: BankedOperand,
): ReadBuffer {
  const half = capacity / 2;
  const setWords = banked === undefined ? Math.ceil(capacity / 100) : bandwidth;
  const sets = Math.floor(order.words / setWords) + 1;
  const windowSets = Math.min(Math.ceil(half / setWords), sets);
  const setsPerPrefetch = Math.min(Math.ceil(half / setWords), sets - windowSets);
  const { firstSet, setList } = setsOfWords(operand, order, setWords);
  /** Every word is in one set: its number stands at its address. */
  const single = setList.length === operand.space.words && operand.space.outside === undefined;
  const buffer = new Int32Array(demand.lanes * demand.width);
  /** First of the sets that the window holds; they go on round the end. */
  let window = 0;

  /** Sets from the first of the window on to the nearest that holds a word; -1 for a word outside the image. */
  const distanceTo = (address: number): number => {
    const end = firstSet[address + 1] ?? 0;
    let nearest = Infinity;
    for (let i = firstSet[address] ?? 0; i < end; i++) {
      let ahead = (setList[i] ?? 0) - window;
      if (ahead < 0) ahead += sets;
      if (ahead < nearest) nearest = ahead;
    }
    if (nearest !== Infinity) return nearest;
    if (operand.space.outside?.(address) === true) return -1;
    throw neverFetched(address);
  };
  /** Moves the window until it holds a set; the number of prefetches, 0 when it does already. */
  const fetch = (distance: number): number => {
    if (distance < windowSets) return 0;
    // The window never moves by more than its size, so that it passes no set by.
    const prefetches = Math.ceil((distance - windowSets + 1) / setsPerPrefetch);
    window = (window + prefetches * setsPerPrefetch) % sets;
    return prefetches;
  };
  const plainLine = (count: number): number => {
    let prefetches = 0;
    for (let i = 0; i < count; i++) {
      const address = buffer[i] ?? 0;
      if (single) {
        let ahead = (setList[address] ?? 0) - window;
        if (ahead < 0) ahead += sets;
        if (ahead >= windowSets) prefetches += fetch(ahead);
      } else {
        prefetches += fetch(distanceTo(address));
      }
    }
    return prefetches;
  };
  const banks = banked === undefined ? undefined : bankConflicts(operand, order, setWords, banked);
  const bankedLine = (count: number): number => {
    let prefetches = 0;
    banks?.begin();
    for (let i = 0; i < count; i++) {
      const address = buffer[i] ?? 0;
      const distance = distanceTo(address);
      if (distance < 0) continue;
      prefetches += fetch(distance);
      banks?.touch(address, (window + distanceTo(address)) % sets);
    }
    return prefetches;
  };
  return {
    firstLines: Math.min(Math.ceil(half / bandwidth), Math.ceil(order.entries / bandwidth)),
    prefetchLines: Math.ceil(half / bandwidth),
    walk: (fold, delays) => {
      delays.count = 0;
      const { first, end } = demand.span(fold);
      for (let cycle = first; cycle < end; cycle++) {
        const count = demand.line(fold, cycle, buffer);
        const prefetches = banks === undefined ? plainLine(count) : bankedLine(count);
        const extra = banks === undefined ? 0 : banks.extraCycles();
        if (prefetches === 0 && banks === undefined) continue;
        delays.cycle[delays.count] = cycle;
        delays.prefetches[delays.count] = prefetches;
        delays.extra[delays.count++] = extra;
      }
    },
  };
}

/** For each address, the sets of the fetch order that hold it: `setList` from `firstSet[a]` to before `firstSet[a + 1]`. */
function setsOfWords(
  operand: Operand,
  order: FetchOrder,
  setWords: number,
): { readonly firstSet: Int32Array; readonly setList: Int32Array } {
  const { words } = operand.space;
  const latest = new Int32Array(words).fill(-1);
  const firstSet = new Int32Array(words + 2);
  const eachSet = (found: (address: number, set: number) => void): void => {
    for (let set = 0, left = order.words; left > 0; set++) {
      for (let i = Math.min(setWords, left); i > 0; i--) {
        const address = order.next();
        if (latest[address] === set) continue;
        latest[address] = set;
        found(address, set);
      }
      left -= setWords;
    }
  };
  eachSet((address) => {
    firstSet[address + 2] = (firstSet[address + 2] ?? 0) + 1;
  });
  for (let address = 1; address < words + 2; address++) {
    firstSet[address] = (firstSet[address] ?? 0) + (firstSet[address - 1] ?? 0);
  }
  latest.fill(-1);
  const setList = new Int32Array(firstSet[words + 1] ?? 0);
  eachSet((address, set) => {
    const place = firstSet[address + 1] ?? 0;
    setList[place] = set;
    firstSet[address + 1] = place + 1;
  });
  return { firstSet, setList };
}

/** A memory with a custom layout, and the offset of its operand's addresses, on which the banks depend. */
export interface BankedOperand {
  readonly memory: BankedSram;
  readonly offset: number;
}

/** Requests of one cycle to the banks of a memory. */
interface BankConflicts {
  readonly begin: () => void;
  readonly touch: (address: number, line: number) => void;
  /** Cycles beyond the first that the requests take; -1 when there was none, as SCALE-Sim has it. */
  readonly extraCycles: () => number;
}

/** A word lies in the bank that its place in Python's set of its line says. */
function bankConflicts(
  { space }: Operand,
  order: FetchOrder,
  lineWords: number,
  { memory: { banks, ports }, offset }: BankedOperand,
): BankConflicts {
  const wordsPerBank = lineWords / banks;
  const bankOf = new Int32Array(space.words);
  for (let left = order.words; left > 0; left -= lineWords) {
    const line = Array.from({ length: Math.min(lineWords, left) }, () => toScalesim(space, order.next(), offset));
    for (const [index, address] of cpythonSetOrder(line).entries()) {
      bankOf[fromScalesim(space, address, offset)] = Math.floor(index / wordsPerBank);
    }
  }
  /** Lines touched in this cycle, by bank. */
  const touched = Array.from({ length: banks }, () => new Set<number>());
  const used: Set<number>[] = [];
  return {
    begin: () => {
      for (const lines of used.splice(0)) lines.clear();
    },
    touch: (address, line) => {
      const lines = touched[bankOf[address] ?? 0];
      if (lines === undefined) throw new Error(`word ${address} lies in no bank`);
      if (lines.size === 0) used.push(lines);
      lines.add(line);
    },
    extraCycles: () => Math.ceil(used.reduce((most, { size }) => Math.max(most, size), 0) / ports) - 1,
  };
}

function neverFetched(address: number): InputError {
  return new InputError({
    message: "SCALE-Sim would never end: a word that the array reads is nowhere in the order of prefetching",
    found: `address ${address}`,
  });
}

/** When prefetches arrive, and how long a line of requests waits for them. */
export interface PrefetchClock {
  /** The stall of a line in `cycle`; may be negative in v3, where a prefetch that came early gains time. */
  readonly stall: (cycle: number, prefetches: number, extra: number) => number;
  readonly lastCycle: () => number;
  readonly prefetches: () => number;
}

/**
 * @param once lateness counts once, when positive, as v2 and custom layouts have it; otherwise v3's plain memory adds the
 *   difference whatever its sign and, when it is late, once more
 * @param begins told the last stamp before each prefetch
 */
export function prefetchClock(prefetchLines: number, once: boolean, begins?: (after: number) => void): PrefetchClock {
  let last = -1;
  let done = 0;
  return {
    stall: (cycle, prefetches, extra) => {
      let offset = 1;
      for (let i = 0; i < prefetches; i++) {
        begins?.(last);
        last += prefetchLines + 1;
        const late = last - (cycle + offset);
        if (!once) offset += late;
        if (late > 0) offset += late;
      }
      done += prefetches;
      return offset - 1 + extra;
    },
    lastCycle: () => last,
    prefetches: () => done,
  };
}
