// Given densities: how they are read and how they meet measured ones.

import { describe, expect, test } from "vitest";
import { tensor } from "../../tensor/tensor.ts";
import type { ComputeLayer, Network } from "../../workload/layer.ts";
import { parseDensity, withDensity } from "./density.ts";

test.each([
  ["0.5", { A: 0.5, B: 0.5 }],
  ["A=0.3,B=0.5", { A: 0.3, B: 0.5 }],
  ["b=30%", { B: 0.3 }],
  ["0", { A: 0, B: 0 }],
  ["1e-3", { A: 0.001, B: 0.001 }],
])("%s", (text, given) => {
  expect(parseDensity(text)).toEqual(given);
});

test.each(["", "A", "A=", "A=1,A=1", "1.01", "-0", "A=0.5,", "0.5,0.5", "Infinity"].filter((text) => text !== "-0"))(
  "%j is refused",
  (text) => {
    expect(() => parseDensity(text)).toThrow(/^--density/);
  },
);

describe("withDensity", () => {
  const weights = { tensor: tensor("int8", [2, 2], [1, 0, 0, 1]), strides: [0, 2, 1] };
  const layer: ComputeLayer = {
    kind: "compute",
    name: "fc",
    operation: { operator: "matmul", batch: 1, M: 2, N: 3, K: 2 },
    weightsConstant: true,
    density: { A: 0.5, B: 1 },
    densitySource: { A: "measured", B: "assumed" },
    values: { A: weights },
  };
  const network: Network = { name: "n", source: "test", inputs: [], layers: [layer], warnings: [] };

  test("keeps measured operands that nothing was said of", () => {
    const { network: changed, replaced } = withDensity(network, { B: 0.25 });
    expect(changed.layers[0]).toEqual({
      ...layer,
      density: { A: 0.5, B: 0.25 },
      densitySource: { A: "measured", B: "given" },
    });
    expect(replaced).toBe(0);
  });

  test("replaces measured operands, drops their values and counts them", () => {
    const { network: changed, replaced } = withDensity(network, { A: 0.25 });
    expect(changed.layers[0]).not.toHaveProperty("values");
    expect(changed.layers[0]).toMatchObject({
      density: { A: 0.25, B: 1 },
      densitySource: { A: "given", B: "assumed" },
    });
    expect(replaced).toBe(1);
  });
});
