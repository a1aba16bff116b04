// Any dataflow is at most the best fixed one, by search: every layer of every built-in network, for each objective.

import { expect, test } from "vitest";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import type { ComputeLayer } from "../../src/workload/layer.ts";
import { builtinNetwork, networkNames } from "../../src/workload/networks.ts";
import { gapOf } from "./flexible.ts";

/** Layers of different shapes, the first of each; recorded layers of a publication are not networks to schedule. */
const distinct = new Map<string, ComputeLayer>();
for (const name of networkNames().filter((one) => !one.startsWith("flexagon:"))) {
  for (const layer of computeLayers(builtinNetwork(name))) {
    const key = JSON.stringify(layer.operation);
    if (!distinct.has(key)) distinct.set(key, { ...layer, name: `${name} ${layer.name}` });
  }
}

test.each(["cycles", "energy", "edp"] as const)("%s", { timeout: 3_600_000 }, (objective) => {
  const missed = [...distinct.values()].map((layer) => gapOf(layer, objective, 2000)).filter(({ ratio }) => ratio > 1);
  expect(missed).toEqual([]);
});
