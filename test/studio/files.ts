// Small files for the studio to open, made anew: a model, matrices, and the same broken.

import { buildModel, floats } from "../support/onnx-models.ts";

export interface OwnFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const bytes = (name: string, content: string | Uint8Array): OwnFile => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(content),
});

/** A convolution and a product, with zeros among the weights. */
export const model: OwnFile = bytes(
  "small.onnx",
  buildModel({
    inputs: { image: [1, 3, 12, 12] },
    initialisers: {
      filters: floats([8, 3, 3, 3], [1, 0, 2, 0, 3]),
      weights: floats([800, 10], [0.5, 0, 0, -1]),
    },
    nodes: [
      { op: "Conv", name: "edges", inputs: ["image", "filters"], outputs: ["c"], attributes: { kernel_shape: [3, 3] } },
      { op: "Relu", name: "clip", inputs: ["c"], outputs: ["r"] },
      { op: "Flatten", name: "flat", inputs: ["r"], outputs: ["f"] },
      { op: "MatMul", name: "classes", inputs: ["f", "weights"], outputs: ["y"] },
    ],
    outputs: ["y"],
  }),
);

const header = "%%MatrixMarket matrix coordinate real general\n";

/** A sparse matrix of `size` rows and columns with about three entries a row. */
export function matrix(name: string, size: number): OwnFile {
  const lines: string[] = [];
  for (let row = 0; row < size; row++) {
    for (const column of new Set([row, (row * 7 + 3) % size, (row * row + 1) % size])) {
      lines.push(`${row + 1} ${column + 1} ${((row * 13 + column * 5) % 19) - 9.5}`);
    }
  }
  return bytes(name, `${header}% made for a test\n${size} ${size} ${lines.length}\n${lines.join("\n")}\n`);
}

/** The row of its fourth line is outside the matrix. */
export const brokenMatrix: OwnFile = bytes("broken.mtx", `${header}4 4 2\n1 1 1\n9 2 1\n`);

/** Cut off in the middle. */
export const brokenModel: OwnFile = bytes("broken.onnx", model.buffer.subarray(0, 200));
