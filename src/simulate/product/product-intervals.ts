// What a sparse-product machine did in the first batches of a layer, phase by phase, for traces and timelines.

import type { ProductBooks, ProductCause } from "../../dataflow/product/product.ts";
import { runProduct } from "../../dataflow/product/run-product.ts";
import type { ComputeLayer } from "../../workload/layer.ts";
import { sparseOperands } from "../../workload/sparse-operands.ts";
import type { PreparedProduct } from "../prepared.ts";
import type { Interval } from "../result.ts";

export interface ProductIntervals {
  /** Batches and passes over partial results that are recorded: the first ones. */
  readonly recorded: number;
  /** Whether these are all of the layer. */
  readonly complete: boolean;
  /** Cycles of what is recorded. */
  readonly cycles: number;
  readonly intervals: readonly Interval[];
}

/**
 * The phases of a unit in the order in which they are drawn, by their names in the stack. How long each lasts is exact;
 * in the machine, steps of streaming and waits for lines alternate, and control comes before and after the rest.
 */
const phases: readonly (readonly [cause: ProductCause, resource: string])[] = [
  ["control", "control"],
  ["stationary", "stationary load"],
  ["streaming", "streaming"],
  ["misses", "cache misses"],
  ["merge", "merge"],
  ["bandwidth", "bandwidth"],
];

/** Thrown to end a product of which enough was seen. */
const enough = new Error("enough was seen");

/** Records at most `maximum` batches and passes of a layer under a mapping of the machine; no more of it is timed. */
export function productIntervals(
  layer: ComputeLayer,
  { machine, engine }: PreparedProduct,
  mappingName: string,
  seed: number,
  maximum: number,
): ProductIntervals {
  const mapping = machine.mappings[mappingName];
  if (mapping === undefined) throw new Error(`no mapping ${mappingName}`);
  const product = engine.array?.(mapping.clock);
  if (product === undefined) throw new Error(`${machine.name} does not work in batches`);
  const intervals: Interval[] = [];
  let recorded = 0;
  let start = 0;
  let complete = true;
  for (const { A, B } of sparseOperands(layer, seed)) {
    const before: Record<ProductCause, number> = {
      control: 0,
      stationary: 0,
      streaming: 0,
      misses: 0,
      merge: 0,
      bandwidth: 0,
    };
    let [batches, passes] = [0, 0];
    const record = ({ cycles, counts }: ProductBooks): void => {
      if (recorded === maximum) throw enough;
      const label =
        counts.batches > batches
          ? `batch ${counts.batches}`
          : counts.mergePasses > passes
            ? `merge pass ${counts.mergePasses}`
            : "empty rows";
      if (label !== "empty rows") recorded++;
      [batches, passes] = [counts.batches, counts.mergePasses];
      let at = start;
      for (const [cause, resource] of phases) {
        const duration = cycles[cause] - before[cause];
        before[cause] = cycles[cause];
        if (duration > 0) intervals.push({ resource, label, start: at, duration });
        at += duration;
      }
      if (at > start) intervals.push({ resource: "batches", label, start, duration: at - start });
      start = at;
    };
    try {
      runProduct(A, B, product, mapping, record);
    } catch (error) {
      if (error !== enough) throw error;
      complete = false;
      break;
    }
  }
  return { recorded, complete, cycles: start, intervals };
}
