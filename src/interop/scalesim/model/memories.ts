// The three memories of a layer run together: which lines of requests stall, when words leave for the DRAM, and what
// that makes of the cycles. Fold by fold, so that nothing grows with the number of cycles.

import type { Demand, Fold } from "./demand.ts";
import { demandOf, foldsOf, outermostRequest, writesAt, writesOf } from "./demand.ts";
import { estimateReads } from "./estimate.ts";
import type { Operand, Product } from "./operands.ts";
import { fetchOrder, layoutOrder } from "./fetch-order.ts";
import type { Delays, PrefetchClock } from "./prefetch.ts";
import { noDelays, prefetchClock, readBuffer } from "./prefetch.ts";
import type {
  BankedSram,
  ScalesimAccess,
  ScalesimConfiguration,
  ScalesimLayout,
  ScalesimLayer,
  ScalesimVersion,
} from "../scalesim.ts";
import type { WriteBuffer, WriteListener } from "./write-buffer.ts";
import { writeBuffer } from "./write-buffer.ts";

export type ReadOperand = "ifmap" | "filter";

/** A layer as its memories see it. */
export interface MemoryRun {
  readonly layer: ScalesimLayer;
  readonly product: Product;
  readonly configuration: ScalesimConfiguration;
  readonly version: ScalesimVersion;
  /** Where ifmap or filter have a custom layout. */
  readonly layout: ScalesimLayout | undefined;
  /** Lateness counts once, whatever the version: what v3's rule for stalls was meant to be. */
  readonly stallOnce?: boolean;
}

export interface Stamps {
  readonly startCycle: number;
  readonly stopCycle: number;
}

export interface Memories {
  readonly totalCycles: number;
  readonly stallCycles: number;
  readonly sram: { readonly ifmap: Stamps; readonly filter: Stamps; readonly ofmap: Stamps };
  readonly dram: { readonly ifmap: ScalesimAccess; readonly filter: ScalesimAccess; readonly ofmap: ScalesimAccess };
}

/** Is told of every line and of every transfer: what traces are made of, and reports need not. */
export interface MemoryWatcher extends WriteListener {
  /** A line of requests is about to be served; `cycle` counts from the start of the fold. */
  readonly line: (fold: Fold, cycle: number) => void;
  /** Stamps of the line: of its reads, and of its writes. */
  readonly served: (fold: Fold, cycle: number, ifmap: number, filter: number, ofmap: number) => void;
  /** A prefetch in USER mode begins after the stamp `after`. */
  readonly prefetch: (operand: ReadOperand, after: number) => void;
}

/** Runs a layer through its memories. Throws InputError when SCALE-Sim would never end. */
export function runMemories(run: MemoryRun, watcher?: MemoryWatcher): Memories {
  const { sramKilobytes } = run.configuration;
  const ifmap = reader(run, "ifmap", watcher);
  const filter = reader(run, "filter", watcher);
  const ofmap = writeBuffer(sramKilobytes.ofmap * 1024, ofmapBandwidth(run.configuration), watcher);
  const timing = runFolds(run, ifmap, filter, ofmap, watcher);
  const drained = ofmap.finish(timing.totalCycles);
  return {
    ...timing,
    dram: {
      ifmap: ifmap.access(),
      filter: filter.access(),
      ofmap: {
        startCycle: drained.startCycle,
        stopCycle: run.version === "v2" ? drained.lastCycle : drained.stopCycle,
        words: drained.words,
      },
    },
  };
}

/** Words a cycle between the ofmap memory and the DRAM. */
export function ofmapBandwidth(configuration: ScalesimConfiguration): number {
  return configuration.mode === "CALC" ? configuration.arrayWidth : (configuration.bandwidth[0] ?? 1);
}

/** Words a cycle between the DRAM and a read memory in USER mode. */
export function readBandwidth(
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  operand: ReadOperand,
): number {
  return version === "v2" ? (configuration.bandwidth[0] ?? 1) : configuration.layout[operand].bandwidth;
}

/** The banked memory of an operand whose layout SCALE-Sim evaluates: v3, USER mode. */
export function customLayout(
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  operand: ReadOperand,
): BankedSram | undefined {
  const memory = configuration.layout[operand];
  return version === "v3" && configuration.mode === "USER" && memory.customLayout ? memory : undefined;
}

/** A read memory with what is needed to time it. */
interface Reader {
  /** Lines of the fold at hand that are late, and those whose stamps are reported. */
  readonly delays: Delays;
  /** Fills `delays` for a fold. */
  readonly walk: (fold: Fold, index: number) => void;
  readonly stall: PrefetchClock["stall"];
  /** Stall of a line that asks for nothing; it delays nobody. */
  readonly idleStall: number;
  /** To be told the stamp of every line in `delays`. */
  readonly stamp: (index: number, cycle: number, stamp: number) => void;
  readonly stamps: () => Stamps;
  readonly access: () => ScalesimAccess;
}

