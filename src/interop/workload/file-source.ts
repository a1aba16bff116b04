// Files by name, wherever they lie: on the disk of a command or in the hands of a page. What reads workloads asks this
// and no file system.

import { InputError } from "../../base/error.ts";

/** Every method but `exists`, `size` and `beside` of a name without a file throws InputError with that name. */
export interface FileSource {
  readonly exists: (name: string) => Promise<boolean>;
  /** Bytes of a file; 0 for one that cannot be read, of which `bytes` and `stream` then complain. */
  readonly size: (name: string) => Promise<number>;
  /** All bytes. Throws InputError for a file of more than `limit` bytes, 2^31 - 1 where it is left out. */
  readonly bytes: (name: string, limit?: number) => Promise<Uint8Array>;
  /** The bytes in pieces, in order; faults reach whoever takes the pieces. */
  readonly stream: (name: string) => AsyncIterable<Uint8Array>;
  /** The pieces of a gzip file inflated; `name` is named in errors, which are InputErrors. */
  readonly inflate: (pieces: AsyncIterable<Uint8Array>, name: string) => AsyncIterable<Uint8Array>;
  /** The name of the file that another one calls `location`, relative to itself. Throws InputError for one outside its folder. */
  readonly beside: (name: string, location: string) => Promise<string>;
}

/** Largest file that is read whole: ONNX, a protobuf message, ends at 2 GiB, and so do buffers in some places. */
export const maximumBytes = 2 ** 31 - 1;

/** Throws InputError for a file of more than `limit` bytes. */
export function requireSize(file: string, size: number, limit: number): void {
  if (size <= limit) return;
  throw new InputError({
    file,
    message: "file too large",
    found: `${size} bytes`,
    expected: `at most ${limit} bytes`,
  });
}

/** The text in UTF-8 bytes. Throws InputError for bytes that are none. */
export function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError({ file, message: "not a text file: it holds bytes that are no UTF-8" });
  }
}

/** Largest text that is read. */
export const maximumText = 2 ** 28;
