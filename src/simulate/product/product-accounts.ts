// What a sparse product moves, counts and consumes on its machine: bytes by memory and operand, events by component.

import type { ProductParts } from "../../dataflow/product/parts.ts";
import { elementBytesOf } from "../../dataflow/product/parts.ts";
import type { ProductRun } from "../../dataflow/product/product.ts";
import type { ProductMapping } from "../../mapping/product-mapping.ts";
import type { MemoryTraffic } from "../result.ts";
import { commonCounts } from "./common-counts.ts";
import type { Moved } from "./moved.ts";
import { bitEvents, moved, nothing as none } from "./moved.ts";

/** Bytes by memory, far to near. The cache's words are those that it serves; its fills come from the off-chip memory. */
export function productTraffic(
  run: ProductRun,
  parts: ProductParts,
  { stationary }: Pick<ProductMapping, "stationary">,
): Record<string, MemoryTraffic> {
  const { counts, dram } = run;
  const element = elementBytesOf(parts);
  const resting = counts.stationaryWords * element;
  // Sums that the cache serves come into it as lines; they are written through it.
  const carried: Moved = {
    read: counts.carriedWords * element,
    write: counts.carriedWords > 0 ? dram.partialSumsIn : 0,
  };
  const streaming = counts.streamingWords * element;
  const isA = stationary === "M";
  const [restingFill, streamingFill] = isA ? [dram.A, dram.B] : [dram.B, dram.A];
  /** Bytes of the operand that rests and of the one that streams. */
  const byOperand = (rests: Moved, streams: Moved, sums: Moved): MemoryTraffic =>
    isA ? moved(rests, streams, sums) : moved(streams, rests, sums);
  const traffic: Record<string, MemoryTraffic> = {
    [parts.home]: moved(
      { read: dram.A, write: 0 },
      { read: dram.B, write: 0 },
      { read: dram.partialSumsIn, write: dram.partialSumsOut + dram.C },
    ),
  };
  if (parts.stationary.name === parts.cache.name) {
    traffic[parts.cache.name] = byOperand(
      { read: resting, write: restingFill },
      { read: streaming, write: streamingFill },
      carried,
    );
  } else {
    traffic[parts.stationary.name] = byOperand({ read: resting, write: resting }, none, none);
    traffic[parts.cache.name] = byOperand(none, { read: streaming, write: streamingFill }, carried);
  }
  if (parts.sums !== undefined) {
    const { read, written } = storedSums(run);
    traffic[parts.sums.name] = moved(none, none, { read: read * element, write: written * element });
  }
  return traffic;
}

/** Partial results that the memory for them gave and took: what was written off chip is read from there. */
const storedSums = ({ counts }: ProductRun): { readonly read: number; readonly written: number } => ({
  read: counts.partialSumReads - counts.spilledWords,
  written: counts.partialSumWrites - counts.spilledWords,
});

/** Events by `component.event`. Every element that enters the tree passes each of its levels (assumed). */
export function productCounts(
  run: ProductRun,
  parts: ProductParts,
  traffic: Readonly<Record<string, MemoryTraffic>>,
): Record<string, number> {
  const { counts } = run;
  const { array, tree, cache, stationary, sums, home } = parts;
  const steps = counts.treeElements * Math.log2(tree.part.leaves);
  const memories = [home, ...(stationary.name === cache.name ? [] : [stationary.name])];
  const stored = storedSums(run);
  return {
    [`${array.name}.multiply`]: counts.executed,
    [`${array.name}.deliver`]: counts.stationaryWords + counts.streamingWords,
    [`${tree.name}.comparison`]: steps,
    [`${tree.name}.addition`]: counts.additions,
    [`${tree.name}.forward`]: 0,
    [`${cache.name}.access`]: counts.cacheAccesses,
    [`${cache.name}.fill`]: counts.cacheMisses,
    ...commonCounts(run),
    ...(sums === undefined
      ? {}
      : { [`${sums.name}.readWord`]: stored.read, [`${sums.name}.writeWord`]: stored.written }),
    ...bitEvents(traffic, memories),
  };
}
