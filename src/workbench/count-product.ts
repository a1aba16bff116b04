// Counts of a sparse product on several threads, each with a range of its rows: the same counts as on one.

import type { SparseMatrix } from "../tensor/sparse-matrix.ts";
import type { ProductCounts } from "../workload/sparse-product.ts";
import { countProduct, rowProducts, rowShare } from "../workload/sparse-product.ts";
import { sharedMatrix } from "./crew.ts";

/** Rows `from` to `to` (exclusive) of A times B. */
export interface CountTask {
  readonly A: SparseMatrix;
  readonly B: SparseMatrix;
  readonly from: number;
  readonly to: number;
}

/** Products below which starting a thread takes longer than counting. */
const fewProducts = 2 ** 24;

/**
 * Counts of C = A B without C. Threads share the operands, and each takes B.columns words of its own. Throws InputError
 * unless A has as many columns as B has rows.
 */
export async function countProductOnThreads(A: SparseMatrix, B: SparseMatrix, threads: number): Promise<ProductCounts> {
  const products = rowProducts(A, B);
  let multiplications = 0;
  for (const count of products) multiplications += count;
  const of = Math.min(threads, Math.ceil(multiplications / fewProducts));
  if (of <= 1) return countProduct(A, B);
  const { Piscina } = await import("piscina");
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const filename = new URL(`./count-worker.${extension}`, import.meta.url).href;
  const pool = new Piscina<CountTask, number>({ filename, minThreads: of, maxThreads: of });
  try {
    const sharedA = sharedMatrix(patternOf(A));
    const sharedB = B === A ? sharedA : sharedMatrix(patternOf(B));
    const outputs = await Promise.all(
      Array.from({ length: of }, (_, part) =>
        pool.run({ A: sharedA, B: sharedB, ...rowShare(products, { part, of }) }),
      ),
    );
    const outputNonZeros = outputs.reduce((sum, count) => sum + count, 0);
    return { multiplications, additions: multiplications - outputNonZeros, outputNonZeros };
  } finally {
    await pool.destroy();
  }
}

const patternOf = ({ rows, columns, rowStart, column }: SparseMatrix): SparseMatrix => ({
  rows,
  columns,
  rowStart,
  column,
});
