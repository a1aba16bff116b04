// ONNX models from the command line, on files that are not part of the repository.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { heddle } from "./heddle.ts";

const folder = new URL("../../../shared/data/onnx/", import.meta.url);
const at = (name: string): string => fileURLToPath(new URL(name, folder));
const absent = !existsSync(at("mnist.onnx"));
const schema = z.object({
  layers: z.array(
    z.object({
      name: z.string(),
      cycles: z.number(),
      density: z.object({ A: z.number(), B: z.number() }),
      densitySource: z.object({ A: z.string(), B: z.string() }),
    }),
  ),
  total: z.object({ macs: z.object({ dense: z.number() }) }),
});

describe.skipIf(absent)("ONNX (skipped where the sample models are absent)", () => {
  test("a digit is read as 7 and its densities are measured", async () => {
    const { code, out, err } = await heddle(
      "run",
      at("mnist.onnx"),
      "--input",
      at("digit-7.jpg"),
      "--on",
      "arrayflex",
      "--json",
    );
    expect(code, err).toBe(0);
    expect(err).toMatch(/says class 7/);
    const { layers } = schema.parse(JSON.parse(out));
    for (const { densitySource } of layers) expect(densitySource.B).toBe("measured");
    expect(layers.slice(1).some(({ density }) => density.B < 1)).toBe(true);
  });

  test("the light ResNet-50 has the layers, MACs and cycles of the built-in one", async () => {
    const [file, own] = await Promise.all(
      [at("light_resnet50.onnx"), "resnet50"].map(async (workload) =>
        schema.parse(JSON.parse((await heddle("run", workload, "--on", "arrayflex", "--check", "off", "--json")).out)),
      ),
    );
    expect(file?.layers).toHaveLength(54);
    expect(file?.total.macs.dense).toBe(own?.total.macs.dense);
    // The two list the convolutions of a block in another order, and v1 strides in the first of them.
    expect(file?.layers[0]?.cycles).toBe(own?.layers[0]?.cycles);
  });

  test("an image that is none, and options without an image, are refused", async () => {
    expect((await heddle("run", at("mnist.onnx"), "--on", "systolic", "--input", at("mnist.onnx"))).err).toMatch(
      /not an image/,
    );
    expect((await heddle("run", at("mnist.onnx"), "--on", "systolic", "--normalise", "unit")).err).toMatch(
      /--normalise: there is no image/,
    );
    expect((await heddle("run", at("mnist.onnx"), "--on", "systolic", "--input", at("missing.jpg"))).err).toMatch(
      /missing\.jpg: cannot be read/,
    );
  });
});
