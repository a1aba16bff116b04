// Matrix Market files on disk or in memory, plain or compressed with gzip (told by the first byte), inflated and read
// piece by piece.

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { Readable, pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { InputError } from "../base/error.ts";
import { isErrno, reasonOf } from "../base/system-error.ts";
import { matrixMarketParser } from "./matrix-market.ts";
import type { MatrixMarket } from "./matrix-market.ts";

const pieceBytes = 2 ** 18;

/** First byte of gzip; no text begins with it. */
const gzipByte = 0x1f;

/**
 * The matrix of a file (.mtx or .mtx.gz) of any size: memory grows with the matrix, not with the file. Throws
 * InputError when the file cannot be read, is cut short or damaged, or as `matrixMarketParser`.
 */
export function readMatrixMarketFile(path: string): Promise<MatrixMarket> {
  return readStream(createReadStream(path, { highWaterMark: pieceBytes }), path);
}

/** The matrix of a file's bytes, plain or compressed; `file` names it in errors. Throws InputError as above. */
export function readMatrixMarket(bytes: Uint8Array, file: string): Promise<MatrixMarket> {
  return readStream(Readable.from(piecesOf(bytes)), file);
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function readStream(source: Readable, file: string): Promise<MatrixMarket> {
  const parser = matrixMarketParser(file);
  try {
    await once(source, "readable");
    const first: unknown = source.read();
    if (first !== null) source.unshift(first);
    const compressed = first instanceof Uint8Array && first[0] === gzipByte;
    // A fault of the source reaches the loop through the stream that it is piped to.
    const text = compressed ? pipeline(source, createGunzip({ chunkSize: pieceBytes }), () => {}) : source;
    for await (const piece of text) if (piece instanceof Uint8Array) parser.push(piece);
  } catch (error) {
    throw error instanceof InputError ? error : new InputError({ file, message: faultOf(error) });
  }
  return parser.finish();
}

function faultOf(error: unknown): string {
  if (isErrno(error, "Z_BUF_ERROR")) return "the compressed file is cut short";
  const zlib = error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
  return zlib ? `the compressed file is damaged: ${error.message}` : `cannot be read: ${reasonOf(error)}`;
}
