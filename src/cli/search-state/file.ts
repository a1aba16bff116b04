// The file of `--search-state`: the searches of a command as JSON with a checksum, so that a file that was cut short or
// changed is known as such. Loads zod, so it is imported only when it is needed.

import { createHash } from "node:crypto";
import { z } from "zod";
import { InputError } from "../../base/error.ts";
import { operandKeys } from "../../mapping/nest/problem.ts";
import type { SearchState } from "../../simulate/nest/search/search-state.ts";
import { searchVersion } from "../../simulate/nest/search/search-state.ts";
import type { KeptSearch } from "../../workbench/search/search-store.ts";
import type { ObjectiveWord } from "../../workbench/request/words.ts";
import { objectiveWords } from "../../workbench/request/words.ts";

const count = z.number().int().min(0);
const loop = { dimension: count, tile: z.number().int().min(1) };
const schedule = z.strictObject({
  levels: z.array(
    z.strictObject({
      temporal: z.array(z.strictObject(loop)),
      spatial: z.array(z.strictObject({ ...loop, axis: z.string() })),
    }),
  ),
  bypass: z.array(z.array(z.enum(operandKeys))),
});
const found = z.strictObject({ cycles: z.number(), joules: z.number(), schedule });
const part = z.strictObject({
  sampled: count,
  valid: count,
  evaluations: count,
  best: found.nullable(),
  front: z.array(found),
  starts: count,
  position: z.array(count),
  ordinal: count,
  complete: z.boolean(),
});
const state = z.strictObject({
  version: z.literal(searchVersion),
  seed: count,
  phase: z.enum(["anneal", "enumerate", "done"]),
  round: count,
  parts: z.array(part).min(1),
  best: found.nullable(),
  front: z.array(found),
  proven: z.boolean(),
});
const run = z.strictObject({
  accelerator: z.string(),
  parameters: z.record(z.string(), z.union([z.number(), z.string()])),
  objective: z.enum(objectiveWords),
  seed: count,
  searches: z.array(
    z.strictObject({
      layer: z.string(),
      digest: z.string(),
      mapping: z.string(),
      state,
      ahead: z.array(part.nullable()),
    }),
  ),
});
const content = z.strictObject({
  heddle: z.literal("search state"),
  version: z.literal(searchVersion),
  workload: z.string(),
  runs: z.array(run),
});

/** A search of a layer's schedule under one mapping. */
export interface SavedSearch extends KeptSearch {
  readonly layer: string;
  /** Of everything about the layer that the search depends on. */
  readonly digest: string;
  readonly mapping: string;
}

/** The searches on one machine, and what they depend on beside the layers. */
export interface SearchRun {
  readonly accelerator: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly objective: ObjectiveWord;
  readonly seed: number;
  readonly searches: readonly SavedSearch[];
}

export interface SearchFile {
  readonly heddle: "search state";
  readonly version: typeof searchVersion;
  readonly workload: string;
  readonly runs: readonly SearchRun[];
}

/** The file as text. */
export function searchFileText(file: SearchFile): string {
  return `${JSON.stringify({ ...file, checksum: checksumOf(file) })}\n`;
}

/** The file in `text`; `path` names it in errors. Throws InputError for anything that `searchFileText` did not write. */
export function parseSearchFile(text: string, path: string): SearchFile {
  const parsed = jsonIn(text, path);
  const expected = "a file that heddle run --search-state wrote";
  if (!isRecord(parsed) || parsed["heddle"] !== "search state") {
    throw new InputError({ file: path, message: "not the state of searches", expected });
  }
  const { checksum, ...rest } = parsed;
  if (rest["version"] !== searchVersion) {
    const version = JSON.stringify(rest["version"]) ?? "none";
    const known = String(searchVersion);
    throw new InputError({ file: path, path: "version", message: "another version", found: version, expected: known });
  }
  if (checksum !== checksumOf(rest)) {
    throw new InputError({ file: path, message: "broken: its content is not that of its checksum", expected });
  }
  const checked = content.safeParse(rest);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = (issue?.path ?? []).map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  throw new InputError({ file: path, path: field.slice(1), message: "not the state of searches", expected });
}

/**
 * A search as it is kept. Of one that came to its end, what its parts had found is left out: nothing goes on from it, and
 * it is most of the bytes.
 */
export function keptState(state: SearchState): SearchState {
  if (state.phase !== "done") return state;
  return { ...state, parts: state.parts.map((one) => ({ ...one, best: null, front: [], position: [] })) };
}

function jsonIn(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError({ file: path, message: `broken: not valid JSON: ${reason}` });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const checksumOf = (value: object): string => createHash("sha256").update(JSON.stringify(value)).digest("hex");
