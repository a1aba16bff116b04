// `heddle scalesim`: SCALE-Sim's own configuration and topology files to its own reports and traces.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { at, InputError } from "../../base/error.ts";
import { scalesimReports } from "../../interop/scalesim/report.ts";
import { layerFolderName, runScalesim } from "../../interop/scalesim/run.ts";
import type { ScalesimLayerResult } from "../../interop/scalesim/scalesim.ts";
import { requireAddressable } from "../../interop/scalesim/model/operands.ts";
import { checkScalesim } from "../../interop/scalesim/simulate.ts";
import { listed } from "../../interop/scalesim/input/topology-rows.ts";
import { traceFileName, traceFiles } from "../../interop/scalesim/trace-text.ts";
import { plural } from "../../report/units.ts";
import type { CliContext } from "../context.ts";
import type { ScalesimFlags } from "../flags-scalesim.ts";
import { onInterrupt } from "../output/interrupt.ts";
import { startProgress } from "../output/progress.ts";
import type { StagedFolder } from "../output/stage-folder.ts";
import { checkFolder, stageFolder } from "../output/stage-folder.ts";
import type { ScalesimInputs } from "../scalesim/inputs.ts";
import { readScalesimInputs } from "../scalesim/inputs.ts";
import { scalesimJson } from "../scalesim/json.ts";
import { quirksText, summaryText } from "../scalesim/summary.ts";

/** Runs the command from files to reports. Throws InputError for anything wrong, before any file is in place. */
export async function scalesim(context: CliContext, flags: ScalesimFlags): Promise<void> {
  const inputs = readScalesimInputs(flags);
  checkSupported(inputs, flags);
  const folder = join(flags.path ?? "results", inputs.configuration.runName);
  const saveTraces = flags.saveTraces === "Y";
  const reportNames = scalesimReports([], inputs.configuration, inputs.version).map(({ name }) => name);
  const traceNames = saveTraces ? inputs.layers.flatMap((_, index) => traceNamesOf(index)) : [];
  checkFolder(folder, [...reportNames, ...traceNames], inputs.files);
  for (const note of new Set(inputs.notes)) context.note(`note: ${note}\n`);

  const { threads = 1 } = flags;
  // Traces are written by worker threads, so that an interruption finds somebody who tidies up. A run without them has
  // nothing to tidy up until it is complete.
  let staged: StagedFolder | undefined;
  const discard = (): void => staged?.discard();
  let release = saveTraces || threads > 1 ? onInterrupt(discard) : undefined;
  try {
    if (saveTraces) staged = stageFolder(folder);
    const results = await run(context, inputs, { threads, staged, folder, explain: flags.explain === true });
    release ??= onInterrupt(discard);
    staged ??= stageFolder(folder);
    const reports = scalesimReports(results, inputs.configuration, inputs.version);
    for (const { name, text } of reports) staged.write(name, text);
    const written = reports.map(({ name }) => join(folder, name));
    await context.print(await resultText(context, flags, inputs, results, written));
    const layerFolders = saveTraces ? inputs.layers.map((_, index) => layerFolderName(index)) : [];
    const stale = earlierFiles(folder, new Set([...reportNames, ...layerFolders]));
    staged.commit();
    for (const note of listed(`${folder} still has files of an earlier run`, stale)) context.note(`note: ${note}\n`);
    if (saveTraces) context.note(`wrote the traces of ${plural(inputs.layers.length, "layer")} below ${folder}\n`);
  } catch (error) {
    discard();
    throw error;
  } finally {
    release?.();
  }
}

/** What is not supported is said before anything else, for the layers above may take hours, with the file that asks for it. */
function checkSupported(
  { configuration, version, layouts, layers }: ScalesimInputs,
  { config, topology }: ScalesimFlags,
): void {
  const inFile = (file: string, check: () => void): void => {
    try {
      check();
    } catch (error) {
      throw error instanceof InputError ? at(error, { file }) : error;
    }
  };
  inFile(config, () => checkScalesim(configuration, version, layouts));
  inFile(topology, () => layers.forEach(requireAddressable));
}

const traceNamesOf = (index: number): readonly string[] =>
  traceFiles.map((file) => join(layerFolderName(index), traceFileName(file)));

/** What an earlier run left in the folder that this one does not replace: it says nothing of this one. */
function earlierFiles(folder: string, replaced: ReadonlySet<string>): readonly string[] {
  if (!existsSync(folder)) return [];
  const ours = readdirSync(folder).filter((name) => /^(?:SPARSE_REPORT\.csv|layer\d+)$/.test(name));
  return ours.filter((name) => !replaced.has(name)).toSorted();
}

async function run(
  context: CliContext,
  inputs: ScalesimInputs,
  options: {
    readonly threads: number;
    readonly staged: StagedFolder | undefined;
    readonly folder: string;
    readonly explain: boolean;
  },
): Promise<readonly ScalesimLayerResult[]> {
  const progress = startProgress(context, `${inputs.name} on ${inputs.configuration.runName}`);
  const { configuration, version, layouts } = inputs;
  const { threads, staged, folder, explain } = options;
  try {
    return await runScalesim(
      inputs.layers,
      { configuration, version, explain, ...(layouts === undefined ? {} : { layouts }) },
      {
        threads,
        ...(staged === undefined ? {} : { traces: { path: staged.path, shown: folder } }),
        onLayer: progress.step,
      },
    );
  } finally {
    progress.finish();
  }
}

async function resultText(
  context: CliContext,
  flags: ScalesimFlags,
  inputs: ScalesimInputs,
  results: readonly ScalesimLayerResult[],
  written: readonly string[],
): Promise<string> {
  const { layers, configuration, version, layouts } = inputs;
  const quirks =
    flags.explain === true
      ? (await import("../../interop/scalesim/explain.ts")).explainScalesim(
          layers,
          results,
          configuration,
          version,
          layouts,
        )
      : undefined;
  if (flags.json === true) return scalesimJson(inputs, results, written, quirks);
  const page = { colour: context.colour, ...(context.width === undefined ? {} : { width: context.width }) };
  const summary = summaryText(inputs, results, written, page);
  return quirks === undefined ? summary : `${summary}\n${quirksText(quirks, version, page)}`;
}
