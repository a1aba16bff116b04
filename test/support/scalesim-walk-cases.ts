// The reference runs of SCALE-Sim beside the checkout: each case with its layer, its configuration, and what was
// reported. Reads configurations only as far as these cases need, with no help from src/.

import { z } from "zod";
import type {
  ScalesimAccess,
  ScalesimConfiguration,
  ScalesimLayer,
  ScalesimLayerResult,
  ScalesimVersion,
} from "../../src/interop/scalesim/scalesim.ts";

const cycles = z.tuple([z.number(), z.number()]);

const file = z.object({
  runs: z.record(z.string(), z.object({ cfg: z.string() })),
  cases: z.array(
    z.object({
      id: z.string(),
      run: z.string(),
      tool: z.enum(["v2", "v3"]),
      layer: z.string(),
      shape: z.union([
        z.object({ M: z.number(), N: z.number(), K: z.number() }),
        z.object({
          ifmap_h: z.number(),
          ifmap_w: z.number(),
          filter_h: z.number(),
          filter_w: z.number(),
          channels: z.number(),
          num_filter: z.number(),
          stride: z.number(),
        }),
      ]),
      total_cycles: z.number(),
      /** Not reported by v2. */
      total_cycles_incl_prefetch: z.number().nullable(),
      stall_cycles: z.number(),
      overall_util_pct: z.number(),
      mapping_efficiency_pct: z.number(),
      compute_util_pct: z.number(),
      sram: z.object({ ifmap_reads: z.number(), filter_reads: z.number(), ofmap_writes: z.number() }),
      dram: z.object({ ifmap_reads: z.number(), filter_reads: z.number(), ofmap_writes: z.number() }),
      start_stop: z.object({
        "SRAM IFMAP": cycles,
        "SRAM Filter": cycles,
        "SRAM OFMAP": cycles,
        "DRAM IFMAP": cycles,
        "DRAM Filter": cycles,
        "DRAM OFMAP": cycles,
      }),
      sparsity: z
        .object({
          ratio: z.string(),
          report: z.object({
            "Original Filter Storage": z.number(),
            "New Storage (Filter+Metadata)": z.number(),
            "Filter Metadata Storage": z.number(),
          }),
        })
        .optional(),
    }),
  ),
});

export interface ScalesimCase {
  readonly id: string;
  readonly version: ScalesimVersion;
  readonly layer: ScalesimLayer;
  readonly configuration: ScalesimConfiguration;
  /** Without the cycles with prefetch where the release does not report them. */
  readonly expected: Partial<ScalesimLayerResult>;
}

/** The cases of `reference/scalesim_cases.json`, given as parsed JSON. */
export function scalesimCases(json: unknown): ScalesimCase[] {
  const { runs, cases } = file.parse(json);
  return cases.map((one) => {
    const run = runs[one.run];
    if (run === undefined) throw new Error(`no run ${one.run}`);
    return {
      id: one.id,
      version: one.tool,
      layer: layerOf(one),
      configuration: configurationOf(run.cfg),
      expected: expectedOf(one),
    };
  });
}

type Case = z.infer<typeof file>["cases"][number];

function layerOf({ layer: name, shape, sparsity }: Case): ScalesimLayer {
  const [kept, block] = (sparsity?.ratio ?? "1:1").split(":").map(Number);
  if (kept === undefined || block === undefined) throw new Error(`no ratio ${sparsity?.ratio}`);
  const rest = { name, sparsity: { kept, block } };
  if ("M" in shape) {
    const { M, N, K } = shape;
    const size = { ifmapHeight: M, ifmapWidth: K, filterHeight: 1, filterWidth: K, channels: 1, filters: N, stride: 1 };
    return { ...rest, ...size };
  }
  return {
    ...rest,
    ifmapHeight: shape.ifmap_h,
    ifmapWidth: shape.ifmap_w,
    filterHeight: shape.filter_h,
    filterWidth: shape.filter_w,
    channels: shape.channels,
    filters: shape.num_filter,
    stride: shape.stride,
  };
}

