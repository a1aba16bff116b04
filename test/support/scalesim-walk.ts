// A slow reference of SCALE-Sim for small layers: all addresses of all lanes in all cycles walk through the buffers one
// by one. Shares nothing with the engine in src/ but the types, and follows upstream also where upstream is wrong.

import type {
  ScalesimAccess,
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimLayerResult,
  ScalesimLayout,
  ScalesimVersion,
} from "../../src/interop/scalesim/scalesim.ts";
import type { Buffer, DramTraffic, TraceRow } from "./scalesim-walk-buffers.ts";
import { estimatingBuffer, prefetchingBuffer, writeBuffer } from "./scalesim-walk-buffers.ts";
import { computeOf } from "./scalesim-walk-compute.ts";
import { filterLayoutOrder, ifmapLayoutOrder } from "./scalesim-walk-layout.ts";
import { at } from "./scalesim-walk-matrix.ts";
import { operandsOf } from "./scalesim-walk-operands.ts";

interface OperandTraces {
  ifmap: TraceRow[];
  filter: TraceRow[];
  ofmap: TraceRow[];
}

/** Rows as SCALE-Sim writes them; all rows of a trace have the same width, -1 stands for no address. */
export interface ScalesimTraces {
  sram: OperandTraces;
  dram: OperandTraces;
}

/**
 * Result and traces of a layer. v2 has no report of the cycles with prefetch, here they are computed as in v3. Custom
 * layouts count in USER mode of v3, and of those given only the first one, whatever the layer. What makes SCALE-Sim
 * itself stop with an error, or never stop, throws.
 */
export function walkScalesimLayer(
  layer: ScalesimLayer,
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  layouts: readonly ScalesimLayout[] = [],
): { result: ScalesimLayerResult; traces: ScalesimTraces } {
  const operands = operandsOf(layer, configuration);
  const compute = computeOf(operands, layer, configuration);
  const buffers = buffersOf(layer, compute.prefetch, configuration, version, layouts);

  const sram: OperandTraces = { ifmap: [], filter: [], ofmap: [] };
  let stallCycles = 0;
  let lastServed = 0;
  compute.demand.ofmap.forEach((writes, line) => {
    const cycle = line + stallCycles;
    const ifmapReads = at(compute.demand.ifmap, line);
    const filterReads = at(compute.demand.filter, line);
    const ifmapServed = buffers.ifmap.serve(cycle, ifmapReads);
    const filterServed = buffers.filter.serve(cycle, filterReads);
    lastServed = buffers.ofmap.serve(cycle, writes);
    sram.ifmap.push({ cycle: ifmapServed, addresses: [...ifmapReads] });
    sram.filter.push({ cycle: filterServed, addresses: [...filterReads] });
    sram.ofmap.push({ cycle: lastServed, addresses: [...writes] });
    // A hit takes one cycle, which is no stall.
    stallCycles += Math.max(ifmapServed - cycle - 1, filterServed - cycle - 1, lastServed - cycle);
  });
  const dram = {
    ifmap: buffers.ifmap.finish(lastServed),
    filter: buffers.filter.finish(lastServed),
    ofmap: buffers.ofmap.finish(lastServed),
  };

  const accesses = {
    ifmap: dramAccess(dram.ifmap),
    filter: dramAccess(dram.filter),
    ofmap: dramAccess(dram.ofmap, version === "v3"),
  };
  const lanes = configuration.arrayHeight * configuration.arrayWidth;
  const result: ScalesimLayerResult = {
    totalCyclesWithPrefetch: Math.trunc(
      accesses.ofmap.stopCycle - Math.min(accesses.ifmap.startCycle, accesses.filter.startCycle),
    ),
    totalCycles: lastServed,
    stallCycles,
    overallUtilisationPercent: (operands.macs * 100) / (lastServed * lanes),
    mappingEfficiencyPercent: mean(compute.mappingEfficiency) * 100,
    computeUtilisationPercent: mean(compute.computeUtilisation) * 100,
    sram: {
      ifmap: sramAccess(sram.ifmap, compute.reads.ifmap),
      filter: sramAccess(sram.filter, compute.reads.filter),
      ofmap: sramAccess(sram.ofmap, compute.ofmapWrites),
    },
    dram: accesses,
    ...(operands.storage === undefined ? {} : { storage: operands.storage }),
  };
  const traces = { sram, dram: { ifmap: dram.ifmap.trace, filter: dram.filter.trace, ofmap: dram.ofmap.trace } };
  return { result, traces };
}

function buffersOf(
  layer: ScalesimLayer,
  prefetch: { readonly ifmap: () => number[]; readonly filter: () => number[] },
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
  layouts: readonly ScalesimLayout[],
): { ifmap: Buffer; filter: Buffer; ofmap: Buffer } {
  const { sramKilobytes, layout } = configuration;
  const size = (operand: "ifmap" | "filter" | "ofmap"): number => sramKilobytes[operand] * 1024;
  if (configuration.mode === "CALC") {
    return {
      ifmap: estimatingBuffer(size("ifmap")),
      filter: estimatingBuffer(size("filter")),
      ofmap: writeBuffer(size("ofmap"), configuration.arrayWidth),
    };
  }
  const bandwidth = at(configuration.bandwidth, 0);
  const reading = (operand: "ifmap" | "filter"): Buffer => {
    if (version === "v2") return prefetchingBuffer(size(operand), bandwidth, prefetch[operand](), version);
    const { bandwidth: words, banks: count, ports, customLayout } = layout[operand];
    if (words % count !== 0) throw new Error("banks of unequal width: SCALE-Sim stops here, layout or not");
    if (!customLayout) return prefetchingBuffer(size(operand), words, prefetch[operand](), version);
    const orderOf = operand === "ifmap" ? ifmapLayoutOrder : filterLayoutOrder;
    const order = orderOf(layer, configuration, at(layouts, 0));
    return prefetchingBuffer(size(operand), words, order, version, { count, ports });
  };
  return { ifmap: reading("ifmap"), filter: reading("filter"), ofmap: writeBuffer(size("ofmap"), bandwidth) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** From the first to the last row that holds an address; 0 where none does. */
function sramAccess(trace: readonly TraceRow[], words: number): ScalesimAccess {
  const asks = (row: TraceRow): boolean => row.addresses.some((address) => address !== -1);
  return { startCycle: trace.find(asks)?.cycle ?? 0, stopCycle: trace.findLast(asks)?.cycle ?? 0, words };
}

function dramAccess({ trace, words }: DramTraffic, latest = false): ScalesimAccess {
  const stopCycle = latest
    ? trace.reduce((stop, row) => Math.max(stop, row.cycle), Number.NEGATIVE_INFINITY)
    : at(trace, trace.length - 1).cycle;
  return { startCycle: at(trace, 0).cycle, stopCycle, words };
}
