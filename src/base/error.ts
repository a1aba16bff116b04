// The one error that bad input causes: it says where, what was found, what was expected and the nearest valid word.
// The command line prints it and exits with code 2; every other exception is an internal failure (code 1).

import { nearestWord } from "./nearest.ts";

/** Where a fault lies. `line` and `column` count from 1; `path` is a field path such as `layers[3].stride`. */
export interface Place {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
}

export interface Fault extends Place {
  /** What is wrong, as a short clause without a final full stop. */
  readonly message: string;
  readonly found?: string;
  readonly expected?: string;
  /** The words that would have been valid; the nearest to `found` is suggested. */
  readonly known?: readonly string[];
}

/** Bad input of any kind. `fault` keeps the parts for tools; `message` is the whole sentence. */
export class InputError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(describe(fault));
    this.name = "InputError";
    this.fault = fault;
  }
}

/** The same fault at a more precise place: parts of `place` fill what the error does not say yet. */
export function at(error: InputError, place: Place): InputError {
  return new InputError({ ...place, ...error.fault });
}

function describe(fault: Fault): string {
  const position = [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(":");
  const place = [position, fault.path].filter((part) => part !== undefined && part !== "").join(": ");
  const parts = [place === "" ? fault.message : `${place}: ${fault.message}`];
  if (fault.found !== undefined) parts.push(`found ${quote(fault.found)}`);
  if (fault.expected !== undefined) parts.push(`expected ${fault.expected}`);
  if (fault.known !== undefined && fault.found !== undefined) {
    const nearest = nearestWord(fault.found, fault.known);
    if (nearest !== undefined) parts.push(`did you mean ${quote(nearest)}?`);
  }
  return parts.join("; ");
}

function quote(text: string): string {
  const printable = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return JSON.stringify(printable);
}
