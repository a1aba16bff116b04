// Damaged versions of real and made-up models: whatever happens is a network or an InputError, soon.

import { expect, test } from "vitest";
import { InputError } from "../../base/error.ts";
import { buildModel, floats, integers } from "../../../test/support/onnx-models.ts";
import { haveSharedModels, sharedModel } from "../../../test/support/shared-onnx.ts";
import { importOnnx } from "./import.ts";
import { readOnnx } from "./read.ts";

/** mulberry32: a small seeded generator, so that a failure can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Truncated, or with a few bytes changed, inserted or removed; mostly in the first or last part, where the graph is. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const near = () =>
    random() < 0.5 ? Math.floor(random() * Math.min(bytes.length, 4096)) : Math.floor(random() * bytes.length);
  if (random() < 0.2) return bytes.subarray(0, near());
  // Not slice(): on a Node Buffer it shares the memory, and mutations would pile up.
  const copy = Uint8Array.from(bytes);
  const edits = 1 + Math.floor(random() * 6);
  for (let edit = 0; edit < edits; edit++) {
    const at = near();
    if (random() < 0.15) copy.copyWithin(at, at + 1);
    else copy[at] = random() < 0.3 ? 255 : Math.floor(random() * 256);
  }
  return copy;
}

function survive(
  bytes: Uint8Array,
  runs: number,
  seed: number,
): { imported: number; refused: number; slowest: number } {
  const outcome = { imported: 0, refused: 0, slowest: 0 };
  for (let index = 0; index < runs; index++) {
    const random = generator(seed + index);
    const start = performance.now();
    try {
      importOnnx(readOnnx(mutate(bytes, random), { file: "fuzz.onnx", externalData: () => new Uint8Array(64) }));
      outcome.imported++;
    } catch (error) {
      if (!(error instanceof InputError)) throw new Error(`seed ${String(seed + index)}`, { cause: error });
      expect(error.fault.file, `seed ${String(seed + index)}: ${error.message}`).toBe("fuzz.onnx");
      outcome.refused++;
    }
    outcome.slowest = Math.max(outcome.slowest, performance.now() - start);
  }
  return outcome;
}

const small = buildModel({
  inputs: { x: ["N", 3, 16, 16] },
  initialisers: {
    w: floats([4, 3, 3, 3]),
    target: integers([0, -1]),
    starts: integers([1]),
    ends: integers([3]),
    shape: integers([6, 900]),
    repeats: integers([2, 1]),
  },
  nodes: [
    { op: "Conv", inputs: ["x", "w"], outputs: ["c"], attributes: { pads: [1, 1, 1, 1], strides: [2, 2] } },
    { op: "MaxPool", inputs: ["c"], outputs: ["p"], attributes: { kernel_shape: [2, 2], ceil_mode: 1 } },
    { op: "Reshape", inputs: ["p", "target"], outputs: ["r"] },
    { op: "Slice", inputs: ["shape", "starts", "ends"], outputs: ["s"] },
    { op: "Range", inputs: ["a", "b", "d"], outputs: ["range"] },
    { op: "Constant", outputs: ["a"], attributes: { value: integers([0], []) } },
    { op: "Constant", outputs: ["b"], attributes: { value: integers([196], []) } },
    { op: "Constant", outputs: ["d"], attributes: { value: integers([1], []) } },
    { op: "Unsqueeze", inputs: ["range", "starts"], outputs: ["column"] },
    { op: "Cast", inputs: ["column"], outputs: ["weights"], attributes: { to: 1 } },
    { op: "Expand", inputs: ["weights", "wide"], outputs: ["expanded"] },
    { op: "Constant", outputs: ["wide"], attributes: { value: integers([196, 8]) } },
    { op: "Gemm", inputs: ["r", "expanded"], outputs: ["y"] },
    { op: "Tile", inputs: ["y", "repeats"], outputs: ["z"] },
  ],
  outputs: ["z"],
});

test("mutations of a small model that folds constants", () => {
  expect(importOnnx(readOnnx(small, { file: "small" })).layers.some((layer) => layer.kind === "compute")).toBe(true);
  const { imported, refused, slowest } = survive(small, 1500, 1);
  expect(imported).toBeGreaterThan(10);
  expect(refused).toBeGreaterThan(10);
  expect(slowest).toBeLessThan(3000);
});

test.skipIf(!haveSharedModels).each([
  ["mnist.onnx", 400],
  ["ultraface-rfb-320.onnx", 120],
  ["light_squeezenet.onnx", 200],
])(`mutations of %s${haveSharedModels ? "" : " (skipped: no ../shared/data/onnx)"}`, (name, runs) => {
  const { imported, refused, slowest } = survive(sharedModel(name), runs, 1000);
  expect(imported + refused).toBe(runs);
  expect(imported).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(5);
  expect(slowest).toBeLessThan(3000);
});
