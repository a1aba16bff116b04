// Runs a workload on a registered machine, layers side by side on worker threads when asked: the one entry that the
// command line, the benches and the studio share. Results do not depend on the number of threads.

import type { Fault } from "../base/error.ts";
import { InputError } from "../base/error.ts";
import type { LayerResult, RunResult } from "../simulate/result.ts";
import type { Objective } from "../simulate/machine.ts";
import type { CheckMode } from "../simulate/check.ts";
import type { MappingChoice, Verification } from "../simulate/simulate-layer.ts";
import { prepareMachine } from "../simulate/prepare-machine.ts";
import { layerCandidates } from "../simulate/simulate-layer.ts";
import { assembleRun, computeLayers } from "../simulate/simulate-network.ts";
import { technology } from "../technology/technologies.ts";
import type { ComputeLayer, Network } from "../workload/layer.ts";
import { acceleratorNamed } from "../accelerator/accelerators.ts";
import type { LooseValues } from "../accelerator/parameters.ts";
import { printableParameters } from "../accelerator/parameters.ts";

export interface RunRequest {
  readonly accelerator: string;
  readonly set: LooseValues;
  readonly objective: Objective;
  readonly mapping?: string;
  /** Conversions between the formats of layers: reported (`ignore`, the default), or part of figures and choice (`count`). */
  readonly conversions?: "ignore" | "count";
  readonly seed: number;
  readonly check: CheckMode;
  /** Percent of the tiles to re-run on the stepped machine; 0 for none. */
  readonly auditPercent: number;
  readonly threads: number;
  readonly onLayer?: (done: number, total: number) => void;
}

/** What a worker needs to simulate some layers; plain data. */
export interface LayerTask {
  readonly accelerator: string;
  readonly set: LooseValues;
  readonly choice: MappingChoice & Verification;
  readonly layers: readonly ComputeLayer[];
}

/** What comes back from a worker: bad input is data, because an error loses its class between threads. */
export type TaskAnswer = { readonly results: readonly Candidates[] } | { readonly fault: Fault };

/** What one layer may end as (`layerCandidates`). */
type Candidates = readonly LayerResult[];

/** Simulates the layers of a task, in order. */
export function runTask(task: LayerTask): TaskAnswer {
  try {
    const { machine } = acceleratorNamed(task.accelerator).configure(task.set);
    const prepared = prepareMachine(machine, technology(machine.technology));
    return { results: task.layers.map((layer) => layerCandidates(layer, prepared, task.choice)) };
  } catch (error) {
    if (error instanceof InputError) return { fault: error.fault };
    throw error;
  }
}

/**
 * Runs a network on a machine. Throws InputError for unknown names, bad parameters or layers that cannot be mapped,
 * and the signal's reason when it is aborted between layers.
 */
export async function runWorkload(network: Network, request: RunRequest, signal?: AbortSignal): Promise<RunResult> {
  const { machine, values } = acceleratorNamed(request.accelerator).configure(request.set);
  const prices = technology(machine.technology);
  const prepared = namingParameters(request, () => prepareMachine(machine, prices));
  const { objective, seed, check, auditPercent } = request;
  const choice = {
    objective,
    seed,
    check,
    auditPercent,
    ...(request.mapping === undefined ? {} : { mapping: request.mapping }),
    ...(request.conversions === undefined ? {} : { conversions: request.conversions }),
  };
  const layers = computeLayers(network);
  const { distinct, which } = distinctLayers(layers);
  const answers = await (
    request.threads > 1 && distinct.length > 1
      ? runOnThreads(distinct, request, choice, signal)
      : runHere(distinct, (layer) => layerCandidates(layer, prepared, choice), request, signal)
  ).catch((error: unknown) => {
    throw error instanceof InputError ? namingParameter(error, request) : error;
  });
  const results = layers.map((layer, i): Candidates => {
    const answer = answers[which[i] ?? -1];
    if (answer === undefined) throw new Error(`no result for layer ${layer.name}`);
    return answer.map((result) => ({ ...result, name: layer.name }));
  });
  return assembleRun(network, prepared, prices, { ...choice, parameters: printableParameters(values) }, results);
}

