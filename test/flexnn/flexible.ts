// flexnn against the machines of its array that are held to one dataflow: who they are, and what each comes to on a
// layer by a search of its own.

import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import type { LooseValues } from "../../src/accelerator/parameters.ts";
import { dataflowNames } from "../../src/mapping/nest/nest-mapping.ts";
import type { Objective } from "../../src/simulate/machine.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import type { LayerResult } from "../../src/simulate/result.ts";
import { score } from "../../src/simulate/score.ts";
import { simulateLayer } from "../../src/simulate/simulate-layer.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { ComputeLayer } from "../../src/workload/layer.ts";

export const fixedMachines: readonly string[] = dataflowNames.flatMap((name) =>
  name === "any" ? [] : [`fixed-${name}`],
);

/** Of `set` what the machine has: the others have no search among all schedules. */
export function settingsOf(machine: string, set: LooseValues): LooseValues {
  const { parameters } = acceleratorNamed(machine);
  return Object.fromEntries(Object.entries(set).filter(([path]) => Object.hasOwn(parameters, path)));
}

export function layerOn(machine: string, set: LooseValues, layer: ComputeLayer, objective: Objective): LayerResult {
  const configured = acceleratorNamed(machine).configure(settingsOf(machine, set)).machine;
  const prepared = prepareMachine(configured, technology(configured.technology));
  return simulateLayer(layer, prepared, { objective, check: "off", auditPercent: 0, seed: 1 });
}

/** What the objective minimises. */
export const figureOf = ({ cycles, seconds, energy }: LayerResult, objective: Objective): number =>
  score({ cycles, seconds, energy: energy.total }, objective);

/** A fixed dataflow that ended below flexnn. */
export interface Miss {
  readonly layer: string;
  readonly objective: Objective;
  readonly machine: string;
  /** Above 1. */
  readonly ratio: number;
}

/** The misses of flexnn on a layer: none. */
export function missesOn(layer: ComputeLayer, objective: Objective, set: LooseValues = {}): readonly Miss[] {
  const flexible = figureOf(layerOn("flexnn", set, layer, objective), objective);
  return fixedMachines.flatMap((machine): Miss[] => {
    const ratio = flexible / figureOf(layerOn(machine, set, layer, objective), objective);
    return ratio > 1 ? [{ layer: layer.name, objective, machine, ratio }] : [];
  });
}
