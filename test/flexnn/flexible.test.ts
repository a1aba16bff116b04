// Any dataflow is at most the best fixed one, by search: a handful of different layers.

import { expect, test } from "vitest";
import { computeLayers } from "../../src/simulate/simulate-network.ts";
import { builtinNetwork } from "../../src/workload/networks.ts";
import { gapOf } from "./flexible.ts";

const layers = [
  ["resnet50", 2, ["edp"], 8000],
  ["mobilenet-v1", 1, ["cycles", "energy"], 8000],
  ["bert-base-128", 0, ["energy", "edp"], 8000],
  // At 8,000 moves it ends 0.43 % above row-stationary; this is the machines' default.
  ["bert-base-128", 0, ["cycles"], 20_000],
] as const;

test.each(layers)("%s, layer %i: %j, %i moves", { timeout: 300_000 }, (network, index, objectives, moves) => {
  const layer = computeLayers(builtinNetwork(network))[index];
  if (layer === undefined) throw new Error("no such layer");
  for (const objective of objectives) expect(gapOf(layer, objective, moves).ratio).toBeLessThanOrEqual(1);
});
