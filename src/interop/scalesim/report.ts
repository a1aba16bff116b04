// SCALE-Sim's reports of a run: the same files, columns, separators and number formats, byte for byte.

import { pythonFloat } from "./python/python-number.ts";
import type { ScalesimAccess, ScalesimConfiguration, ScalesimLayerResult, ScalesimVersion } from "./scalesim.ts";

/** One report: its file's name and what stands in it. */
export interface ScalesimReport {
  readonly name: string;
  readonly text: string;
}

/** Averages in words per cycle, as SCALE-Sim defines them. */
export interface ScalesimBandwidth {
  readonly sram: { readonly ifmap: number; readonly filter: number; readonly ofmap: number };
  readonly dram: { readonly ifmap: number; readonly filter: number; readonly ofmap: number };
  /** Of the metadata of a sparse filter; 0 without. */
  readonly metadata: number;
}

/**
 * The reports of a run, one row a layer in the order of `results`. v2 has no first column of cycles and no sparsity;
 * v3 reports sparsity where the configuration asks for it.
 */
export function scalesimReports(
  results: readonly ScalesimLayerResult[],
  configuration: ScalesimConfiguration,
  version: ScalesimVersion,
): readonly ScalesimReport[] {
  const sparsity = sparsityOf(configuration, version);
  const reports = [
    { name: "COMPUTE_REPORT.csv", text: computeReport(results, version) },
    { name: "BANDWIDTH_REPORT.csv", text: bandwidthReport(results, sparsity !== undefined) },
    { name: "DETAILED_ACCESS_REPORT.csv", text: accessReport(results, fractionalIfmapReads(configuration, version)) },
  ];
  if (sparsity !== undefined) {
    reports.push({ name: "SPARSE_REPORT.csv", text: sparseReport(results, sparsity.representation) });
  }
  return reports;
}

/**
 * Average bandwidths of a layer: SRAM over all its cycles, DRAM over the cycles from its first to its last access.
 * Infinite or not a number where a layer takes no cycle by SCALE-Sim's count, which then ends without a report.
 */
export function scalesimBandwidth(result: ScalesimLayerResult): ScalesimBandwidth {
  const { sram, dram, totalCycles, storage } = result;
  const whole = ({ words }: ScalesimAccess): number => words / totalCycles;
  const own = ({ words, startCycle, stopCycle }: ScalesimAccess): number => words / (stopCycle - startCycle + 1);
  return {
    sram: { ifmap: whole(sram.ifmap), filter: whole(sram.filter), ofmap: whole(sram.ofmap) },
    dram: { ifmap: own(dram.ifmap), filter: own(dram.filter), ofmap: own(dram.ofmap) },
    metadata: (storage?.metadata ?? 0) / totalCycles,
  };
}

function computeReport(results: readonly ScalesimLayerResult[], version: ScalesimVersion): string {
  const first = version === "v3" ? ["Total Cycles (incl. prefetch)"] : [];
  return page(
    [...first, "Total Cycles", "Stall Cycles", "Overall Util %", "Mapping Efficiency %", "Compute Util %"],
    results.map((result) => [
      ...(version === "v3" ? [integer(result.totalCyclesWithPrefetch)] : []),
      integer(result.totalCycles),
      integer(result.stallCycles),
      pythonFloat(result.overallUtilisationPercent),
      pythonFloat(result.mappingEfficiencyPercent),
      pythonFloat(result.computeUtilisationPercent),
    ]),
  );
}

function bandwidthReport(results: readonly ScalesimLayerResult[], sparse: boolean): string {
  return page(
    [
      "Avg IFMAP SRAM BW",
      "Avg FILTER SRAM BW",
      ...(sparse ? ["Avg FILTER Metadata SRAM BW"] : []),
      "Avg OFMAP SRAM BW",
      "Avg IFMAP DRAM BW",
      "Avg FILTER DRAM BW",
      "Avg OFMAP DRAM BW",
    ],
    results.map((result) => {
      const { sram, dram, metadata } = scalesimBandwidth(result);
      const between = sparse ? [metadata] : [];
      return [sram.ifmap, sram.filter, ...between, sram.ofmap, dram.ifmap, dram.filter, dram.ofmap].map(pythonFloat);
    }),
  );
}

function accessReport(results: readonly ScalesimLayerResult[], fractional: boolean): string {
  const titles = ["SRAM", "DRAM"].flatMap((memory) =>
    [
      ["IFMAP", "Reads"],
      ["Filter", "Reads"],
      ["OFMAP", "Writes"],
    ].flatMap(([operand, what]) => ["Start Cycle", "Stop Cycle", what].map((text) => `${memory} ${operand} ${text}`)),
  );
  const cells = ({ startCycle, stopCycle, words }: ScalesimAccess, count = integer): readonly string[] => [
    pythonFloat(startCycle),
    pythonFloat(stopCycle),
    count(words),
  ];
  return page(
    titles,
    results.map(({ sram, dram }) => [
      ...cells(sram.ifmap, fractional ? pythonFloat : integer),
      ...cells(sram.filter),
      ...cells(sram.ofmap),
      ...cells(dram.ifmap),
      ...cells(dram.filter),
      ...cells(dram.ofmap),
    ]),
  );
}

function sparseReport(results: readonly ScalesimLayerResult[], representation: string): string {
  const titles = [
    "Sparsity Representation",
    "Original Filter Storage",
    "New Storage (Filter+Metadata)",
    "Filter Metadata Storage",
    "Avg FILTER Metadata SRAM BW",
  ];
  // Blocks of ellpack pack indices of a few bits, so that their words are fractions.
  const count = representation === "ellpack_block" ? pythonFloat : integer;
  const rows = results.map((result, index) => {
    if (result.storage === undefined) throw new Error(`layer ${index} has no filter storage to report`);
    const { original, compressed, metadata } = result.storage;
    const bandwidth = pythonFloat(scalesimBandwidth(result).metadata);
    return [representation, integer(original), count(compressed), count(metadata), bandwidth];
  });
  // The one header with a blank at its end.
  return page(titles, rows, ", \n");
}

/** A header and numbered rows; every line ends with a comma. */
function page(titles: readonly string[], rows: readonly (readonly string[])[], headerEnd = ",\n"): string {
  const lines = rows.map((row, index) => `${[String(index), ...row].join(", ")},\n`);
  return `${["LayerID", ...titles].join(", ")}${headerEnd}${lines.join("")}`;
}

const integer = (value: number): string => String(value);

const sparsityOf = (configuration: ScalesimConfiguration, version: ScalesimVersion) =>
  version === "v3" ? configuration.sparsity : undefined;

/** Weight-stationary runs with one pattern for the layer multiply the reads of the ifmap by a quotient, a float. */
function fractionalIfmapReads(configuration: ScalesimConfiguration, version: ScalesimVersion): boolean {
  return configuration.dataflow === "ws" && sparsityOf(configuration, version)?.mapping === "layer-wise";
}
