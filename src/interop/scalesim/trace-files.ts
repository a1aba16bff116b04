// Writes the traces of a layer as files, block by block while the layer is traced.

import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";
import { traceFileName, traceFiles, traceText } from "./trace-text.ts";
import type { TraceFile, TraceSink } from "./trace.ts";

/** A folder for files that are not in place yet, and its name for people. */
export interface TraceFolder {
  readonly path: string;
  /** The folder in which the files will lie in the end: errors name it. */
  readonly shown: string;
}

/**
 * Makes `folder`, runs `trace` with a sink that writes its six files there, and closes them. Throws InputError that
 * names the file when the system refuses to write, and what `trace` throws.
 */
export function writeTraceFiles(folder: TraceFolder, trace: (sink: TraceSink) => void): void {
  const named = <Result>(file: TraceFile, work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      const name = join(folder.shown, traceFileName(file));
      throw new InputError({ file: name, message: `cannot be written: ${reasonOf(error)}` });
    }
  };
  const open = new Map<TraceFile, number>();
  try {
    named("IFMAP_SRAM", () => mkdirSync(folder.path));
    for (const file of traceFiles) {
      open.set(
        file,
        named(file, () => openSync(join(folder.path, traceFileName(file)), "wx")),
      );
    }
    const text = traceText((file, bytes) => {
      const descriptor = open.get(file);
      if (descriptor === undefined) throw new Error(`${file} is no trace`);
      named(file, () => writeAll(descriptor, bytes));
    });
    trace(text);
    text.finish();
  } finally {
    for (const descriptor of open.values()) closeSync(descriptor);
  }
}

/** A full disk or a signal may let a write end early. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done, bytes.length - done);
}
