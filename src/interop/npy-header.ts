// The header of a .npy file: magic, version, and a Python dictionary with the type, the order and the shape.

import { InputError } from "../base/error.ts";

export interface NpyHeader {
  /** NumPy's type descriptor, such as `<f4`; for structured types their source text. */
  readonly descriptor: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Byte positions of the dictionary and of the first element. */
  readonly start: number;
  readonly dataStart: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** No real header is longer: NumPy itself refuses more than 10,000 characters. */
const longestHeader = 65536;

/** Reads the header. Throws InputError, with the byte position, where it is not one. */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const fail = (position: number, message: string, found?: string, expected?: string): InputError =>
    new InputError({
      file,
      message: `${message} at byte ${position}`,
      ...(found === undefined ? {} : { found }),
      ...(expected === undefined ? {} : { expected }),
    });

  for (const [i, byte] of magic.entries()) {
    if (bytes[i] !== byte) {
      throw fail(
        i,
        "not a NumPy .npy file",
        bytes[i] === undefined ? "end of file" : `byte ${bytes[i]}`,
        `byte ${byte}`,
      );
    }
  }
  const version = bytes[6];
  if (version === undefined || version < 1 || version > 3) {
    throw fail(6, "unknown .npy version", version === undefined ? "end of file" : String(version), "1, 2 or 3");
  }
  const lengthBytes = version === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  let length = 0;
  for (let i = start - 1; i >= 8; i--) length = length * 256 + (bytes[i] ?? 0);
  if (bytes.length < start + length) {
    throw fail(bytes.length, "file truncated in its header", `${bytes.length} bytes`, `at least ${start + length}`);
  }
  if (length > longestHeader) throw fail(8, "header too long", String(length), `at most ${longestHeader} bytes`);
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(bytes.subarray(start, start + length));
  const fields = parseDictionary(text, (offset, message, expected) =>
    fail(start + offset, message, text.slice(offset, offset + 40), expected),
  );

  const missing = ["descr", "fortran_order", "shape"].find((name) => !fields.has(name));
  if (missing !== undefined) throw fail(start, `header lacks ${missing}`, text.trim());
  const descriptor = fields.get("descr");
  const order = fields.get("fortran_order");
  const shape = fields.get("shape");
  if (typeof order !== "boolean") throw fail(start, "bad fortran_order", String(order), "True or False");
  if (!Array.isArray(shape)) throw fail(start, "bad shape", String(shape), "a tuple of whole numbers");
  return { descriptor: String(descriptor), fortranOrder: order, shape, start, dataStart: start + length };
}

type Field = string | boolean | number[];
type Fail = (offset: number, message: string, expected: string) => InputError;

/** The entries of `{'name': value, ...}`, each value a string, a boolean, or a tuple of numbers; lists as their text. */
function parseDictionary(text: string, fail: Fail): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  let offset = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    offset += match[0].length;
    return match[1] ?? match[0];
  };
  const need = (pattern: RegExp, expected: string): string => {
    const found = take(pattern);
    if (found === undefined) throw fail(offset, "bad header", expected);
    return found;
  };
  need(/\s*\{/y, "{");
  while (take(/\s*\}/y) === undefined) {
    const nameOffset = offset;
    const name = need(/\s*'([^'\\]*)'|\s*"([^"\\]*)"/y, "a name in quotes").replaceAll(/^\s*"|"$/g, "");
    if (fields.has(name)) throw fail(nameOffset, `${name} given twice`, "each name once");
    need(/\s*:\s*/y, ":");
    fields.set(name, value(take, need));
    if (take(/\s*,/y) === undefined) {
      need(/\s*\}/y, ", or }");
      break;
    }
  }
  if (/\S/.test(text.slice(offset))) throw fail(offset, "bad header", "nothing after }");
  return fields;
}

function value(
  take: (pattern: RegExp) => string | undefined,
  need: (pattern: RegExp, expected: string) => string,
): Field {
  const quoted = take(/'[^'\\]*'|"[^"\\]*"/y);
  if (quoted !== undefined) return quoted.slice(1, -1);
  const word = take(/True|False/y);
  if (word !== undefined) return word === "True";
  const list = take(/\[[^{}:]*\]/y);
  if (list !== undefined) return list;
  need(/\(\s*/y, "a string, True, False or a tuple");
  const numbers: number[] = [];
  while (take(/\s*\)/y) === undefined) {
    // Python 2 wrote long integers with an L. A dimension past 2^31 is refused later, by size.
    numbers.push(Number(need(/\s*(\d{1,15})(?!\d)L?/y, "a whole number of at most 15 digits")));
    if (take(/\s*,/y) === undefined) {
      need(/\s*\)/y, ", or )");
      break;
    }
  }
  return numbers;
}
