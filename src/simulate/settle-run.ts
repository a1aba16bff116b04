// What the layers of a run settle on once all of them are known: one result each, and what changes of formats or layouts
// between them take.

import type { Network } from "../workload/layer.ts";
import { settleLayouts } from "./nest/drain/layout.ts";
import type { PreparedMachine } from "./prepared.ts";
import { settleConversions } from "./product/transitions.ts";
import type { LayerResult } from "./result.ts";
import type { RunOptions, SettledRun } from "./simulate-network.ts";
import { computeLayers } from "./simulate-network.ts";

/** `candidates` says of each layer what it may end as (`layerCandidates`). */
export function settleRun(
  network: Network,
  prepared: PreparedMachine,
  { objective, conversions = "ignore" }: RunOptions,
  candidates: readonly (readonly LayerResult[])[],
): SettledRun {
  const follows = candidates.map((_, i) => i > 0 && !(network.gaps?.includes(i) ?? false));
  if (prepared.kind !== "product") {
    const best = candidates.flatMap((results) => results.slice(0, 1));
    if (prepared.kind !== "nest") return { layers: best };
    const { layers, total } = settleLayouts(best, computeLayers(network), follows, prepared);
    return total === undefined ? { layers } : { layers, layouts: total };
  }
  const { layers, total } = settleConversions(candidates, prepared, { objective, conversions, follows });
  return { layers, conversions: total };
}
