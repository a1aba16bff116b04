// The six traces of a layer, row by row as SCALE-Sim writes them: what the array asks of each memory in every cycle, and
// what each memory exchanges with the DRAM. Nothing is kept but what a memory itself would hold.

import { cpythonSetOrder } from "./python/cpython-set.ts";
import type { Demand, Fold } from "./model/demand.ts";
import { demandOf, writesOf } from "./model/demand.ts";
import { capacityWords, firstFillCycles, setWords, walkEpochs } from "./model/estimate.ts";
import { fetchOrder, layoutOrder } from "./model/fetch-order.ts";
import type { MemoryRun, MemoryWatcher, ReadOperand } from "./model/memories.ts";
import { customLayout, ofmapBandwidth, readBandwidth, runMemories } from "./model/memories.ts";
import { productOf, toScalesim } from "./model/operands.ts";
import type { ScalesimConfiguration, ScalesimLayer, ScalesimLayout, ScalesimVersion } from "./scalesim.ts";
import { checkScalesim } from "./simulate.ts";

export type TraceFile = "IFMAP_SRAM" | "FILTER_SRAM" | "OFMAP_SRAM" | "IFMAP_DRAM" | "FILTER_DRAM" | "OFMAP_DRAM";

/** Takes the rows of the six traces. The rows of a file come in order; those of different files come mixed. */
export interface TraceSink {
  /** Before the first row of a file: how many addresses each of its rows has. */
  readonly open: (file: TraceFile, width: number) => void;
  /** `addresses` is used again for the next row; -1 stands for none. */
  readonly row: (file: TraceFile, cycle: number, addresses: Float64Array) => void;
}

const sramFile = { ifmap: "IFMAP_SRAM", filter: "FILTER_SRAM" } as const;
const dramFile = { ifmap: "IFMAP_DRAM", filter: "FILTER_DRAM" } as const;

/** Runs a layer and tells the sink all its traces. Throws InputError as `simulateScalesimLayer` does. */
export function traceScalesimLayer(
  layer: ScalesimLayer,
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  sink: TraceSink,
  layouts: readonly ScalesimLayout[] = [],
): void {
  checkScalesim(configuration, version, layouts);
  const product = productOf(layer, configuration);
  const run: MemoryRun = { layer, product, configuration, version, layout: layouts[0] };
  const ifmap = sramTrace(run, "ifmap", sink);
  const filter = sramTrace(run, "filter", sink);
  const ofmap = ofmapTrace(run, sink);
  const prefetched =
    configuration.mode === "USER"
      ? { ifmap: prefetchTrace(run, "ifmap", sink), filter: prefetchTrace(run, "filter", sink) }
      : undefined;
  if (prefetched === undefined) {
    estimateTrace(run, "ifmap", sink);
    estimateTrace(run, "filter", sink);
  }
  const watcher: MemoryWatcher = {
    line: ofmap.line,
    served: (fold, cycle, ifmapStamp, filterStamp, ofmapStamp) => {
      ifmap(fold, cycle, ifmapStamp);
      filter(fold, cycle, filterStamp);
      ofmap.served(ofmapStamp);
    },
    prefetch: (operand, after) => {
      prefetched?.[operand](after);
    },
    drained: ofmap.drained,
    closed: ofmap.closed,
  };
  runMemories(run, watcher);
}

/** From an address of the model to SCALE-Sim's. */
function addressing(run: MemoryRun, operand: ReadOperand): (address: number) => number {
  const offset = run.configuration.offsets[operand];
  const { space } = run.product[operand];
  return (address) => (address < 0 ? -1 : toScalesim(space, address, offset));
}

