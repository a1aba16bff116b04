// The three scratchpads of SCALE-Sim served line by line and word by word: the read buffers of CALC and of USER mode, and
// the write buffer. Each keeps the trace of what it asked of DRAM.

import type { ScalesimVersion } from "../../src/interop/scalesim/scalesim.ts";
import { at } from "./scalesim-walk-matrix.ts";
import { cpythonSetOrder } from "./scalesim-walk-python.ts";

export interface TraceRow {
  cycle: number;
  addresses: number[];
}

export interface DramTraffic {
  readonly words: number;
  readonly trace: TraceRow[];
}

export interface Buffer {
  /** Takes the requests of a cycle and says in which they are served. */
  readonly serve: (cycle: number, requests: readonly number[]) => number;
  /** Ends the layer; the last line was served in the given cycle. */
  readonly finish: (lastServed: number) => DramTraffic;
}

/** Cycles from a request to its answer, of a hit in a read buffer and of a read of DRAM alike. */
const READ_LATENCY = 1;

/** The read buffer of CALC: it never stalls, and fetches each epoch of new addresses while the one before is in use. */
export function estimatingBuffer(sizeWords: number): Buffer {
  const setWords = Math.floor(sizeWords / 100);
  const activeSets = 50;
  const defaultBandwidth = 10;
  const trace: TraceRow[] = [];
  let words = 0;
  let firstRequestCycle: number | undefined;
  /** Of the epoch: all addresses, the sets that are full, and the one that is filling. */
  const epoch = new Set<number>();
  let sets: number[][] = [];
  let current: number[] = [];
  /** When the sets of the epoch are fetched; not known before the first one is full. */
  let interval: { start: number; end: number } | undefined;

  function prefetch(start: number, end: number, bandwidth: number): void {
    const addresses = sets.flatMap((set) => cpythonSetOrder(set));
    words += addresses.length;
    const width = Math.max(bandwidth, trace[0]?.addresses.length ?? 0);
    // Rows of unequal width are filled up with address 1.
    for (const row of trace) while (row.addresses.length < width) row.addresses.push(1);
    for (let cycle = start; cycle <= end; cycle++) {
      const line = Array.from({ length: bandwidth }, (_, i) => addresses[(cycle - start) * bandwidth + i] ?? -1);
      while (line.length < width) line.push(1);
      trace.push({ cycle: cycle + READ_LATENCY, addresses: line });
    }
  }

  /** The fetch before the first request, which ends in the given cycle. */
  function prefetchAhead(end: number): void {
    const cycles = Math.ceil((sets.length * setWords) / defaultBandwidth);
    prefetch(end - cycles + 1, end, defaultBandwidth);
  }

  function prefetchIn({ start, end }: { start: number; end: number }): void {
    const cycles = end - start + 1;
    if (cycles < 1) throw new Error("two epochs end in one cycle: SCALE-Sim divides by zero");
    prefetch(start, end, Math.ceil((sets.length * setWords) / cycles));
  }

  return {
    serve(cycle, requests) {
      if (requests.some((address) => address > -1)) firstRequestCycle ??= cycle;
      for (const address of requests) {
        if (address === -1 || epoch.has(address)) continue;
        epoch.add(address);
        current.push(address);
        if (current.length < setWords) continue;
        sets.push(current);
        current = [];
        if (sets.length < activeSets) continue;
        if (interval === undefined) {
          const end = (firstRequestCycle ?? 0) - 1 - READ_LATENCY;
          prefetchAhead(end);
          interval = { start: end + 1, end: cycle };
        } else {
          prefetchIn(interval);
          interval = { start: interval.end + 1, end: cycle };
        }
        sets = [];
        epoch.clear();
      }
      return cycle + READ_LATENCY;
    },
    finish() {
      if (current.length > 0) sets.push(current);
      // Where the first epoch never filled, the fetch ends before cycle 0 whenever the first request came. Where the
      // last one is empty, its interval is in the trace all the same.
      if (interval === undefined) prefetchAhead(-1 - READ_LATENCY);
      else prefetchIn(interval);
      return { words, trace };
    },
  };
}

