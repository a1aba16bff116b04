// Sparse products on multipliers under a merge tree, with a cache for what streams.

import type { Dram } from "../../../component/memory/dram.ts";
import { elementBytesOf, productMachineAt, productParts } from "../../../dataflow/product/parts.ts";
import { productRows } from "../../../dataflow/product/product-values.ts";
import type { ProductMachine } from "../../../dataflow/product/product.ts";
import { runProduct } from "../../../dataflow/product/run-product.ts";
import type { ProductMapping } from "../../../mapping/product-mapping.ts";
import { compressionOf } from "../../../mapping/product-mapping.ts";
import type { ArrayProductMachine } from "../../machine.ts";
import type { ProductEngine } from "./engine.ts";
import { productCounts, productTraffic } from "../product-accounts.ts";

/** Throws InputError with the path's field where the parts do not make such a machine. */
export function arrayEngine(machine: ArrayProductMachine, memory: Dram | undefined): ProductEngine {
  const parts = productParts(machine.components, machine.paths);
  const { multipliers } = parts.array.part;
  const array = (clock: number): ProductMachine => productMachineAt(parts, machine, memory, clock);
  return {
    units: multipliers,
    home: parts.home,
    elementBytes: elementBytesOf(parts),
    array,
    run: (A, B, mapping, watch) => runProduct(A, B, array(mapping.clock), mapping, watch),
    traffic: (run, mapping) => productTraffic(run, parts, mapping),
    counts: (run, traffic) => productCounts(run, parts, traffic),
    rows: (A, B, mapping) => productRows(A, B, multipliers, mapping),
    loops: (mapping) => loopsOf(mapping, multipliers),
  };
}

/** The loop nest, outermost first, for a person to read. */
function loopsOf(mapping: ProductMapping, multipliers: number): readonly string[] {
  const [outer, inner, rest, stream] = mapping.stationary === "M" ? ["m", "n", "A", "B"] : ["n", "m", "B", "A"];
  const { A, B, C } = compressionOf(mapping);
  const formats = `A in ${A.toUpperCase()}, B in ${B.toUpperCase()}, C in ${C.toUpperCase()}`;
  switch (mapping.dataflow) {
    case "inner":
      return [
        `for ${outer} in packs of rows of at most ${multipliers} entries of ${rest}, resting`,
        `for ${inner}: ${stream} streams past, sums leave the tree`,
        formats,
      ];
    case "outer":
      return [
        `for k: entries of ${rest}, ${multipliers} at a time, resting`,
        `for ${inner}: entries of ${stream} stream past, partial results wait by ${outer}`,
        `for ${outer}: merge, ${multipliers} fibres at a time`,
        formats,
      ];
    case "gustavson":
      return [
        `for ${outer}, for k in runs of ${multipliers} entries of ${rest}, resting`,
        `for ${inner}: the rows of ${stream} that they select stream past and merge`,
        formats,
      ];
  }
}
