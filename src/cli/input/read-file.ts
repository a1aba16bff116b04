// Reads input files; what the system refuses becomes an error that names the file.

import { readFileSync, statSync } from "node:fs";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";

/** Largest file that is read: ONNX, a protobuf message, ends at 2 GiB, and so do Node's buffers on some machines. */
const maximumBytes = 2 ** 31 - 1;

/** The bytes of a file. Throws InputError when it is missing, unreadable, a folder or larger than `limit`. */
export function readBytes(path: string, limit: number = maximumBytes): Uint8Array {
  try {
    const found = statSync(path);
    if (found.isDirectory()) {
      throw new InputError({ file: path, message: "cannot be read: it is a folder, not a file" });
    }
    if (found.size > limit) {
      throw new InputError({
        file: path,
        message: "file too large",
        found: `${found.size} bytes`,
        expected: `at most ${limit} bytes`,
      });
    }
    return readFileSync(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ file: path, message: `cannot be read: ${reasonOf(error)}` });
  }
}

/** The text of a UTF-8 file. Throws InputError as `readBytes`, and for bytes that are no UTF-8. */
export function readText(path: string, limit = 2 ** 28): string {
  const bytes = readBytes(path, limit);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InputError({ file: path, message: "not a text file: it holds bytes that are no UTF-8" });
  }
}
