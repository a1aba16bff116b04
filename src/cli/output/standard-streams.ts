// Standard output and standard error, written at once where they are files or pipes: the streams of Node load sockets,
// which takes a fifth of what an empty Node takes to start.

import type { Stats } from "node:fs";
import { isErrno } from "../../base/system-error.ts";

/** Called when a text has been handed over, with the failure if it could not be. */
export type Written = (error?: Error | null) => void;

export interface StandardStream {
  /** Of terminals, and of what may be one: Node's stream, opened. */
  readonly terminal?: NodeJS.WriteStream;
  readonly write: (text: string, done?: Written) => void;
}

/**
 * One of the two streams of this process. `failed` hears of every failure, also of those that `done` was told of;
 * `open` gives Node's stream, which is asked for only where it is needed.
 */
export function standardStream(
  descriptor: number,
  open: () => NodeJS.WriteStream,
  failed: (error: Error) => void,
): StandardStream {
  // An `import` of node:fs would look at all that it exports, and so load its promises.
  const { fstatSync, writeSync } = process.getBuiltinModule("node:fs");
  let opened: NodeJS.WriteStream | undefined;
  const stream = (): NodeJS.WriteStream => (opened ??= open().on("error", failed));
  if (!isFileOrPipe(() => fstatSync(descriptor))) {
    const terminal = stream();
    return { terminal, write: (text, done) => void terminal.write(text, done) };
  }
  return {
    write: (text, done) => {
      let bytes = Buffer.from(text);
      try {
        if (opened === undefined) while (bytes.length > 0) bytes = bytes.subarray(writeSync(descriptor, bytes));
      } catch (error) {
        // A pipe that is full and does not wait: Node's stream does, from here on.
        if (!isErrno(error, "EAGAIN")) {
          const reason = error instanceof Error ? error : new Error(String(error));
          failed(reason);
          done?.(reason);
          return;
        }
      }
      if (bytes.length === 0) done?.();
      else stream().write(bytes, done);
    },
  };
}

function isFileOrPipe(status: () => Pick<Stats, "isFile" | "isFIFO" | "isSocket">): boolean {
  try {
    const found = status();
    return found.isFile() || found.isFIFO() || found.isSocket();
  } catch {
    return false;
  }
}
