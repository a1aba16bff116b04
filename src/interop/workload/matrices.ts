// Matrix files as a workload: `A.mtx,B.mtx` is the product A B, one square matrix alone is A A, and `^T` behind a file
// transposes it. Matrix Market (.mtx, .mtx.gz) and two-dimensional .npy files.

import { InputError, at } from "../../base/error.ts";
import { sparseFromDense, transpose } from "../../tensor/sparse-matrix.ts";
import type { SparseMatrix } from "../../tensor/sparse-matrix.ts";
import { requireFinite } from "../../tensor/tensor.ts";
import type { Network } from "../../workload/layer.ts";
import { sparseLayer } from "../../workload/sparse-layer.ts";
import type { FileSource } from "./file-source.ts";

/** An operand as the command line has it. */
interface MatrixWord {
  readonly file: string;
  readonly transposed: boolean;
}

interface ReadMatrix {
  readonly matrix: SparseMatrix;
  readonly warnings: readonly string[];
}

/** Files of this size take seconds to read. */
const largeFile = 2 ** 26;

/**
 * The network of one product that matrix files describe. Every file is read once, and A A shares its matrix; `note` is
 * told of large ones. Throws InputError for files that cannot be read or hold no entry, more than two of them, a single matrix that is not square,
 * and inner dimensions that differ.
 */
export async function matrixNetwork(
  words: readonly string[],
  files: FileSource,
  note: ((text: string) => void) | undefined,
): Promise<Network> {
  const [left, right = left, ...more] = words.map(matrixWord);
  if (left === undefined || right === undefined || more.length > 0) {
    throw new InputError({
      message: "a product takes two matrices",
      found: `${words.length} files`,
      expected: "A.mtx,B.mtx, or one square matrix",
    });
  }
  const read = new Map<string, ReadMatrix>();
  for (const { file } of [left, right]) {
    if (read.has(file)) continue;
    const bytes = await files.size(file);
    if (bytes >= largeFile) note?.(`reading ${file}, ${Math.round(bytes / 1e6)} MB\n`);
    read.set(file, await readMatrix(file, files));
  }
  const operand = ({ file, transposed }: MatrixWord): SparseMatrix => {
    const found = read.get(file);
    if (found === undefined) throw new Error(`${file} was not read`);
    return transposed ? transpose(found.matrix) : found.matrix;
  };
  const A = operand(left);
  const B = left.file === right.file && left.transposed === right.transposed ? A : operand(right);
  if (A.columns !== B.rows) throw words.length === 1 ? notSquare(left, A) : mismatch(left, A, right, B);
  const name = `${nameOf(left)} x ${nameOf(right)}`;
  const layerName = words.length === 1 ? nameOf(left) : name;
  return {
    name,
    source: `${textOf(left)} times ${textOf(right)}`,
    inputs: [{ name: "B", shape: [B.rows, B.columns] }],
    layers: [sparseLayer(layerName, A, B)],
    warnings: [...read.values()].flatMap(({ warnings }) => warnings),
  };
}

function matrixWord(text: string): MatrixWord {
  const word = text.trim();
  const transposed = /\^T$/i.test(word);
  const file = transposed ? word.slice(0, -2) : word;
  if (!/\.(?:mtx(?:\.gz)?|npy)$/i.test(file)) {
    throw new InputError({
      ...(file === "" ? {} : { file }),
      message: "not a matrix file",
      found: text,
      expected: "a file that ends in .mtx, .mtx.gz or .npy, with ^T behind it for its transpose",
    });
  }
  return { file, transposed };
}

async function readMatrix(file: string, files: FileSource): Promise<ReadMatrix> {
  const read = /\.npy$/i.test(file) ? await readNpyMatrix(file, files) : await readMarketMatrix(file, files);
  const { rows, columns, column } = read.matrix;
  if (column.length > 0) return read;
  throw new InputError({
    file,
    message: "the matrix holds no entry, so that a product with it has no work",
    found: `${rows} x ${columns} with 0 entries`,
    expected: "one entry or more",
  });
}

async function readMarketMatrix(file: string, files: FileSource): Promise<ReadMatrix> {
  const { readMatrixMarketPieces } = await import("../matrix-market.ts");
  return readMatrixMarketPieces(files.stream(file), file, files.inflate);
}

async function readNpyMatrix(file: string, files: FileSource): Promise<ReadMatrix> {
  const { readNpy } = await import("../npy.ts");
  const tensor = readNpy(await files.bytes(file), file);
  if (tensor.shape.length !== 2) {
    throw new InputError({
      file,
      message: "not a matrix",
      found: `shape [${tensor.shape.join(", ")}]`,
      expected: "two axes",
    });
  }
  try {
    requireFinite(tensor, "element");
    return { matrix: sparseFromDense(tensor), warnings: [] };
  } catch (error) {
    throw error instanceof InputError ? at(error, { file }) : error;
  }
}

function notSquare(word: MatrixWord, { rows, columns }: SparseMatrix): InputError {
  const text = textOf(word);
  return new InputError({
    file: word.file,
    message: "a matrix alone is multiplied by itself, and this one is not square",
    found: `${rows} x ${columns}`,
    expected: `a second matrix with ${columns} rows (${text},B.mtx), or its own transpose (${text},${textOf(turned(word))})`,
  });
}

function mismatch(left: MatrixWord, A: SparseMatrix, right: MatrixWord, B: SparseMatrix): InputError {
  const turn =
    A.columns === B.columns
      ? [left, turned(right)]
      : A.rows === B.rows
        ? [turned(left), right]
        : A.rows === B.columns
          ? [turned(left), turned(right)]
          : undefined;
  return new InputError({
    message: `the inner dimensions differ: ${textOf(left)} has ${A.columns} columns, ${textOf(right)} has ${B.rows} rows`,
    expected: `as many of both${turn === undefined ? "" : `, as ${turn.map(textOf).join(",")} has`}`,
  });
}

const turned = ({ file, transposed }: MatrixWord): MatrixWord => ({ file, transposed: !transposed });

const textOf = ({ file, transposed }: MatrixWord): string => (transposed ? `${file}^T` : file);

const nameOf = ({ file, transposed }: MatrixWord): string =>
  `${baseName(file).replace(/\.(?:mtx(?:\.gz)?|npy)$/i, "")}${transposed ? "^T" : ""}`;

/** A name without its folders, whichever way they are written. */
const baseName = (file: string): string => file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
