// Reads input files; what the system refuses becomes an error that names the file.

import { readFileSync, statSync } from "node:fs";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";
import { maximumBytes, maximumText, requireSize, textOf } from "../../interop/workload/file-source.ts";

/** The bytes of a file. Throws InputError when it is missing, unreadable, a folder or larger than `limit`. */
export function readBytes(path: string, limit: number = maximumBytes): Uint8Array {
  try {
    const found = statSync(path);
    if (found.isDirectory()) {
      throw new InputError({ file: path, message: "cannot be read: it is a folder, not a file" });
    }
    requireSize(path, found.size, limit);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ file: path, message: `cannot be read: ${reasonOf(error)}` });
  }
}

/** The text of a UTF-8 file. Throws InputError as `readBytes`, and for bytes that are no UTF-8. */
export const readText = (path: string, limit: number = maximumText): string => textOf(readBytes(path, limit), path);
