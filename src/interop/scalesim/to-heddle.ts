// Turns a SCALE-Sim configuration into a configuration file of Heddle for the same machine, with comments that say what
// each line came from and where the two models differ. Loads the YAML library, so it is imported only when needed.

import { Document, isScalar } from "yaml";
import { systolic } from "../../accelerator/systolic.ts";
import { InputError } from "../../base/error.ts";
import type { ScalesimConfiguration, ScalesimDataflow } from "./scalesim.ts";

export interface HeddleText {
  /** A configuration file, YAML. */
  readonly text: string;
  /** Where the machine it describes differs from SCALE-Sim's, for the user. */
  readonly notes: readonly string[];
}

const dataflows: Readonly<Record<ScalesimDataflow, { readonly word: string; readonly fold: string }>> = {
  os: { word: "output-stationary", fold: "T + R + C - 2" },
  ws: { word: "weight-stationary", fold: "2R + C + T - 2" },
  is: { word: "input-stationary", fold: "2R + C + T - 2" },
};

/** A parameter of the file and the comment on its line. */
interface Line {
  readonly value: number | string;
  readonly comment: string;
}

/**
 * The machine of a configuration as Heddle's `systolic` array: its cycles without stalls are SCALE-Sim's folds times the
 * length of a fold, one more than SCALE-Sim prints, which is the index of the last cycle. `name` is what the file's first
 * line calls the machine, by default its run_name. Sparsity, banks, layouts and addresses have no counterpart.
 * Throws InputError where the array is larger than Heddle's can be.
 */
export function scalesimToHeddle(configuration: ScalesimConfiguration, options: { name?: string }): HeddleText {
  const { arrayHeight, arrayWidth, dataflow } = configuration;
  requireArray(arrayHeight, "ArrayHeight", systolic.parameters.rows.maximum);
  requireArray(arrayWidth, "ArrayWidth", systolic.parameters.columns.maximum);
  const notes: string[] = [];
  const clock = systolic.parameters.clock.default;
  const buffers = bufferLines(configuration, notes);
  const bandwidth = bandwidthLine(configuration, clock, notes);
  noteTiles(configuration, notes);
  noteUnmodelled(configuration, notes);
  const { word, fold } = dataflows[dataflow];
  const lines = {
    rows: { value: arrayHeight, comment: "ArrayHeight" },
    columns: { value: arrayWidth, comment: "ArrayWidth" },
    dataflow: { value: word, comment: `Dataflow ${dataflow}` },
    streaming: { value: "whole", comment: "a fold meets all of its vectors at once" },
    preload: { value: "exposed", comment: "folds do not overlap, each loads and drains the whole array" },
    operand: { value: "int8", comment: "SCALE-Sim's word is one byte" },
    accumulator: { value: "int32", comment: "not said by SCALE-Sim, to which sums are words of one byte too" },
    clock: { value: `${clock / 1e9}GHz`, comment: "not said by SCALE-Sim, which has cycles only; Heddle's default" },
  };
  const document = new Document({
    accelerator: "systolic",
    parameters: { ...valuesOf(lines), buffers: valuesOf(buffers), bandwidth: bandwidth.value },
  });
  document.commentBefore = [
    ` ${oneLine(options.name ?? configuration.runName)}: the machine of a SCALE-Sim configuration, on Heddle's systolic array.`,
    ` Without stalls a layer of F folds takes F x (${fold}) cycles. SCALE-Sim prints one less, the index of the last`,
    ` cycle. Stalls differ: here all operands share one memory, what a layer needs before its first cycle counts (compare`,
    ` with "Total Cycles (incl. prefetch)"), buffers keep what is used again, one that holds a few vectors only makes the`,
    ` array wait or is refused as too small, and partial sums that do not fit are read back, where SCALE-Sim only writes them.`,
  ].join("\n");
  commentOn(document, ["parameters"], lines);
  commentOn(document, ["parameters", "buffers"], buffers);
  commentOn(document, ["parameters"], { bandwidth });
  notes.push(`clock: ${clock / 1e9} GHz, Heddle's default, for SCALE-Sim has none`);
  return { text: document.toString({ lineWidth: 0 }), notes };
}

function requireArray(size: number, key: string, maximum: number): void {
  if (size <= maximum) return;
  throw new InputError({
    path: `architecture_presets.${key}`,
    message: "larger than Heddle's systolic array can be",
    found: String(size),
    expected: `at most ${maximum}`,
  });
}

/** Bytes of a partial sum in the buffer: with resting outputs only narrow results get there. */
const sumBytes = (dataflow: ScalesimDataflow): number => (dataflow === "os" ? 1 : 4);

