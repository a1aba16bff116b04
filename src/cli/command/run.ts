// `heddle run`: a workload on one machine or several, each with its own resources.

import type { CliContext } from "../context.ts";
import type { SimulationFlags } from "../flags.ts";
import { simulate } from "../simulate.ts";

export async function run(context: CliContext, flags: SimulationFlags, workload: string): Promise<void> {
  await simulate(context, flags, workload, { ratios: false });
}
