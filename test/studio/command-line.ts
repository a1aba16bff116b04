// The command line beside the studio: a line as a reader pastes it into a shell, run from the sources.

import { spawnSync } from "node:child_process";
import { mainFile, nodeFlags } from "../cli/heddle.ts";

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");

/** Runs a line of shell in `folder`, in which `heddle` is the command of the sources. */
export function shell(line: string, folder: string): { readonly code: number | null; out: string; err: string } {
  const heddle = `heddle() { ${quoted([process.execPath, ...nodeFlags, mainFile])} "$@"; }`;
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync("bash", ["-c", `${heddle}\n${line}`], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}
