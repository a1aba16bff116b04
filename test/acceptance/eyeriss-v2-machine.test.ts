// The whole Eyeriss v2 on the recorded masks of pointwise layers of MobileNet 0.5: it executes the effectual
// multiplications, exactly, and statistics of the same densities tell its time within their error.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import { simulateLayer } from "../../src/simulate/simulate-layer.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { countNonZeros } from "../../src/tensor/tensor.ts";
import type { ComputeLayer } from "../../src/workload/layer.ts";
import { hasShared, needs, sharedPath } from "./shared.ts";

const folder = "reference/eyerissv2_pe";

function mask(name: string, rows: number, columns: number): Tensor {
  const digits = readFileSync(sharedPath(`${folder}/${name}.txt`), "utf8").replaceAll(/\s/g, "");
  expect(digits).toHaveLength(rows * columns);
  return { type: "int8", shape: [rows, columns], data: Int8Array.from(digits, Number) };
}

/** Inputs are recorded position by position, weights by output channel. */
function pointwise(name: string, channels: number, outputs: number, side: number): ComputeLayer {
  const A = mask(`${name}_weights`, outputs, channels);
  const B = mask(`${name}_iacts`, side * side, channels);
  const measured = (tensor: Tensor) => countNonZeros(tensor) / tensor.data.length;
  return {
    kind: "compute",
    name,
    operation: {
      operator: "conv2d",
      batch: 1,
      inChannels: channels,
      height: side,
      width: side,
      outChannels: outputs,
      kernelHeight: 1,
      kernelWidth: 1,
      stride: [1, 1],
      padding: [0, 0, 0, 0],
      dilation: [1, 1],
      groups: 1,
    },
    weightsConstant: true,
    density: { A: measured(A), B: measured(B) },
    densitySource: { A: "measured", B: "measured" },
    values: {
      A: { tensor: A, strides: [channels, 1, 1, 1] },
      B: { tensor: B, strides: [0, 1, side * channels, channels] },
    },
  };
}

describe.skipIf(!hasShared(folder))(`masks${needs(folder)}`, () => {
  test.each([
    ["L07", 64, 64, 32, 1_702_140],
    ["L13", 128, 256, 8, 1_144_158],
    ["L25", 256, 512, 4, 948_572],
  ] as const)("%s", (name, channels, outputs, side, effectual) => {
    const { machine } = acceleratorNamed("eyeriss-v2").configure({ search: 500, bandwidth: Infinity });
    const prepared = prepareMachine(machine, technology(machine.technology));
    const layer = pointwise(name, channels, outputs, side);
    const result = simulateLayer(layer, prepared, { objective: "seconds", check: "off", auditPercent: 0, seed: 1 });
    expect(result.macs.executed).toBe(effectual);
    expect(result.cycles).toBeGreaterThan(effectual / 384);
    const rows = result.sparsity ?? [];
    for (const { error } of rows) {
      expect(Math.abs(error)).toBeLessThan(0.25);
    }
    expect(rows.map(({ figure }) => figure)).toContain("cycles of the slowest lane");
  });
});
