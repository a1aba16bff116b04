// The JSON of `run` and `compare` as tests read it: the documented shape, checked.

import { expect } from "vitest";
import { z } from "zod";
import { heddle } from "./heddle.ts";

export const runSchema = z.object({
  version: z.literal(1),
  workload: z.string(),
  accelerator: z.string(),
  parameters: z.record(z.string(), z.union([z.number(), z.string()])),
  seed: z.number(),
  objective: z.string(),
  layers: z.array(
    z.object({
      name: z.string(),
      operator: z.string(),
      M: z.number(),
      N: z.number(),
      K: z.number(),
      density: z.object({ A: z.number(), B: z.number() }),
      densitySource: z.object({ A: z.string(), B: z.string() }),
      mapping: z.string(),
      macs: z.object({ dense: z.number(), effectual: z.number() }),
      cycles: z.number(),
      seconds: z.number(),
      stack: z.record(z.string(), z.number()),
      energy: z.object({ total: z.number() }),
      check: z.string(),
      audit: z
        .object({ tiles: z.number(), of: z.number(), cycles: z.number(), differences: z.array(z.string()) })
        .optional(),
    }),
  ),
  total: z.object({
    cycles: z.number(),
    seconds: z.number(),
    macs: z.object({ dense: z.number(), effectual: z.number() }),
    energy: z.number(),
    power: z.number(),
    area: z.number(),
    edp: z.number(),
  }),
  warnings: z.array(z.string()),
});
export const runsSchema = z.object({ version: z.literal(1), runs: z.array(runSchema) });

/** The result of `heddle run` with these arguments, which must succeed. */
export async function runJson(...inputs: readonly string[]): Promise<z.infer<typeof runSchema>> {
  const { code, out, err } = await heddle("run", ...inputs, "--json");
  expect(code, err).toBe(0);
  return runSchema.parse(JSON.parse(out));
}

/** The results of a whole command line on several machines, which must succeed. */
export async function runsJson(...inputs: readonly string[]): Promise<readonly z.infer<typeof runSchema>[]> {
  const { code, out, err } = await heddle(...inputs, "--json");
  expect(code, err).toBe(0);
  return runsSchema.parse(JSON.parse(out)).runs;
}
