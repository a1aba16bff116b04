// The engine as a worker offers it: what the command line does, asked and answered as data.

import { transfer } from "comlink";
import type {
  Answer,
  CatalogueMachine,
  Engine,
  Film,
  FilmRequest,
  FilmView,
  Job,
  LayerSketch,
  MachineChoice,
} from "./api.ts";
import { acceleratorNamed, accelerators } from "../../src/accelerator/accelerators.ts";
import { machinePage } from "./machine-page.ts";
import { planOf, requestOf } from "./plan.ts";
import { InputError } from "../../src/base/error.ts";
import { runsCsv } from "../../src/report/csv.ts";
import { runsJson } from "../../src/report/json.ts";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import { reproduce } from "../../src/workbench/reproduce.ts";
import { runWorkload } from "../../src/workbench/run.ts";
import type { Network } from "../../src/workload/layer.ts";
import { describeNetworks } from "../../src/workload/networks.ts";
import { blobFiles } from "../../src/interop/workload/blob-files.ts";
import { networkOf } from "../../src/interop/workload/workload.ts";
import { percent } from "../../src/report/units.ts";
import { parseDensity } from "../../src/workbench/request/density.ts";
import { changedNetwork, runRequest } from "../../src/workbench/request/run-request.ts";
import { lower } from "../../src/workload/lowering.ts";

/** Says bad input as data; anything else is a fault of ours and stays an error. */
async function answered<Value>(work: () => Value | Promise<Value>): Promise<Answer<Value>> {
  try {
    return { kind: "value", value: await work() };
  } catch (error) {
    if (error instanceof InputError) return { kind: "fault", fault: error.fault, message: error.message };
    throw error;
  }
}

/** The network of a job, read from its files where it names any. */
async function network(job: Pick<Job, "workload" | "files" | "density" | "layers">): Promise<Network> {
  const files = blobFiles(new Map(job.files.map(({ name, content }) => [name, content])));
  return changedNetwork(await networkOf(job.workload, files), {
    ...(job.density === "" ? {} : { density: parseDensity(job.density) }),
    ...(job.layers === "" ? {} : { layers: job.layers }),
  });
}

function catalogueMachine(name: string): CatalogueMachine {
  const { title, summary, citation, parameters, claims, configure } = acceleratorNamed(name);
  const { machine } = configure({});
  return {
    name,
    title,
    summary,
    citation,
    kind: machine.kind ?? "grid",
    parameters,
    mappings: Object.keys(machine.mappings),
    claims: (claims?.list ?? []).map(({ id, source }) => ({ id, source })),
    slowClaims: claims?.slow === true,
  };
}

function viewsOf(name: string, set: MachineChoice["set"]): readonly FilmView[] {
  const { machine } = acceleratorNamed(name).configure(set);
  return machine.kind === "nest" && machine.zeros?.skipping !== undefined ? ["lanes", "nest"] : [];
}

/** The film of a tile, of a smaller machine where the one that is asked for has more parts than a picture shows. */
async function filmOf({ job, machine, layer, tile, view, schedule }: FilmRequest): Promise<Film> {
  const { filmable, replayTile } = await import("../../src/workbench/replay.ts");
  const layers = computeLayers(await network(job));
  const chosen = layers.find(({ name }) => name === layer);
  if (chosen === undefined) {
    throw new InputError({
      message: "the workload has no such layer",
      found: layer,
      known: layers.map(({ name }) => name),
    });
  }
  const set = await filmable(machine.name, machine.set);
  const replay = await replayTile({
    accelerator: machine.name,
    set,
    layer: chosen,
    ...(machine.mapping === undefined ? {} : { mapping: machine.mapping }),
    seed: job.seed,
    tile,
    view,
    // A smaller machine needs a schedule of its own.
    ...(schedule === undefined || set !== machine.set ? {} : { schedule }),
  });
  const reduced = Object.fromEntries(Object.entries(set).filter(([path, value]) => machine.set[path] !== value));
  return { replay, reduced, views: viewsOf(machine.name, set) };
}

/** A film's frames are handed over, not copied: they may be megabytes. */
function handedOver(answer: Answer<Film>): Answer<Film> {
  if (answer.kind === "fault") return answer;
  const { activity, values, moves, program } = answer.value.replay;
  const arrays = [activity, values, program.line, moves.start, moves.link, moves.value, moves.coordinate];
  const buffers = new Set(arrays.flatMap((array) => (array === undefined ? [] : [array.buffer])));
  return transfer(answer, [...buffers]);
}

export const engine: Engine = {
  catalogue: () =>
    answered(() => ({
      machines: accelerators().map(({ name }) => catalogueMachine(name)),
      networks: describeNetworks().map(({ name, title }) => ({ name, title })),
    })),
  sketch: (job) =>
    answered(async () => {
      const whole = await network(job);
      const { name, source, warnings } = whole;
      return {
        name,
        source,
        layers: computeLayers(whole).map((layer): LayerSketch => {
          const { M, N, K, count } = lower(layer.operation, "per-group");
          return { name: layer.name, operator: layer.operation.operator, M, N, K, count };
        }),
        warnings,
      };
    }),
  plan: (job) => answered(() => planOf(job)),
  machine: (choice) => answered(() => machinePage(requestOf(choice))),
  run: (job, machine, onProgress) =>
    answered(async () => {
      const start = performance.now();
      const whole = await network(job);
      const { objective, seed } = job;
      const request = await runRequest(whole, requestOf(machine), { objective, seed });
      let [done, total] = [0, computeLayers(whole).length];
      onProgress(done, total);
      const run = await runWorkload(whole, {
        ...request,
        onLayer: (layers, of) => {
          [done, total] = [layers, of];
          onProgress(done, total);
        },
        onMappings: (shares) => {
          onProgress(done, total, shares.map(({ mapping, share }) => `${mapping} ${percent(share)}`).join(", "));
        },
        onSearches: (shares) => {
          onProgress(done, total, shares.map(({ layer, parts, of }) => `${layer}: part ${parts} of ${of}`).join(", "));
        },
      });
      return { run, seconds: (performance.now() - start) / 1000 };
    }),
  film: async (request) => handedOver(await answered(() => filmOf(request))),
  claims: (machine) => answered(() => reproduce([machine])),
  configuration: (machines) =>
    answered(async () => {
      const { configText } = await import("../../src/workbench/request/config-text.ts");
      return configText(machines.map(({ name, set }) => ({ accelerator: name, parameters: set })));
    }),
  document: (format, runs) => answered(() => (format === "json" ? runsJson(runs, { ratios: true }) : runsCsv(runs))),
};
