// Runs a workload on a registered machine, on worker threads when asked: the one entry that the command line, the
// benches and the studio share. Results do not depend on the number of threads.

import { InputError } from "../base/error.ts";
import type { RunResult } from "../simulate/result.ts";
import type { Objective } from "../simulate/machine.ts";
import type { CheckMode } from "../simulate/check.ts";
import type { Schedule } from "../mapping/nest/schedule.ts";
import { assembleRun, computeLayers } from "../simulate/simulate-network.ts";
import { technology } from "../technology/technologies.ts";
import type { ComputeLayer, Network } from "../workload/layer.ts";
import { acceleratorNamed } from "../accelerator/accelerators.ts";
import type { LooseValues } from "../accelerator/parameters.ts";
import { printableParameters } from "../accelerator/parameters.ts";
import { watchMappings } from "./mapping-watch.ts";
import type { RunObserver } from "./run-layers.ts";
import { prepareAny } from "./prepare.ts";
import type { SearchStore } from "./search/search-store.ts";
import { localCrew, runLayers, usefulThreads } from "./run-layers.ts";
import type { Candidates } from "./task.ts";

export interface RunRequest extends RunObserver {
  readonly accelerator: string;
  readonly set: LooseValues;
  readonly objective: Objective;
  readonly mapping?: string;
  /** Schedules to use instead of a search, by the name of the layer, on machines of loop nests. */
  readonly schedules?: Readonly<Record<string, Schedule>>;
  /** Conversions between the formats of layers: reported (`ignore`, the default), or part of figures and choice (`count`). */
  readonly conversions?: "ignore" | "count";
  readonly seed: number;
  readonly check: CheckMode;
  /** Percent of the tiles to re-run on the stepped machine; 0 for none. */
  readonly auditPercent: number;
  readonly threads: number;
  /** Where searches of schedules go on from, and where they are kept. Results do not depend on it. */
  readonly searches?: SearchStore;
}

/**
 * Runs a network on a machine. Throws InputError for unknown names, bad parameters or layers that cannot be mapped,
 * and the signal's reason when it is aborted between layers, or parts of their searches.
 */
export async function runWorkload(network: Network, request: RunRequest, signal?: AbortSignal): Promise<RunResult> {
  const { machine, values } = acceleratorNamed(request.accelerator).configure(request.set);
  const prices = technology(machine.technology);
  const prepared = await namingParameters(request, () => prepareAny(machine, prices));
  const { objective, seed, check, auditPercent } = request;
  const choice = {
    objective,
    seed,
    check,
    auditPercent,
    ...(request.mapping === undefined ? {} : { mapping: request.mapping }),
    ...(request.schedules === undefined ? {} : { schedules: request.schedules }),
    ...(request.conversions === undefined ? {} : { conversions: request.conversions }),
  };
  const layers = computeLayers(network);
  const { distinct, which } = distinctLayers(layers, request.schedules);
  const threads = usefulThreads(request.threads, distinct, prepared, choice);
  const { onMappings, onSearches } = request;
  const watch = prepared.kind === "product" && onMappings !== undefined ? watchMappings(onMappings) : undefined;
  const searchWatch =
    prepared.kind === "nest" && onSearches !== undefined
      ? (await import("./search/search-watch.ts")).watchSearches(onSearches)
      : undefined;
  const crew = threads > 1 ? await (await import("./crew.ts")).hireCrew(threads) : localCrew(watch?.tick);
  const staff = {
    request,
    choice,
    threads,
    perform: crew.perform,
    ...(watch && { watch }),
    ...(searchWatch && { searchWatch }),
  };
  let answers: readonly Candidates[];
  try {
    answers = await runLayers(distinct, prepared, staff, signal);
  } catch (error) {
    throw error instanceof InputError ? namingParameter(error, request) : error;
  } finally {
    watch?.close();
    searchWatch?.close();
    await crew.dismiss();
  }
  const results = layers.map((layer, i): Candidates => {
    const answer = answers[which[i] ?? -1];
    if (answer === undefined) throw new Error(`no result for layer ${layer.name}`);
    return answer.map((result) => ({ ...result, name: layer.name }));
  });
  const options = { ...choice, parameters: printableParameters(values) };
  const settled =
    prepared.kind === "grid"
      ? { layers: results.flatMap((each) => each.slice(0, 1)) }
      : (await import("../simulate/settle-run.ts")).settleRun(network, prepared, options, results);
  return assembleRun(network, prepared, prices, options, settled);
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

async function namingParameters<Result>(request: RunRequest, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof InputError ? namingParameter(error, request) : error;
  }
}

/** Layers without values that compute the same thing are simulated once: networks repeat their blocks. */
function distinctLayers(
  layers: readonly ComputeLayer[],
  schedules: RunRequest["schedules"],
): {
  readonly distinct: readonly ComputeLayer[];
  readonly which: readonly number[];
} {
  const distinct: ComputeLayer[] = [];
  const seen = new Map<string, number>();
  const which = layers.map((layer) => {
    const key =
      layer.values === undefined && layer.sparse === undefined
        ? JSON.stringify([
            layer.operation,
            layer.weightsConstant,
            layer.density,
            layer.densitySource,
            layer.nonZeros,
            schedules?.[layer.name],
          ])
        : undefined;
    const known = key === undefined ? undefined : seen.get(key);
    if (known !== undefined) return known;
    const index = distinct.push(layer) - 1;
    if (key !== undefined) seen.set(key, index);
    return index;
  });
  return { distinct, which };
}
