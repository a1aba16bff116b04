// A layer of a machine of loop nests as tasks: the parts of its searches, round after round, then the schedule that was
// found as a result. Parts are pure and joined in their order, so that it does not matter who runs which.

import { InputError } from "../../base/error.ts";
import type { PreparedNest } from "../../simulate/prepared.ts";
import { nestSearches } from "../../simulate/nest/search/search-parts.ts";
import type { PartState, SearchState } from "../../simulate/nest/search/search-state.ts";
import { joinParts, startSearch } from "../../simulate/nest/search/search.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { inOrder } from "../in-order.ts";
import type { Perform, Staff } from "../run-layers.ts";
import type { Candidates } from "../task.ts";

/** Moves of a run from which on a part takes so long that a thread may prepare the layer anew for each. */
const manyMoves = 50_000;

/**
 * What the layer may end as. While `crowded` says that other layers keep the threads busy, all parts of a round are one
 * task, for one thread that has the layer prepared, unless they take long. Throws InputError as `runLayers`.
 */
export async function runNestLayer(
  layer: ComputeLayer,
  prepared: PreparedNest,
  { request: { searches: store }, choice, searchWatch }: Staff,
  perform: Perform,
  crowded: () => boolean,
): Promise<Candidates> {
  const searches: Record<string, SearchState> = {};
  for (const mapping of nestSearches(layer.name, prepared, choice)) {
    const saved = store?.load(layer, mapping);
    const { frame, misfit } = await perform({ kind: "search", mapping, ...(saved && { saved }) });
    if (misfit !== undefined) throw new InputError({ ...store?.place(layer, mapping), ...misfit });
    let state = saved?.state ?? startSearch(frame);
    let ahead: (PartState | null)[] = [...(saved?.ahead ?? [])];
    const underWay = searchWatch?.begin(layer.name, mapping, merged(state, ahead), frame);
    try {
      while (state.phase !== "done") {
        const left = state.parts.flatMap((_, part) => ((ahead[part] ?? null) === null ? [part] : []));
        const bundled = crowded() && frame.effort.moves < manyMoves;
        const current = state;
        await inOrder(bundled ? [left] : left.map((part) => [part]), async (parts) => {
          const seen = underWay && { seen: underWay.seen };
          const done = await perform({ kind: "search-parts", mapping, state: current, parts, ...seen });
          for (const [i, part] of parts.entries()) ahead[part] = done.parts[i] ?? null;
          store?.save(layer, mapping, { state: current, ahead: [...ahead] });
        });
        state = joinParts(frame, state, merged(state, ahead).parts);
        ahead = [];
        store?.save(layer, mapping, { state, ahead });
      }
    } finally {
      underWay?.end();
    }
    searches[mapping] = state;
  }
  return (await perform({ kind: "layer", searches })).results;
}

/** The state with the parts that are ahead of it. */
const merged = (state: SearchState, ahead: readonly (PartState | null)[]): SearchState => ({
  ...state,
  parts: state.parts.map((before, part) => ahead[part] ?? before),
});
