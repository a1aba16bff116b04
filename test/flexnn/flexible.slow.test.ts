// flexnn is at most every fixed dataflow: layers of all built-in networks, each objective with others of them, all at the
// machines' defaults. `bench/flexnn.ts` counts every layer.

import { expect, test } from "vitest";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import type { ComputeLayer } from "../../src/workload/layer.ts";
import { builtinNetwork, networkNames } from "../../src/workload/networks.ts";
import { missesOn } from "./flexible.ts";

/** Layers of different shapes, the first of each; recorded layers of a publication are not networks to schedule. */
const distinct = new Map<string, ComputeLayer>();
for (const name of networkNames().filter((one) => !one.startsWith("flexagon:"))) {
  for (const layer of computeLayers(builtinNetwork(name))) {
    const key = JSON.stringify(layer.operation);
    if (!distinct.has(key)) distinct.set(key, { ...layer, name: `${name} ${layer.name}` });
  }
}

/** Layers from one to the next of an objective. */
const stride = 54;

test.each([
  ["cycles", 0],
  ["energy", 18],
  ["edp", 36],
] as const)("%s", { timeout: 1_200_000 }, (objective, first) => {
  const sample = [...distinct.values()].filter((_, index) => index % stride === first);
  expect(sample.length).toBeGreaterThan(4);
  expect(sample.flatMap((layer) => missesOn(layer, objective))).toEqual([]);
});
