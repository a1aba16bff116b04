// Runs as comma-separated values (RFC 4180): one row per layer and machine, units in the names of the columns, every
// digit of every number. A cell stays empty where a machine has no such memory, component or cause.

import type { LayerResult, OperandName, RunResult } from "../simulate/result.ts";
import { keyUnion, machineLabels, stackCauses } from "./runs.ts";

interface Column {
  readonly name: string;
  readonly value: (layer: LayerResult, index: number, run: RunResult, label: string) => string | number | undefined;
}

const operandNames: readonly OperandName[] = ["A", "B", "C"];

/** One header line and one line per layer and machine, each ended by CR LF. */
export function runsCsv(runs: readonly RunResult[]): string {
  const columns = csvColumns(runs);
  const labels = machineLabels(runs);
  const lines = [columns.map((column) => csvField(column.name)).join(",")];
  runs.forEach((run, runIndex) => {
    run.layers.forEach((layer, index) => {
      lines.push(
        columns
          .map((column) => csvField(column.value(layer, index, run, labels[runIndex] ?? run.accelerator)))
          .join(","),
      );
    });
  });
  return `${lines.join("\r\n")}\r\n`;
}

/** A field, in quotes where it holds a comma, a quote, a line break or an outer blank. Infinity reads "unlimited". */
export function csvField(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = value === Infinity ? "unlimited" : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Cells stay empty where a layer's operand is not converted; `conversion_counted` says whether the layer's cycles hold it. */
const conversionColumns: readonly Column[] = [
  {
    name: "conversion_counted",
    value: (layer, _index, run) => (layer.conversion === undefined ? undefined : String(run.conversions?.counted)),
  },
  { name: "conversion_operand", value: (layer) => layer.conversion?.operand },
  { name: "conversion_from", value: (layer) => layer.conversion?.from },
  { name: "conversion_to", value: (layer) => layer.conversion?.to },
  { name: "conversion_elements", value: (layer) => layer.conversion?.elements },
  { name: "conversion_cycles", value: (layer) => layer.conversion?.cycles },
  { name: "conversion_seconds", value: (layer) => layer.conversion?.seconds },
  { name: "conversion_energy_joules", value: (layer) => layer.conversion?.energy.total },
];

function csvColumns(runs: readonly RunResult[]): readonly Column[] {
  const layers = runs.flatMap((run) => run.layers);
  const memories = keyUnion(layers.map((layer) => layer.traffic));
  const components = keyUnion(layers.map((layer) => layer.energy.components));
  const counts = keyUnion(layers.map((layer) => layer.counts));
  return [
    { name: "workload", value: (_layer, _index, run) => run.workload },
    { name: "accelerator", value: (_layer, _index, run) => run.accelerator },
    { name: "machine", value: (_layer, _index, _run, label) => label },
    { name: "technology", value: (_layer, _index, run) => run.technology },
    { name: "seed", value: (_layer, _index, run) => run.seed },
    { name: "layer_number", value: (_layer, index) => index + 1 },
    { name: "layer", value: (layer) => layer.name },
    { name: "operator", value: (layer) => layer.operator },
    { name: "M", value: (layer) => layer.M },
    { name: "N", value: (layer) => layer.N },
    { name: "K", value: (layer) => layer.K },
    { name: "products", value: (layer) => layer.count },
    { name: "density_A", value: (layer) => layer.density.A },
    { name: "density_B", value: (layer) => layer.density.B },
    { name: "density_A_source", value: (layer) => layer.densitySource.A },
    { name: "density_B_source", value: (layer) => layer.densitySource.B },
    { name: "mapping", value: (layer) => layer.mapping },
    { name: "cycles", value: (layer) => layer.cycles },
    { name: "clock_hertz", value: (layer) => layer.clock },
    { name: "seconds", value: (layer) => layer.seconds },
    { name: "utilisation_fraction", value: (layer) => layer.utilisation },
    { name: "dense_macs", value: (layer) => layer.macs.dense },
    { name: "effectual_macs", value: (layer) => layer.macs.effectual },
    { name: "executed_macs", value: (layer) => layer.macs.executed },
    { name: "skipped_macs", value: (layer) => layer.macs.skipped },
    { name: "gated_macs", value: (layer) => layer.macs.gated },
    { name: "effectual_source", value: (layer) => layer.macs.effectualSource },
    { name: "energy_joules", value: (layer) => layer.energy.total },
    ...components.map((component): Column => ({
      name: `energy_${component}_joules`,
      value: (layer) => layer.energy.components[component],
    })),
    ...stackCauses(runs).map((cause): Column => ({
      name: `stack_${cause.replaceAll(/[^A-Za-z0-9]+/g, "_")}_cycles`,
      value: (layer) => layer.stack[cause],
    })),
    ...memories.flatMap((memory): Column[] => [
      { name: `${memory}_read_bytes`, value: (layer) => layer.traffic[memory]?.read },
      { name: `${memory}_write_bytes`, value: (layer) => layer.traffic[memory]?.write },
      ...operandNames.flatMap((operand): Column[] => [
        { name: `${memory}_${operand}_read_bytes`, value: (layer) => layer.traffic[memory]?.operands[operand].read },
        { name: `${memory}_${operand}_write_bytes`, value: (layer) => layer.traffic[memory]?.operands[operand].write },
      ]),
    ]),
    ...counts.map((event): Column => ({ name: `count_${event}_events`, value: (layer) => layer.counts[event] })),
    ...(runs.some((run) => run.conversions !== undefined) ? conversionColumns : []),
    { name: "check", value: (layer) => layer.check },
  ];
}
