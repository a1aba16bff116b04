// The INI syntax of Python's configparser, in which SCALE-Sim's configurations are written, with the line and column of
// every value. Packages that read INI files keep neither, and without them no error can say where it is: hence our own.

import { InputError } from "../../../base/error.ts";
import type { InFile } from "./topology-header.ts";

export interface IniEntry {
  /** As written; compared without case. */
  readonly key: string;
  readonly keyColumn: number;
  /** Trimmed; continuation lines are joined by line feeds. */
  readonly text: string;
  /** Where each line of `text` stands. */
  readonly lines: readonly { readonly line: number; readonly column: number }[];
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  /** By key in lower case. */
  readonly entries: ReadonlyMap<string, IniEntry>;
}

/** Sections by name; `DEFAULT` is among them, and not merged into the others. */
export type Ini = ReadonlyMap<string, IniSection>;

/** The section whose entries every other one falls back on. */
export const DEFAULT_SECTION = "DEFAULT";

interface OpenEntry {
  readonly key: string;
  readonly keyColumn: number;
  readonly parts: string[];
  readonly lines: { readonly line: number; readonly column: number }[];
}

interface OpenSection {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly entries: Map<string, OpenEntry>;
}

/**
 * Reads `[section]`, `key : value` and `key = value`. Lines that begin with # or ; are comments, a line that is indented
 * more than its key continues the value, keys are case-insensitive and sections are not. `%` has no meaning here.
 * Throws InputError, with line and column, for anything else and for sections and keys that are given twice.
 */
export function readIni(text: string, file: InFile = {}): Ini {
  const sections = new Map<string, OpenSection>();
  let section: OpenSection | undefined;
  let entry: OpenEntry | undefined;
  let indentation = 0;
  const lines = (text.startsWith("\uFEFF") ? text.slice(1) : text).split(/\r\n|\n|\r/);
  for (const [i, whole] of lines.entries()) {
    const content = whole.trim();
    if (content.startsWith("#") || content.startsWith(";")) continue;
    const line = i + 1;
    const column = whole.length - whole.trimStart().length + 1;
    if (content === "") {
      // An empty line is part of a value that goes on after it.
      entry?.parts.push("");
      entry?.lines.push({ line, column: 1 });
      continue;
    }
    if (entry !== undefined && column - 1 > indentation) {
      entry.parts.push(content);
      entry.lines.push({ line, column });
      continue;
    }
    indentation = column - 1;
    const place = { ...file, line, column };
    // Up to the last bracket of the line, as Python has it.
    const bracket = content.startsWith("[") ? content.lastIndexOf("]") : 0;
    if (bracket > 1) {
      section = openSection(content.slice(1, bracket), place, sections);
      entry = undefined;
      continue;
    }
    if (section === undefined) {
      throw new InputError({
        ...place,
        message: "no section yet",
        found: content,
        expected: "a section such as [general] above it",
      });
    }
    entry = openEntry(content, place, section);
  }
  return new Map([...sections].map(([name, open]) => [name, closed(open)]));
}

type Position = InFile & { readonly line: number; readonly column: number };

function openSection(name: string, place: Position, sections: Map<string, OpenSection>): OpenSection {
  const first = sections.get(name);
  if (first !== undefined && name !== DEFAULT_SECTION) {
    throw new InputError({
      ...place,
      path: name,
      message: "the section is given twice",
      found: `[${name}]`,
      expected: `it only on line ${first.line}`,
    });
  }
  const section = first ?? { name, line: place.line, column: place.column, entries: new Map() };
  sections.set(name, section);
  return section;
}

function openEntry(content: string, place: Position, section: OpenSection): OpenEntry {
  const delimiter = content.search(/[:=]/);
  const key = content.slice(0, Math.max(0, delimiter)).trimEnd();
  if (key === "") {
    throw new InputError({
      ...place,
      path: section.name,
      message: delimiter < 0 ? "neither a section nor a key with a value" : "a value without a key",
      found: content,
      expected: "[section], key : value or key = value",
    });
  }
  const first = section.entries.get(key.toLowerCase());
  if (first !== undefined) {
    throw new InputError({
      ...place,
      path: `${section.name}.${key}`,
      message: "the key is given twice",
      found: content,
      expected: `it only on line ${first.lines[0]?.line ?? 0}`,
    });
  }
  const value = content.slice(delimiter + 1);
  const column = place.column + delimiter + 1 + value.length - value.trimStart().length;
  const entry = { key, keyColumn: place.column, parts: [value.trimStart()], lines: [{ line: place.line, column }] };
  section.entries.set(key.toLowerCase(), entry);
  return entry;
}

const closed = ({ name, line, column, entries }: OpenSection): IniSection => ({
  name,
  line,
  column,
  entries: new Map(
    [...entries].map(([key, { parts, ...entry }]) => [key, { ...entry, text: parts.join("\n").trimEnd() }]),
  ),
});

/** Line and column of the character `offset` of an entry's text. */
export function placeInEntry(entry: IniEntry, offset: number): { readonly line: number; readonly column: number } {
  const before = entry.text.slice(0, offset).split("\n");
  const start = entry.lines[before.length - 1] ?? entry.lines[0] ?? { line: 1, column: 1 };
  return { line: start.line, column: start.column + (before.at(-1)?.length ?? 0) };
}
