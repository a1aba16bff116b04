// The application: its commands with their flags and help, what each kind of failure prints, and the exit codes.
// Commands load only when they run.

import type { ApplicationText, Command, StricliIntegration } from "@stricli/core";
import {
  ArgumentParseError,
  ArgumentScannerError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  help,
  run,
  text_en,
  version,
} from "@stricli/core";
import { InputError } from "../base/error.ts";
import type { CliContext } from "./context.ts";
import { isErrno, reasonOf } from "../base/system-error.ts";
import { run as runSimulation } from "./command/run.ts";
import { processContext } from "./context.ts";
import {
  compareFlags,
  convertFlags,
  listFlags,
  proposeAccelerators,
  proposeFiles,
  proposeWorkloads,
  reproduceFlags,
  runFlags,
  showFlags,
  studioFlags,
} from "./flags.ts";
import { scalesimAliases, scalesimFlags } from "./flags-scalesim.ts";

/** 0: done. 1: a fault of heddle. 2: wrong use or bad input. A run that is interrupted ends with 130, the studio's server with 0. */
export const exitCodes = { success: 0, internal: 1, input: 2, interrupted: 130 } as const;

const asIs = (text: string): string => text;
const workload = {
  brief:
    "built-in network (see heddle list), model.onnx, topology.csv, gemm:M=..,N=..,K=.. or conv:C=..,H=..,K=..,R=..",
  placeholder: "workload",
  parse: asIs,
  proposeCompletions: proposeWorkloads,
};
const acceleratorName = {
  brief: "name, as in heddle list accelerators",
  placeholder: "accelerator",
  parse: asIs,
  proposeCompletions: proposeAccelerators,
};

/** stricli hands the context over as `this`; commands take it as an argument. */
const bound = <Flags, Rest extends readonly unknown[]>(
  command: (context: CliContext, flags: Flags, ...rest: Rest) => Promise<void>,
) =>
  async function (this: CliContext, flags: Flags, ...rest: Rest): Promise<void> {
    await command(this, flags, ...rest);
  };

const list = () =>
  buildCommand({
    loader: async () => bound((await import("./command/list.ts")).list),
    parameters: {
      positional: {
        kind: "tuple",
        parameters: [
          {
            brief: "accelerators, workloads or technologies; all of them by default",
            placeholder: "what",
            parse: asIs,
            optional: true,
            proposeCompletions: () => ["accelerators", "workloads", "technologies"],
          },
        ],
      },
      flags: listFlags,
    },
    docs: { brief: "List accelerators, workloads and technologies" },
  });

const show = () =>
  buildCommand({
    loader: async () => bound((await import("./command/show.ts")).show),
    parameters: { positional: { kind: "tuple", parameters: [acceleratorName] }, flags: showFlags },
    docs: { brief: "Show an accelerator: components, paths, parameters with sources, mappings, area" },
  });

const runCommand = () =>
  buildCommand({
    // Static, unlike the others: in the bundle it is part of what every run loads, and a stop on the way costs a millisecond.
    loader: () => Promise.resolve(bound(runSimulation)),
    parameters: { positional: { kind: "tuple", parameters: [workload] }, flags: runFlags },
    docs: {
      brief: "Simulate a workload on an accelerator",
      fullDescription:
        "Simulates every layer that multiplies and prints where time, traffic and energy went. With several accelerators, each keeps its own published resources; heddle compare makes them equal.",
      customUsage: [
        { input: "resnet50 --on arrayflex", brief: "a built-in network" },
        {
          input: "model.onnx --on arrayflex --input photo.jpg --html report.html",
          brief: "a model, densities measured on a photo",
        },
        {
          input: "conv:C=64,H=56,K=64,R=3,pad=1 --on systolic --set rows=64 --set bandwidth=256GB/s --json",
          brief: "one layer, another machine",
        },
      ],
    },
  });

const compare = () =>
  buildCommand({
    loader: async () => bound((await import("./command/compare.ts")).compare),
    parameters: { positional: { kind: "tuple", parameters: [workload] }, flags: compareFlags },
    docs: {
      brief: "Compare accelerators on one workload with equal resources",
      fullDescription:
        "Runs the workload on each accelerator with the resources (units, buffers, bandwidth, number formats, technology) of the first, where they share a parameter and it was not set, and prints them side by side. --as-published keeps each machine's own.",
      customUsage: [{ input: "resnet50 --on systolic,arrayflex --html report.html", brief: "side by side, as a page" }],
    },
  });

const reproduce = () =>
  buildCommand({
    loader: async () => bound((await import("./command/reproduce.ts")).reproduce),
    parameters: { positional: { kind: "array", parameter: acceleratorName }, flags: reproduceFlags },
    docs: { brief: "Re-derive what publications claim; all accelerators by default" },
  });

