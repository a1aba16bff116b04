// A workload from the disk of a command and from the hands of a page: the same network, and for what is wrong an error
// that names the file.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildModel, floats } from "../../../test/support/onnx-models.ts";
import { InputError } from "../../base/error.ts";
import { writeMatrixMarket } from "../../interop/matrix-market-write.ts";
import { writeNpy } from "../../interop/npy.ts";
import { TensorProtoSchema } from "../../interop/onnx/generated/onnx_pb.ts";
import { blobFiles } from "../../interop/workload/blob-files.ts";
import { networkOf } from "../../interop/workload/workload.ts";
import { randomSparse } from "../../tensor/sparse-matrix-random.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { Network } from "../../workload/layer.ts";
import { resolveWorkload } from "./workload.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-files-"));
const at = (name: string): string => join(folder, name);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const matrix = randomSparse(30_000, 30_000, 60_000, 1);
const market = writeMatrixMarket(matrix);
const compressed = gzipSync(market);
const product = (location?: string) =>
  buildModel({
    inputs: { x: [2, 4] },
    initialisers: {
      w:
        location === undefined
          ? floats([4, 3], [1, 0, 2])
          : create(TensorProtoSchema, {
              dataType: 1,
              dims: [4n, 3n],
              dataLocation: 1,
              externalData: [{ key: "location", value: location }],
            }),
    },
    nodes: [{ op: "MatMul", name: "mm", inputs: ["x", "w"], outputs: ["y"] }],
    outputs: ["y"],
  });
const weights = new Uint8Array(Float32Array.from([1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2]).buffer);

const files: Readonly<Record<string, Uint8Array>> = {
  "A.mtx": market,
  "A.mtx.gz": compressed,
  "with,comma.mtx": market,
  "cut.mtx.gz": compressed.subarray(0, compressed.length >> 1),
  "damaged.mtx.gz": compressed.with(compressed.length - 6, (compressed.at(-6) ?? 0) ^ 1),
  "fault.mtx.gz": gzipSync("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 7 1\n"),
  "empty.mtx": new Uint8Array(),
  "dense.npy": writeNpy(tensor("float32", [2, 2], [0, 1.5, 0, 2])),
  "model.onnx": product(),
  "parts/model.onnx": product("data/w.bin"),
  "parts/data/w.bin": weights,
  "parts/lacking.onnx": product("none.bin"),
  "parts/leaving.onnx": product("../model.onnx"),
  "cut.onnx": product().subarray(0, -20),
  "topology.csv": new TextEncoder().encode("Layer, M, N, K,\nfirst, 128, 64, 32,\n"),
  "binary.csv": Uint8Array.of(0xff, 0xfe, 0),
  "notes.txt": new TextEncoder().encode("no workload"),
};
beforeAll(() => {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), bytes);
  }
});

/** The same files under the same names, as a page has them. */
const page = blobFiles(
  new Map(Object.entries(files).map(([name, bytes]) => [at(name), new Blob([Uint8Array.from(bytes)])])),
);

/** What an argument means in both places, an error as its message. */
async function both(argument: string): Promise<readonly [disk: unknown, page: unknown]> {
  const told = async (work: Promise<Network>): Promise<unknown> => {
    try {
      return structuredClone(await work);
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
  };
  return [await told(resolveWorkload(argument)), await told(networkOf(argument, page))];
}

test.each(["A.mtx", "A.mtx.gz", "with,comma.mtx", "dense.npy", "model.onnx", "parts/model.onnx", "topology.csv"])(
  "%s is the same network from the disk and from a page",
  async (name) => {
    const [disk, page] = await both(at(name));
    expect(disk).toMatchObject({ layers: [{ kind: "compute" }] });
    expect(page).toEqual(disk);
  },
);

test("two files, one of them compressed, of which one is transposed", async () => {
  const [disk, page] = await both(`${at("A.mtx")}, ${at("A.mtx.gz")}^T`);
  expect(disk).toMatchObject({ name: "A x A^T" });
  expect(page).toEqual(disk);
});

describe("the same complaint", () => {
  test.each([
    ["fault.mtx.gz", /fault\.mtx\.gz:3:3: column outside/],
    ["empty.mtx", /it is empty/],
    ["cut.onnx", /truncated/],
    ["parts/leaving.onnx", /outside the folder/],
    ["binary.csv", /no UTF-8/],
    ["notes.txt", /not a workload/],
    ["nothing", /no such workload/],
  ])("of %s", async (name, message) => {
    const [disk, page] = await both(at(name));
    expect(disk).toMatch(message);
    expect(page).toBe(disk);
  });

  test.each([
    ["cut.mtx.gz", /cut\.mtx\.gz: the compressed file is cut short/],
    ["damaged.mtx.gz", /damaged\.mtx\.gz: the compressed file is damaged/],
    ["parts/lacking.onnx", /none\.bin: cannot be read/],
    ["missing.mtx", /missing\.mtx: cannot be read/],
    ["missing.onnx", /missing\.onnx: cannot be read/],
    ["missing.csv", /missing\.csv: cannot be read/],
  ])("in words of its own of %s", async (name, message) => {
    const [disk, page] = await both(at(name));
    expect(disk).toMatch(message);
    expect(page).toMatch(/: (?:cannot be read: no such file was chosen|the compressed file is damaged or cut short: )/);
  });
});

test("a page that was given a model and its data without their folders finds the data", async () => {
  const flat = blobFiles(
    new Map([
      ["model.onnx", new Blob([Uint8Array.from(files["parts/model.onnx"] ?? [])])],
      ["w.bin", new Blob([weights])],
    ]),
  );
  expect((await networkOf("model.onnx", flat)).layers).toMatchObject([{ density: { A: 8 / 12 } }]);
});

test("nothing executes a model where nobody gave what could", async () => {
  await expect(networkOf(at("model.onnx"), page, { input: ["x.npy"] })).rejects.toThrow(
    /^--input: a model cannot be executed here/,
  );
});

test("links that lead out of the folder of a model are refused", async () => {
  mkdirSync(at("linked"));
  writeFileSync(at("linked/m.onnx"), product("w.bin"));
  symlinkSync(at("parts/data/w.bin"), at("linked/w.bin"));
  await expect(resolveWorkload(at("linked/m.onnx"))).rejects.toThrow(/outside the folder/);
  rmSync(at("linked/w.bin"));
  writeFileSync(at("linked/w.bin"), readFileSync(at("parts/data/w.bin")));
  expect((await resolveWorkload(at("linked/m.onnx"))).layers).toHaveLength(1);
});
