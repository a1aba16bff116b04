// The flags of every command: names, help, how each is parsed, and what completion proposes. Kept apart from the
// commands so that help and completion load none of them.

import type { FlagParametersForType } from "@stricli/core";
import { InputError } from "../base/error.ts";
import { checkWords, conversionWords, maximumThreads, objectiveWords } from "../workbench/request/words.ts";
import type { CheckWord, ConversionWord, ObjectiveWord } from "../workbench/request/words.ts";
import type { CliContext } from "./context.ts";

/** What `run` and `compare` take; fields that a configuration file may give too have no default here. */
export interface SimulationFlags {
  readonly on?: string;
  readonly config?: string;
  readonly set?: readonly string[];
  readonly bandwidth?: string;
  readonly mapping?: string;
  readonly schedule?: string;
  readonly searchState?: string;
  readonly objective?: ObjectiveWord;
  readonly conversions?: ConversionWord;
  readonly layers?: string;
  readonly batch?: number;
  readonly density?: string;
  readonly input?: readonly string[];
  readonly normalise?: NormaliseWord;
  readonly invert?: boolean;
  readonly seed?: number;
  readonly check?: CheckWord;
  readonly audit?: number;
  readonly threads?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly output?: string;
  readonly html?: string;
  readonly trace?: string;
}

export interface CompareFlags extends SimulationFlags {
  readonly asPublished?: boolean;
}

export interface ListFlags {
  readonly json?: boolean;
}

export interface ShowFlags {
  readonly json?: boolean;
  readonly set?: readonly string[];
  readonly schema?: boolean;
}

export interface ConvertFlags {
  readonly format?: readonly string[];
  readonly to?: ConvertTarget;
  readonly batch?: number;
  readonly json?: boolean;
}

export interface StudioFlags {
  readonly port?: number;
  readonly noOpen?: boolean;
}

export const normaliseWords = ["auto", "none", "unit", "signed", "imagenet", "caffe"] as const;
export type NormaliseWord = (typeof normaliseWords)[number];

export const convertTargets = ["scalesim", "json", "heddle"] as const;
export type ConvertTarget = (typeof convertTargets)[number];

const asIs = (text: string): string => text;

const wholeNumber =
  (name: string, minimum: number, maximum: number) =>
  (text: string): number => {
    const value = /^[+-]?\d{1,16}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InputError({
      path: name,
      message: "bad value",
      found: text,
      expected: `a whole number from ${minimum} to ${maximum}`,
    });
  };

const percentage =
  (name: string) =>
  (text: string): number => {
    const value = /^\d{1,3}(?:\.\d{1,9})?\s*%?$/.test(text.trim()) ? Number.parseFloat(text) : Number.NaN;
    if (value >= 0 && value <= 100) return value;
    throw new InputError({ path: name, message: "bad value", found: text, expected: "a percentage from 0 to 100" });
  };

const oneOf =
  <Word extends string>(name: string, words: readonly Word[]) =>
  (text: string): Word => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InputError({
      path: name,
      message: "not a valid word",
      found: text,
      expected: `one of ${words.join(", ")}`,
      known: words,
    });
  };

/** A flag that takes one of a few words. */
export const choice = <Word extends string>(name: string, words: readonly Word[], brief: string) => ({
  kind: "parsed" as const,
  parse: oneOf(name, words),
  brief: `${brief}: ${words.join(", ")}`,
  placeholder: name.slice(2),
  optional: true as const,
  proposeCompletions: (): readonly string[] => words,
});

export const jsonFlag = {
  kind: "boolean",
  brief: "print one JSON document",
  optional: true,
  withNegated: false,
} as const;
export const threadsFlag = {
  kind: "parsed",
  parse: wholeNumber("--threads", 1, maximumThreads),
  brief: "worker threads, default 1; results are the same for any number",
  placeholder: "threads",
  optional: true,
} as const;
const setFlag = {
  kind: "parsed",
  parse: asIs,
  brief: "parameter of the machine, such as rows=64, clock=1.5GHz or buffers.weights=512KiB; repeatable",
  placeholder: "path=value",
  optional: true,
  variadic: true,
  proposeCompletions: (partial: string) => proposeSettings(partial),
} as const;

