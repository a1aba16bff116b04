// Writes result files so that none is ever half written: everything goes to temporary files beside the targets first,
// and is renamed into place only when all of it is there.

import {
  accessSync,
  chmodSync,
  constants,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";

export interface OutputFile {
  /** As the user wrote it: errors name it so. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Files that are written but not yet in place. */
export interface StagedFiles {
  /** Renames all into place. Throws InputError where the system refuses; files that are not in place yet are removed. */
  readonly commit: () => void;
  /** Removes what was written. */
  readonly discard: () => void;
}

/** Where a path leads: a file to replace or make, or a device or pipe to write into. */
interface Target {
  readonly file: string;
  readonly special: boolean;
  readonly mode: number | undefined;
}

/**
 * Checks that files could be written, before the work that makes them. Throws InputError for a missing or unwritable
 * folder, a target that is a folder, write-protected or one of the files that the command reads, and two outputs with
 * one target. `inputs` that are no files, such as the name of a built-in network, do not matter.
 */
export function checkTargets(paths: readonly string[], inputs: readonly string[] = []): void {
  const read = new Set(inputs.flatMap((input) => identityOf(input) ?? []));
  const seen = new Map<string, string>();
  for (const path of paths) {
    const { file, special } = locate(path);
    const other = seen.get(file);
    if (other !== undefined && !special) {
      throw new InputError({ file: path, message: "two results would be written to this file" });
    }
    seen.set(file, path);
    const identity = special ? undefined : identityOf(file);
    if (identity !== undefined && read.has(identity)) {
      throw new InputError({ file: path, message: "an input of this command would be overwritten" });
    }
    try {
      // A folder, asked for with its separator, is an error where a file stands instead.
      accessSync(special ? file : join(dirname(file), sep), constants.W_OK);
    } catch (error) {
      throw writeError(path, error);
    }
  }
}

/** Writes all files beside their targets. Throws InputError, leaving nothing behind, when one cannot be written. */
export function stageFiles(files: readonly OutputFile[]): StagedFiles {
  const staged: { readonly temporary: string; readonly file: string; readonly path: string }[] = [];
  const discard = (): void => {
    for (const { temporary } of staged.splice(0)) removeQuietly(temporary);
  };
  for (const [index, { path, content }] of files.entries()) {
    try {
      const { file, special, mode } = locate(path);
      if (special) {
        writeFileSync(file, content);
        continue;
      }
      const temporary = join(dirname(file), `.${basename(file).slice(0, 200)}.${process.pid}-${index}.tmp`);
      staged.push({ temporary, file, path });
      writeFileSync(temporary, content, { flag: "wx" });
      if (mode !== undefined) chmodSync(temporary, mode);
    } catch (error) {
      discard();
      throw error instanceof InputError ? error : writeError(path, error);
    }
  }
  const commit = (): void => {
    for (let next = staged[0]; next !== undefined; next = staged[0]) {
      try {
        renameSync(next.temporary, next.file);
      } catch (error) {
        discard();
        throw writeError(next.path, error);
      }
      staged.shift();
    }
  };
  return { commit, discard };
}

function targetOf(path: string): Target {
  if (path === "") throw new InputError({ message: "empty name of an output file" });
  const file = resolve(path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return { file, special: false, mode: undefined };
  if (found.isDirectory()) {
    throw new InputError({ file: path, message: "cannot be written: it is a folder, not a file" });
  }
  // Devices and pipes have no place to rename into; what they lead to may not even have a path.
  if (!found.isFile()) return { file, special: true, mode: undefined };
  // Renaming onto a file asks its folder only; the file's own protection is honoured here, whoever the user is.
  if ((found.mode & 0o222) === 0) {
    throw new InputError({ file: path, message: "cannot be written: the file is write-protected" });
  }
  // A symbolic link stays, and the file that it leads to is replaced.
  return { file: realpathSync(file), special: false, mode: found.mode & 0o7777 };
}

/** The file itself, however it is named: links of both kinds lead to the same. Undefined when there is none. */
function identityOf(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true });
    return `${found.dev}:${found.ino}`;
  } catch {
    // Whatever keeps an input from being found is said by the one who reads it.
    return undefined;
  }
}

/** Where `path` leads. Throws InputError as `checkTargets` for what cannot be a target. */
export function locate(path: string): Target {
  try {
    return targetOf(path);
  } catch (error) {
    throw error instanceof InputError ? error : writeError(path, error);
  }
}

/** What the system refused to write, as the error of a user. */
export function writeError(path: string, error: unknown): InputError {
  return new InputError({ file: path, message: `cannot be written: ${reasonOf(error)}` });
}

function removeQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never made, or is gone: either is what was wanted.
  }
}
