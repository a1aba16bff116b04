// `heddle reproduce`: published figures beside what the model gives for them.

import { reproduce as derive } from "../../workbench/reproduce.ts";
import { claimsJson, claimsText } from "../../report/claims.ts";
import type { CliContext } from "../context.ts";
import type { ListFlags } from "../flags.ts";

export async function reproduce(this: CliContext, flags: ListFlags, ...names: readonly string[]): Promise<void> {
  const rows = derive(names);
  if (rows.length === 0) {
    this.note(`note: ${names.length === 0 ? "no accelerator" : names.join(", ")} states no claim\n`);
  }
  await this.print(flags.json === true ? claimsJson(rows) : claimsText(rows, this.width, { colour: this.colour }));
}
