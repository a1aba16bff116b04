// Layers on flexnn and on the machines of its array that are held to one dataflow, each by a search of its own.

import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { dataflowNames } from "../../src/mapping/nest/nest-mapping.ts";
import type { Objective } from "../../src/simulate/machine.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import { score } from "../../src/simulate/score.ts";
import { simulateLayer } from "../../src/simulate/simulate-layer.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { ComputeLayer } from "../../src/workload/layer.ts";

/** What flexnn's search ends with over the best fixed dataflow, and its name; at most 1 where the search misses nothing. */
export interface Gap {
  readonly layer: string;
  readonly objective: Objective;
  readonly best: string;
  readonly ratio: number;
}

/** The layer without its zeros, so that figures are exact. */
export function gapOf(layer: ComputeLayer, objective: Objective, moves: number): Gap {
  const dense = { ...layer, density: { A: 1, B: 1 } };
  const figure = (name: string): number => {
    const { machine } = acceleratorNamed(name).configure({ search: moves });
    const prepared = prepareMachine(machine, technology("28nm"));
    const result = simulateLayer(dense, prepared, { objective, check: "off", auditPercent: 0, seed: 1 });
    return score({ ...result, energy: result.energy.total }, objective);
  };
  const rivals = dataflowNames
    .filter((name) => name !== "any")
    .map((name) => ({ name: `fixed-${name}`, figure: figure(`fixed-${name}`) }));
  const best = rivals.reduce((a, b) => (b.figure < a.figure ? b : a));
  return { layer: layer.name, objective, best: best.name, ratio: figure("flexnn") / best.figure };
}