function configurationOf(text: string): ScalesimConfiguration {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^(\w+)\s*[:=]\s*(.*)$/.exec(line.trim()) ?? [];
    if (key !== undefined && value !== undefined) values.set(key.toLowerCase(), value.trim());
  }
  const wordOf = (key: string): string => {
    const value = values.get(key.toLowerCase());
    if (value === undefined) throw new Error(`no ${key}`);
    return value;
  };
  const integerOf = (key: string): number => Number.parseInt(wordOf(key), 10);
  const oneOf = <Word extends string>(key: string, words: readonly Word[]): Word => {
    const found = words.find((word) => word === wordOf(key));
    if (found === undefined) throw new Error(`${key}: ${wordOf(key)}`);
    return found;
  };
  const triple = (key: string): { ifmap: number; filter: number; ofmap: number } => ({
    ifmap: integerOf(`Ifmap${key}`),
    filter: integerOf(`Filter${key}`),
    ofmap: integerOf(`Ofmap${key}`),
  });
  const banked = (operand: string): ScalesimConfiguration["layout"]["ifmap"] => ({
    customLayout: wordOf(`${operand}CustomLayout`) === "True",
    bandwidth: integerOf(`${operand}SRAMBankBandwidth`),
    banks: integerOf(`${operand}SRAMBankNum`),
    ports: integerOf(`${operand}SRAMBankPort`),
  });
  const configuration: ScalesimConfiguration = {
    runName: wordOf("run_name"),
    mode: oneOf("InterfaceBandwidth", ["CALC", "USER"]),
    arrayHeight: integerOf("ArrayHeight"),
    arrayWidth: integerOf("ArrayWidth"),
    sramKilobytes: triple("SramSzkB"),
    offsets: triple("Offset"),
    dataflow: oneOf("Dataflow", ["os", "ws", "is"]),
    bandwidth: wordOf("Bandwidth").split(",").map(Number),
    layout: { ifmap: banked("Ifmap"), filter: banked("Filter") },
    ramulator: false,
  };
  if (wordOf("SparsitySupport").toLowerCase() !== "true") return configuration;
  const sparsity = {
    representation: oneOf("SparseRep", ["csr", "csc", "ellpack_block"]),
    mapping: wordOf("OptimizedMapping").toLowerCase() === "true" ? ("row-wise" as const) : ("layer-wise" as const),
    blockSize: integerOf("BlockSize"),
    seed: integerOf("RandomNumberGeneratorSeed"),
  };
  return { ...configuration, sparsity };
}

function expectedOf(one: Case): Partial<ScalesimLayerResult> {
  const access = ([startCycle, stopCycle]: readonly [number, number], words: number): ScalesimAccess => ({
    startCycle,
    stopCycle,
    words,
  });
  const { start_stop: cyclesOf, sram, dram, sparsity } = one;
  return {
    ...(one.total_cycles_incl_prefetch === null ? {} : { totalCyclesWithPrefetch: one.total_cycles_incl_prefetch }),
    totalCycles: one.total_cycles,
    stallCycles: one.stall_cycles,
    overallUtilisationPercent: one.overall_util_pct,
    mappingEfficiencyPercent: one.mapping_efficiency_pct,
    computeUtilisationPercent: one.compute_util_pct,
    sram: {
      ifmap: access(cyclesOf["SRAM IFMAP"], sram.ifmap_reads),
      filter: access(cyclesOf["SRAM Filter"], sram.filter_reads),
      ofmap: access(cyclesOf["SRAM OFMAP"], sram.ofmap_writes),
    },
    dram: {
      ifmap: access(cyclesOf["DRAM IFMAP"], dram.ifmap_reads),
      filter: access(cyclesOf["DRAM Filter"], dram.filter_reads),
      ofmap: access(cyclesOf["DRAM OFMAP"], dram.ofmap_writes),
    },
    ...(sparsity === undefined
      ? {}
      : {
          storage: {
            original: sparsity.report["Original Filter Storage"],
            compressed: sparsity.report["New Storage (Filter+Metadata)"],
            metadata: sparsity.report["Filter Metadata Storage"],
          },
        }),
  };
}
