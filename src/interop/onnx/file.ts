// ONNX files: the model's bytes, and the external data files beside it, wherever files come from.

import { InputError } from "../../base/error.ts";
import type { FileSource } from "../workload/file-source.ts";
import { staysInFolder } from "./initialiser.ts";
import { externalPaths } from "./read.ts";

/** Protobuf messages end at 2 GiB; larger models keep their weights in external files. */
const maximumBytes = 2 ** 31;

export interface OnnxFile {
  readonly bytes: Uint8Array;
  /** For `ReadOnnxOptions`: files beside the model. Throws InputError for one that could not be read. */
  readonly externalData: (path: string) => Uint8Array;
}

/**
 * Opens a model and reads the files that it names. What is wrong with one of those shows when its data are asked for, in
 * the order of the model. @throws InputError when the model itself cannot be read or is too large.
 */
export async function openOnnxFile(file: string, files: FileSource): Promise<OnnxFile> {
  const bytes = await readAll(file, files);
  const read = new Map<string, Uint8Array | InputError>();
  for (const location of locations(bytes, file)) read.set(location, await readBeside(file, location, files));
  const externalData = (location: string): Uint8Array => {
    const found = read.get(location) ?? new InputError({ file, message: "names no such file", found: location });
    if (found instanceof InputError) throw found;
    return found;
  };
  return { bytes, externalData };
}

/** Paths of data files that may be read; none of bytes that are no model, of which its reader will complain. */
function locations(bytes: Uint8Array, file: string): readonly string[] {
  try {
    return externalPaths(bytes, file).filter((location) => location !== "" && staysInFolder(location));
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

async function readBeside(model: string, location: string, files: FileSource): Promise<Uint8Array | InputError> {
  try {
    return await readAll(await files.beside(model, location), files);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

async function readAll(file: string, files: FileSource): Promise<Uint8Array> {
  const size = await files.size(file);
  if (size < maximumBytes) return files.bytes(file);
  throw new InputError({ file, message: "file too large", found: `${size} bytes`, expected: "less than 2 GiB" });
}