/** What v3 makes of a custom layout: sets are lines of the SRAM, and each line lies across all banks. */
export interface Banks {
  readonly count: number;
  /** Lines that a bank reads in a cycle. */
  readonly ports: number;
}

/**
 * The read buffer of USER mode: a window of sets moves round and round over the fixed order of prefetching until it
 * holds what was asked for. Banks are given where the operand has a custom layout.
 */
export function prefetchingBuffer(
  sizeWords: number,
  bandwidth: number,
  order: readonly number[],
  version: ScalesimVersion,
  banks?: Banks,
): Buffer {
  const half = Math.ceil(sizeWords / 2);
  const linesPerPrefetch = Math.ceil(half / bandwidth);

  // Lines as they come from DRAM. Later fetches overwrite some of their words with -1, for good.
  const lines: number[][] = [];
  for (let start = 0; start < order.length; start += bandwidth) {
    const line = order.slice(start, start + bandwidth);
    while (line.length < bandwidth) line.push(-1);
    lines.push(line);
  }

  // The sets that are looked up were made before that. A full set is followed by another one, be it empty.
  const setWords = banks === undefined ? Math.ceil(sizeWords / 100) : bandwidth;
  const sets: number[][] = [[]];
  const setsOf = new Map<number, number[]>();
  for (const address of order) {
    if (address === -1) continue;
    const known = setsOf.get(address);
    if (known === undefined) setsOf.set(address, [sets.length - 1]);
    else known.push(sets.length - 1);
    const set = at(sets, sets.length - 1);
    set.push(address);
    if (set.length === setWords) sets.push([]);
  }
  const setCount = sets.length;
  const activeSets = Math.min(Math.ceil(half / setWords), setCount);
  const prefetchSets = Math.min(Math.ceil(half / setWords), setCount - activeSets);

  const trace: TraceRow[] = [];
  let words = 0;
  let lastPrefetchCycle = -1;
  let activeStart = 0;
  let activeEnd = activeSets;
  let nextLine = 0;
  let nullsInFirstLine = 0;
  let started = false;

  /** The first set of the window, from its start on, that holds an address. */
  const setWith = (address: number): number | undefined => {
    const known = setsOf.get(address);
    if (known === undefined) throw new Error("an address that is never fetched: SCALE-Sim looks for it forever");
    const inWindow = known.filter((set) =>
      activeStart < activeEnd ? set >= activeStart && set < activeEnd : set >= activeStart || set < activeEnd,
    );
    return inWindow.find((set) => set >= activeStart) ?? inWindow[0];
  };

  // A set loses the order of its words to CPython before it is cut into banks. A layout names every word once.
  const bankOf = new Map<number, number>();
  if (banks !== undefined) {
    for (const set of sets) {
      cpythonSetOrder(set).forEach((address, i) =>
        bankOf.set(address, Math.floor(i / Math.floor(bandwidth / banks.count))),
      );
    }
  }

  /** Cycles that a line of requests takes beyond the first one: -1 if it asks for nothing, upstream counts that too. */
  const conflictCycles = (asked: ReadonlyMap<number, number>, { count, ports }: Banks): number => {
    const lines = Array.from({ length: count }, () => new Set<number>());
    for (const [address, line] of asked) {
      const bank = bankOf.get(address);
      if (bank === undefined) throw new Error(`no bank of ${address}`);
      at(lines, bank).add(line);
    }
    return Math.ceil(Math.max(...lines.map((inBank) => inBank.size)) / ports) - 1;
  };

  const request = (fetched: readonly (readonly number[])[], firstCycle: number): void => {
    fetched.forEach((line, i) => trace.push({ cycle: firstCycle + i + READ_LATENCY, addresses: [...line] }));
  };

  function firstPrefetch(cycle: number): void {
    const count = Math.min(linesPerPrefetch, lines.length);
    const requested = count * bandwidth;
    words += requested;
    if (requested > half) {
      nullsInFirstLine = half % bandwidth;
      at(lines, count - 1).fill(-1, half % bandwidth);
    }
    request(lines.slice(0, count), cycle - count - READ_LATENCY);
    lastPrefetchCycle = cycle - 1;
    nextLine = (requested > half ? count : count + 1) % lines.length;
  }

  function nextPrefetch(): void {
    activeStart = (activeStart + prefetchSets) % setCount;
    activeEnd = (activeStart + activeSets) % setCount;
    const requested = linesPerPrefetch * bandwidth;
    words += requested;
    const end = nextLine + linesPerPrefetch;
    let fetched = lines.slice(nextLine, end);
    if (end > lines.length) {
      // Only here SCALE-Sim works on a copy; without turning round, the words lost are lost to later fetches too.
      fetched = [...fetched, ...lines.slice(0, Math.min(end - lines.length, nextLine))].map((line) => [...line]);
    }
    if (fetched.length !== linesPerPrefetch) throw new Error("fewer lines than cycles: SCALE-Sim stops here");
    at(fetched, 0).fill(-1, 0, nullsInFirstLine);
    if (requested > half) at(fetched, fetched.length - 1).fill(-1, half % bandwidth);
    request(fetched, lastPrefetchCycle + 1);
    lastPrefetchCycle += linesPerPrefetch + READ_LATENCY;
    // Not counted from where this prefetch began: every later one fetches the same lines.
    nextLine = (requested > half ? linesPerPrefetch : linesPerPrefetch + 1) % lines.length;
  }

  return {
    serve(cycle, requests) {
      if (!started) firstPrefetch(cycle);
      started = true;
      let offset = READ_LATENCY;
      const asked = new Map<number, number>();
      for (const address of requests) {
        if (address === -1) continue;
        let set = setWith(address);
        while (set === undefined) {
          nextPrefetch();
          const wait = lastPrefetchCycle - (cycle + offset);
          // Without a layout v3 adds the wait twice, and once even if it is negative.
          if (version === "v3" && banks === undefined) offset += wait;
          if (wait > 0) offset += wait;
          set = setWith(address);
        }
        asked.set(address, set);
      }
      if (banks !== undefined) offset += conflictCycles(asked, banks);
      return cycle + offset;
    },
    finish: () => ({ words, trace }),
  };
}

