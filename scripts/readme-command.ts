// Prints a command of the README: the fenced block after `<!-- command:NAME -->`. The README stays the only place that
// holds it, so what the tests run is what a newcomer reads.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The lines of the fenced block that follows the marker of `name` in `readme`; throws where there is none or more. */
export function readmeCommand(readme: string, name: string): string {
  const marker = `<!-- command:${name} -->`;
  const parts = readme.replaceAll("\r\n", "\n").split(marker);
  if (parts.length !== 2) throw new Error(`README.md holds ${parts.length - 1} markers ${marker}, expected 1`);
  const block = /^\s*```(?:sh|bash|console)?\n([\s\S]*?)\n```/.exec(parts[1] ?? "");
  const text = block?.[1]?.trim() ?? "";
  if (text === "") throw new Error(`README.md holds no fenced command after ${marker}`);
  return text;
}

if (import.meta.main) {
  const [, , name = "", file = fileURLToPath(new URL("../README.md", import.meta.url))] = process.argv;
  console.log(readmeCommand(readFileSync(file, "utf8"), name));
}
