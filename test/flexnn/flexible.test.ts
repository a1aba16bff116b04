// Any dataflow is at most the best fixed one, by search: a handful of different layers.

import { expect, test } from "vitest";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import { builtinNetwork } from "../../src/workload/networks.ts";
import { gapOf } from "./flexible.ts";

const layers = [
  ["alexnet", 0],
  ["resnet50", 2],
  ["mobilenet-v1", 1],
  ["bert-base-128", 0],
] as const;

test.each(layers)("%s, layer %i: cycles, energy and their product", { timeout: 300_000 }, (network, index) => {
  const layer = computeLayers(builtinNetwork(network))[index];
  if (layer === undefined) throw new Error("no such layer");
  for (const objective of ["cycles", "energy", "edp"] as const) {
    expect(gapOf(layer, objective, 2000).ratio).toBeLessThanOrEqual(1);
  }
});
