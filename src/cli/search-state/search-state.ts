// `--search-state`: the searches of a command's machines of loop nests, taken from a file where it exists, and written to
// it. A file of other searches is refused before anything runs.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { printableParameters } from "../../accelerator/parameters.ts";
import { InputError } from "../../base/error.ts";
import type { Fault } from "../../base/error.ts";
import { computeLayers } from "../../simulate/simulate-network.ts";
import { searchVersion } from "../../simulate/nest/search/search-state.ts";
import type { ComputeLayer, Network } from "../../workload/layer.ts";
import type { SearchStore } from "../../workbench/search/search-store.ts";
import type { SimulationFlags } from "../flags.ts";
import { readText } from "../input/read-file.ts";
import type { MachineRequest } from "../../workbench/request/settings.ts";
import { stageFiles } from "../output/write-file.ts";
import type { SavedSearch, SearchRun } from "./file.ts";
import { keptState, parseSearchFile, searchFileText } from "./file.ts";

export interface SearchStateFile {
  /** The store of a machine's run; undefined for machines that search no schedules. */
  readonly storeOf: (request: MachineRequest) => SearchStore | undefined;
  /**
   * Writes the file, whole or not at all, where there is something new; whether it did. Throws InputError where it cannot
   * be written.
   */
  readonly write: () => boolean;
}

/** Largest file that is read. */
const maximumBytes = 2 ** 29;

/**
 * Reads the file, where there is one. Throws InputError where no machine searches schedules, for a file that is broken, and
 * for one of another workload, of other machines or parameters, objective or seed.
 */
export function openSearchState(
  path: string,
  network: Network,
  requests: readonly MachineRequest[],
  { objective = "seconds", seed = 1 }: Pick<SimulationFlags, "objective" | "seed">,
): SearchStateFile {
  const runs = requests.flatMap((request) => {
    const { machine, values } = request.accelerator.configure(request.set);
    if (machine.kind !== "nest") return [];
    const { name } = request.accelerator;
    return [
      {
        request,
        accelerator: name,
        parameters: printableParameters(values),
        objective,
        seed,
        mappings: machine.mappings,
      },
    ];
  });
  if (runs.length === 0) {
    throw new InputError({
      path: "--search-state",
      message: "nothing is searched on these machines",
      found: requests.map(({ accelerator }) => accelerator.name).join(","),
      expected: "machines of loop nests, such as flexnn or eyeriss",
    });
  }
  const digests = new Map(computeLayers(network).map((layer) => [layer, digestOf(layer)]));
  const saved = existsSync(path) ? savedIn(path, network, [...digests.values()], runs) : [];
  const kept = runs.map(
    (_, index) => new Map((saved[index]?.searches ?? []).map((one, at) => [keyOf(one), { one, at }])),
  );
  let changed = false;
  const storeOf = (index: number): SearchStore => {
    const known = kept[index] ?? new Map<string, { readonly one: SavedSearch; readonly at: number }>();
    const find = (layer: ComputeLayer, mapping: string) =>
      known.get(keyOf({ digest: digests.get(layer) ?? digestOf(layer), mapping }));
    return {
      load: (layer, mapping) => find(layer, mapping)?.one,
      save: (layer, mapping, { state, ahead }) => {
        const digest = digests.get(layer) ?? digestOf(layer);
        const one = { layer: layer.name, digest, mapping, state: keptState(state), ahead };
        known.set(keyOf(one), { one, at: -1 });
        changed = true;
      },
      place: (layer, mapping) => ({ file: path, path: `runs[${index}].searches[${find(layer, mapping)?.at ?? 0}]` }),
    };
  };
  const stores = new Map(runs.map(({ request }, index) => [request, storeOf(index)]));
  return {
    storeOf: (request) => stores.get(request),
    write: () => {
      if (!changed) return false;
      const content = searchFileText({
        heddle: "search state",
        version: searchVersion,
        workload: network.name,
        runs: runs.map(({ accelerator, parameters, mappings }, index) => ({
          accelerator,
          parameters,
          objective,
          seed,
          // In the order of the layers, whichever was done first.
          searches: [...new Set(digests.values())].flatMap((digest) =>
            Object.keys(mappings).flatMap((mapping) => kept[index]?.get(keyOf({ digest, mapping }))?.one ?? []),
          ),
        })),
      });
      stageFiles([{ path, content }]).commit();
      changed = false;
      return true;
    },
  };
}

const keyOf = ({ digest, mapping }: Pick<SavedSearch, "digest" | "mapping">): string => `${digest} ${mapping}`;

/** The runs of a file, which are searches of these layers on these machines. */
function savedIn(
  path: string,
  network: Network,
  digests: readonly string[],
  runs: readonly (Omit<SearchRun, "searches"> & { readonly mappings: Readonly<Record<string, unknown>> })[],
): readonly SearchRun[] {
  const file = parseSearchFile(readText(path, maximumBytes), path);
  const refuse = (fault: Fault): never => {
    throw new InputError({ file: path, ...fault });
  };
  /** Refuses what is not as this command would have it. */
  const same = (field: string, what: string, found: number | string, expected: number | string): void => {
    if (found !== expected) {
      refuse({ path: field, message: `searches ${what}`, found: String(found), expected: String(expected) });
    }
  };
  same("workload", "of another workload", file.workload, network.name);
  same("runs", "of another number of machines", file.runs.length, runs.length);
  for (const [index, expected] of runs.entries()) {
    const run = file.runs[index];
    if (run === undefined) break;
    const at = `runs[${index}]`;
    same(`${at}.accelerator`, "on another machine", run.accelerator, expected.accelerator);
    same(`${at}.objective`, "for another objective", run.objective, expected.objective);
    same(`${at}.seed`, "with another seed", run.seed, expected.seed);
    for (const name of new Set([...Object.keys(expected.parameters), ...Object.keys(run.parameters)])) {
      const [found = "none", value = "none"] = [run.parameters[name], expected.parameters[name]];
      same(`${at}.parameters.${name}`, "on a machine with another parameter", found, value);
    }
    for (const [place, { layer, digest, mapping }] of run.searches.entries()) {
      const field = `${at}.searches[${place}]`;
      if (!Object.hasOwn(expected.mappings, mapping)) {
        refuse({
          path: `${field}.mapping`,
          message: "no such mapping",
          found: mapping,
          known: Object.keys(expected.mappings),
        });
      }
      if (!digests.includes(digest)) {
        const message = "the search of a layer that is not in this run, or not with this shape, density and values";
        refuse({ path: `${field}.layer`, message, found: layer });
      }
    }
  }
  return file.runs;
}

/** Of everything about a layer that its search depends on: all but its name. */
function digestOf({
  operation,
  weightsConstant,
  density,
  densitySource,
  nonZeros,
  values,
  sparse,
}: ComputeLayer): string {
  const hash = createHash("sha256");
  const add = (value: unknown): void => {
    hash.update(`${JSON.stringify(value) ?? ""}\n`);
  };
  add([operation, weightsConstant, density, densitySource, nonZeros]);
  for (const operand of [values?.A, values?.B]) {
    add(operand && [operand.strides, operand.tensor.type, operand.tensor.shape]);
    if (operand !== undefined) hash.update(operand.tensor.data);
  }
  for (const matrix of [sparse?.A, sparse?.B]) {
    add(matrix && [matrix.rows, matrix.columns]);
    if (matrix === undefined) continue;
    hash.update(matrix.rowStart).update(matrix.column);
    if (matrix.value !== undefined) hash.update(matrix.value);
  }
  return hash.digest("hex").slice(0, 32);
}
