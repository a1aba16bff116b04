// SIGMA, SpArch and GAMMA as their papers describe them, on real matrices: exact counts, and cycles beside those that the
// papers report, as others collected them. Nothing in the machines was chosen by these cycles.

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { acceleratorNamed } from "../../src/accelerator/accelerators.ts";
import { readMatrixMarketFile } from "../../src/interop/matrix-market-file.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import type { LayerResult } from "../../src/simulate/result.ts";
import { simulateLayer } from "../../src/simulate/simulate-layer.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { SparseMatrix } from "../../src/tensor/sparse-matrix.ts";
import { randomSparse } from "../../src/tensor/sparse-matrix-random.ts";
import { sparseLayer } from "../../src/workload/sparse-layer.ts";
import { hasShared, needs, sharedJson, sharedPath } from "./shared.ts";

const cases = "reference/spmspm_cases.json";

const reference = z.object({
  matrices: z.record(z.string(), z.object({ products: z.number(), adds: z.number(), nnzZ: z.number() })),
  spmspm: z.record(z.string(), z.object({ gamma: z.object({ reported: z.object({ Time: z.number() }) }).optional() })),
  sigma: z.array(
    z.object({
      M: z.number(),
      N: z.number(),
      K: z.number(),
      densityA: z.number(),
      densityB: z.number(),
      reportedCycles: z.number(),
    }),
  ),
});

const published = hasShared(cases) ? reference.parse(sharedJson(cases)) : { matrices: {}, spmspm: {}, sigma: [] };

function simulated(
  name: string,
  A: SparseMatrix,
  B: SparseMatrix,
  set: Readonly<Record<string, string>> = {},
  choice: { readonly mapping?: string; readonly check?: "off" } = {},
): LayerResult {
  const { machine } = acceleratorNamed(name).configure(set);
  return simulateLayer(sparseLayer("product", A, B), prepareMachine(machine, technology(machine.technology)), {
    objective: "cycles",
    check: "sample",
    auditPercent: 0,
    seed: 1,
    ...choice,
  });
}

/** Largest share by which cycles may differ from those of the paper. */
const tolerance = { gamma: 0.06, sigma: 0.06 };

describe.skipIf(!hasShared(cases))(`real matrices squared${needs(cases)}`, () => {
  for (const name of ["wiki-Vote", "p2p-Gnutella31", "ca-CondMat"]) {
    const file = `data/matrices/${name}.mtx.gz`;
    test.skipIf(!hasShared(file))(
      `${name}: counts are exact, GAMMA's cycles are near its paper's${needs(file)}`,
      async () => {
        const { matrix } = await readMatrixMarketFile(sharedPath(file));
        const counts = published.matrices[name];
        for (const machine of ["sigma", "sparch", "gamma"]) {
          const { macs, counts: own, check } = simulated(machine, matrix, matrix);
          expect({ machine, products: macs.effectual, adds: own["additions"], nnzZ: own["output elements"] }).toEqual({
            machine,
            products: counts?.products,
            adds: counts?.adds,
            nnzZ: counts?.nnzZ,
          });
          expect(check).toBe("sampled");
        }
        const reported = published.spmspm[name]?.gamma?.reported.Time ?? NaN;
        const { cycles } = simulated("gamma", matrix, matrix);
        expect(Math.abs(cycles / reported - 1)).toBeLessThan(tolerance.gamma);
      },
    );
  }
});

describe.skipIf(!hasShared(cases))(`SIGMA's products${needs(cases)}`, () => {
  // The others multiply a hundred million pairs to ten billion.
  const small = published.sigma.filter(({ M, N, K, densityA, densityB }) => M * N * K * densityA * densityB < 1e8);
  test.each(small)(
    "M $M, N $N, K $K: cycles are near its paper's",
    ({ M, N, K, densityA, densityB, reportedCycles }) => {
      const A = randomSparse(M, K, Math.round(densityA * M * K), 1);
      const B = randomSparse(K, N, Math.round(densityB * K * N), 2);
      const { cycles } = simulated("sigma", A, B, { outputWrites: "untimed" }, { mapping: "inner-m", check: "off" });
      expect(Math.abs(cycles / reportedCycles - 1)).toBeLessThan(tolerance.sigma);
    },
  );
  test("four of ten are small enough", () => {
    expect(small).toHaveLength(4);
  });
});
