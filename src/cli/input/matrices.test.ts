// Matrices as workloads: one file, two files, transposes, .npy, and what is refused.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeNpy } from "../../interop/npy.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { denseFromSparse } from "../../tensor/sparse-matrix.ts";
import { tensor } from "../../tensor/tensor.ts";
import { resolveWorkload, workloadFiles } from "./workload.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-matrices-"));
const at = (name: string): string => join(folder, name);

/** A file of (row, column, value), from 1. */
const market = (rows: number, columns: number, entries: readonly (readonly [number, number, number])[]): string =>
  [
    "%%MatrixMarket matrix coordinate real general",
    `${rows} ${columns} ${entries.length}`,
    ...entries.map((entry) => entry.join(" ")),
    "",
  ].join("\n");

const wide = market(2, 3, [
  [1, 1, 1],
  [2, 2, 2],
  [2, 3, 3],
]);
const square = market(2, 2, [
  [1, 2, 5],
  [2, 2, 7],
]);

beforeAll(() => {
  writeFileSync(at("wide.mtx"), wide);
  writeFileSync(at("wide.MTX.GZ"), gzipSync(wide));
  writeFileSync(at("square.mtx"), square);
  writeFileSync(at("with,comma.mtx"), square);
  writeFileSync(
    at("twice.mtx"),
    market(2, 2, [
      [1, 1, 1],
      [1, 1, 2],
      [2, 1, 4],
    ]),
  );
  writeFileSync(at("empty.mtx"), market(2, 2, []));
  writeFileSync(at("none.mtx"), market(0, 0, []));
  writeFileSync(at("tall.npy"), writeNpy(tensor("float32", [3, 2], [0, 1.5, 0, 0, 2, 0])));
  writeFileSync(at("zeros.npy"), writeNpy(tensor("int8", [2, 2], [0, 0, 0, 0])));
  writeFileSync(at("vector.npy"), writeNpy(tensor("int8", [2], [1, 1])));
  writeFileSync(at("cube.npy"), writeNpy(tensor("int8", [1, 2, 2], [1, 1, 1, 1])));
  writeFileSync(at("nan.npy"), writeNpy(tensor("float32", [1, 2], [1, Number.NaN])));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Product {
  readonly name: string;
  readonly A: SparseMatrix;
  readonly B: SparseMatrix;
  readonly warnings: readonly string[];
}

async function product(argument: string): Promise<Product> {
  const { name, layers, warnings } = await resolveWorkload(argument);
  const [layer] = layers;
  if (layers.length !== 1 || layer?.kind !== "compute" || layer.sparse === undefined) throw new Error("no product");
  expect(layer.values).toBeUndefined();
  return { name: `${name}: ${layer.name}`, ...layer.sparse, warnings };
}

const rowsOf = (matrix: SparseMatrix): number[][] => {
  const dense = [...denseFromSparse(matrix)];
  return Array.from({ length: matrix.rows }, (_, r) => dense.slice(r * matrix.columns, (r + 1) * matrix.columns));
};

describe("products", () => {
  test("a square matrix alone is multiplied by itself, held once", async () => {
    const { name, A, B, warnings } = await product(at("square.mtx"));
    expect(name).toBe("square x square: square");
    expect(A).toBe(B);
    expect(warnings).toEqual([]);
    expect(rowsOf(A)).toEqual([
      [0, 5],
      [0, 7],
    ]);
  });

  test("two files are A and B, in any of the formats", async () => {
    const { name, A, B } = await product(`${at("wide.MTX.GZ")}, ${at("tall.npy")}`);
    expect(name).toBe("wide x tall: wide x tall");
    expect(rowsOf(A)).toEqual([
      [1, 0, 0],
      [0, 2, 3],
    ]);
    expect(rowsOf(B)).toEqual([
      [0, 1.5],
      [0, 0],
      [2, 0],
    ]);
    expect(B.column).toHaveLength(2);
  });

  test("^T transposes", async () => {
    const { name, A, B } = await product(`${at("wide.mtx")},${at("wide.mtx")}^T`);
    expect(name).toBe("wide x wide^T: wide x wide^T");
    expect(rowsOf(B)).toEqual([0, 1, 2].map((c) => rowsOf(A).map((row) => row[c] ?? 0)));
    const turned = await product(`${at("square.mtx")}^t`);
    expect(turned.name).toBe("square^T x square^T: square^T");
    expect(turned.A).toBe(turned.B);
    expect(rowsOf(turned.A)).toEqual([
      [0, 0],
      [5, 7],
    ]);
  });

  test("a comma inside the name of a file parts nothing", async () => {
    expect((await product(at("with,comma.mtx"))).name).toBe("with,comma x with,comma: with,comma");
  });

  test("what the reader remarks is passed on, once for a file that is used twice", async () => {
    const { warnings } = await product(`${at("twice.mtx")},${at("twice.mtx")}^T`);
    expect(warnings).toEqual([expect.stringMatching(/twice\.mtx:4: .*summed/)]);
  });
});

describe("refused", () => {
  test.each([
    [
      ["wide.mtx"],
      /wide\.mtx: a matrix alone .* not square; found "2 x 3"; expected a second matrix with 3 rows \(.*wide\.mtx,B\.mtx\), or its own transpose \(.*wide\.mtx,.*wide\.mtx\^T\)/,
    ],
    [
      ["wide.mtx", "wide.mtx"],
      /^the inner dimensions differ: .*wide\.mtx has 3 columns, .*wide\.mtx has 2 rows; expected as many of both, as .*wide\.mtx,.*wide\.mtx\^T has/,
    ],
    [
      ["wide.mtx", "square.mtx"],
      /^the inner dimensions differ: .*wide\.mtx has 3 columns, .*square\.mtx has 2 rows; expected as many of both, as .*wide\.mtx\^T,.*square\.mtx has/,
    ],
    [
      ["square.mtx", "tall.npy"],
      /square\.mtx has 2 columns, .*tall\.npy has 3 rows; expected as many of both, as .*square\.mtx,.*tall\.npy\^T has/,
    ],
    [["empty.mtx", "square.mtx"], /empty\.mtx: the matrix holds no entry.*found "2 x 2 with 0 entries"/],
    [["none.mtx"], /none\.mtx: the matrix holds no entry.*found "0 x 0 with 0 entries"/],
    [["square.mtx", "zeros.npy"], /zeros\.npy: the matrix holds no entry/],
    [["vector.npy"], /vector\.npy: not a matrix; found "shape \[2\]"; expected two axes/],
    [["cube.npy"], /cube\.npy: not a matrix; found "shape \[1, 2, 2\]"/],
    [["nan.npy", "square.mtx"], /nan\.npy: element\[0, 1\]: not a finite number; found "NaN"/],
    [["square.mtx", "square.mtx", "square.mtx"], /^a product takes two matrices; found "3 files"/],
    [["square.mtx", ""], /not a matrix file/],
    [["square.mtx", "model.onnx"], /model\.onnx: not a matrix file/],
    [["missing.mtx"], /missing\.mtx: cannot be read/],
  ] as const)("%j", async (files, message) => {
    await expect(resolveWorkload(files.map((file) => (file === "" ? "" : at(file))).join(","))).rejects.toThrow(
      message,
    );
  });

  test("a batch, and an input", async () => {
    await expect(resolveWorkload(at("square.mtx"), { batch: 2 })).rejects.toThrow(/^--batch: /);
    await expect(resolveWorkload(at("square.mtx"), { input: ["x.npy"] })).rejects.toThrow(
      /^--input: only an ONNX model/,
    );
  });
});

test("files that an argument reads", async () => {
  expect(await workloadFiles("A.mtx,B.npy^T")).toEqual(["A.mtx", "B.npy"]);
  expect(await workloadFiles("model.onnx")).toEqual(["model.onnx"]);
  expect(await workloadFiles("resnet50")).toEqual(["resnet50"]);
});
