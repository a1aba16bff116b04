// What a command may touch of the outside world: where results and notes go, how wide and colourful the terminal is.

import { isErrno, reasonOf } from "../base/system-error.ts";
import type { CommandContext, StricliProcess } from "@stricli/core";
import { InputError } from "../base/error.ts";
import type { StandardStream } from "./output/standard-streams.ts";
import { standardStream } from "./output/standard-streams.ts";

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

/**
 * The context over the real process. `failed` hears when standard output cannot be written, whoever wrote; standard
 * error that cannot be written stays silent.
 */
export function processContext(failed: (error: Error) => void): CliContext {
  const { env } = process;
  const stdout = standardStream(1, () => process.stdout, failed);
  const stderr = standardStream(
    2,
    () => process.stderr,
    () => undefined,
  );
  const plain = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  const terminal = stdout.terminal?.isTTY === true ? stdout.terminal : undefined;
  return {
    process: { stdout: stdout.terminal ?? stdout, stderr: stderr.terminal ?? stderr, env },
    print: (text) => writeResult(stdout, text),
    note: stderr.write,
    colour: terminal !== undefined && !plain,
    width: terminal?.columns,
    liveNotes: stderr.terminal?.isTTY === true && env["TERM"] !== "dumb",
  };
}

async function writeResult(stdout: StandardStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stdout.write(text, (error) => {
      if (error === null || error === undefined || isErrno(error, "EPIPE")) resolve();
      else reject(new InputError({ file: "standard output", message: `cannot be written: ${reasonOf(error)}` }));
    });
  });
}
