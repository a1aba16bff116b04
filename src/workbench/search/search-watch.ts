// How far the searches of schedules under way have come: numbers in memory that threads share, looked at a few times a
// second.

import { nestScore } from "../../simulate/nest/search/search-price.ts";
import type { PartState, SearchState } from "../../simulate/nest/search/search-state.ts";
import type { SearchFrame } from "../../simulate/nest/search/search-prepare.ts";
import { sharedNumbers } from "../shared-numbers.ts";
import { watch } from "../watch.ts";

/** How far the search of a layer's schedule under one mapping has come. */
export interface SearchShare {
  readonly layer: string;
  readonly mapping: string;
  /** Annealing runs done, of so many. Small spaces are walked through afterwards, which takes as long as it takes. */
  readonly parts: number;
  readonly of: number;
  /** Schedules that were looked at. */
  readonly moves: number;
  /** Best figure so far of the objective, as the search prices it; undefined before the first. */
  readonly best?: number;
}

export interface SearchWatch {
  /** A search begins or goes on from a state; who runs a part of it notes what becomes of it in `seen`. */
  readonly begin: (
    layer: string,
    mapping: string,
    state: SearchState,
    frame: SearchFrame,
  ) => { readonly seen: Float64Array; readonly end: () => void };
  readonly close: () => void;
}

/** Of each part the schedules looked at, the annealing runs done, and its best figure or 0. */
const fields = 3;

/** Reports searches that have begun and not ended, in the order in which they were begun. */
export function watchSearches(report: (shares: readonly SearchShare[]) => void): SearchWatch {
  interface UnderWay {
    readonly layer: string;
    readonly mapping: string;
    readonly of: number;
    readonly seen: Float64Array;
  }
  const { add, close } = watch<UnderWay>((underWay) => {
    report(underWay.map(shareOf).filter(({ moves }) => moves > 0));
  });
  const shareOf = ({ layer, mapping, of, seen }: UnderWay): SearchShare => {
    let [moves, parts, best] = [0, 0, 0];
    for (let at = 0; at < seen.length; at += fields) {
      moves += seen[at] ?? 0;
      parts += seen[at + 1] ?? 0;
      const figure = seen[at + 2] ?? 0;
      if (figure > 0 && (best === 0 || figure < best)) best = figure;
    }
    return { layer, mapping, parts, of, moves, ...(best > 0 && { best }) };
  };
  return {
    begin: (layer, mapping, state, frame) => {
      const { length } = state.parts;
      const seen = sharedNumbers(fields * length);
      for (const [part, done] of state.parts.entries()) notePart(seen, part, done, frame);
      return { seen, end: add({ layer, mapping, of: length * frame.effort.starts, seen }) };
    },
    close,
  };
}

/** Notes what has become of a part. */
export function notePart(seen: Float64Array, part: number, state: PartState, { task }: SearchFrame): void {
  const best = state.best === null ? 0 : nestScore(task.price, task.objective, state.best);
  seen.set([state.sampled, state.starts, best], fields * part);
}

/** Notes how many schedules a part has looked at in all. */
export function noteMoves(seen: Float64Array, part: number, sampled: number): void {
  seen[fields * part] = sampled;
}
