// A matrix of a million rows and columns and ten million entries loads in less than 1 GiB, and its product is counted
// there without being made.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import { countProduct } from "../workload/sparse-product.ts";
import { writeMatrixMarket } from "./matrix-market-write.ts";

const source = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));

/** Loads the file named behind it, counts its square, prints both and the most memory that the process ever held. */
const child = `
  const { readMatrixMarketFile } = await import(${source("matrix-market-file.ts")});
  const { countProduct } = await import(${source("../workload/sparse-product.ts")});
  const { matrix } = await readMatrixMarketFile(process.argv[1]);
  const counts = countProduct(matrix, matrix);
  const bytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ entries: matrix.column.length, counts, bytes }));
`;

let folder = "";
const matrix = randomSparse(1_000_000, 1_000_000, 10_000_000, 1);
const counts = countProduct(matrix, matrix);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-matrix-market-"));
  const text = writeMatrixMarket(matrix);
  writeFileSync(join(folder, "large.mtx"), text);
  writeFileSync(join(folder, "large.mtx.gz"), gzipSync(text, { level: 1 }));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(["large.mtx", "large.mtx.gz"])(
  "%s",
  (name) => {
    const args = ["--input-type=module", "-e", child, join(folder, name)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const found: { entries: number; counts: unknown; bytes: number } = JSON.parse(stdout);
    expect(found).toMatchObject({ entries: 10_000_000, counts });
    expect(found.bytes).toBeLessThan(2 ** 30);
  },
  120_000,
);
