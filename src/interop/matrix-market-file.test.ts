// Matrix Market files from disk and from memory, plain and compressed: the same matrix either way, and a clear error for
// a file that is missing, cut short or damaged.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import { randomSparse } from "../tensor/sparse-matrix-random.ts";
import { readMatrixMarket, readMatrixMarketFile } from "./matrix-market-file.ts";
import { writeMatrixMarket } from "./matrix-market-write.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-matrix-market-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

// Text of more than one piece that is read at once.
const matrix = randomSparse(30_000, 20_000, 60_000, 1);
const plain = writeMatrixMarket(matrix);
const compressed = gzipSync(plain);

describe("the same matrix", () => {
  test.each([
    ["plain", plain],
    ["compressed", compressed],
    ["compressed in two parts", Buffer.concat([gzipSync(plain.subarray(0, 5000)), gzipSync(plain.subarray(5000))])],
  ])("%s, from disk and from memory, whatever its name", async (name, bytes) => {
    const path = join(folder, `${name}.txt`);
    writeFileSync(path, bytes);
    expect((await readMatrixMarketFile(path)).matrix).toEqual(matrix);
    expect((await readMatrixMarket(bytes, "x.mtx")).matrix).toEqual(matrix);
  });
});

describe("refused", () => {
  test("files that are not there, folders and empty files", async () => {
    const missing = join(folder, "missing.mtx");
    await expect(readMatrixMarketFile(missing)).rejects.toThrow(`${missing}: cannot be read: no such file or folder`);
    await expect(readMatrixMarketFile(folder)).rejects.toThrow(`${folder}: cannot be read: it is a folder, not a file`);
    const empty = join(folder, "empty.mtx");
    writeFileSync(empty, "");
    await expect(readMatrixMarketFile(empty)).rejects.toThrow(`${empty}: not a Matrix Market file: it is empty`);
    await expect(readMatrixMarket(new Uint8Array(), "x.mtx")).rejects.toThrow(InputError);
  });

  test("a compressed file that is cut short anywhere", async () => {
    for (const kept of [1, 2, 9, 10, 500, compressed.length >> 1, compressed.length - 8, compressed.length - 1]) {
      const cut = compressed.subarray(0, kept);
      await expect(readMatrixMarket(cut, "x.mtx.gz")).rejects.toThrow(InputError);
      await expect(readMatrixMarket(cut, "x.mtx.gz")).rejects.toThrow("x.mtx.gz: the compressed file is cut short");
    }
  });

  test("a compressed file with a wrong checksum, or that is no gzip", async () => {
    const wrong = Uint8Array.from(compressed);
    wrong[wrong.length - 6] = (wrong[wrong.length - 6] ?? 0) ^ 1;
    await expect(readMatrixMarket(wrong, "x.mtx.gz")).rejects.toThrow(
      "x.mtx.gz: the compressed file is damaged: incorrect data check",
    );
    await expect(readMatrixMarket(Uint8Array.of(0x1f, 0x20, 0x20), "x.mtx")).rejects.toThrow(
      "x.mtx: the compressed file is damaged: incorrect header check",
    );
  });

  test("a fault inside a compressed file has its line and column", async () => {
    const text = "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 7 1\n";
    await expect(readMatrixMarket(gzipSync(text), "x.mtx.gz")).rejects.toThrow(
      'x.mtx.gz:3:3: column outside the matrix; found "7"; expected 1 to 2',
    );
  });

  test("whatever is changed in a compressed file, nothing but an InputError comes of it", async () => {
    const small = gzipSync(writeMatrixMarket(randomSparse(20, 20, 50, 1)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1 }), async (changes) => {
        const bytes = Uint8Array.from(small);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        try {
          await readMatrixMarket(bytes, "x.mtx.gz");
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
