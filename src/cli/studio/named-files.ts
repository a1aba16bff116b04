// The files that the command line names for the studio: checked at the start, opened anew for each request. Nothing of a
// request becomes part of a path.

import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";

export interface NamedFile {
  /** Without its folders and without characters that a terminal or a page would obey. */
  readonly name: string;
  /** Where it lies, links resolved at the start. */
  readonly file: string;
  /** The path that asks for it, percent-encoded. */
  readonly path: string;
  /** At the start. */
  readonly bytes: number;
}

/** Opened for one answer: the caller closes `handle`. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** What `/session.json` says. */
export interface Session {
  readonly version: 1;
  readonly files: readonly { readonly name: string; readonly size: number; readonly url: string }[];
}

/** The files of the command line, in order. Throws InputError for one that is missing, unreadable or no plain file. */
export function nameFiles(paths: readonly string[]): readonly NamedFile[] {
  return paths.map((path, index) => {
    if (path === "") throw new InputError({ message: "empty name of a file" });
    try {
      const file = realpathSync(path);
      const found = statSync(file);
      if (found.isDirectory()) {
        throw new InputError({ file: path, message: "cannot be read: it is a folder, not a file" });
      }
      if (!found.isFile()) {
        throw new InputError({ file: path, message: "cannot be read: it is a device or a pipe, not a file" });
      }
      accessSync(file, constants.R_OK);
      const name = cleanName(basename(path));
      return { name, file, path: `/files/${index}/${encodeURIComponent(name)}`, bytes: found.size };
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError({ file: path, message: `cannot be read: ${reasonOf(error)}` });
    }
  });
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unwelcome = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Control characters, marks that turn the direction of text, and what is no character each become U+FFFD. */
export const cleanName = (name: string): string => name.toWellFormed().replace(unwelcome, "\ufffd");

/** The document of `/session.json`: sizes as they are now, or as they were at the start for a file that is gone. */
export async function sessionOf(files: readonly NamedFile[]): Promise<Session> {
  const sizes = await Promise.all(
    files.map(async ({ file, bytes }) => {
      try {
        return (await stat(file)).size;
      } catch {
        // The answer to a request for the file says that it is gone.
        return bytes;
      }
    }),
  );
  return {
    version: 1,
    files: files.map(({ name, path, bytes }, index) => ({ name, size: sizes[index] ?? bytes, url: path.slice(1) })),
  };
}

/**
 * The file as it is now, or undefined where it is gone, unreadable, or has become something else since the start: a
 * folder, a pipe (which would block without O_NONBLOCK), or a link, which could lead to a file that nobody named.
 */
export async function openNamed({ file }: NamedFile): Promise<OpenFile | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await handle.stat();
    if (found.isFile()) return { handle, bytes: found.size };
  } catch {
    // Gone or refused: the one who asks learns no more than that.
  }
  await handle?.close();
  return undefined;
}
