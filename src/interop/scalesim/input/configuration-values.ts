// Typed values out of a SCALE-Sim configuration: looked up by section and key, checked, defaulted with a note where
// that is safe, and refused with their place where not.

import type { Fault } from "../../../base/error.ts";
import { InputError } from "../../../base/error.ts";
import { nearestWord } from "../../../base/nearest.ts";
import type { Ini, IniEntry } from "./configuration-ini.ts";
import { DEFAULT_SECTION, placeInEntry } from "./configuration-ini.ts";
import type { InFile } from "./topology-header.ts";

/** Every section and key that SCALE-Sim's files have, including those that SCALE-Sim never reads. */
export const scalesimKeys = {
  general: ["run_name"],
  architecture_presets: [
    "ArrayHeight",
    "ArrayWidth",
    "IfmapSramSzkB",
    "FilterSramSzkB",
    "OfmapSramSzkB",
    "IfmapOffset",
    "FilterOffset",
    "OfmapOffset",
    "Dataflow",
    "Bandwidth",
    "MemoryBanks",
    "OnChipMemoryBanks",
    "OnChipMemoryBankPorts",
    "ReadRequestBuffer",
    "WriteRequestBuffer",
  ],
  layout: [
    "IfmapCustomLayout",
    "IfmapSRAMBankBandwidth",
    "IfmapSRAMBankNum",
    "IfmapSRAMBankPort",
    "FilterCustomLayout",
    "FilterSRAMBankBandwidth",
    "FilterSRAMBankNum",
    "FilterSRAMBankPort",
  ],
  sparsity: ["SparsitySupport", "SparseRep", "OptimizedMapping", "BlockSize", "RandomNumberGeneratorSeed"],
  run_presets: ["InterfaceBandwidth", "UseRamulatorTrace"],
  network_presets: ["TopologyCsvLoc"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ScalesimSection = keyof typeof scalesimKeys;

const keysOf: Readonly<Record<string, readonly string[]>> = scalesimKeys;

/** A file under way: what it holds, its name for errors, and what there is to say about it. */
export interface ConfigurationSource {
  readonly ini: Ini;
  readonly file: InFile;
  readonly notes: string[];
}

/** A key and where it is looked for. */
export interface Field<Section extends ScalesimSection = ScalesimSection> {
  readonly section: Section;
  readonly key: (typeof scalesimKeys)[Section][number];
}

/** What stands in for a missing key, and why that is safe. */
interface Fallback<T> {
  readonly value: T;
  readonly why: string;
}

/** The entry of a key, in its section or else in `DEFAULT`; undefined without either or without the section. */
export function entryOf({ ini }: ConfigurationSource, { section, key }: Field): IniEntry | undefined {
  const lower = key.toLowerCase();
  const own = ini.get(section);
  return own === undefined ? undefined : (own.entries.get(lower) ?? ini.get(DEFAULT_SECTION)?.entries.get(lower));
}

/** A fault of an entry's value: of the character `offset` of it on. */
export function faultOf(
  source: ConfigurationSource,
  field: Field,
  entry: IniEntry,
  fault: Fault,
  offset = 0,
): InputError {
  const place = placeInEntry(entry, offset);
  return new InputError({ ...source.file, ...place, path: `${field.section}.${field.key}`, ...fault });
}

/** The error for a key that is not there and has no default: at what was probably meant to be it, if anything. */
export function missing(source: ConfigurationSource, { section, key }: Field, expected: string): InputError {
  const { ini, file } = source;
  const own = ini.get(section);
  const common = { ...file, path: `${section}.${key}` };
  if (own === undefined) {
    const others = [...ini.values()].filter(({ name }) => !Object.hasOwn(keysOf, name));
    const near = others.find(({ name }) => nearest(name, [section]) !== undefined);
    const meant = near === undefined ? {} : { line: near.line, column: near.column, found: near.name };
    return new InputError({
      ...common,
      ...meant,
      message: `there is no section [${section}]`,
      expected: `it with ${key}: ${expected}`,
      known: [section],
    });
  }
  const unknown = [...own.entries.values()].filter((entry) => !isKnown(section, entry.key));
  const near = unknown.find((entry) => nearest(entry.key, [key]) !== undefined);
  if (near !== undefined) {
    const place = { line: near.lines[0]?.line ?? own.line, column: near.keyColumn };
    return new InputError({
      ...common,
      ...place,
      message: "the key is missing",
      found: near.key,
      expected,
      known: [key],
    });
  }
  const elsewhere = [...ini.values()].find(({ entries }) => entries.has(key.toLowerCase()))?.name;
  return new InputError({
    ...common,
    line: own.line,
    column: own.column,
    message: elsewhere === undefined ? "the key is missing" : `the key is missing: it is in [${elsewhere}]`,
    expected,
  });
}

/** The value of a key as `read` makes it; `fallback` where the key is missing, with a note unless all its section is. */
export function valueOf<T>(
  source: ConfigurationSource,
  field: Field,
  expected: string,
  read: (text: string) => T | undefined,
  fallback?: Fallback<T>,
): T {
  const entry = entryOf(source, field);
  if (entry === undefined) {
    if (fallback === undefined) throw missing(source, field, expected);
    if (source.ini.has(field.section)) {
      source.notes.push(`${field.section}.${field.key} is missing: ${shown(fallback.value)}, ${fallback.why}`);
    }
    return fallback.value;
  }
  const value = read(entry.text.trim());
  if (value === undefined) throw faultOf(source, field, entry, badValue(entry.text.trim(), expected), leading(entry));
  return value;
}

/** An integer from `minimum` to `maximum`, as Python writes them. */
export function integerOf(
  source: ConfigurationSource,
  field: Field,
  [minimum, maximum]: readonly [number, number],
  fallback?: Fallback<number>,
): number {
  const expected = `an integer from ${minimum} to ${maximum}`;
  return valueOf(source, field, expected, (text) => parseInteger(text, minimum, maximum), fallback);
}

/** One of a list of words, case and all. */
export function wordOf<const Word extends string>(
  source: ConfigurationSource,
  field: Field,
  words: readonly Word[],
): Word {
  const expected = words.join(", ");
  const entry = entryOf(source, field);
  if (entry === undefined) throw missing(source, field, `one of ${expected}`);
  const word = words.find((candidate) => candidate === entry.text.trim());
  if (word !== undefined) return word;
  const fault = badValue(entry.text.trim(), `one of ${expected}`);
  throw faultOf(source, field, entry, { ...fault, known: words }, leading(entry));
}

/** A boolean by the words of Python's configparser, in any case. */
export function booleanOf(source: ConfigurationSource, field: Field, fallback: Fallback<boolean>): boolean {
  const expected = "1, yes, true or on, or 0, no, false or off";
  return valueOf(source, field, expected, (text) => booleans.get(text.toLowerCase()), fallback);
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["1", "yes", "true", "on"].map((word): [string, boolean] => [word, true]),
  ...["0", "no", "false", "off"].map((word): [string, boolean] => [word, false]),
]);

/** A list of integers with commas between them. */
export function integersOf(
  source: ConfigurationSource,
  field: Field,
  [minimum, maximum]: readonly [number, number],
  example: string,
): readonly number[] {
  const entry = entryOf(source, field);
  if (entry === undefined) throw missing(source, field, example);
  let offset = 0;
  return entry.text.split(",").map((part) => {
    const text = part.trim();
    const value = parseInteger(text, minimum, maximum);
    if (value === undefined) {
      const start = offset + part.length - part.trimStart().length;
      throw faultOf(source, field, entry, badValue(text, `integers from ${minimum} to ${maximum}`), start);
    }
    offset += part.length + 1;
    return value;
  });
}

function parseInteger(text: string, minimum: number, maximum: number): number | undefined {
  // Sixteen digits hold every maximum; underscores between digits are Python's.
  if (!/^\+?\d(?:_?\d){0,15}$/.test(text)) return undefined;
  const value = Number(text.replaceAll("_", ""));
  return value >= minimum && value <= maximum ? value : undefined;
}

function badValue(text: string, expected: string): Fault {
  // SCALE-Sim's files know comments on lines of their own only.
  const comment = /[#;]/.test(text) ? "; a comment needs its own line" : "";
  const continuation = text.includes("\n") ? "; an indented line continues the value above it" : "";
  const message = text === "" ? "no value" : "bad value";
  return { message, found: text, expected: `${expected}${comment}${continuation}` };
}

const leading = (entry: IniEntry): number => entry.text.length - entry.text.trimStart().length;

const shown = (value: unknown): string => (typeof value === "boolean" ? (value ? "True" : "False") : String(value));

const isKnown = (section: string, key: string): boolean =>
  (Object.hasOwn(keysOf, section) ? (keysOf[section] ?? []) : []).some(
    (known) => known.toLowerCase() === key.toLowerCase(),
  );

/** Says of every section and key that SCALE-Sim does not know that it is ignored, and what may have been meant. */
export function noteUnknown({ ini, notes }: ConfigurationSource): void {
  for (const { name, line, entries } of ini.values()) {
    if (name === DEFAULT_SECTION) continue;
    if (!Object.hasOwn(keysOf, name)) {
      notes.push(`unknown section [${name}] (line ${line}) is ignored${meant(name, Object.keys(keysOf))}`);
      continue;
    }
    const known = keysOf[name] ?? [];
    for (const { key, lines } of entries.values()) {
      if (isKnown(name, key)) continue;
      const home = Object.keys(keysOf).find((section) => isKnown(section, key));
      const where = home === undefined ? meant(key, known) : `; it belongs to [${home}]`;
      notes.push(`unknown key ${name}.${key} (line ${lines[0]?.line ?? line}) is ignored${where}`);
    }
  }
}

/** As `nearestWord`, whose time grows with the word: long ones are no misspelt keys. */
const nearest = (word: string, known: readonly string[]): string | undefined =>
  word.length > 100 ? undefined : nearestWord(word, known);

function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : `; did you mean ${near}?`;
}
