// Matrix Market files on disk or in memory, plain or compressed with gzip, inflated and read piece by piece with the
// streams of Node.

import { createReadStream } from "node:fs";
import { Readable, pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { InputError } from "../base/error.ts";
import { isErrno, reasonOf } from "../base/system-error.ts";
import { readMatrixMarketPieces } from "./matrix-market.ts";
import type { MatrixMarket } from "./matrix-market.ts";

const pieceBytes = 2 ** 18;

/**
 * The matrix of a file (.mtx or .mtx.gz) of any size: memory grows with the matrix, not with the file. Throws
 * InputError when the file cannot be read, is cut short or damaged, or as `matrixMarketParser`.
 */
export function readMatrixMarketFile(path: string): Promise<MatrixMarket> {
  return readMatrixMarketPieces(filePieces(path), path, inflated);
}

/** The matrix of a file's bytes, plain or compressed; `file` names it in errors. Throws InputError as above. */
export function readMatrixMarket(bytes: Uint8Array, file: string): Promise<MatrixMarket> {
  return readMatrixMarketPieces(Readable.from(piecesOf(bytes)), file, inflated);
}

/** A file on disk in pieces. Throws InputError when it cannot be read. */
export const filePieces = (path: string): AsyncIterable<Uint8Array> =>
  explained(createReadStream(path, { highWaterMark: pieceBytes }), path);

/** The pieces of a gzip file inflated. Throws InputError when they are cut short or damaged, and as they throw. */
export const inflated = (pieces: AsyncIterable<Uint8Array>, file: string): AsyncIterable<Uint8Array> =>
  // A fault of the source reaches the loop through the stream that it is piped to.
  explained(
    pipeline(Readable.from(pieces), createGunzip({ chunkSize: pieceBytes }), () => {}),
    file,
  );

async function* explained(stream: AsyncIterable<unknown>, file: string): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of stream) if (piece instanceof Uint8Array) yield piece;
  } catch (error) {
    throw error instanceof InputError ? error : new InputError({ file, message: faultOf(error) });
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

function faultOf(error: unknown): string {
  if (isErrno(error, "Z_BUF_ERROR")) return "the compressed file is cut short";
  const zlib = error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
  return zlib ? `the compressed file is damaged: ${error.message}` : `cannot be read: ${reasonOf(error)}`;
}
