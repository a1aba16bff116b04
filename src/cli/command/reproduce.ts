// `heddle reproduce`: published figures beside what the model gives for them.

import { reproduce as derive } from "../../workbench/reproduce.ts";
import { claimsJson, claimsText } from "../../report/claims.ts";
import type { CliContext } from "../context.ts";
import type { ListFlags } from "../flags.ts";

export async function reproduce(context: CliContext, flags: ListFlags, ...names: readonly string[]): Promise<void> {
  const rows = derive(names);
  if (rows.length === 0) {
    context.note(`note: ${names.length === 0 ? "no accelerator" : names.join(", ")} states no claim\n`);
  }
  await context.print(
    flags.json === true ? claimsJson(rows) : claimsText(rows, context.width, { colour: context.colour }),
  );
}