function reader(run: MemoryRun, name: ReadOperand, watcher: MemoryWatcher | undefined): Reader {
  const { product, configuration, version, layer } = run;
  const operand: Operand = product[name];
  const kilobytes = configuration.sramKilobytes[name];
  const demand: Demand = demandOf(operand);
  const first = outermostRequest(demand, operand, product, "first");
  const last = outermostRequest(demand, operand, product, "last");
  let startCycle = 0;
  let stopCycle = 0;
  const delays = noDelays(product.foldCycles);
  const marked = {
    delays,
    stamp: (index: number, cycle: number, at: number) => {
      if (index === first.fold && cycle === first.cycle) startCycle = at;
      if (index === last.fold && cycle === last.cycle) stopCycle = at;
    },
    stamps: () => ({ startCycle, stopCycle }),
  };
  const mark = (index: number): void => {
    if (index === first.fold) insert(delays, first.cycle);
    if (index === last.fold) insert(delays, last.cycle);
  };
  if (configuration.mode === "CALC") {
    const access = estimateReads(operand, demand, product, kilobytes, first.cycle);
    return {
      ...marked,
      walk: (_, index) => {
        delays.count = 0;
        mark(index);
      },
      stall: () => 0,
      idleStall: 0,
      access: () => access,
    };
  }
  const banked = customLayout(configuration, version, name);
  const bandwidth = readBandwidth(configuration, version, name);
  const order =
    banked === undefined
      ? fetchOrder(operand, name === "ifmap" ? product.prefetchWindow : undefined)
      : layoutOrder(layer, name, operand, run.layout, bandwidth);
  const buffer = readBuffer(
    operand,
    demand,
    order,
    kilobytes * 1024,
    bandwidth,
    banked === undefined ? undefined : { memory: banked, offset: configuration.offsets[name] },
  );
  const once = run.stallOnce === true || version === "v2" || banked !== undefined;
  const clock = prefetchClock(
    buffer.prefetchLines,
    once,
    watcher === undefined
      ? undefined
      : (after) => {
          watcher.prefetch(name, after);
        },
  );
  return {
    ...marked,
    walk: (fold, index) => {
      buffer.walk(fold, delays);
      mark(index);
    },
    stall: clock.stall,
    idleStall: banked === undefined ? 0 : -1,
    access: () => ({
      startCycle: -buffer.firstLines,
      stopCycle: clock.lastCycle(),
      words: (buffer.firstLines + clock.prefetches() * buffer.prefetchLines) * bandwidth,
    }),
  };
}

/** Adds a line that is on time, so that its stamp is told. */
function insert(delays: Delays, cycle: number): void {
  let place = delays.count;
  while (place > 0 && (delays.cycle[place - 1] ?? 0) >= cycle) place--;
  if (place < delays.count && delays.cycle[place] === cycle) return;
  for (const list of [delays.cycle, delays.prefetches, delays.extra]) list.copyWithin(place + 1, place, delays.count);
  delays.cycle[place] = cycle;
  delays.prefetches[place] = 0;
  delays.extra[place] = 0;
  delays.count++;
}

function runFolds(
  { product, configuration }: MemoryRun,
  ifmap: Reader,
  filter: Reader,
  ofmap: WriteBuffer,
  watcher: MemoryWatcher | undefined,
): Omit<Memories, "dram"> {
  const { foldCycles } = product;
  let stalls = 0;
  let served = 0;
  let firstWrite = -1;
  let lastWrite = 0;
  let index = 0;
  for (const fold of foldsOf(product)) {
    ifmap.walk(fold, index);
    filter.walk(fold, index);
    const start = index * foldCycles;
    const writes = writesOf(product, configuration, fold);
    /** Stores the words of a line; the cycles that they wait. */
    const write = (cycle: number): number => {
      watcher?.line(fold, cycle);
      const words = writesAt(writes, cycle);
      const now = start + cycle + stalls;
      served = now;
      if (words === 0) return 0;
      if (words <= ofmap.room(now)) ofmap.fill(words);
      else served += ofmap.write(now, words);
      if (firstWrite < 0) firstWrite = served;
      lastWrite = served;
      return served - now;
    };
    /** Lines that wait for no read, so that only those that write are of interest. */
    const writeUntil = (from: number, to: number): void => {
      if (watcher !== undefined) {
        for (let cycle = from; cycle < to; cycle++) {
          const read = start + cycle + stalls + 1;
          const wait = write(cycle);
          watcher.served(fold, cycle, read + ifmap.idleStall, read + filter.idleStall, served);
          stalls += wait;
        }
        return;
      }
      const end = Math.min(to, writes.end);
      for (let cycle = Math.max(from, writes.start); cycle < end; cycle++) stalls += write(cycle);
    };
    let next = 0;
    let i = 0;
    let f = 0;
    while (i < ifmap.delays.count || f < filter.delays.count) {
      const ifmapCycle = i < ifmap.delays.count ? (ifmap.delays.cycle[i] ?? 0) : Infinity;
      const filterCycle = f < filter.delays.count ? (filter.delays.cycle[f] ?? 0) : Infinity;
      const cycle = Math.min(ifmapCycle, filterCycle);
      writeUntil(next, cycle);
      const now = start + cycle + stalls;
      let ifmapStall = ifmap.idleStall;
      let filterStall = filter.idleStall;
      if (ifmapCycle === cycle) {
        ifmapStall = ifmap.stall(now, ifmap.delays.prefetches[i] ?? 0, ifmap.delays.extra[i] ?? 0);
        ifmap.stamp(index, cycle, now + 1 + ifmapStall);
        i++;
      }
      if (filterCycle === cycle) {
        filterStall = filter.stall(now, filter.delays.prefetches[f] ?? 0, filter.delays.extra[f] ?? 0);
        filter.stamp(index, cycle, now + 1 + filterStall);
        f++;
      }
      const wait = write(cycle);
      watcher?.served(fold, cycle, now + 1 + ifmapStall, now + 1 + filterStall, served);
      stalls += Math.max(ifmapStall, filterStall, wait);
      next = cycle + 1;
    }
    writeUntil(next, foldCycles);
    // The last line of a fold need not write anything, but the fold ends with it.
    if (Math.max(next, writes.end) < foldCycles) served = start + foldCycles - 1 + stalls;
    index++;
  }
  return {
    totalCycles: served,
    stallCycles: stalls,
    sram: { ifmap: ifmap.stamps(), filter: filter.stamps(), ofmap: { startCycle: firstWrite, stopCycle: lastWrite } },
  };
}
