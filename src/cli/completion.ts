// What the shell's completion asks: given the words typed so far, which words may come next. The scripts that
// `heddle completion` prints call `heddle __complete WORD...`, the last word being the one under the cursor.

import type { Application } from "@stricli/core";
import { proposeCompletions } from "@stricli/core";
import type { CliContext } from "./context.ts";

/** One proposal a line that starts with the last word; empty when there is none. Never throws for odd input. */
export async function proposals(
  application: Application<CliContext>,
  words: readonly string[],
  context: CliContext,
): Promise<string> {
  const typed = words.length === 0 ? [""] : words;
  const partial = typed.at(-1) ?? "";
  const found = await proposeCompletions(application, typed, context);
  const lines = new Set(
    found.map(({ completion }) => completion).filter((completion) => completion.startsWith(partial)),
  );
  return [...lines].map((line) => `${line}\n`).join("");
}
