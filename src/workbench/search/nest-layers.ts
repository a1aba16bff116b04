// A layer of a machine of loop nests as tasks: the parts of its searches, round after round, then the schedule that was
// found as a result. Parts are pure and joined in their order, so that it does not matter who runs which.

import { InputError } from "../../base/error.ts";
import type { PreparedNest } from "../../simulate/prepared.ts";
import { nestSearches } from "../../simulate/nest/search/search-parts.ts";
import { emptyPart } from "../../simulate/nest/search/search-state.ts";
import type { SearchState } from "../../simulate/nest/search/search-state.ts";
import { joinParts, startSearch } from "../../simulate/nest/search/search.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { inOrder } from "../in-order.ts";
import type { Perform, Staff } from "../run-layers.ts";
import type { Candidates } from "../task.ts";

/**
 * What the layer may end as. While `crowded` says that other layers keep the threads busy, all parts of a round are one
 * task, for one thread that has the layer prepared. Throws InputError as `runLayers`.
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
    const saved = store?.load(layer.name, mapping);
    const { frame, misfit } = await perform({ kind: "search", mapping, ...(saved && { saved }) });
    if (misfit !== undefined) throw new InputError({ ...store?.place(layer.name, mapping), ...misfit });
    let state = saved ?? startSearch(frame);
    const underWay = searchWatch?.begin(layer.name, mapping, state, frame);
    try {
      while (state.phase !== "done") {
        const all = state.parts.map((_, part) => part);
        const current = state;
        const answers = await inOrder(crowded() ? [all] : all.map((part) => [part]), (parts) =>
          perform({
            kind: "search-parts",
            mapping,
            state: only(current, parts),
            parts,
            ...(underWay && { seen: underWay.seen }),
          }),
        );
        state = joinParts(
          frame,
          state,
          answers.flatMap(({ parts }) => parts),
        );
        store?.save(layer.name, mapping, state);
      }
    } finally {
      underWay?.end();
    }
    searches[mapping] = state;
    // The layer ends with this fault, whatever other mappings may find.
    if (state.best === null) break;
  }
  return (await perform({ kind: "layer", searches })).results;
}

/** The state as far as these parts need it. */
const only = (state: SearchState, parts: readonly number[]): SearchState => ({
  ...state,
  parts: state.parts.map((before, part) => (parts.includes(part) ? before : emptyPart)),
  front: [],
});
