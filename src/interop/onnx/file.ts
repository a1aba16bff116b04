// ONNX files on disk: the model's bytes, and a reader for the external data files beside it.

import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, isAbsolute } from "node:path";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";

/** Protobuf messages end at 2 GiB; larger models keep their weights in external files. */
const maximumBytes = 2 ** 31;

export interface OnnxFile {
  readonly bytes: Uint8Array;
  /** For `ReadOnnxOptions`: reads files beside the model, each once. */
  readonly externalData: (path: string) => Uint8Array;
}

/** Opens a model. @throws InputError when the file cannot be read or is too large. */
export function openOnnxFile(path: string): OnnxFile {
  const cache = new Map<string, Uint8Array>();
  const externalData = (location: string): Uint8Array => {
    const known = cache.get(location);
    if (known !== undefined) return known;
    const bytes = readBeside(path, location);
    cache.set(location, bytes);
    return bytes;
  };
  return { bytes: readAll(path), externalData };
}

function readBeside(model: string, location: string): Uint8Array {
  const folder = dirname(model);
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
      file: model,
      message: "external data lies outside the folder of the model",
      found: location,
    });
  }
  return readAll(target);
}

function readAll(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size >= maximumBytes) {
      throw new InputError({
        file: path,
        message: "file too large",
        found: `${String(size)} bytes`,
        expected: "less than 2 GiB",
      });
    }
    return readFileSync(path);
  } catch (error) {
    throw error instanceof InputError
      ? error
      : new InputError({ file: path, message: `cannot be read: ${reasonOf(error)}` });
  }
}
