// The flags of `heddle scalesim`: SCALE-Sim's own, under their one-letter names, and Heddle's.

import type { FlagParametersForType } from "@stricli/core";
import type { CliContext } from "./context.ts";
import { choice, jsonFlag, proposeFiles, threadsFlag } from "./flags.ts";

/** What `scalesim` takes; the one-letter names are SCALE-Sim's. */
export interface ScalesimFlags {
  readonly config: string;
  readonly topology: string;
  readonly layout?: string;
  readonly path?: string;
  readonly inputType?: ScalesimInputWord;
  readonly saveTraces?: ScalesimSaveWord;
  readonly compat?: ScalesimVersionWord;
  readonly threads?: number;
  readonly explain?: boolean;
  readonly json?: boolean;
}

export const scalesimInputWords = ["conv", "gemm"] as const;
export type ScalesimInputWord = (typeof scalesimInputWords)[number];

export const scalesimSaveWords = ["Y", "N"] as const;
export type ScalesimSaveWord = (typeof scalesimSaveWords)[number];

export const scalesimVersionWords = ["v2", "v3"] as const;
export type ScalesimVersionWord = (typeof scalesimVersionWords)[number];

/** A flag that names a file. */
const fileFlag = (brief: string) => ({
  kind: "parsed" as const,
  parse: (text: string): string => text,
  brief,
  placeholder: "file",
  proposeCompletions: proposeFiles,
});

export const scalesimFlags: FlagParametersForType<ScalesimFlags, CliContext> = {
  config: fileFlag("SCALE-Sim configuration (.cfg)"),
  topology: fileFlag("layer table (.csv), conv or gemm"),
  layout: {
    ...fileFlag("layout table (.csv); only needed where the configuration has custom layouts"),
    optional: true,
  },
  path: {
    ...fileFlag("folder in which the run gets its own, default ./results"),
    placeholder: "folder",
    optional: true,
  },
  inputType: choice("--input-type", scalesimInputWords, "what the topology lists, default by its header"),
  saveTraces: choice(
    "--save-traces",
    scalesimSaveWords,
    "write the SRAM and DRAM traces of every layer; default N, where SCALE-Sim always writes them",
  ),
  compat: choice("--compat", scalesimVersionWords, "whose rules hold, those of scale-sim-v2 or of v3; default v3"),
  threads: threadsFlag,
  explain: {
    kind: "boolean",
    brief: "say after the run where SCALE-Sim's rules bend its figures, with the right ones",
    optional: true,
    withNegated: false,
  },
  json: jsonFlag,
};

export const scalesimAliases = {
  c: "config",
  t: "topology",
  l: "layout",
  p: "path",
  i: "inputType",
  s: "saveTraces",
} as const;
