// Where the states of searches are kept beyond a run, by layer and mapping.

import type { Place } from "../../base/error.ts";
import type { PartState, SearchState } from "../../simulate/nest/search/search-state.ts";
import type { ComputeLayer } from "../../workload/layer.ts";

/** A search after some rounds, and what parts of the next one came to, or null for each that is still to be run. */
export interface KeptSearch {
  readonly state: SearchState;
  readonly ahead: readonly (PartState | null)[];
}

/** Layers are those of the network that runs, whatever threads make of them. */
export interface SearchStore {
  /** What is known of a search from before. */
  readonly load: (layer: ComputeLayer, mapping: string) => KeptSearch | undefined;
  /** Called whenever parts of a search are done. */
  readonly save: (layer: ComputeLayer, mapping: string, kept: KeptSearch) => void;
  /** Where a search that does not fit was found, for the error. */
  readonly place: (layer: ComputeLayer, mapping: string) => Place;
}
