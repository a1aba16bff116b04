// Runs in the Chrome trace event format, which Perfetto and chrome://tracing open: a process per machine, a thread
// per resource, an event per interval (or per layer where no intervals were recorded) and counters of traffic.

import type { Interval, LayerResult, RunResult } from "../simulate/result.ts";
import { farthestBytes, farthestMemory, machineLabels } from "./runs.ts";

type TraceEvent = Readonly<Record<string, unknown>>;

/** Intervals of one layer of one run, in cycles from the layer's start; undefined where none were recorded. */
export type IntervalsOf = (runIndex: number, layerIndex: number) => readonly Interval[] | undefined;

const layerThread = 0;

/**
 * The trace as JSON text. Times are microseconds of simulated time: layers follow each other, and a cycle lasts
 * 1 / clock of its layer.
 */
export function traceJson(runs: readonly RunResult[], intervalsOf: IntervalsOf = () => undefined): string {
  const labels = machineLabels(runs);
  const events = runs.flatMap((run, index) => runEvents(run, index, labels[index] ?? run.accelerator, intervalsOf));
  const head = { displayTimeUnit: "ns", otherData: { workload: runs[0]?.workload ?? "", machines: labels } };
  // One event a line: traces grow long, and a person may search them.
  const lines = events.map((event) => JSON.stringify(event)).join(",\n");
  return `${JSON.stringify(head).slice(0, -1)},"traceEvents":[\n${lines}\n]}\n`;
}

function runEvents(run: RunResult, runIndex: number, label: string, intervalsOf: IntervalsOf): TraceEvent[] {
  const pid = runIndex + 1;
  const threads = new Map<string, number>();
  const events: TraceEvent[] = [
    { name: "process_name", ph: "M", pid, tid: layerThread, args: { name: label } },
    { name: "process_sort_index", ph: "M", pid, tid: layerThread, args: { sort_index: runIndex } },
    { name: "thread_name", ph: "M", pid, tid: layerThread, args: { name: "layers" } },
  ];
  const memory = farthestMemory(run);
  let start = 0;
  run.layers.forEach((layer, layerIndex) => {
    events.push(layerEvent(layer, layerIndex, pid, start));
    if (memory !== undefined) events.push(trafficCounter(layer, memory, pid, start));
    for (const interval of intervalsOf(runIndex, layerIndex) ?? []) {
      let tid = threads.get(interval.resource);
      if (tid === undefined) {
        tid = threads.size + 1;
        threads.set(interval.resource, tid);
        events.push({ name: "thread_name", ph: "M", pid, tid, args: { name: interval.resource } });
      }
      const microsecondsPerCycle = 1e6 / layer.clock;
      events.push({
        name: interval.label,
        cat: interval.resource,
        ph: "X",
        pid,
        tid,
        ts: start + interval.start * microsecondsPerCycle,
        dur: interval.duration * microsecondsPerCycle,
        args: { layer: layer.name, start_cycle: interval.start, cycles: interval.duration },
      });
    }
    start += layer.seconds * 1e6;
  });
  if (memory !== undefined) {
    events.push({
      name: `${memory} traffic`,
      ph: "C",
      pid,
      tid: layerThread,
      ts: start,
      args: { "bytes per second": 0 },
    });
  }
  return events;
}

function layerEvent(layer: LayerResult, layerIndex: number, pid: number, start: number): TraceEvent {
  return {
    name: layer.name,
    cat: "layer",
    ph: "X",
    pid,
    tid: layerThread,
    ts: start,
    dur: layer.seconds * 1e6,
    args: {
      number: layerIndex + 1,
      operator: layer.operator,
      M: layer.M,
      N: layer.N,
      K: layer.K,
      products: layer.count,
      mapping: layer.mapping,
      cycles: layer.cycles,
      utilisation: layer.utilisation,
      energy_joules: layer.energy.total,
      stack_cycles: layer.stack,
    },
  };
}

/** Average traffic of the farthest memory while the layer runs, as a counter track. */
function trafficCounter(layer: LayerResult, memory: string, pid: number, start: number): TraceEvent {
  const rate = layer.seconds > 0 ? farthestBytes(layer.traffic) / layer.seconds : 0;
  return { name: `${memory} traffic`, ph: "C", pid, tid: layerThread, ts: start, args: { "bytes per second": rate } };
}