function bufferLines(
  { sramKilobytes, dataflow }: ScalesimConfiguration,
  notes: string[],
): Readonly<Record<"weights" | "inputs" | "sums", Line>> {
  const line = (name: "weights" | "inputs" | "sums", kilobytes: number, comment: string): Line => {
    const maximum = systolic.parameters[`buffers.${name}`].maximum / 1024;
    if (kilobytes <= maximum) return { value: `${kilobytes}KiB`, comment };
    notes.push(`buffers.${name}: ${maximum} KiB, the most that Heddle takes, instead of ${kilobytes} KiB`);
    return { value: `${maximum}KiB`, comment: `${comment}; cut to the most that Heddle takes` };
  };
  const bytes = sumBytes(dataflow);
  const words = bytes === 1 ? "" : `, as many words, of ${bytes} bytes each`;
  if (bytes > 1) notes.push(`buffers.sums: ${bytes} times OfmapSramSzkB, as many words of ${bytes} bytes`);
  return {
    weights: line("weights", sramKilobytes.filter, "FilterSramSzkB"),
    inputs: line("inputs", sramKilobytes.ifmap, "IfmapSramSzkB"),
    sums: line("sums", sramKilobytes.ofmap * bytes, `OfmapSramSzkB${words}`),
  };
}

/** SCALE-Sim's ports are private to the operands and Heddle's memory is shared: it gets what all of them have together. */
function bandwidthLine({ mode, bandwidth, layout }: ScalesimConfiguration, clock: number, notes: string[]): Line {
  if (mode === "CALC") {
    return { value: "unlimited", comment: "InterfaceBandwidth CALC: whatever avoids stalls" };
  }
  const ports = [layout.ifmap.bandwidth, layout.filter.bandwidth, bandwidth[0] ?? 0];
  const words = ports.reduce((sum, port) => sum + port, 0);
  const [ifmap, filter, ofmap] = ports;
  const comment = `${words} words per cycle: ifmap ${ifmap}, filter ${filter} and ofmap ${ofmap}, each with a port of its own in SCALE-Sim`;
  notes.push(
    `bandwidth: one memory of ${words} words per cycle for SCALE-Sim's private ports of ${ifmap} (ifmap), ${filter} (filter) and ${ofmap} (ofmap)`,
  );
  return { value: `${(words * clock) / 1e9}GB/s`, comment };
}

/** Heddle refuses a layer that a half of a buffer is too small for; SCALE-Sim goes on with any size. */
function noteTiles(
  { arrayHeight: R, arrayWidth: C, dataflow, sramKilobytes }: ScalesimConfiguration,
  notes: string[],
): void {
  const weights = dataflow === "ws" ? R * C : dataflow === "os" ? C : R;
  const inputs = dataflow === "is" ? R * C : R;
  const sums = dataflow === "os" ? R * C : C * sumBytes(dataflow);
  const needs: readonly (readonly [string, number, number])[] = [
    ["FilterSramSzkB", sramKilobytes.filter, weights],
    ["IfmapSramSzkB", sramKilobytes.ifmap, inputs],
    ["OfmapSramSzkB", sramKilobytes.ofmap * sumBytes(dataflow), sums],
  ];
  for (const [key, kilobytes, bytes] of needs) {
    if (kilobytes * 512 >= bytes) continue;
    notes.push(
      `${key}: half of the buffer (${kilobytes * 512} B) is less than a full array takes (${bytes} B): Heddle refuses layers that need it`,
    );
  }
}

function noteUnmodelled(configuration: ScalesimConfiguration, notes: string[]): void {
  const { layout, sparsity, ramulator } = configuration;
  if (sparsity !== undefined) notes.push("sparsity: left out, the array does dense work");
  if (layout.ifmap.customLayout || layout.filter.customLayout) {
    notes.push("custom layouts: left out, buffers have no bank conflicts");
  }
  if (ramulator) notes.push("UseRamulatorTrace: left out, the memory has one latency, by default 0");
}

const valuesOf = (lines: Readonly<Record<string, Line>>): Record<string, number | string> =>
  Object.fromEntries(Object.entries(lines).map(([key, { value }]) => [key, value]));

/** Puts the comments of lines behind their values, in the mapping at `path`. */
function commentOn(document: Document, path: readonly string[], lines: Readonly<Record<string, Line>>): void {
  for (const [key, { comment }] of Object.entries(lines)) {
    const node = document.getIn([...path, key], true);
    if (isScalar(node)) node.comment = ` ${comment}`;
  }
}

/** A comment must not end early. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}