/**
 * A fault of a component, at the parameter that a user would set: the one that changes the component when it changes.
 * Faults of anything else, and of sizes that no parameter sets, stay as they are.
 */
function namingParameter(error: InputError, request: RunRequest): InputError {
  const { path = "" } = error.fault;
  const match = /components\.(\w+)(?:\.bytes)?$/.exec(path);
  const component = match?.[1];
  if (match === null || component === undefined) return error;
  const accelerator = acceleratorNamed(request.accelerator);
  const bytesWith = (set: LooseValues): number | undefined => {
    const part = accelerator.configure(set).machine.components[component];
    return part?.kind === "sram" ? part.bytes : undefined;
  };
  const { values } = accelerator.configure(request.set);
  const bytes = bytesWith(values);
  const parameter = Object.entries(accelerator.parameters).find(([name, { kind, ...rest }]) => {
    const value = values[name];
    if (kind === "choice" || !("unit" in rest) || rest.unit !== "B" || typeof value !== "number") return false;
    return bytesWith({ ...values, [name]: Math.min(2 * value, rest.maximum) }) !== bytes;
  })?.[0];
  if (parameter === undefined) return error;
  return new InputError({ ...error.fault, path: `${path.slice(0, match.index)}${accelerator.name}.${parameter}` });
}

function namingParameters<Result>(request: RunRequest, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof InputError ? namingParameter(error, request) : error;
  }
}

/** Layers without values that compute the same thing are simulated once: networks repeat their blocks. */
function distinctLayers(layers: readonly ComputeLayer[]): {
  readonly distinct: readonly ComputeLayer[];
  readonly which: readonly number[];
} {
  const distinct: ComputeLayer[] = [];
  const seen = new Map<string, number>();
  const which = layers.map((layer) => {
    const key =
      layer.values === undefined && layer.sparse === undefined
        ? JSON.stringify([layer.operation, layer.weightsConstant, layer.density, layer.densitySource, layer.nonZeros])
        : undefined;
    const known = key === undefined ? undefined : seen.get(key);
    if (known !== undefined) return known;
    const index = distinct.push(layer) - 1;
    if (key !== undefined) seen.set(key, index);
    return index;
  });
  return { distinct, which };
}

/** Milliseconds after which a run lets timers and signals in. */
const yieldAfter = 50;

async function runHere(
  layers: readonly ComputeLayer[],
  simulate: (layer: ComputeLayer) => Candidates,
  request: RunRequest,
  signal?: AbortSignal,
): Promise<Candidates[]> {
  const results: Candidates[] = [];
  let last = Date.now();
  for (const layer of layers) {
    results.push(simulate(layer));
    request.onLayer?.(results.length, layers.length);
    if (Date.now() - last > yieldAfter) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 0);
      });
      signal?.throwIfAborted();
      last = Date.now();
    }
  }
  return results;
}

async function runOnThreads(
  layers: readonly ComputeLayer[],
  request: RunRequest,
  choice: LayerTask["choice"],
  signal?: AbortSignal,
): Promise<Candidates[]> {
  const { Piscina } = await import("piscina");
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const pool = new Piscina<LayerTask, TaskAnswer>({
    filename: new URL(`./run-worker.${extension}`, import.meta.url).href,
    maxThreads: request.threads,
  });
  try {
    let done = 0;
    const answers = await Promise.all(
      layers.map(async (layer) => {
        const task: LayerTask = { accelerator: request.accelerator, set: request.set, choice, layers: [layer] };
        const answer = await pool.run(task, signal === undefined ? {} : { signal });
        done++;
        request.onLayer?.(done, layers.length);
        return answer;
      }),
    );
    // Only now, in the order of the layers: the same fault whichever thread met one first.
    return answers.flatMap((answer) => {
      if ("fault" in answer) throw new InputError(answer.fault);
      return answer.results;
    });
  } finally {
    await pool.destroy();
  }
}