const simulationFlags: FlagParametersForType<SimulationFlags, CliContext> = {
  on: {
    kind: "parsed",
    parse: asIs,
    brief: "accelerators to run on, separated by commas; may come from --config instead",
    placeholder: "a[,b]",
    optional: true,
    proposeCompletions: (partial) => proposeAcceleratorList(partial),
  },
  config: {
    kind: "parsed",
    parse: asIs,
    brief: "YAML file with accelerators, their parameters and options of the run",
    placeholder: "file.yaml",
    optional: true,
    proposeCompletions: proposeFiles,
  },
  set: { ...setFlag, brief: `${setFlag.brief}; name:path=value sets one machine only` },
  bandwidth: {
    kind: "parsed",
    parse: asIs,
    brief: "off-chip bandwidth of every machine, such as 256GB/s or unlimited",
    placeholder: "bandwidth",
    optional: true,
  },
  mapping: {
    kind: "parsed",
    parse: asIs,
    brief: "use this mapping for every layer; default: the best for the objective, layer by layer",
    placeholder: "mapping",
    optional: true,
  },
  schedule: {
    kind: "parsed",
    parse: asIs,
    brief: "YAML file with schedules of your own, for machines of loop nests; layers that it leaves out are searched",
    placeholder: "file.yaml",
    optional: true,
    proposeCompletions: proposeFiles,
  },
  searchState: {
    kind: "parsed",
    parse: asIs,
    brief: "file that keeps how far searches of schedules have come: a run that was interrupted goes on from it",
    placeholder: "file.json",
    optional: true,
    proposeCompletions: proposeFiles,
  },
  objective: choice("--objective", objectiveWords, "what the choice of mappings minimises, default seconds"),
  conversions: choice(
    "--conversions",
    conversionWords,
    "changes of sparse formats between layers, default ignore: only report them, or count them and choose mappings for all layers together",
  ),
  layers: {
    kind: "parsed",
    parse: asIs,
    brief: "only these layers: names with * and ?, numbers or ranges such as 3-7, separated by commas",
    placeholder: "layers",
    optional: true,
  },
  batch: {
    kind: "parsed",
    parse: wholeNumber("--batch", 1, 2 ** 20),
    brief: "images or sequences at once, default 1",
    placeholder: "batch",
    optional: true,
  },
  density: {
    kind: "parsed",
    parse: asIs,
    brief: "fraction of non-zeros: 0.5, or A=0.3,B=0.5 for weights and inputs",
    placeholder: "density",
    optional: true,
  },
  input: {
    kind: "parsed",
    parse: asIs,
    brief:
      "image (JPEG, PNG) or .npy to execute an ONNX model on, so that densities are measured; name=file where the model takes several",
    placeholder: "file",
    optional: true,
    variadic: true,
    proposeCompletions: proposeFiles,
  },
  normalise: choice("--normalise", normaliseWords, "how pixels become numbers, default auto"),
  invert: {
    kind: "boolean",
    brief: "invert the image: dark on light becomes light on dark",
    optional: true,
    withNegated: false,
  },
  seed: {
    kind: "parsed",
    parse: wholeNumber("--seed", 0, 2 ** 32 - 1),
    brief: "seed of generated values, default 1",
    placeholder: "seed",
    optional: true,
  },
  check: choice(
    "--check",
    checkWords,
    "compare outputs with the golden evaluator; default sample for layers with values, off for shapes",
  ),
  audit: {
    kind: "parsed",
    parse: percentage("--audit"),
    brief: "re-run this percentage of tiles on the stepped reference",
    placeholder: "percent",
    optional: true,
  },
  threads: threadsFlag,
  json: jsonFlag,
  csv: { kind: "boolean", brief: "print comma-separated values, one row a layer", optional: true, withNegated: false },
  output: {
    kind: "parsed",
    parse: asIs,
    brief: "write the printed result to this file instead",
    placeholder: "file",
    optional: true,
    proposeCompletions: proposeFiles,
  },
  html: {
    kind: "parsed",
    parse: asIs,
    brief: "write a report as one HTML file",
    placeholder: "file",
    optional: true,
    proposeCompletions: proposeFiles,
  },
  trace: {
    kind: "parsed",
    parse: asIs,
    brief: "write a trace in Chrome's format, for Perfetto",
    placeholder: "file",
    optional: true,
    proposeCompletions: proposeFiles,
  },
};

