// Writes a folder of results so that none is ever half written: everything goes to a temporary folder beside it, whose
// files are moved into place only when all of them are there.

import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "../../base/error.ts";
import { isErrno } from "../../base/system-error.ts";
import { checkTargets, locate, writeError } from "./write-file.ts";

/** A folder that is not in place yet. */
export interface StagedFolder {
  /** Where files are written until then. */
  readonly path: string;
  /** Writes a file. Throws InputError, naming its final place, where the system refuses. */
  readonly write: (name: string, content: string) => void;
  /**
   * Moves everything into place: as the folder itself where there is none, else file by file, replacing those of the
   * same names and leaving the others. Throws InputError where the system refuses.
   */
  readonly commit: () => void;
  /** Removes what was written, with the folders that were made for it. */
  readonly discard: () => void;
}

/**
 * Checks that `folder` could be made or written to and hold `files`, relative to it, before the work that makes them.
 * Throws InputError where a file stands in the place of a folder, and as `checkTargets`.
 */
export function checkFolder(folder: string, files: readonly string[], inputs: readonly string[]): void {
  const nearest = nearestExisting(folder);
  requireFolder(nearest.path, nearest.stats);
  if (nearest.path !== folder) return;
  const above = dirname(realpathSync(folder));
  requireFolder(above, statSync(above));
  for (const inner of new Set(files.map((file) => dirname(join(folder, file))))) {
    const stats = statOf(inner);
    if (stats !== undefined) requireFolder(inner, stats);
  }
  const present = files.map((file) => join(folder, file)).filter((path) => existsSync(path));
  checkTargets(present, inputs);
}

/** Makes an empty temporary folder beside `folder`, and the folders above it. Throws InputError when that fails. */
export function stageFolder(folder: string): StagedFolder {
  const target = existsSync(folder) ? realpathSync(folder) : resolve(folder);
  const above = dirname(target);
  const path = join(above, `.${basename(target).slice(0, 200)}.${process.pid}.tmp`);
  let made: string | undefined;
  const discard = (): void => {
    // A worker that still writes may add a file to a folder that is being emptied.
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    if (made !== undefined) removeEmpty(above, made);
  };
  try {
    made = mkdirSync(above, { recursive: true });
    mkdirSync(path);
  } catch (error) {
    if (made !== undefined) removeEmpty(above, made);
    throw writeError(folder, error);
  }
  return {
    path,
    write: (name, content) => {
      try {
        writeFileSync(join(path, name), content, { flag: "wx" });
      } catch (error) {
        throw writeError(join(folder, name), error);
      }
    },
    commit: () => {
      move(path, target, folder);
      rmSync(path, { recursive: true, force: true });
    },
    discard,
  };
}

/** Moves a file or folder to `to`; a folder that exists there keeps its other files. `shown` is its name in errors. */
function move(from: string, to: string, shown: string): void {
  const inside = statOf(from)?.isDirectory() === true && statOf(to)?.isDirectory() === true;
  if (inside) {
    for (const name of readdirSync(from)) move(join(from, name), join(to, name), join(shown, name));
    return;
  }
  try {
    if (!existsSync(to)) {
      renameSync(from, to);
      return;
    }
    const { file, mode } = locate(to);
    if (mode !== undefined) chmodSync(from, mode);
    renameSync(from, file);
  } catch (error) {
    throw error instanceof InputError ? new InputError({ ...error.fault, file: shown }) : writeError(shown, error);
  }
}

/** The path itself or, where there is nothing, the nearest folder above it. */
function nearestExisting(path: string): { readonly path: string; readonly stats: Stats } {
  const stats = statOf(path);
  if (stats !== undefined) return { path, stats };
  const above = dirname(path);
  if (above === path) throw new InputError({ file: path, message: "cannot be written: no such file or folder" });
  return nearestExisting(above);
}

function requireFolder(path: string, stats: Stats): void {
  if (!stats.isDirectory()) {
    throw new InputError({ file: path, message: "cannot be written: it is a file, not a folder" });
  }
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw writeError(path, error);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (isErrno(error, "ENOTDIR")) return undefined;
    throw writeError(path, error);
  }
}

/** Removes empty folders from `lowest` up to `highest`, which holds it. */
function removeEmpty(lowest: string, highest: string): void {
  try {
    for (let path = lowest; ; path = dirname(path)) {
      rmdirSync(path);
      if (path === highest || path === dirname(path)) return;
    }
  } catch {
    // Somebody else has put something there meanwhile: then it stays.
  }
}
