// A unit of work of a sparse product on an array, as the engine has it in its books and as the stepped machine does it:
// which of a layer's products it belongs to, and its figures side by side.

import type { ProductBooks, ProductMachine } from "../../../dataflow/product/product.ts";
import { runProduct } from "../../../dataflow/product/run-product.ts";
import { steppedUnits } from "../../../dataflow/product/stepped/stepped-product.ts";
import type { SteppedUnit } from "../../../dataflow/product/stepped/stepped-product.ts";
import type { ProductMapping } from "../../../mapping/product-mapping.ts";
import type { SparseMatrix } from "../../../tensor/sparse-matrix.ts";
import { transpose } from "../../../tensor/sparse-matrix.ts";
import type { OperandPair } from "../../../workload/sparse-operands.ts";
import type { ReplayOptions } from "../options.ts";
import { checkTile } from "../options.ts";
import type { Replay } from "../replay.ts";
import type { Record } from "./record.ts";
import { recorder } from "./record.ts";

type Dataflow = ProductMapping["dataflow"];
type Figures = Readonly<{ [figure: string]: number }>;

/** A unit of a layer: batches of resting entries and passes over partial results, by their number from 0. */
export interface CountedUnit {
  /** What rests and what streams: B^T and A^T where N rests. */
  readonly A: SparseMatrix;
  readonly B: SparseMatrix;
  /** Which of the layer's products, and which unit of that one. */
  readonly product: number;
  readonly unit: number;
  readonly figures: Figures;
}

/** Ends a product that has been run far enough. */
const enough = new Error("the unit has been counted");

/** Finds a unit of a layer with the engine. Throws InputError where the layer has no so many. */
export function countedUnit(
  pairs: readonly OperandPair[],
  machine: ProductMachine,
  { dataflow, stationary }: Pick<ProductMapping, "dataflow" | "stationary">,
  options: ReplayOptions,
): CountedUnit {
  let seen = 0;
  for (const [product, pair] of pairs.entries()) {
    const [A, B] = stationary === "M" ? [pair.A, pair.B] : [transpose(pair.B), transpose(pair.A)];
    const first = seen;
    let before: Figures = {};
    let figures: Figures | undefined;
    try {
      runProduct(A, B, machine, { dataflow, stationary: "M" }, (books) => {
        // Empty rows are passed over in one go.
        if (books.counts.batches + books.counts.mergePasses === seen - first) return;
        const now = figuresOf(books, dataflow);
        if (seen === options.tile) {
          figures = since(before, now);
          throw enough;
        }
        seen++;
        before = now;
      });
    } catch (error) {
      if (error !== enough) throw error;
    }
    if (figures !== undefined) return { A, B, product, unit: options.tile - first, figures };
  }
  checkTile(seen, options);
  throw new Error(`unit ${options.tile} of ${seen} was not found`);
}

/** Steps a unit, and the products before it without time; what was seen of it, with its figures beside the engine's. */
export function steppedUnit(
  { A, B, unit, figures }: CountedUnit,
  machine: ProductMachine,
  dataflow: Dataflow,
  mostFrames: number,
): { readonly record: Record; readonly agreement: Replay["agreement"] } {
  const { observer, taken } = recorder(machine, mostFrames);
  const order = { dataflow, stationary: "M" } as const;
  let number = 0;
  let before: Figures = {};
  for (const ended of steppedUnits(A, B, machine, order, (one) => one === unit, observer)) {
    const record = taken();
    // Empty rows belong to no unit.
    if (ended.kind === "empty") continue;
    const now = steppedFigures(ended, dataflow);
    if (number === unit) {
      const stepped: Figures = { ...since(before, now), cycles: record.cycles };
      const agreement = Object.entries(figures).map(([figure, run]) => ({
        figure,
        stepped: stepped[figure] ?? NaN,
        run,
      }));
      return { record, agreement };
    }
    number++;
    before = now;
  }
  throw new Error(`the stepped machine has no unit ${unit}`);
}

const since = (before: Figures, now: Figures): Figures =>
  Object.fromEntries(Object.entries(now).map(([figure, value]) => [figure, value - (before[figure] ?? 0)]));

/** Figures by what a person calls them. The engine knows multiplications and sums of the inner product at its end only. */
function figuresOf({ counts, cache, cycles }: ProductBooks, dataflow: Dataflow): Figures {
  const { control, stationary, streaming, misses, merge, bandwidth } = cycles;
  return {
    cycles: control + stationary + streaming + misses + merge + bandwidth,
    ...shared(counts, dataflow),
    "cache hits": cache.hits,
    "cache misses": cache.misses,
  };
}

const steppedFigures = ({ counts }: SteppedUnit, dataflow: Dataflow): Figures => ({
  cycles: 0,
  ...shared(counts, dataflow),
  "cache hits": counts.cacheHits,
  "cache misses": counts.cacheMisses,
});

const shared = (counts: ProductBooks["counts"], dataflow: Dataflow): Figures => ({
  ...(dataflow === "inner"
    ? { "multiplications, those by zero included": counts.executed }
    : {
        multiplications: counts.multiplications,
        "sums of equal coordinates": counts.additions,
        "elements in the tree": counts.treeElements,
      }),
  "resting words": counts.stationaryWords,
  "streamed words": counts.streamingWords,
  "partial sums written": counts.partialSumWrites,
  "partial sums read": counts.partialSumReads,
  "words of the result": counts.outputWords,
});
