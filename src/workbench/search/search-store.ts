// Where the states of searches are kept beyond a run, by layer and mapping.

import type { Place } from "../../base/error.ts";
import type { SearchState } from "../../simulate/nest/search/search-state.ts";

export interface SearchStore {
  /** What is known of a search from before. */
  readonly load: (layer: string, mapping: string) => SearchState | undefined;
  /** Called after each round of a search. */
  readonly save: (layer: string, mapping: string, state: SearchState) => void;
  /** Where a search that does not fit was found, for the error. */
  readonly place: (layer: string, mapping: string) => Place;
}
