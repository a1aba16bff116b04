// How far the mappings that are being timed have come: numbers in memory that threads share, looked at a few times a
// second.

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

/** Milliseconds between two looks, and ticks between two looks at the clock. */
const every = 200;
const ticksAtOnce = 256;

/** Reports mappings that have begun and not ended, in the order in which they were begun. */
export function watchMappings(report: (shares: readonly MappingShare[]) => void): MappingWatch {
  const underWay = new Set<{ readonly layer: string; readonly mapping: string; readonly share: Float64Array }>();
  let last = Date.now();
  let ticks = 0;
  const look = (): void => {
    last = Date.now();
    const shares = [...underWay].map(({ layer, mapping, share }) => ({ layer, mapping, share: share[0] ?? 0 }));
    report(shares.filter(({ share }) => share > 0));
  };
  const timer = setInterval(look, every);
  return {
    begin: (layer, mapping) => {
      const entry = { layer, mapping, share: new Float64Array(new SharedArrayBuffer(8)) };
      underWay.add(entry);
      return { share: entry.share, end: () => underWay.delete(entry) };
    },
    tick: () => {
      if (++ticks % ticksAtOnce === 0 && Date.now() - last >= every) look();
    },
    close: () => {
      clearInterval(timer);
    },
  };
}
