// `heddle compare`: a workload on several machines with the resources of the first, side by side.

import { InputError } from "../../base/error.ts";
import type { CliContext } from "../context.ts";
import type { CompareFlags } from "../flags.ts";
import { equaliseResources } from "../../workbench/request/equalise.ts";
import { simulate } from "../simulate.ts";

export async function compare(context: CliContext, flags: CompareFlags, workload: string): Promise<void> {
  await simulate(context, flags, workload, {
    ratios: true,
    adjust: (requests) => {
      if (requests.length < 2) {
        throw new InputError({
          path: "--on",
          message: "a comparison needs two machines or more",
          found: requests.map(({ accelerator }) => accelerator.name).join(","),
          expected: "names separated by commas",
        });
      }
      if (flags.asPublished === true) return requests;
      const equal = equaliseResources(requests);
      for (const remark of equal.remarks) context.note(`${remark}\n`);
      return equal.requests;
    },
  });
}