const scalesim = () =>
  buildCommand({
    loader: async () => bound((await import("./command/scalesim.ts")).scalesim),
    parameters: { flags: scalesimFlags, aliases: scalesimAliases },
    docs: {
      brief: "Run SCALE-Sim's configuration and topology files: the same reports, faster",
      fullDescription:
        "Writes SCALE-Sim's reports to <path>/<run_name>/, and with -s Y its traces to <path>/<run_name>/layer<i>/, from its own files and flags. All files appear when the run is complete, or none. Figures are SCALE-Sim's, with its quirks: --explain names those that matter to the run.",
      customUsage: [
        { input: "-c scale.cfg -t resnet18.csv -p results", brief: "as python3 scalesim/scale.py" },
        { input: "-c scale.cfg -t gemm.csv -i gemm -s Y --compat v2", brief: "with traces, by scale-sim-v2's rules" },
        { input: "-c scale.cfg -t resnet50.csv --threads 8 --explain", brief: "layers side by side, quirks explained" },
      ],
    },
  });

const convert = () =>
  buildCommand({
    loader: async () => bound((await import("./command/convert.ts")).convert),
    parameters: {
      positional: {
        kind: "tuple",
        parameters: [
          {
            brief: "tensor.npy, scale.cfg, or any workload",
            placeholder: "input",
            parse: asIs,
            proposeCompletions: proposeFiles,
          },
          {
            brief: "file to write: .npy for a tensor, .csv or .json for a workload, .yaml for a configuration",
            placeholder: "output",
            parse: asIs,
            optional: true,
            proposeCompletions: proposeFiles,
          },
        ],
      },
      flags: convertFlags,
    },
    docs: {
      brief: "Convert tensors between storage formats, workloads to topology files, SCALE-Sim machines to Heddle's",
      customUsage: [
        { input: "weights.npy", brief: "its exact size in every storage format" },
        { input: "weights.npy pruned.npy --format run-length(5)", brief: "encode, decode, verify and write" },
        { input: "resnet50 resnet50.csv", brief: "a SCALE-Sim topology" },
        { input: "scale.cfg machine.yaml --to heddle", brief: "a SCALE-Sim machine for heddle run --config" },
      ],
    },
  });

const studio = () =>
  buildCommand({
    loader: async () => bound((await import("./command/studio.ts")).studio),
    parameters: {
      positional: {
        kind: "array",
        parameter: {
          brief: "file that the page may load: model.onnx, A.mtx, machine.yaml ...",
          placeholder: "file",
          parse: asIs,
          proposeCompletions: proposeFiles,
        },
      },
      flags: studioFlags,
    },
    docs: {
      brief: "Open the studio: see it, change it, understand it, in a browser",
      fullDescription:
        "Serves the studio to this machine alone, prints its address and opens it in a browser, until Ctrl-C. The page gets its own files and those named here; the engine runs in the browser.",
      customUsage: [
        { input: "model.onnx A.mtx", brief: "with files to choose in the page" },
        { input: "--port 8080 --no-open", brief: "at http://127.0.0.1:8080/, without a browser" },
      ],
    },
  });

const completion = () =>
  buildCommand({
    loader: async () => bound((await import("./command/completion.ts")).completion),
    parameters: {
      positional: {
        kind: "tuple",
        parameters: [
          {
            brief: "bash, zsh or fish",
            placeholder: "shell",
            parse: asIs,
            proposeCompletions: () => ["bash", "zsh", "fish"],
          },
        ],
      },
    },
    docs: {
      brief: "Print a shell completion script",
      fullDescription:
        'bash: eval "$(heddle completion bash)". zsh: eval "$(heddle completion zsh)". fish: heddle completion fish | source.',
    },
  });

/** Commands by name; each is built when it is needed, because the checks of its flags take half a millisecond. */
const routes: Readonly<Record<string, () => Command<CliContext>>> = {
  list,
  show,
  run: runCommand,
  compare,
  reproduce,
  scalesim,
  convert,
  studio,
  completion,
};

/** One line for any failure: what is wrong, without a stack. */
export function failureText(error: unknown): string {
  if (error instanceof InputError) return `error: ${oneLine(error.message)}`;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint =
    "this is a fault of heddle, please report it with the command line; HEDDLE_STACK=1 shows where it happened";
  const stack = process.env["HEDDLE_STACK"] === "1" && error instanceof Error ? `\n${error.stack ?? ""}` : "";
  return `internal error: ${oneLine(message)}; ${hint}${stack}`;
}

