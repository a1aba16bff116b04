// The banked cache one cycle at a time: queues of requests at the banks, lines on their way, waiting accesses. The
// reference that the pass over a set must equal; no cleverness.

import type { BankedCache } from "./banked-cache.ts";
import { cacheSets, wordsPerLine } from "./banked-cache.ts";

export interface SteppedCache {
  hits: number;
  misses: number;
  accesses: number;
  /** Serves one set of word addresses; returns the cycles until the last word is there. */
  step(addresses: readonly number[]): number;
}

/** A line on its way, and the accesses that wait for it. */
interface Fetch {
  readonly arrives: number;
  /** Earliest cycle of each waiting access, in order. */
  readonly waiting: number[];
}

/** A line in the cache. */
interface Entry {
  readonly line: number;
  readonly fetch: Fetch;
}

/** `requestsPerCycle` of a set's requests reach the banks in each cycle. */
export function steppedCache(cache: BankedCache, requestsPerCycle = Infinity): SteppedCache {
  const { banks, ways, wordsPerBank, hitCycles, missCycles } = cache;
  // The entries of each cache set, least recently used first.
  const sets = Array.from({ length: cacheSets(cache) }, (): Entry[] => []);
  const self: SteppedCache = {
    hits: 0,
    misses: 0,
    accesses: 0,
    step(addresses) {
      const lines = addresses.map((address) => Math.floor(address / wordsPerLine(cache)));
      const queues = Array.from({ length: banks }, (): number[] => []);
      let fetches: Fetch[] = [];
      /** Cycles in which accesses to present lines give their words. */
      const coming: number[] = [];
      let last = -1;

      const serve = (queue: number[], cycle: number): void => {
        const line = queue.shift();
        if (line === undefined) return;
        self.accesses++;
        let covered = 1;
        for (; covered < wordsPerBank && queue[0] === line; covered++) queue.shift();
        const entries = sets[line % sets.length] ?? [];
        const at = entries.findIndex((entry) => entry.line === line);
        const [entry] = at < 0 ? [] : entries.splice(at, 1);
        if (entry === undefined) {
          self.misses++;
          self.hits += covered - 1;
          if (entries.length === ways) entries.shift();
          const fetch: Fetch = { arrives: cycle + missCycles, waiting: [] };
          fetches.push(fetch);
          entries.push({ line, fetch });
          return;
        }
        self.hits += covered;
        entries.push(entry);
        if (fetches.includes(entry.fetch)) entry.fetch.waiting.push(cycle + hitCycles);
        else coming.push(cycle + hitCycles);
      };

      const busy = (): boolean =>
        lines.length + fetches.length + coming.length > 0 || queues.some((queue) => queue.length > 0);
      for (let cycle = 0; busy(); cycle++) {
        for (const line of lines.splice(0, requestsPerCycle)) queues[line % banks]?.push(line);
        for (const queue of queues) serve(queue, cycle);
        for (const fetch of fetches) {
          if (fetch.arrives === cycle) last = cycle;
          // The line serves one waiting access in each cycle after it has come.
          const earliest = fetch.waiting[0];
          if (fetch.arrives < cycle && earliest !== undefined && earliest <= cycle) {
            fetch.waiting.shift();
            last = cycle;
          }
        }
        fetches = fetches.filter(({ arrives, waiting }) => arrives > cycle || waiting.length > 0);
        for (const at of coming.splice(0)) {
          if (at === cycle) last = cycle;
          else coming.push(at);
        }
      }
      return last + 1;
    },
  };
  return self;
}