export const runFlags = simulationFlags;

export const compareFlags: FlagParametersForType<CompareFlags, CliContext> = {
  ...simulationFlags,
  asPublished: {
    kind: "boolean",
    brief: "keep each machine's own resources instead of those of the first",
    optional: true,
    withNegated: false,
  },
};

export const listFlags: FlagParametersForType<ListFlags, CliContext> = { json: jsonFlag };
export const reproduceFlags: FlagParametersForType<ListFlags, CliContext> = { json: jsonFlag };

export const showFlags: FlagParametersForType<ShowFlags, CliContext> = {
  json: jsonFlag,
  set: setFlag,
  schema: {
    kind: "boolean",
    brief: "print the JSON schema of its configuration, for editors",
    optional: true,
    withNegated: false,
  },
};

export const convertFlags: FlagParametersForType<ConvertFlags, CliContext> = {
  format: {
    kind: "parsed",
    parse: asIs,
    brief:
      "storage format of a tensor: dense, bitmap, csr, csc, coo, run-length(4), nm(2, 4), dbb(4, 8), zvc(32) ...; repeatable",
    placeholder: "format",
    optional: true,
    variadic: true,
    proposeCompletions: async () => (await import("../tensor/format.ts")).formatKinds,
  },
  to: choice("--to", convertTargets, "form of the output, by default from its ending"),
  batch: {
    kind: "parsed",
    parse: wholeNumber("--batch", 1, 2 ** 20),
    brief: "batch of a built-in or ONNX network, default 1",
    placeholder: "batch",
    optional: true,
  },
  json: jsonFlag,
};

export const studioFlags: FlagParametersForType<StudioFlags, CliContext> = {
  port: {
    kind: "parsed",
    parse: wholeNumber("--port", 0, 65_535),
    brief: "port to listen on, default any free one",
    placeholder: "port",
    optional: true,
  },
  // A flag of its own: of a negated one, completion proposes only the other form.
  noOpen: { kind: "boolean", brief: "do not open the page in a browser", optional: true, withNegated: false },
};

/** Names of accelerators. */
export async function proposeAccelerators(): Promise<readonly string[]> {
  return (await import("../accelerator/accelerators.ts")).accelerators().map(({ name }) => name);
}

/** `a,b` with one more name. */
async function proposeAcceleratorList(partial: string): Promise<readonly string[]> {
  const chosen = partial.split(",").slice(0, -1);
  const names = await proposeAccelerators();
  return names.filter((name) => !chosen.includes(name)).map((name) => [...chosen, name].join(","));
}

/** Parameter paths of any accelerator, with the equals sign. */
async function proposeSettings(partial: string): Promise<readonly string[]> {
  const { accelerators } = await import("../accelerator/accelerators.ts");
  const equals = partial.indexOf("=");
  if (equals < 0) {
    return [...new Set(accelerators().flatMap(({ parameters }) => Object.keys(parameters)))].map((path) => `${path}=`);
  }
  const path = partial.slice(partial.indexOf(":") + 1, equals);
  return accelerators().flatMap(({ parameters }) => {
    const parameter = parameters[path];
    return parameter?.kind === "choice" ? parameter.choices.map((word) => `${partial.slice(0, equals)}=${word}`) : [];
  });
}

/** Built-in networks, shapes and files. */
export async function proposeWorkloads(partial: string): Promise<readonly string[]> {
  const { networkNames } = await import("../workload/networks.ts");
  return [...networkNames(), "gemm:", "conv:", ...(await proposeFiles(partial))];
}

/** Files and folders that begin with what has been typed. */
export async function proposeFiles(partial: string): Promise<readonly string[]> {
  const { readdir } = await import("node:fs/promises");
  const folder = partial.includes("/") ? partial.slice(0, partial.lastIndexOf("/") + 1) : "";
  try {
    const entries = await readdir(folder === "" ? "." : folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !name.startsWith(".") || partial.slice(folder.length).startsWith("."))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? "/" : ""}`);
  } catch {
    return [];
  }
}
