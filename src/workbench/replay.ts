// Films a tile of a layer on a registered machine: picks what makes the film by the kind of the machine, and says which
// machine to take where this one is too large for a picture. Engines are loaded when they are needed.

import { acceleratorNamed } from "../accelerator/accelerators.ts";
import type { LooseValues } from "../accelerator/parameters.ts";
import { InputError } from "../base/error.ts";
import type { Schedule } from "../mapping/nest/schedule.ts";
import type { Objective } from "../simulate/machine.ts";
import type { PreparedMachine, PreparedNest } from "../simulate/prepared.ts";
import type { ReplayOptions } from "../simulate/replay/options.ts";
import { defaultMostParts } from "../simulate/replay/options.ts";
import type { Replay } from "../simulate/replay/replay.ts";
import { technology } from "../technology/technologies.ts";
import type { ComputeLayer } from "../workload/layer.ts";
import { prepareAny } from "./prepare.ts";

export interface ReplayRequest {
  readonly accelerator: string;
  readonly set: LooseValues;
  readonly layer: ComputeLayer;
  /** Best for the objective (default: seconds) where neither a mapping nor, for a loop nest, a schedule is given. */
  readonly mapping?: string;
  readonly objective?: Objective;
  /** As a run's result has it; without one it is searched, which may take seconds. */
  readonly schedule?: Schedule;
  readonly seed: number;
  /** Which tile of the layer, from 0. */
  readonly tile: number;
  /** Parts of the picture and cycles of the film at most; defaults 600 and 1,000. */
  readonly mostParts?: number;
  readonly mostCycles?: number;
}

const defaultMostCycles = 1000;

/**
 * The film of a tile. Throws InputError for unknown names, bad parameters, a layer that cannot be mapped, a tile that it
 * does not have, and a machine of more parts than a picture shows: `filmable` gives a smaller one.
 */
export async function replayTile(request: ReplayRequest): Promise<Replay> {
  const { layer, seed, tile, objective = "seconds" } = request;
  const { mostParts = defaultMostParts, mostCycles = defaultMostCycles } = request;
  const options: ReplayOptions = { seed, tile, mostParts, mostCycles };
  const { prepared, parts } = await pictured(request.accelerator, request.set);
  if (parts > mostParts) throw tooLarge(request, parts, mostParts);
  const choice = { objective, ...(request.mapping === undefined ? {} : { mapping: request.mapping }) };
  switch (prepared.kind) {
    case "grid": {
      const { replayGrid } = await import("../simulate/replay/grid.ts");
      const { chooseMapping } = await import("../simulate/grid/simulate-grid.ts");
      return replayGrid(layer, prepared, chooseMapping(layer, prepared, choice).best.mappingName, options);
    }
    case "nest": {
      const { replayNest } = await import("../simulate/replay/nest.ts");
      return replayNest(layer, prepared, await scheduleOf(request, prepared, objective), options);
    }
    default:
      throw new InputError({
        path: "accelerator",
        message: "there is no film of machines of this kind",
        found: request.accelerator,
        expected: "a systolic grid or a machine of loop nests",
      });
  }
}

/** A schedule that was given, checked, or the one that a run would find. */
async function scheduleOf(
  { layer, mapping, schedule, seed }: ReplayRequest,
  prepared: PreparedNest,
  objective: Objective,
): Promise<Schedule> {
  const { simulateNestLayer } = await import("../simulate/nest/simulate-nest.ts");
  const found = simulateNestLayer(layer, prepared, {
    objective,
    seed,
    check: "off",
    auditPercent: 0,
    ...(mapping === undefined ? {} : { mapping }),
    ...(schedule === undefined ? {} : { schedules: { [layer.name]: schedule } }),
  }).schedule;
  if (found === undefined) throw new Error("a loop nest without a schedule");
  return found;
}

/** A machine, and how many boxes its picture needs. */
async function pictured(
  accelerator: string,
  set: LooseValues,
): Promise<{ readonly prepared: PreparedMachine; readonly parts: number }> {
  const { machine } = acceleratorNamed(accelerator).configure(set);
  const prepared = await prepareAny(machine, technology(machine.technology));
  return { prepared, parts: await partsOf(prepared) };
}

/** Boxes of a machine's picture: exact for grids in their most cut-up mapping; of loop nests without those of loops. */
async function partsOf(prepared: PreparedMachine): Promise<number> {
  switch (prepared.kind) {
    case "grid": {
      const { gridParts } = await import("../simulate/replay/grid/picture.ts");
      const { rows, columns } = prepared.gridMachine.grid;
      return Math.max(...Object.values(prepared.machine.mappings).map((mapping) => gridParts(rows, columns, mapping)));
    }
    case "nest": {
      const { nestBoxes } = await import("../simulate/replay/nest/picture.ts");
      return nestBoxes(prepared.parts.hierarchy);
    }
    default:
      return prepared.units;
  }
}

function tooLarge({ accelerator, set }: ReplayRequest, parts: number, mostParts: number): InputError {
  const { multipliers, configure } = acceleratorNamed(accelerator);
  const { values } = configure(set);
  return new InputError({
    path: `${accelerator}: ${multipliers.join(", ")}`,
    message: `too large for a picture of ${mostParts} parts: it would need ${parts}`,
    found: multipliers.map((path) => `${path}=${values[path]}`).join(", "),
    expected: "smaller values",
  });
}

/**
 * The same machine small enough for a picture: of the parameters whose product is the number of multipliers, the largest
 * one is halved until it fits. Gives `set` itself where it fits already. Throws InputError where no such machine does.
 */
export async function filmable(
  accelerator: string,
  set: LooseValues,
  mostParts: number = defaultMostParts,
): Promise<LooseValues> {
  const { configure, multipliers } = acceleratorNamed(accelerator);
  let smaller = set;
  while ((await pictured(accelerator, smaller)).parts > mostParts) {
    const { values } = configure(smaller);
    const extents = multipliers.flatMap((path) => {
      const value = values[path];
      return typeof value === "number" && value > 1 ? [{ path, value }] : [];
    });
    const next = extents
      .toSorted((a, b) => b.value - a.value)
      .map(({ path, value }): LooseValues => ({ ...smaller, [path]: Math.floor(value / 2) }))
      .find((candidate) => configures(configure, candidate));
    if (next === undefined) {
      throw new InputError({
        path: `${accelerator}: ${multipliers.join(", ")}`,
        message: `no machine is small enough for a picture of ${mostParts} parts`,
      });
    }
    smaller = next;
  }
  return smaller;
}

/** Whether a machine can have these parameters. */
function configures(configure: (set: LooseValues) => unknown, set: LooseValues): boolean {
  try {
    configure(set);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
