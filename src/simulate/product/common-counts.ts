// Counts that every sparse product reports under the same names, whatever it runs on.

import type { ProductRun } from "../../dataflow/product/product.ts";

export const commonCounts = ({ counts }: ProductRun): Record<string, number> => ({
  batches: counts.batches,
  "merge passes": counts.mergePasses,
  "partial sums written": counts.partialSumWrites,
  "partial sums read": counts.partialSumReads,
  "partial sums spilled": counts.spilledWords,
  "cache hits": counts.cacheHits,
  "cache misses": counts.cacheMisses,
  multiplications: counts.multiplications,
  additions: counts.additions,
  "output elements": counts.outputWords,
});
