// Claims whose derivation takes minutes, as they were derived last: files in docs/claims/, each the output of
// `heddle reproduce <accelerator> --json`. The documentation shows them, the long tests derive them again.

import { readFileSync } from "node:fs";
import { z } from "zod";
import { accelerators } from "../src/accelerator/accelerators.ts";
import type { Reproduction } from "../src/workbench/reproduce.ts";

const row = z.strictObject({
  id: z.string(),
  accelerator: z.string(),
  workload: z.string(),
  metric: z.string(),
  published: z.union([z.number(), z.tuple([z.number(), z.number()])]),
  ours: z.number(),
  error: z.number(),
  tolerance: z.number(),
  strength: z.enum(["stated", "recalled", "derived", "assumed", "fitted"]),
  fitted: z.boolean(),
  holds: z.boolean(),
  unit: z.string(),
  note: z.string(),
});

/** Machines whose claims are recorded. */
export const slowClaimants: readonly string[] = accelerators()
  .filter(({ claims }) => claims?.slow === true)
  .map(({ name }) => name);

/** The recorded claims of a machine. Throws ZodError for a file of another shape. */
export function recordedClaims(name: string): readonly Reproduction[] {
  const file = new URL(`../docs/claims/${name}.json`, import.meta.url);
  return z.object({ claims: z.array(row) }).parse(JSON.parse(readFileSync(file, "utf8"))).claims;
}
