// What `run` and `compare` share: from flags and a configuration file to requests, a network, runs, and their outputs.

import { compareText, warningsText } from "../report/terminal.ts";
import { runWorkload } from "../workbench/run.ts";
import { InputError } from "../base/error.ts";
import type { RunResult } from "../simulate/result.ts";
import type { Network } from "../workload/layer.ts";
import type { CliContext } from "./context.ts";
import type { SimulationFlags } from "./flags.ts";
import { definedOnly } from "../base/defined.ts";
import type { MachineRequest } from "../workbench/request/settings.ts";
import { machineRequests } from "../workbench/request/settings.ts";
import { changedNetwork, runRequest } from "../workbench/request/run-request.ts";
import { resolveWorkload } from "./input/workload.ts";
import { deliver } from "./output/deliver.ts";
import { onInterrupt } from "./output/interrupt.ts";
import { startProgress } from "./output/progress.ts";
import type { SearchStateFile } from "./search-state/search-state.ts";
import type { OutputFile } from "./output/write-file.ts";

export interface SimulateOptions {
  /** JSON of several machines says ratios to the first. */
  readonly ratios: boolean;
  /** Changes the machines before anything runs. */
  readonly adjust?: (requests: readonly MachineRequest[]) => readonly MachineRequest[];
}

/** Runs the command from flags to outputs. Throws InputError for anything wrong, before any output is written. */
export async function simulate(
  context: CliContext,
  given: SimulationFlags,
  workload: string,
  options: SimulateOptions,
): Promise<void> {
  if (given.json === true && given.csv === true) {
    throw new InputError({ path: "--csv", message: "--json and --csv are both asked for", expected: "one of them" });
  }
  const file =
    given.config === undefined ? undefined : (await import("./input/yaml-files.ts")).readConfig(given.config);
  const flags: SimulationFlags = { ...file?.options, ...definedOnly(given) };
  const asked = machineRequests(flags, file?.machines);
  const requests = options.adjust?.(asked) ?? asked;
  const density =
    flags.density === undefined
      ? undefined
      : (await import("../workbench/request/density.ts")).parseDensity(flags.density);
  const targets = [flags.html, flags.trace, flags.output, flags.searchState].filter((path) => path !== undefined);
  if (targets.length > 0) {
    const inputs = (flags.input ?? []).flatMap((text) => [text, text.slice(text.indexOf("=") + 1)]);
    const { workloadFiles } = await import("./input/workload.ts");
    const read = [
      ...(await workloadFiles(workload)),
      ...inputs,
      ...[given.config, flags.schedule].filter((path) => path !== undefined),
    ];
    (await import("./output/write-file.ts")).checkTargets(targets, read);
  }

  const found = await resolveWorkload(workload, { ...flags, note: context.note });
  const { layers } = flags;
  const changes = { ...(density === undefined ? {} : { density }), ...(layers === undefined ? {} : { layers }) };
  const network = await changedNetwork(found, changes, (text) => context.note(`note: ${text}\n`));

  const searches =
    flags.searchState === undefined
      ? undefined
      : (await import("./search-state/search-state.ts")).openSearchState(flags.searchState, network, requests, flags);
  const runs: RunResult[] = [];
  try {
    for (const request of requests) runs.push(await runOne(context, network, request, flags, searches));
  } catch (error) {
    keep(context, searches, flags.searchState);
    throw error;
  }
  if (searches?.write() === true) context.note(`wrote ${flags.searchState ?? ""}\n`);
  const warnings = runs.some((run) => run.warnings.length > 0) ? warningsText(runs) : "";
  if (warnings !== "") context.note(warnings);

  const files: OutputFile[] = [];
  if (flags.html !== undefined) {
    files.push({ path: flags.html, content: await (await import("../report/html.ts")).htmlReport(runs) });
  }
  if (flags.trace !== undefined) {
    files.push({ path: flags.trace, content: await traceOf(context, network, requests, runs) });
  }
  const toFile = flags.output !== undefined;
  const text = await resultText(runs, flags, options.ratios, toFile ? { colour: false, width: undefined } : context);
  if (flags.output !== undefined) files.push({ path: flags.output, content: text });
  await deliver(context, toFile ? "" : text, files);
  for (const { path } of files) context.note(`wrote ${path}\n`);
}

async function runOne(
  context: CliContext,
  network: Network,
  request: MachineRequest,
  flags: SimulationFlags,
  searches: SearchStateFile | undefined,
): Promise<RunResult> {
  const { schedule } = flags;
  const asked = await runRequest(network, request, {
    ...flags,
    ...(schedule === undefined
      ? {}
      : { schedules: async () => (await import("./input/yaml-files.ts")).readSchedules(schedule) }),
  });
  // A layer that is checked or audited as a whole, or a large sparse product, keeps the main thread busy for seconds.
  const { machine } = request.accelerator.configure(request.set);
  const yields = asked.threads > 1 || (asked.check !== "all" && asked.auditPercent === 0 && machine.kind !== "product");
  const progress = startProgress(context, `${network.name} on ${request.accelerator.name}`);
  const tidy = (): void => {
    progress.finish();
    keep(context, searches, flags.searchState);
  };
  const release = yields || searches !== undefined ? onInterrupt(tidy) : undefined;
  const store = searches?.storeOf(request);
  try {
    return await runWorkload(network, {
      ...asked,
      ...(store === undefined ? {} : { searches: store }),
      onLayer: progress.step,
      onMappings: (shares) => {
        progress.parts(shares.map(({ mapping, share }) => ({ name: mapping, share })));
      },
      onSearches: (shares) => {
        progress.searches(shares, flags.objective ?? "seconds");
      },
    });
  } finally {
    progress.finish();
    release?.();
  }
}

/** Keeps the searches of a run that does not come to its end; a failure to do so is told, and changes nothing. */
function keep(context: CliContext, searches: SearchStateFile | undefined, path = ""): void {
  try {
    if (searches?.write() === true) context.note(`wrote ${path}: the same command goes on from there\n`);
  } catch (error) {
    context.note(`warning: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

async function resultText(
  runs: readonly RunResult[],
  flags: SimulationFlags,
  ratios: boolean,
  page: Pick<CliContext, "colour" | "width">,
): Promise<string> {
  if (flags.json === true) return (await import("../report/json.ts")).runsJson(runs, { ratios });
  if (flags.csv === true) return (await import("../report/csv.ts")).runsCsv(runs);
  return compareText(runs, { colour: page.colour, ...(page.width === undefined ? {} : { width: page.width }) });
}

async function traceOf(
  context: CliContext,
  network: Network,
  requests: readonly MachineRequest[],
  runs: readonly RunResult[],
): Promise<string> {
  const [{ traceJson }, { recordIntervals }] = await Promise.all([
    import("../report/trace.ts"),
    import("../workbench/intervals.ts"),
  ]);
  const recorded = runs.map((run, index) => {
    const request = requests[index];
    return request === undefined ? [] : recordIntervals(network, request, run);
  });
  const missing = recorded.flat().filter(({ intervals }) => intervals === undefined).length;
  if (missing > 0) {
    context.note(`note: the trace shows ${missing} layers without steps, or with too many, as one block each\n`);
  }
  const cut = recorded.flat().flatMap(({ first }) => first ?? []);
  if (cut.length > 0) {
    const batches = cut.reduce((sum, { batches }) => sum + batches, 0);
    const of = cut.reduce((sum, { of }) => sum + of, 0);
    context.note(`note: of large layers the trace shows the first batches, ${batches} of ${of} in all\n`);
  }
  return traceJson(runs, (run, layer) => recorded[run]?.[layer]?.intervals);
}
