// The files of a command: those on the disk.

import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";
import { filePieces, inflated } from "../../interop/matrix-market-file.ts";
import type { FileSource } from "../../interop/workload/file-source.ts";
import { readBytes } from "./read-file.ts";

/** What `work` gives or throws, as a promise. */
const settled = <T>(work: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });

export const diskFiles: FileSource = {
  exists: (name) => settled(() => existsSync(name)),
  size: (name) => settled(() => sizeOf(name)),
  bytes: (name, limit) => settled(() => readBytes(name, limit)),
  stream: filePieces,
  inflate: inflated,
  beside: (name, location) => settled(() => beside(name, location)),
};

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

function beside(path: string, location: string): string {
  const folder = dirname(path);
  const target = join(folder, location);
  let inside: string;
  try {
    inside = relative(realpathSync(folder), realpathSync(target));
  } catch (error) {
    throw new InputError({ file: target, message: `cannot be read: ${reasonOf(error)}` });
  }
  // A symbolic link could lead anywhere, whatever the path looks like.
  if (inside.startsWith("..") || isAbsolute(inside)) {
    throw new InputError({
      file: path,
      message: "external data lies outside the folder of the model",
      found: location,
    });
  }
  return target;
}
