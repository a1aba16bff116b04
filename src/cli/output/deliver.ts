// Hands over everything that a command made: files and the printed result, all or nothing.

import type { CliContext } from "../context.ts";
import { onInterrupt } from "./interrupt.ts";
import type { OutputFile } from "./write-file.ts";

/**
 * Writes the files beside their targets, prints the result, then moves the files into place; a failure or an
 * interruption before that leaves no file behind. Throws InputError when something cannot be written.
 */
export async function deliver(context: CliContext, text: string, files: readonly OutputFile[]): Promise<void> {
  if (files.length === 0) {
    await context.print(text);
    return;
  }
  const { stageFiles } = await import("./write-file.ts");
  const staged = stageFiles(files);
  const release = onInterrupt(staged.discard);
  try {
    if (text !== "") await context.print(text);
    staged.commit();
  } catch (error) {
    staged.discard();
    throw error;
  } finally {
    release();
  }
}
