// Runs the command line in tests: inside this process with a recording context, or as a process of its own.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { execute } from "../../src/cli/application.ts";
import type { CliContext } from "../../src/cli/context.ts";

/** What a command line printed and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly signal?: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export const mainFile = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Node 22 remarks on running TypeScript; users run JavaScript. */
export const nodeFlags: readonly string[] = ["--disable-warning=ExperimentalWarning"];

/** Runs a command line in this process: as fast as a function call. */
export async function heddle(...inputs: readonly string[]): Promise<Outcome> {
  let out = "";
  let err = "";
  const stdout = { write: (text: string) => (out += text) };
  const stderr = { write: (text: string) => (err += text) };
  const context: CliContext = {
    process: { stdout, stderr, env: {} },
    print: (text) => {
      out += text;
      return Promise.resolve();
    },
    note: (text) => {
      err += text;
    },
    colour: false,
    width: undefined,
    liveNotes: false,
  };
  const code = await execute(inputs, context);
  return { code, out, err };
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** File descriptor to use as standard output. */
  readonly stdout?: number;
  /** Called when the process writes to standard error. */
  readonly noted?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called once the process runs. */
  readonly started?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with all of standard output so far, each time that there is more. */
  readonly printed?: (out: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs the command line as users do, with the Node of the tests. */
export function spawnHeddle(inputs: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeFlags, mainFile, ...inputs], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", options.stdout ?? "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout?.on("data", (data: Buffer) => {
      out += data.toString();
      options.printed?.(out, (signal) => child.kill(signal));
    });
    child.stderr?.on("data", (data: Buffer) => {
      err += data.toString();
      options.noted?.((signal) => child.kill(signal));
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
    options.started?.((signal) => child.kill(signal));
  });
}
