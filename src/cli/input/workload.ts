// The workload argument of a command, whose files lie on the disk. The file system loads only when a file is named: a run
// of a built-in network starts several milliseconds earlier without it.

import type { FileSource } from "../../interop/workload/file-source.ts";
import * as workload from "../../interop/workload/workload.ts";
import type { WorkloadOptions } from "../../interop/workload/workload.ts";
import type { Network } from "../../workload/layer.ts";

const disk = async (): Promise<FileSource> => (await import("./disk-files.ts")).diskFiles;

const files: FileSource = {
  exists: async (name) => (await import("node:fs")).existsSync(name),
  size: async (name) => (await disk()).size(name),
  bytes: async (name, limit) => (await disk()).bytes(name, limit),
  async *stream(name) {
    yield* (await disk()).stream(name);
  },
  async *inflate(pieces, name) {
    yield* (await disk()).inflate(pieces, name);
  },
  beside: async (name, location) => (await disk()).beside(name, location),
};

/** The network that `argument` names; see `networkOf`. Throws InputError as there. */
export const resolveWorkload = (argument: string, options: WorkloadOptions = {}): Promise<Network> =>
  workload.networkOf(argument, files, {
    ...options,
    execute: async (...model) => (await import("../../interop/workload/execution.ts")).executedNetwork(...model),
  });

/** The files that a workload argument reads; for one that names no file, the argument itself. */
export const workloadFiles = (argument: string): Promise<readonly string[]> => workload.workloadFiles(argument, files);
