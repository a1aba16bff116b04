// What a command may touch of the outside world: where results and notes go, how wide and colourful the terminal is.

import { isErrno, reasonOf } from "../base/system-error.ts";
import type { CommandContext, StricliProcess } from "@stricli/core";
import { InputError } from "../base/error.ts";

/** Results go to standard output through `print`, everything else to standard error through `note`. */
export interface CliContext extends CommandContext {
  readonly process: StricliProcess;
  /** Writes a result. Resolves when it has been handed over; quietly when the reader has gone away (EPIPE). */
  readonly print: (text: string) => Promise<void>;
  /** Writes text that is no result: warnings, progress, remarks. */
  readonly note: (text: string) => void;
  /** Escape sequences may be written to standard output. */
  readonly colour: boolean;
  /** Columns of standard output where it is a terminal. */
  readonly width: number | undefined;
  /** Standard error is a terminal, so that a progress line may be rewritten. */
  readonly liveNotes: boolean;
}

/** The context over the real process. */
export function processContext(): CliContext {
  const { stdout, stderr, env } = process;
  const plain = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return {
    process: { stdout, stderr, env },
    print: writeResult,
    note: (text) => {
      stderr.write(text);
    },
    colour: stdout.isTTY && !plain,
    width: stdout.isTTY ? stdout.columns : undefined,
    liveNotes: stderr.isTTY && env["TERM"] !== "dumb",
  };
}

async function writeResult(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined || isErrno(error, "EPIPE")) resolve();
      else reject(new InputError({ file: "standard output", message: `cannot be written: ${reasonOf(error)}` }));
    });
  });
}
