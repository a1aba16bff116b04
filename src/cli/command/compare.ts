// `heddle compare`: a workload on several machines with the resources of the first, side by side.

import type { CliContext } from "../context.ts";
import type { CompareFlags } from "../flags.ts";
import { comparedRequests } from "../../workbench/request/equalise.ts";
import { simulate } from "../simulate.ts";

export async function compare(context: CliContext, flags: CompareFlags, workload: string): Promise<void> {
  await simulate(context, flags, workload, {
    ratios: true,
    adjust: (requests) => {
      const compared = comparedRequests(requests, flags.asPublished === true);
      for (const remark of compared.remarks) context.note(`${remark}\n`);
      return compared.requests;
    },
  });
}
