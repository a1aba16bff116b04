// What simulating a sparse product asks of a machine, whatever it is built of: run it, say what it moved and counted, and
// give rows of the result as the machine forms them.

import type { ResultRow } from "../../../dataflow/product/product-values.ts";
import type { ProductMachine, ProductRun, ProductWatch } from "../../../dataflow/product/product.ts";
import type { ProductMapping } from "../../../mapping/product-mapping.ts";
import type { SparseMatrix } from "../../../tensor/sparse-matrix.ts";
import type { MemoryTraffic } from "../../result.ts";

export interface ProductEngine {
  /** Multipliers that may work at once. */
  readonly units: number;
  /** Off-chip memory of the operands. */
  readonly home: string;
  /** Bytes of an element in the memories: value and coordinate together. */
  readonly elementBytes: number;
  /** The machine at a clock as its dataflows see it, where it works in batches that can be stepped and watched. */
  readonly array?: (clock: number) => ProductMachine;
  /**
   * C = A B; A has as many columns as B has rows. Values take no part: time follows the patterns. Only what works in
   * batches calls `watch`.
   */
  readonly run: (A: SparseMatrix, B: SparseMatrix, mapping: ProductMapping, watch?: ProductWatch) => ProductRun;
  /** Bytes by memory, far to near. */
  readonly traffic: (run: ProductRun, mapping: ProductMapping) => Record<string, MemoryTraffic>;
  /** Events by `component.event`. */
  readonly counts: (run: ProductRun, traffic: Readonly<Record<string, MemoryTraffic>>) => Record<string, number>;
  /** Rows of C, of its transpose when N rests, in the machine's order of additions. */
  readonly rows: RowsOf;
  /** The loop nest, outermost first, for a person to read. */
  readonly loops: (mapping: ProductMapping) => readonly string[];
}

export type RowsOf = (
  A: SparseMatrix,
  B: SparseMatrix,
  mapping: ProductMapping,
) => { readonly rows: number; readonly row: (row: number) => ResultRow };
