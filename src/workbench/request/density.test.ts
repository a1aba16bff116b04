// Given densities: how they are read and how they meet measured ones.

import { describe, expect, test } from "vitest";
import { randomSparse } from "../../tensor/sparse-matrix-random.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { ComputeLayer, Network } from "../../workload/layer.ts";
import { countedLayer, sparseLayer } from "../../workload/sparse-layer.ts";
import { sparseOperands } from "../../workload/sparse-operands.ts";
import { parseWorkloadSpecification } from "../../workload/specification.ts";
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

  test("matrices give way to random ones; the one that nothing was said of keeps its number of entries", () => {
    const sparse = sparseLayer("A x B", randomSparse(4, 10, 7, 1), randomSparse(10, 5, 9, 2));
    const { network: changed, replaced } = withDensity({ ...network, layers: [sparse] }, { A: 0.5 });
    expect(changed.layers[0]).not.toHaveProperty("sparse");
    expect(changed.layers[0]).toMatchObject({
      density: { A: 0.5, B: 0.18 },
      densitySource: { A: "given", B: "given" },
      nonZeros: { A: 20, B: 9 },
    });
    expect(replaced).toBe(2);
    expect(withDensity({ ...network, layers: [sparse] }, {}).network.layers[0]).toBe(sparse);
  });

  test("recorded numbers of non-zeros give way where a density is given", () => {
    const counted = countedLayer("fc", { M: 4, N: 5, K: 10 }, { A: 7, B: 9 });
    const { network: changed, replaced } = withDensity({ ...network, layers: [counted] }, { B: 0.1 });
    expect(changed.layers[0]).toMatchObject({ density: { A: 7 / 40, B: 0.1 }, nonZeros: { A: 7, B: 5 } });
    expect(replaced).toBe(0);
  });

  test("a shape draws exactly density times size, rounded", () => {
    const shape = parseWorkloadSpecification("gemm:M=128,N=8,K=512");
    if (shape === undefined) throw new Error("no shape");
    const [changed] = withDensity(shape, parseDensity("A=0.5,B=1")).network.layers;
    if (changed?.kind !== "compute") throw new Error("no compute layer");
    const [pair] = sparseOperands(changed, 1);
    expect(pair?.A.column).toHaveLength(32_768);
    expect(pair?.B.column).toHaveLength(4096);
  });
});
