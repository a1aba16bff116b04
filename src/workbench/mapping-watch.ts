// How far the mappings that are being timed have come: numbers in memory that threads share, looked at a few times a
// second.

import { sharedNumbers } from "./shared-numbers.ts";
import { watch } from "./watch.ts";

/** How much of a layer's mapping is timed: the part of the entries that rest which have done so, from 0 to 1. */
export interface MappingShare {
  readonly layer: string;
  readonly mapping: string;
  readonly share: number;
}

export interface MappingWatch {
  /** A mapping is about to be timed; who times it writes into `share`. */
  readonly begin: (layer: string, mapping: string) => { readonly share: Float64Array; readonly end: () => void };
  /** Looks at the clock, for threads whose own work keeps timers from being served. */
  readonly tick: () => void;
  readonly close: () => void;
}

/** Ticks between two looks at the clock. */
const ticksAtOnce = 256;

/** Reports mappings that have begun and not ended, in the order in which they were begun. */
export function watchMappings(report: (shares: readonly MappingShare[]) => void): MappingWatch {
  interface UnderWay {
    readonly layer: string;
    readonly mapping: string;
    readonly share: Float64Array;
  }
  const { add, tick, close } = watch<UnderWay>((underWay) => {
    const shares = underWay.map(({ layer, mapping, share }) => ({ layer, mapping, share: share[0] ?? 0 }));
    report(shares.filter(({ share }) => share > 0));
  }, ticksAtOnce);
  return {
    begin: (layer, mapping) => {
      const share = sharedNumbers(1);
      return { share, end: add({ layer, mapping, share }) };
    },
    tick,
    close,
  };
}
