// The drop-in for SCALE-Sim against recorded runs of SCALE-Sim v2 and v3: all fields of all layers, read back from the
// reports that a user gets.

import { expect, test } from "vitest";
import { z } from "zod";
import { readScalesimConfiguration } from "../../src/interop/scalesim/input/configuration.ts";
import { scalesimReports } from "../../src/interop/scalesim/report.ts";
import { simulateScalesimLayer } from "../../src/interop/scalesim/simulate.ts";
import { scalesimCases } from "../support/scalesim-walk-cases.ts";
import { hasShared, needs, sharedJson } from "./shared.ts";

const file = "reference/scalesim_cases.json";

const cycles = z.tuple([z.number(), z.number()]);
const words = z.object({ ifmap_reads: z.number(), filter_reads: z.number(), ofmap_writes: z.number() });

const reference = z.object({
  runs: z.record(z.string(), z.object({ cfg: z.string() })),
  cases: z.array(
    z.object({
      id: z.string(),
      run: z.string(),
      tool: z.enum(["v2", "v3"]),
      total_cycles_incl_prefetch: z.number().nullable(),
      total_cycles: z.number(),
      stall_cycles: z.number(),
      overall_util_pct: z.number(),
      mapping_efficiency_pct: z.number(),
      compute_util_pct: z.number(),
      sram: words,
      dram: words,
      start_stop: z.record(z.string(), cycles),
      avg_bw: z.record(z.string(), z.number()),
      sparsity: z.object({ report: z.record(z.string(), z.union([z.string(), z.number()])) }).optional(),
    }),
  ),
});

type Case = z.infer<typeof reference>["cases"][number];

/** Cells of the only row of a report, by title, as numbers where they are numbers. */
function cells(text: string): Record<string, number | string> {
  const [titles = [], values = []] = text.split("\n").map((line) => line.split(",").map((cell) => cell.trim()));
  return Object.fromEntries(
    titles.flatMap((title, i) => {
      const value = values[i] ?? "";
      return title === "" || title === "LayerID" ? [] : [[title, Number.isNaN(Number(value)) ? value : Number(value)]];
    }),
  );
}

function expected(one: Case): Record<string, number | string> {
  const access = Object.entries(one.start_stop).flatMap(([memory, [start, stop]]) => {
    const counts = memory.startsWith("SRAM") ? one.sram : one.dram;
    const [title, count] = memory.endsWith("IFMAP")
      ? ["Reads", counts.ifmap_reads]
      : memory.endsWith("Filter")
        ? ["Reads", counts.filter_reads]
        : ["Writes", counts.ofmap_writes];
    return [
      [`${memory} Start Cycle`, start],
      [`${memory} Stop Cycle`, stop],
      [`${memory} ${title}`, count],
    ];
  });
  return {
    ...(one.total_cycles_incl_prefetch === null
      ? {}
      : { "Total Cycles (incl. prefetch)": one.total_cycles_incl_prefetch }),
    "Total Cycles": one.total_cycles,
    "Stall Cycles": one.stall_cycles,
    "Overall Util %": one.overall_util_pct,
    "Mapping Efficiency %": one.mapping_efficiency_pct,
    "Compute Util %": one.compute_util_pct,
    ...one.avg_bw,
    ...Object.fromEntries(access),
    ...one.sparsity?.report,
  };
}

test.skipIf(!hasShared(file))(`every field of every recorded layer${needs(file)}`, { timeout: 60_000 }, () => {
  const json = sharedJson(file);
  const { runs, cases } = reference.parse(json);
  const layers = new Map(scalesimCases(json).map(({ id, layer }) => [id, layer]));
  expect(cases).toHaveLength(124);
  for (const one of cases) {
    const { configuration } = readScalesimConfiguration(runs[one.run]?.cfg ?? "", { version: one.tool });
    const layer = layers.get(one.id);
    if (layer === undefined) throw new Error(`no layer for ${one.id}`);
    const result = simulateScalesimLayer(layer, configuration, one.tool);
    const reports = scalesimReports([result], configuration, one.tool);
    const reported = Object.assign({}, ...reports.map(({ text }) => cells(text)));
    expect({ id: one.id, ...reported }).toEqual({ id: one.id, ...expected(one) });
  }
});
