// Films a tile of a layer on a registered machine: picks what makes the film by the kind of the machine, and says which
// machine to take where this one is too large for a picture. Engines are loaded when they are needed.

import { acceleratorNamed } from "../accelerator/accelerators.ts";
import type { LooseValues } from "../accelerator/parameters.ts";
import { InputError } from "../base/error.ts";
import type { Schedule } from "../mapping/nest/schedule.ts";
import type { Objective } from "../simulate/machine.ts";
import type { PreparedMachine, PreparedNest } from "../simulate/prepared.ts";
import type { ReplayOptions } from "../simulate/replay/options.ts";
import { checkParts, defaultMostParts, partsPath } from "../simulate/replay/options.ts";
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
  /** On machines whose lanes skip zeros by bitmaps: the lanes, which is the default, or the loop nest above them. */
  readonly view?: "lanes" | "nest";
  /** Which tile of the layer, from 0. */
  readonly tile: number;
  /** Parts of the picture and cycles of the film at most; defaults 600 and 1,000. */
  readonly mostParts?: number;
  readonly mostCycles?: number;
}

const defaultMostCycles = 1000;

/**
 * The film of a tile. Throws InputError for unknown names, bad parameters, a layer that cannot be mapped, a tile that it
 * does not have, a machine whose dataflow has no stepped reference, and one of more parts than a picture shows, with the
 * parameters that make them many: `filmable` gives a smaller one.
 */
export async function replayTile(request: ReplayRequest): Promise<Replay> {
  const { seed, tile, mostParts = defaultMostParts, mostCycles = defaultMostCycles } = request;
  const { machine } = acceleratorNamed(request.accelerator).configure(request.set);
  const prepared = await prepareAny(machine, technology(machine.technology));
  try {
    return await filmOf(request, prepared, { seed, tile, mostParts, mostCycles });
  } catch (error) {
    if (!(error instanceof InputError) || error.fault.path !== partsPath) throw error;
    throw new InputError({ ...error.fault, path: extentsOf(request.accelerator) });
  }
}

async function filmOf(request: ReplayRequest, prepared: PreparedMachine, options: ReplayOptions): Promise<Replay> {
  const { layer, mapping, objective = "seconds" } = request;
  const choice = { objective, ...(mapping === undefined ? {} : { mapping }) };
  switch (prepared.kind) {
    case "grid": {
      // Before mappings are timed, and schedules searched: too large is too large.
      checkParts(await partsOf(prepared), options, `${prepared.units} units`);
      const { replayGrid } = await import("../simulate/replay/grid.ts");
      const { chooseMapping } = await import("../simulate/grid/simulate-grid.ts");
      return replayGrid(layer, prepared, chooseMapping(layer, prepared, choice).best.mappingName, options);
    }
    case "nest": {
      const lanes = request.view === "nest" ? undefined : await lanesOf(request, prepared, options);
      if (lanes !== undefined) return lanes;
      checkParts(await partsOf(prepared), options, `${prepared.units} units`);
      const { replayNest } = await import("../simulate/replay/nest.ts");
      return replayNest(layer, prepared, await scheduleOf(request, prepared, objective), options);
    }
    default: {
      const { replayProduct } = await import("../simulate/replay/product.ts");
      if (mapping !== undefined) return replayProduct(layer, prepared, mapping, options);
      const { simulateProductLayer } = await import("../simulate/product/simulate-product.ts");
      const verification = { check: "off", auditPercent: 0, seed: options.seed } as const;
      const [best] = simulateProductLayer(layer, prepared, { ...choice, ...verification });
      return replayProduct(layer, prepared, best?.mapping ?? "", options);
    }
  }

  /** The film of the lanes, where the machine and the layer have them. */
  async function lanesOf(
    { mapping, objective = "seconds", schedule }: ReplayRequest,
    nest: PreparedNest,
    asked: ReplayOptions,
  ): Promise<Replay | undefined> {
    if (nest.machine.zeros?.skipping === undefined) return undefined;
    const { replayLanes } = await import("../simulate/replay/lanes.ts");
    return replayLanes(layer, nest, asked, {
      objective,
      ...(mapping === undefined ? {} : { mapping }),
      ...(schedule === undefined ? {} : { schedule }),
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

/**
 * Boxes of a machine's picture: exact for grids in their most cut-up mapping, of loop nests without those of loops, and
 * at most as many for products, whose pictures differ from tile to tile: four for each multiplier and its share of the
 * tree, and the banks of the cache.
 */
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
    default: {
      const banks = Object.values(prepared.machine.components).map((part) => ("banks" in part ? part.banks : 0));
      return 4 * prepared.units + Math.max(...banks) + 8;
    }
  }
}

/** The parameters whose product is the number of multipliers, as the path of a fault. */
const extentsOf = (accelerator: string): string =>
  acceleratorNamed(accelerator)
    .multipliers.map((path) => `${accelerator}.${path}`)
    .join(", ");

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
  for (;;) {
    const { machine, values } = configure(smaller);
    if ((await partsOf(await prepareAny(machine, technology(machine.technology)))) <= mostParts) return smaller;
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
        path: extentsOf(accelerator),
        message: `no machine is small enough for a picture of ${mostParts} parts`,
      });
    }
    smaller = next;
  }
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
