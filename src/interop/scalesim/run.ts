// Runs the layers of a topology by SCALE-Sim's rules, side by side on worker threads when asked. Results and traces do
// not depend on the number of threads; layers that are the same are run once.

import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "../../base/error.ts";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";
import type {
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimLayerResult,
  ScalesimLayout,
  ScalesimVersion,
} from "./scalesim.ts";
import { checkScalesim, simulateScalesimLayer, stallsCountedOnce } from "./simulate.ts";
import type { TraceFolder } from "./trace-files.ts";
import { writeTraceFiles } from "./trace-files.ts";
import { traceFileName, traceFiles } from "./trace-text.ts";
import { traceScalesimLayer } from "./trace.ts";

export interface ScalesimRequest {
  readonly configuration: ScalesimConfiguration;
  readonly version: ScalesimVersion;
  readonly layouts?: readonly ScalesimLayout[];
  /** Results tell what `explainScalesim` needs beside the reports, for which USER mode simulates layers once more. */
  readonly explain?: boolean;
}

export interface ScalesimRunOptions {
  readonly threads: number;
  /** Where every layer gets a folder `layer<i>` with its six traces; without it none are made. */
  readonly traces?: TraceFolder;
  /** Told after each layer how many are done of those that differ. */
  readonly onLayer?: (done: number, total: number) => void;
}

/** What a worker needs for one layer; plain data. */
export interface ScalesimTask extends ScalesimRequest {
  readonly layer: ScalesimLayer;
  readonly traces?: TraceFolder;
}

/** What comes back from a worker: bad input is data, because an error loses its class between threads. */
export type ScalesimAnswer = { readonly result: ScalesimLayerResult } | { readonly fault: Fault };

/** Runs one layer and writes its traces where they are asked for. */
export function runScalesimTask(task: ScalesimTask): ScalesimAnswer {
  const { layer, configuration, version, layouts, traces, explain } = task;
  try {
    const result = simulateScalesimLayer(layer, configuration, version, layouts);
    const once = explain === true ? stallsCountedOnce(layer, configuration, version, layouts) : undefined;
    if (traces !== undefined) {
      writeTraceFiles(traces, (sink) => traceScalesimLayer(layer, configuration, version, sink, layouts));
    }
    return { result: once === undefined ? result : { ...result, stallCyclesCountedOnce: once } };
  } catch (error) {
    if (error instanceof InputError) return { fault: error.fault };
    throw error;
  }
}

/**
 * The results of `layers`, in order. With one thread and no traces the caller's thread does the work without a pause;
 * otherwise workers do. Throws InputError for what is not supported, before any layer runs, and for traces that cannot
 * be written.
 */
export async function runScalesim(
  layers: readonly ScalesimLayer[],
  request: ScalesimRequest,
  options: ScalesimRunOptions,
): Promise<readonly ScalesimLayerResult[]> {
  checkScalesim(request.configuration, request.version, request.layouts);
  const { traces } = options;
  // Only the first layout counts, so workers need not be sent the others with every layer.
  const layouts = request.layouts?.slice(0, 1);
  const { distinct, which } = distinctLayers(layers);
  const tasks = distinct.map((index): ScalesimTask => ({
    ...request,
    ...(layouts === undefined ? {} : { layouts }),
    layer: entry(layers, index),
    ...(traces === undefined ? {} : { traces: layerFolder(traces, index) }),
  }));
  const inWorkers = traces !== undefined || options.threads > 1;
  const results = inWorkers ? await runOnThreads(tasks, options) : runHere(tasks, options);
  if (traces !== undefined) {
    for (const [index, same] of which.entries()) {
      const first = entry(distinct, same);
      if (first !== index) await copyTraces(layerFolder(traces, first), layerFolder(traces, index));
    }
  }
  return which.map((same) => entry(results, same));
}

/** Layers that differ in more than their names: the index of each, and which of these every layer is. */
function distinctLayers(layers: readonly ScalesimLayer[]): {
  readonly distinct: readonly number[];
  readonly which: readonly number[];
} {
  const distinct: number[] = [];
  const seen = new Map<string, number>();
  const which = layers.map((layer, index) => {
    const key = JSON.stringify({ ...layer, name: "" });
    const known = seen.get(key) ?? distinct.push(index) - 1;
    seen.set(key, known);
    return known;
  });
  return { distinct, which };
}

function runHere(tasks: readonly ScalesimTask[], options: ScalesimRunOptions): readonly ScalesimLayerResult[] {
  return tasks.map((task, index) => {
    const result = resultOf(runScalesimTask(task));
    options.onLayer?.(index + 1, tasks.length);
    return result;
  });
}

async function runOnThreads(
  tasks: readonly ScalesimTask[],
  options: ScalesimRunOptions,
): Promise<readonly ScalesimLayerResult[]> {
  const { Piscina } = await import("piscina");
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const pool = new Piscina<ScalesimTask, ScalesimAnswer>({
    filename: new URL(`./scalesim-worker.${extension}`, import.meta.url).href,
    maxThreads: Math.min(options.threads, tasks.length),
  });
  try {
    let done = 0;
    // The first fault ends the run: what could fail in several layers was checked before.
    return await Promise.all(
      tasks.map(async (task) => {
        const result = resultOf(await pool.run(task));
        done++;
        options.onLayer?.(done, tasks.length);
        return result;
      }),
    );
  } finally {
    await pool.destroy();
  }
}

function resultOf(answer: ScalesimAnswer): ScalesimLayerResult {
  if ("fault" in answer) throw new InputError(answer.fault);
  return answer.result;
}

async function copyTraces(from: TraceFolder, to: TraceFolder): Promise<void> {
  try {
    await mkdir(to.path);
    for (const name of traceFiles.map(traceFileName)) await copyFile(join(from.path, name), join(to.path, name));
  } catch (error) {
    throw new InputError({ file: to.shown, message: `cannot be written: ${reasonOf(error)}` });
  }
}

function layerFolder({ path, shown }: TraceFolder, index: number): TraceFolder {
  return { path: join(path, layerFolderName(index)), shown: join(shown, layerFolderName(index)) };
}

/** Name of the folder with a layer's traces; layers count from 0. */
export const layerFolderName = (index: number): string => `layer${index}`;

function entry<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index} of ${items.length}`);
  return item;
}
