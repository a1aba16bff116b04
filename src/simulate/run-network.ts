// A whole workload on one machine of any kind, layer by layer on this thread.

import type { Technology } from "../technology/technology.ts";
import type { Network } from "../workload/layer.ts";
import type { Machine } from "./machine.ts";
import { prepareMachine } from "./prepare-machine.ts";
import type { LayerResult, RunResult } from "./result.ts";
import { settleRun } from "./settle-run.ts";
import { layerCandidates } from "./simulate-layer.ts";
import type { RunOptions } from "./simulate-network.ts";
import { assembleRun, computeLayers } from "./simulate-network.ts";

/** Runs a network. Throws InputError when there is nothing to compute, or where a layer cannot be mapped. */
export function simulateNetwork(
  network: Network,
  machine: Machine,
  technology: Technology,
  options: RunOptions,
): RunResult {
  const prepared = prepareMachine(machine, technology);
  const layers = computeLayers(network);
  const results: (readonly LayerResult[])[] = [];
  for (const layer of layers) {
    results.push(layerCandidates(layer, prepared, options));
    options.onLayer?.(results.length, layers.length);
  }
  return assembleRun(network, prepared, technology, options, settleRun(network, prepared, options, results));
}
