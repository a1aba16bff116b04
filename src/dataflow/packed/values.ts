// The values of an inner product on packed engines: sums of the groups that share a tree, added up over engines and tiles.

import { forwardingSum } from "../../component/forwarding-adder-tree.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { transpose } from "../../tensor/sparse-matrix.ts";
import type { ResultRow } from "../product/product-values.ts";

/**
 * Rows of C = A B with tiles of `depth` rows of B and engines of `leaves` multipliers. A row's entries of a tile begin at
 * leaf 0 here, while on the machine they follow those of the row before: where an engine cuts a row depends on that.
 * Products that meet nothing are left out, as the distribution network leaves them out.
 */
export function packedRows(
  A: SparseMatrix,
  B: SparseMatrix,
  depth: number,
  leaves: number,
): (row: number) => ResultRow {
  const byColumn = transpose(B);
  return (row) => {
    const first = A.rowStart[row] ?? 0;
    const end = A.rowStart[row + 1] ?? 0;
    const placeOf = new Map<number, number>();
    for (let i = first; i < end; i++) placeOf.set(A.column[i] ?? 0, i - first);
    const columns: number[] = [];
    const values: number[] = [];
    for (let n = 0; n < byColumn.rows; n++) {
      /** Products by tile of K and engine. */
      const products = new Map<string, { places: number[]; values: number[] }>();
      for (let j = byColumn.rowStart[n] ?? 0; j < (byColumn.rowStart[n + 1] ?? 0); j++) {
        const k = byColumn.column[j] ?? 0;
        const place = placeOf.get(k);
        if (place === undefined) continue;
        const key = `${Math.floor(k / depth)} ${Math.floor(place / leaves)}`;
        const engine = products.get(key) ?? { places: [], values: [] };
        products.set(key, engine);
        engine.places.push(place % leaves);
        engine.values.push((A.value?.[first + place] ?? 1) * (byColumn.value?.[j] ?? 1));
      }
      if (products.size === 0) continue;
      let sum: number | undefined;
      for (const engine of products.values()) {
        const own = forwardingSum(engine.places, engine.values);
        sum = sum === undefined ? own : sum + own;
      }
      columns.push(n);
      values.push(sum ?? 0);
    }
    return { columns, values };
  };
}
