// A parsed YAML file that remembers where every field stands, so that whatever is wrong is told with line and column.

import type { Document, LineCounter as Lines, Node } from "yaml";
import { LineCounter, isMap, isNode, isScalar, isSeq, parseDocument } from "yaml";
import type { Fault } from "../../base/error.ts";
import { InputError } from "../../base/error.ts";

/** Keys and positions in lists from the top of the file to a field. */
export type FieldPath = readonly (string | number)[];

/** A parsed file and the way from a field to its line and column. */
export interface YamlSource {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lines: Lines;
}

/** Parses `text`; `file` names it in errors. Throws InputError for what is no YAML, with line and column. */
export function parseYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const source: YamlSource = { file, document, lines };
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new InputError({ file, ...placeOf(source, problem.pos[0]), message: `not valid YAML: ${problem.message}` });
  }
  return source;
}

/** The file as plain data. */
export function plainValue(source: YamlSource): unknown {
  try {
    const value: unknown = source.document.toJS({ maxAliasCount: 100 });
    return value;
  } catch (error) {
    throw new InputError({
      file: source.file,
      message: `not valid YAML: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

/** The fault at the line and column of a field; of what encloses it where the field is missing. */
export function faultAt(source: YamlSource, path: FieldPath, what: Fault): InputError {
  const { file: _file, line: _line, column: _column, path: _path, ...rest } = what;
  const field = path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
  return new InputError({
    file: source.file,
    ...placeOf(source, offsetOf(source, path)),
    ...(field === "" ? {} : { path: field }),
    ...rest,
  });
}

/** A key that does not belong where it stands. */
export function unknownKey(source: YamlSource, path: FieldPath, known: readonly string[]): InputError {
  const key = String(path.at(-1) ?? "");
  return faultAt(source, path, { message: "unknown key", found: key, expected: `one of ${known.join(", ")}`, known });
}

function placeOf(source: YamlSource, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = source.lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Offset of the key of a field, or of an entry of a list. */
function offsetOf(source: YamlSource, path: FieldPath): number {
  const contents: unknown = source.document.contents;
  let node: Node | undefined = isNode(contents) ? contents : undefined;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(part));
      if (pair === undefined) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = isNode(pair.value) ? pair.value : undefined;
      continue;
    }
    const next: unknown = isSeq(node) && typeof part === "number" ? node.items[part] : undefined;
    if (!isNode(next)) return offset;
    node = next;
    offset = next.range?.[0] ?? offset;
  }
  return offset;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as an error shows it. */
export function shown(value: unknown): string {
  return typeof value === "string"
    ? value
    : typeof value === "number" || value === undefined
      ? String(value ?? "nothing")
      : JSON.stringify(value);
}
