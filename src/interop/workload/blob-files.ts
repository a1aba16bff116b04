// Files that a page was given: blobs by name, read in pieces, gzip inflated by the browser. Uses what browsers and Node
// both have.

import { InputError } from "../../base/error.ts";
import type { FileSource } from "./file-source.ts";
import { maximumBytes, requireSize } from "./file-source.ts";

/** A source of these files and no others. A name that a file gives of its neighbour is also found without its folders. */
export function blobFiles(files: ReadonlyMap<string, Blob>): FileSource {
  const blobOf = (name: string): Blob => {
    const found = files.get(name);
    if (found !== undefined) return found;
    const known = [...files.keys()];
    throw new InputError({
      file: name,
      message: "cannot be read: no such file was chosen",
      ...(known.length === 0 ? {} : { found: name, expected: `one of ${known.join(", ")}`, known }),
    });
  };
  return {
    exists: (name) => Promise.resolve(files.has(name)),
    size: (name) => Promise.resolve(files.get(name)?.size ?? 0),
    bytes: async (name, limit = maximumBytes) => {
      const blob = blobOf(name);
      requireSize(name, blob.size, limit);
      return new Uint8Array(await blob.arrayBuffer().catch((error: unknown) => refuse(name, error)));
    },
    stream: (name) =>
      piecesOf(
        () => blobOf(name).stream(),
        (error) => refuse(name, error),
      ),
    inflate: (pieces, name) => inflated(pieces, name),
    beside: (name, location) => {
      const folder = name.slice(0, name.lastIndexOf("/") + 1);
      const whole = `${folder}${location.replace(/^(?:\.\/)+/, "")}`;
      const bare = location.slice(location.lastIndexOf("/") + 1);
      return Promise.resolve(!files.has(whole) && files.has(bare) ? bare : whole);
    },
  };
}

function refuse(file: string, error: unknown): never {
  throw new InputError({ file, message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` });
}

/** What comes out of a stream; not every browser lets a loop over it. */
async function* piecesOf(
  open: () => ReadableStream<Uint8Array>,
  refused: (error: unknown) => never,
): AsyncGenerator<Uint8Array, void> {
  const reader = open().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(refused);
      if (done) return;
      yield value;
    }
  } finally {
    // Where the taker ends early, what is left is not read.
    await reader.cancel().catch(() => undefined);
  }
}

/** Browsers say in words of their own what is wrong with a compressed file, and take only the first of several parts. */
async function* inflated(pieces: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array, void> {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  let fault: unknown;
  const feed = async (): Promise<void> => {
    try {
      // A blob's pieces lie in memory of their own; the copy satisfies the stream, which takes no shared memory.
      for await (const piece of pieces) await writer.write(new Uint8Array(piece));
      await writer.close();
    } catch (error) {
      fault ??= error;
      await writer.abort(error).catch(() => undefined);
    }
  };
  const feeding = feed();
  yield* piecesOf(
    () => readable,
    (error) => {
      if (fault instanceof InputError) throw fault;
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError({ file, message: `the compressed file is damaged or cut short: ${reason}` });
    },
  );
  await feeding;
}
