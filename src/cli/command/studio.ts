// `heddle studio`: serves the studio to the browser on this machine until it is interrupted.

import type { CliContext } from "../context.ts";
import type { StudioFlags } from "../flags.ts";
import { studioFolder } from "../studio-folder.ts";
import { openBrowser } from "../studio/browser.ts";
import { nameFiles } from "../studio/named-files.ts";
import { startServer } from "../studio/server.ts";
import { readSite } from "../studio/site.ts";

export async function studio(context: CliContext, flags: StudioFlags, ...paths: readonly string[]): Promise<void> {
  await serve(context, flags, paths, studioFolder());
}

/** Serves the build in `folder`. Resolves when the process is interrupted: for a server that is a good end. */
export async function serve(
  context: CliContext,
  flags: StudioFlags,
  paths: readonly string[],
  folder: string,
): Promise<void> {
  const files = nameFiles(paths);
  const server = await startServer(readSite(folder), files, flags.port ?? 0);
  const ended = interruption();
  await context.print(`${server.address}\n`);
  context.note("the studio is served to this machine alone until Ctrl-C\n");
  if (flags.noOpen !== true) {
    openBrowser(server.address, () => context.note("note: no browser could be opened; open the address in one\n"));
  }
  await ended;
  await server.close();
}

/** Resolves at Ctrl-C or a polite kill. */
async function interruption(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}