function sramTrace(
  run: MemoryRun,
  name: ReadOperand,
  sink: TraceSink,
): (fold: Fold, cycle: number, stamp: number) => void {
  const demand: Demand = demandOf(run.product[name]);
  const toAddress = addressing(run, name);
  const buffer = new Int32Array(demand.lanes * demand.width);
  const addresses = new Float64Array(buffer.length);
  sink.open(sramFile[name], addresses.length);
  return (fold, cycle, stamp) => {
    demand.row(fold, cycle, buffer);
    for (let i = 0; i < buffer.length; i++) addresses[i] = toAddress(buffer[i] ?? -1);
    sink.row(sramFile[name], stamp, addresses);
  };
}

interface OfmapTrace {
  readonly line: (fold: Fold, cycle: number) => void;
  readonly served: (stamp: number) => void;
  readonly drained: MemoryWatcher["drained"];
  readonly closed: MemoryWatcher["closed"];
}

function ofmapTrace({ product, configuration }: MemoryRun, sink: TraceSink): OfmapTrace {
  const { arrayHeight, arrayWidth, dataflow, offsets } = configuration;
  const lineWords = ofmapBandwidth(configuration);
  const row = new Float64Array(arrayWidth);
  const dramRow = new Float64Array(lineWords);
  /** Words on their way to the DRAM, oldest first from `taken` on. */
  let waiting: number[] = [];
  let taken = 0;
  const short = new Map<number, number>();
  sink.open("OFMAP_SRAM", arrayWidth);
  sink.open("OFMAP_DRAM", lineWords);
  return {
    line: (fold, cycle) => {
      row.fill(-1);
      const writes = writesOf(product, configuration, fold);
      if (cycle < writes.start || cycle >= writes.end) return;
      for (let lane = 0; lane < writes.columns; lane++) {
        const element = cycle - writes.start - lane;
        if (element < 0 || element >= writes.elements) continue;
        const column = fold.column * arrayWidth + lane;
        const address =
          dataflow === "os"
            ? (fold.row * arrayHeight + writes.elements - 1 - element) * product.filters + column
            : dataflow === "ws"
              ? element * product.filters + column
              : column * product.filters + element;
        row[lane] = address + offsets.ofmap;
        waiting.push(address + offsets.ofmap);
      }
    },
    served: (stamp) => {
      sink.row("OFMAP_SRAM", stamp, row);
    },
    closed: (line, words) => {
      short.set(line, words);
    },
    drained: (cycle, first, lines) => {
      for (let i = 0; i < lines; i++) {
        const words = short.get(first + i) ?? lineWords;
        short.delete(first + i);
        dramRow.fill(-1);
        for (let word = 0; word < words; word++) dramRow[word] = waiting[taken++] ?? -1;
        sink.row("OFMAP_DRAM", cycle + i, dramRow);
      }
      // Dropped only now and then, so that each word is moved a few times at most.
      if (taken > waiting.length / 2) {
        waiting = waiting.slice(taken);
        taken = 0;
      }
    },
  };
}

/**
 * Prefetches in USER mode. The first fill is right; every later prefetch takes the same lines, because the pointer to
 * the next line is set back each time, and loses the words at both ends that a full memory does not take.
 */
