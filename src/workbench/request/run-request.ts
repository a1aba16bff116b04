// From what was asked to what is run: the defaults of every option, the network as the options change it, the schedules
// of each machine. Whoever asks, a command or a page, gets the same bytes.

import { InputError } from "../../base/error.ts";
import type { Schedule } from "../../mapping/nest/schedule.ts";
import type { CheckMode } from "../../simulate/check.ts";
import type { Network } from "../../workload/layer.ts";
import type { RunRequest } from "../run.ts";
import type { GivenDensity } from "./density.ts";
import type { ScheduleFile } from "./schedule.ts";
import type { MachineRequest } from "./settings.ts";
import { configure } from "./settings.ts";
import type { CheckWord, ConversionWord, ObjectiveWord } from "./words.ts";

export const defaultObjective: ObjectiveWord = "seconds";
export const defaultSeed = 1;

/** Options of a run; one that is left out takes its default. */
export interface RunOptions {
  readonly objective?: ObjectiveWord;
  readonly conversions?: ConversionWord;
  readonly seed?: number;
  readonly check?: CheckWord;
  /** Percentage of the tiles. */
  readonly audit?: number;
  readonly threads?: number;
  /** Own schedules, read when a machine can take them. */
  readonly schedules?: () => Promise<ScheduleFile>;
}

/**
 * The run of a network on one machine. Throws InputError for schedules that a machine does not take or that do not suit
 * a layer.
 */
export async function runRequest(
  network: Network,
  request: MachineRequest,
  options: RunOptions = {},
): Promise<RunRequest> {
  const { objective = defaultObjective, seed = defaultSeed, check = defaultCheck(network), conversions } = options;
  const schedules = await schedulesOf(network, request, options);
  return {
    accelerator: request.accelerator.name,
    set: request.set,
    objective,
    ...(request.mapping === undefined ? {} : { mapping: request.mapping }),
    ...(schedules === undefined ? {} : { schedules }),
    ...(conversions === undefined ? {} : { conversions }),
    seed,
    check,
    auditPercent: options.audit ?? 0,
    threads: options.threads ?? 1,
  };
}

/** Own schedules for the layers of a network on a machine of loop nests; others have none. */
async function schedulesOf(
  network: Network,
  request: MachineRequest,
  { schedules }: RunOptions,
): Promise<Readonly<Record<string, Schedule>> | undefined> {
  if (schedules === undefined) return undefined;
  const { machine } = configure(request.accelerator, request.set);
  if (machine.kind !== "nest") {
    throw new InputError({
      path: "--schedule",
      message: `${machine.name} has mappings of its own and runs no loop nests`,
      found: machine.name,
      expected: "machines of loop nests, such as flexnn or eyeriss",
    });
  }
  const { layerSchedules } = await import("./layer-schedules.ts");
  return layerSchedules(await schedules(), network, machine);
}

/** Values of the user's own are worth a look; made-up ones would only repeat what the tests do. */
export const defaultCheck = (network: Network): CheckMode =>
  network.layers.some((layer) => layer.kind === "compute" && (layer.values ?? layer.sparse) !== undefined)
    ? "sample"
    : "off";

/** What is asked of a network before it runs. */
export interface NetworkOptions {
  readonly density?: GivenDensity;
  /** Which layers, as `selectLayers` takes them. */
  readonly layers?: string;
}

/** The network with the given densities, and of it the layers that were asked for; `note` is told what that replaces. */
export async function changedNetwork(
  network: Network,
  { density, layers }: NetworkOptions,
  note?: (text: string) => void,
): Promise<Network> {
  let changed = network;
  if (density !== undefined) {
    const given = (await import("./density.ts")).withDensity(changed, density);
    if (given.replaced > 0) note?.(`--density replaces the measured density of ${given.replaced} operands`);
    changed = given.network;
  }
  if (layers !== undefined) changed = (await import("./layers.ts")).selectLayers(changed, layers);
  return changed;
}
