// Real matrices squared: products, additions and entries of the result equal the published counts exactly.

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readMatrixMarketFile } from "../../src/interop/matrix-market-file.ts";
import { sparseMatrix } from "../../src/tensor/sparse-matrix.ts";
import { countProduct, multiplySparse } from "../../src/workload/sparse-product.ts";
import { hasShared, needs, sharedJson, sharedPath } from "./shared.ts";

const cases = "reference/spmspm_cases.json";

const published = z.object({
  matrices: z.record(
    z.string(),
    z.object({ n: z.number(), nnz: z.number(), products: z.number(), adds: z.number(), nnzZ: z.number() }),
  ),
});

const matrices = hasShared(cases) ? Object.entries(published.parse(sharedJson(cases)).matrices) : [];

/** SNAP's wiki-Vote comes with a size line that is one short of its largest index; its vertices count from 2. */
const expectedWarnings: Readonly<Record<string, number>> = { "wiki-Vote": 1 };

describe.skipIf(!hasShared(cases))(`published counts of A x A${needs(cases)}`, () => {
  test("the cases have the matrices that are here", () => {
    expect(matrices.map(([name]) => name)).toEqual(
      expect.arrayContaining(["wiki-Vote", "p2p-Gnutella31", "ca-CondMat"]),
    );
  });

  for (const [name, { n, nnz, products, adds, nnzZ }] of matrices) {
    const file = `data/matrices/${name}.mtx.gz`;
    test.skipIf(!hasShared(file))(`${name}: ${products} products, ${nnzZ} entries${needs(file)}`, async () => {
      const { matrix, warnings, header } = await readMatrixMarketFile(sharedPath(file));
      expect(header).toMatchObject({ field: "pattern", rows: n, columns: n, entries: nnz });
      expect(warnings).toHaveLength(expectedWarnings[name] ?? 0);
      expect(matrix.column).toHaveLength(nnz);
      expect(countProduct(matrix, matrix)).toEqual({
        multiplications: products,
        additions: adds,
        outputNonZeros: nnzZ,
      });

      const square = multiplySparse(matrix, matrix);
      expect(() => sparseMatrix(n, n, square.rowStart, square.column, square.value)).not.toThrow();
      expect(square.column).toHaveLength(nnzZ);
      // Entries of a pattern are ones, so the values of its square count the products.
      expect(square.value?.reduce((sum, value) => sum + value, 0)).toBe(products);
    });
  }
});
