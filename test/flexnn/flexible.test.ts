// Any dataflow is at most the best fixed one, by search: a handful of different layers.

import { expect, test } from "vitest";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import { builtinNetwork } from "../../src/workload/networks.ts";
import { gapOf } from "./flexible.ts";

const layers = [
  ["resnet50", 2, ["edp"]],
  ["mobilenet-v1", 1, ["cycles", "energy"]],
  ["bert-base-128", 0, ["cycles", "energy", "edp"]],
] as const;

test.each(layers)("%s, layer %i: %j", { timeout: 300_000 }, (network, index, objectives) => {
  const layer = computeLayers(builtinNetwork(network))[index];
  if (layer === undefined) throw new Error("no such layer");
  for (const objective of objectives) expect(gapOf(layer, objective, 8000).ratio).toBeLessThanOrEqual(1);
});