function prefetchTrace(run: MemoryRun, name: ReadOperand, sink: TraceSink): (after: number) => void {
  const { layer, product, configuration, version, layout } = run;
  const operand = product[name];
  const half = configuration.sramKilobytes[name] * 512;
  const bandwidth = readBandwidth(configuration, version, name);
  const order =
    customLayout(configuration, version, name) === undefined
      ? fetchOrder(operand, name === "ifmap" ? product.prefetchWindow : undefined)
      : layoutOrder(layer, name, operand, layout, bandwidth);
  const toAddress = addressing(run, name);
  const lines = Math.ceil(order.entries / bandwidth);
  const perPrefetch = Math.ceil(half / bandwidth);
  const firstLines = Math.min(perPrefetch, lines);
  /** Words of the last line of a prefetch that still fit, where not all do. */
  const fitting = half % bandwidth;
  const cut = firstLines * bandwidth > half;
  const cutLater = perPrefetch * bandwidth > half;
  const addresses = new Float64Array(bandwidth);
  const emit = (stamp: number, line: number, from: number, to: number): void => {
    for (let column = 0; column < bandwidth; column++) {
      const entry = line * bandwidth + column;
      // The cut of the first fill stays in the table, whoever reads that line later.
      const lost = column < from || column >= to || (cut && line === firstLines - 1 && column >= fitting);
      addresses[column] = lost || entry >= order.entries ? -1 : toAddress(order.at(entry));
    }
    sink.row(dramFile[name], stamp, addresses);
  };
  sink.open(dramFile[name], bandwidth);
  for (let line = 0; line < firstLines; line++) emit(line - firstLines, line, 0, bandwidth);
  const start = (cut ? firstLines : firstLines + 1) % lines;
  return (after) => {
    const taken = Math.min(start + perPrefetch, lines) - start;
    const wrapped = Math.min(Math.max(0, start + perPrefetch - lines), start);
    for (let i = 0; i < taken + wrapped; i++) {
      const line = i < taken ? start + i : i - taken;
      const last = cutLater && i === taken + wrapped - 1;
      emit(after + 2 + i, line, i === 0 && cut ? fitting : 0, last ? fitting : bandwidth);
    }
  };
}

/** The fetches of CALC mode: each epoch's words while the epoch before it is in use, spread evenly and rounded up. */
function estimateTrace(run: MemoryRun, name: ReadOperand, sink: TraceSink): void {
  const { product, configuration } = run;
  const operand = product[name];
  const demand = demandOf(operand);
  const set = setWords(configuration.sramKilobytes[name]);
  const capacity = capacityWords(configuration.sramKilobytes[name]);
  const toAddress = addressing(run, name);
  // Rows are as wide as the widest of the file, so all fetches are found before the first is written.
  const fetches: { readonly start: number; readonly cycles: number; readonly perCycle: number }[] = [];
  let firstRequest = 0;
  let start = 0;
  let end = 0;
  const plan = (words: number): void => {
    const charged = Math.ceil(words / set) * set;
    if (fetches.length === 0) {
      const cycles = firstFillCycles(charged);
      // Without a second epoch the fill ends before cycle 0, else before the first request.
      const before = words === capacity ? firstRequest : 0;
      fetches.push({ start: before - cycles, cycles, perCycle: 10 });
      start = firstRequest - 1;
      return;
    }
    const cycles = Math.max(1, end - start + 1);
    fetches.push({ start: start + 1, cycles, perCycle: Math.ceil(charged / cycles) });
    start = end + 1;
  };
  let held = 0;
  walkEpochs(operand, demand, product, capacity, {
    word: (_, cycle) => {
      if (held === 0 && fetches.length === 0) firstRequest = cycle;
      held++;
    },
    flush: (cycle) => {
      plan(held);
      held = 0;
      end = cycle;
    },
  });
  plan(held);
  const width = fetches.reduce((widest, { perCycle }) => Math.max(widest, perCycle), 0);
  sink.open(dramFile[name], width);
  const addresses = new Float64Array(width);
  let next = 0;
  let words: number[] = [];
  const emit = (): void => {
    const fetch = fetches[next++];
    if (fetch === undefined) return;
    const order: number[] = [];
    for (let first = 0; first < words.length; first += set) {
      for (const address of cpythonSetOrder(words.slice(first, first + set))) order.push(address);
    }
    words = [];
    for (let i = 0; i < fetch.cycles; i++) {
      for (let column = 0; column < width; column++) {
        // Rows of narrower fetches are filled up with ones, which SCALE-Sim takes for addresses.
        addresses[column] = column >= fetch.perCycle ? 1 : (order[i * fetch.perCycle + column] ?? -1);
      }
      sink.row(dramFile[name], fetch.start + i, addresses);
    }
  };
  walkEpochs(operand, demand, product, capacity, {
    word: (address) => {
      words.push(toAddress(address));
    },
    flush: emit,
  });
  emit();
}