function usageText(error: unknown): string {
  if (error instanceof ArgumentParseError && error.exception instanceof InputError) return failureText(error.exception);
  if (error instanceof ArgumentScannerError) {
    const meaning = error.message
      .replace(/^Expected argument for /, "missing argument: ")
      .replace(/^Expected input for flag (.*)$/, "$1 is missing or has no value")
      .replace(/^No flag registered for/, "unknown flag");
    return `error: ${oneLine(meaning)}; see heddle --help`;
  }
  return failureText(error);
}

/** Messages quote what was read from files: neither line breaks nor escape sequences may pass. */
function oneLine(text: string): string {
  const line = text.replace(/\s*[\r\n]+\s*/g, " ");
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return line.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/g, "\ufffd");
}

const text: ApplicationText = {
  ...text_en,
  exceptionWhileParsingArguments: usageText,
  exceptionWhileLoadingCommandFunction: failureText,
  exceptionWhileLoadingCommandContext: failureText,
  exceptionWhileRunningCommand: failureText,
  commandErrorResult: failureText,
  noCommandRegisteredForInput: ({ input, corrections }) =>
    `error: no such command; found ${JSON.stringify(input)}; expected one of ${Object.keys(routes).join(", ")}${corrections.length === 0 ? "" : `; did you mean ${JSON.stringify(corrections[0]?.replaceAll("`", ""))}?`}`,
};

async function packageVersion(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const manifest: unknown = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const found =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
  return typeof found === "string" ? found : "unknown";
}

/**
 * The application for a terminal; `plain` writes help without escape sequences. With the name of a command it holds
 * that one alone; any other word, or none, gets them all, for help and for what was meant.
 */
export function heddle(plain: boolean, first?: string) {
  const names = first !== undefined && Object.hasOwn(routes, first) ? [first] : Object.keys(routes);
  const root = buildRouteMap<string, CliContext>({
    routes: Object.fromEntries(names.flatMap((name) => (routes[name] === undefined ? [] : [[name, routes[name]()]]))),
    docs: {
      brief: "The workbench for deep-learning accelerators",
      fullDescription:
        "Describe an accelerator in a page, run it on real networks, and see where every cycle went.\nResults go to standard output, everything else to standard error. Exit code 0: done; 2: wrong use or bad input; 1: a fault of heddle.",
    },
  });
  const integrations: Readonly<Record<string, StricliIntegration<CliContext>>> = {
    help: help({
      brief: "Print help and exit",
      formatting: { useAliasInUsageLine: false, onlyRequiredInUsageLine: true, caseStyle: "convert-camel-to-kebab" },
      complete: true,
      defaultForRouteMap: true,
    }),
    version: version({
      brief: "Print the version and exit",
      info: { getCurrentVersion: packageVersion },
      complete: true,
    }),
  };
  return buildApplication(
    root,
    {
      name: "heddle",
      scanner: { caseStyle: "allow-kebab-for-camel" },
      documentation: { disableAnsiColor: plain },
      localization: { text },
      determineExitCode: (error) => (error instanceof InputError ? exitCodes.input : exitCodes.internal),
    },
    integrations,
  );
}

/** Runs one command line in a context; the exit code. Never throws. */
export async function execute(inputs: readonly string[], context: CliContext): Promise<number> {
  try {
    const application = heddle(!context.colour, inputs[0]);
    if (inputs[0] === "__complete") {
      const { proposals } = await import("./completion.ts");
      await context.print(await proposals(application, inputs.slice(1), context));
      return exitCodes.success;
    }
    await run(application, inputs, context);
    return exitCodeOf(context.process.exitCode);
  } catch (error) {
    context.note(`${failureText(error)}\n`);
    return error instanceof InputError ? exitCodes.input : exitCodes.internal;
  }
}

/** stricli numbers wrong use -5 and -4, and its own failures -3 to -1 and -10. */
function exitCodeOf(code: number | string | null | undefined): number {
  if (code === -4 || code === -5) return exitCodes.input;
  return typeof code !== "number" || code < 0 ? exitCodes.internal : code;
}

/** Runs the command line of this process and sets its exit code. */
export async function main(inputs: readonly string[]): Promise<void> {
  process.exitCode = await execute(inputs, processContext(outputFailed));
}

/** A reader that goes away ends the output quietly; any other failure of standard output is told once. */
function outputFailed(error: Error): void {
  if (isErrno(error, "EPIPE")) return;
  setImmediate(() => {
    if (process.exitCode === exitCodes.input) return;
    process.stderr.write(`error: standard output: cannot be written: ${reasonOf(error)}\n`);
    process.exitCode = exitCodes.input;
  });
}