/** The write buffer: it drains half of itself, a line a cycle, whenever less than half is free. */
export function writeBuffer(sizeWords: number, bandwidth: number): Buffer {
  const half = Math.ceil(sizeWords / 2);
  const linesPerDrain = Math.ceil((sizeWords - half) / bandwidth);
  const lines: number[][] = [];
  /** Cycles of the lines drained so far. */
  const drained: number[] = [];
  let current: number[] = [];
  let words = 0;
  let freeWords = sizeWords;
  let drainEnd = 0;

  function closeLine(): void {
    if (current.length === 0) return;
    while (current.length < bandwidth) current.push(-1);
    lines.push(current);
    current = [];
  }

  function drain(start: number): void {
    const batch = lines.slice(drained.length, drained.length + linesPerDrain);
    // Of lines that were closed early only the batch's last one is not counted in full.
    const count = batch.length * bandwidth - at(batch, batch.length - 1).filter((address) => address === -1).length;
    words += count;
    freeWords += count;
    drainEnd = start + batch.length - 1;
    for (let i = 0; i < batch.length; i++) drained.push(start + i);
  }

  return {
    serve(cycle, requests) {
      let now = cycle;
      for (const address of requests) {
        if (address === -1) continue;
        current.push(address);
        freeWords--;
        if (current.length === bandwidth) closeLine();
        if (now < drainEnd) {
          if (freeWords <= 0) now = drainEnd;
        } else if (freeWords < half) {
          closeLine();
          drain(now);
        }
      }
      return now;
    },
    finish(lastServed) {
      closeLine();
      for (let cycle = lastServed; drained.length < lines.length; cycle = drainEnd + 1) drain(cycle);
      return { words, trace: lines.map((addresses, i) => ({ cycle: at(drained, i), addresses })) };
    },
  };
}
