// Turns the workload argument into a network: a built-in name, a shape, an ONNX model (executed on an input when one
// is given), a SCALE-Sim topology or the product of two matrices. Files come from whoever asks (file-source.ts), and
// their readers load only when a file is named.

import { InputError } from "../../base/error.ts";
import { nearestWord } from "../../base/nearest.ts";
import type { Network } from "../../workload/layer.ts";
import { builtinNetwork, findNetworkName, networkNames } from "../../workload/networks.ts";
import { parseWorkloadSpecification } from "../../workload/specification.ts";
import type { Normalisation } from "../image.ts";
import type { ReadOnnxOptions } from "../onnx/read.ts";
import type { FileSource } from "./file-source.ts";

export interface WorkloadOptions {
  readonly batch?: number;
  /** Files, or `name=file`, to execute a model on. */
  readonly input?: readonly string[];
  readonly normalise?: Normalisation;
  readonly invert?: boolean;
  /** Told what takes long, and what the executed model answered. */
  readonly note?: (text: string) => void;
  /** Executes a model on `input`: execution.ts, which needs ONNX Runtime. */
  readonly execute?: ExecuteModel;
}

/** The network of a model with the densities that its execution on `inputs` shows. */
export type ExecuteModel = (
  bytes: Uint8Array,
  inputs: readonly string[],
  reading: ReadOnnxOptions,
  files: FileSource,
  options: WorkloadOptions,
) => Promise<Network>;

/**
 * The network that `argument` names: a built-in one, `gemm:...` or `conv:...`, a path that ends in .onnx, or in .csv
 * for a SCALE-Sim topology, or matrices (matrices.ts). Throws InputError for anything else, with the nearest built-in
 * name, for files that cannot be read, and for options that this kind of workload does not take.
 */
export async function networkOf(argument: string, files: FileSource, options: WorkloadOptions = {}): Promise<Network> {
  if (options.input === undefined || options.input.length === 0) requireNoImage(options);
  const matrices = await matrixWords(argument, files);
  if (matrices !== undefined) return matrixProduct(argument, matrices, files, options);
  const ending = /\.([A-Za-z]+)$/.exec(argument)?.[1]?.toLowerCase();
  if (ending === "onnx") return onnxNetwork(argument, files, options);
  requireNoInput(argument, options);
  if (ending === "csv") return topologyNetwork(argument, files, options);
  if (findNetworkName(argument) !== undefined) {
    return builtinNetwork(argument, options.batch === undefined ? {} : { batch: options.batch });
  }
  const shape = parseWorkloadSpecification(argument);
  if (shape !== undefined) {
    if (options.batch !== undefined) {
      throw new InputError({
        path: "--batch",
        message: "a shape says its own batch",
        found: argument,
        expected: `${argument},batch=${options.batch}`,
      });
    }
    return shape;
  }
  throw await unknownWorkload(argument, files);
}

/** The files that a workload argument reads; for one that names no file, the argument itself. */
export async function workloadFiles(argument: string, files: FileSource): Promise<readonly string[]> {
  const matrices = await matrixWords(argument, files);
  return matrices?.map((word) => word.trim().replace(/\^T$/i, "")) ?? [argument];
}

/** The operands of an argument that names matrix files; a comma inside the name of a file that exists parts nothing. */
async function matrixWords(argument: string, files: FileSource): Promise<readonly string[] | undefined> {
  const words = argument.split(",");
  if (!words.some((word) => /\.(?:mtx(?:\.gz)?|npy)(?:\^T)?\s*$/i.test(word))) return undefined;
  return words.length > 1 && (await files.exists(argument)) ? [argument] : words;
}

async function matrixProduct(
  argument: string,
  words: readonly string[],
  files: FileSource,
  options: WorkloadOptions,
): Promise<Network> {
  requireNoInput(argument, options);
  if (options.batch !== undefined) {
    throw new InputError({ path: "--batch", message: "a product of two matrices has no batch", found: argument });
  }
  return (await import("../workload/matrices.ts")).matrixNetwork(words, files, options.note);
}

function requireNoInput(argument: string, { input }: WorkloadOptions): void {
  if (input === undefined || input.length === 0) return;
  throw new InputError({
    path: "--input",
    message: "only an ONNX model can be executed on an input",
    found: argument,
    expected: "a file that ends in .onnx",
  });
}

function requireNoImage(options: WorkloadOptions): void {
  if (options.normalise === undefined && options.invert !== true) return;
  throw new InputError({
    path: options.normalise === undefined ? "--invert" : "--normalise",
    message: "there is no image to prepare",
    expected: "--input with an image",
  });
}

async function unknownWorkload(argument: string, files: FileSource): Promise<InputError> {
  const expected =
    "a built-in network (heddle list workloads), a file .onnx, .csv, .mtx or .npy, gemm:M=..,N=..,K=.. or conv:C=..,H=..,K=..,R=..";
  if (await files.exists(argument)) return new InputError({ file: argument, message: "not a workload", expected });
  const known = nearestWord(argument, networkNames()) === undefined ? {} : { known: networkNames() };
  return new InputError({ message: "no such workload", found: argument, expected, ...known });
}

async function topologyNetwork(file: string, files: FileSource, options: WorkloadOptions): Promise<Network> {
  const [{ maximumText, textOf }, { readScalesimTopology }] = await Promise.all([
    import("./file-source.ts"),
    import("../scalesim/input/topology.ts"),
  ]);
  return readScalesimTopology(textOf(await files.bytes(file, maximumText), file), {
    file,
    ...(options.batch === undefined ? {} : { batch: options.batch }),
  });
}

async function onnxNetwork(file: string, files: FileSource, options: WorkloadOptions): Promise<Network> {
  const { openOnnxFile } = await import("../onnx/file.ts");
  const { bytes, externalData } = await openOnnxFile(file, files);
  const reading = { file, externalData, ...(options.batch === undefined ? {} : { batch: options.batch }) };
  const inputs = options.input ?? [];
  if (inputs.length > 0) {
    if (options.execute !== undefined) return options.execute(bytes, inputs, reading, files, options);
    throw new InputError({ path: "--input", message: "a model cannot be executed here", found: inputs.join(", ") });
  }
  const [{ readOnnx }, { importOnnx }] = await Promise.all([import("../onnx/read.ts"), import("../onnx/import.ts")]);
  return importOnnx(readOnnx(bytes, reading));
}
