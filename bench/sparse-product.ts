// Products a second of the golden sparse product, counted and computed, on uniform and on skewed matrices, on one core
// and the largest also on two threads; where g++ is found, against the same in plain C++ (gustavson.cpp), in turn so that
// a change of the machine's speed meets both.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keyOf, randomWord } from "../src/tensor/random.ts";
import { sparseFromCoordinates } from "../src/tensor/sparse-matrix.ts";
import type { SparseMatrix } from "../src/tensor/sparse-matrix.ts";
import { randomSparse } from "../src/tensor/sparse-matrix-random.ts";
import { countProduct, multiplySparse, rowOutputs } from "../src/workload/sparse-product.ts";
import { countProductOnThreads } from "../src/workbench/count-product.ts";
import { median, print, time } from "./measure.ts";

interface Case {
  readonly name: string;
  readonly A: SparseMatrix;
  readonly B: SparseMatrix;
  /** Without: only counted, as the product would not fit. */
  readonly product: boolean;
}

/** A graph of 2^scale vertices whose degrees follow a power law (R-MAT; Chakrabarti, Zhan and Faloutsos, SDM 2004). */
function skewed(scale: number, edges: number, seed: number): SparseMatrix {
  const key = keyOf(seed);
  const row = new Uint32Array(edges);
  const column = new Uint32Array(edges);
  for (let i = 0; i < edges; i++) {
    let [r, c] = [0, 0];
    for (let level = 0; level < scale; level++) {
      const quarter = randomWord(key, level, i) / 2 ** 32;
      r = 2 * r + (quarter < 0.76 ? 0 : 1);
      c = 2 * c + (quarter < 0.57 || (quarter >= 0.76 && quarter < 0.95) ? 0 : 1);
    }
    row[i] = r;
    column[i] = c;
  }
  return sparseFromCoordinates(2 ** scale, 2 ** scale, row, column, new Float64Array(edges).fill(1)).matrix;
}

const square = (name: string, A: SparseMatrix, product = true): Case => ({ name, A, B: A, product });

const cases: readonly Case[] = [
  square("skewed, 2^14 vertices, 160 k edges, squared", skewed(14, 160_000, 1)),
  square("uniform, 60,000^2 with 600 k, squared", randomSparse(60_000, 60_000, 600_000, 1)),
  {
    name: "layer, 512 x 4608 at 0.3 by 4608 x 784 at 0.1",
    A: randomSparse(512, 4608, 707_789, 1),
    B: randomSparse(4608, 784, 361_267, 2),
    product: true,
  },
  square("uniform, 1,000,000^2 with 10 M, squared", randomSparse(1_000_000, 1_000_000, 10_000_000, 1), false),
];

const folder = mkdtempSync(join(tmpdir(), "heddle-bench-"));
const program = join(folder, "gustavson");
const source = fileURLToPath(new URL("gustavson.cpp", import.meta.url));
const compiler = "g++";
const compiled = spawnSync(compiler, ["-O3", "-std=c++17", "-o", program, source], {
  stdio: ["ignore", "ignore", "inherit"],
});
const yardstick = compiled.status === 0;
if (!yardstick) process.stdout.write(`no ${compiler} here: without the comparison to C++\n`);

function save({ A, B }: Case, file: string): void {
  const bytes = (array: Uint32Array | Float64Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const parts = [Uint32Array.of(A.rows, A.columns, B.columns, 0)].map(bytes);
  for (const { rowStart, column, value } of [A, B]) {
    parts.push(bytes(rowStart), bytes(column), bytes(value ?? new Float64Array(column.length).fill(1)));
  }
  writeFileSync(file, Buffer.concat(parts));
}

/** Seconds of counting and of the product in C++, in the second of two rounds. */
function plain(file: string, what: "count" | "product", entries: number): readonly [count: number, product: number] {
  const { status, stdout } = spawnSync(program, [file, "2", what], { encoding: "utf8" });
  const [count = Number.NaN, product = Number.NaN, found] = (stdout.trim().split("\n")[1] ?? "").split(" ").map(Number);
  if (status !== 0 || found !== entries) throw new Error(`C++ found ${String(found)} entries, not ${entries}`);
  return [count, product];
}

try {
  for (const one of cases) {
    const { name, A, B, product } = one;
    const { multiplications, outputNonZeros } = countProduct(A, B);
    const counting: number[] = [];
    const multiplying: number[] = [];
    const ratios: { readonly count: number[]; readonly product: number[] } = { count: [], product: [] };
    const file = join(folder, "matrices");
    if (yardstick) save(one, file);
    for (let round = 0; round < 5; round++) {
      const count = median(time(1, () => rowOutputs(A, B)));
      const whole = product ? median(time(1, () => multiplySparse(A, B))) : Number.NaN;
      counting.push(count);
      multiplying.push(whole);
      if (!yardstick) continue;
      const [plainCount, plainProduct] = plain(file, product ? "product" : "count", outputNonZeros);
      ratios.count.push(plainCount / count);
      ratios.product.push(plainProduct / whole);
    }
    const rate = (seconds: readonly number[]) => multiplications / median(seconds) / 1e6;
    const report = (what: string, value: number, unit: string, target: number) =>
      print({ name: `  ${what}`, value, unit, target, wants: "at least" });
    process.stdout.write(
      `${name}: ${(multiplications / 1e6).toFixed(1)} M products, ${(outputNonZeros / 1e6).toFixed(1)} M entries\n`,
    );
    report("counted", rate(counting), "M products/s", 60);
    if (yardstick) report("counted, speed over that of C++", median(ratios.count), "times", 0.5);
    if (!product) {
      const start = performance.now();
      const counts = await countProductOnThreads(A, B, 2);
      const seconds = (performance.now() - start) / 1000;
      if (counts.outputNonZeros !== outputNonZeros) throw new Error("two threads count something else");
      report("counted on two threads, their start included", multiplications / seconds / 1e6, "M products/s", 60);
      continue;
    }
    report("multiplied", rate(multiplying), "M products/s", 10);
    if (yardstick) report("multiplied, speed over that of C++", median(ratios.product), "times", 0.5);
  }
} finally {
  rmSync(folder, { recursive: true });
}
