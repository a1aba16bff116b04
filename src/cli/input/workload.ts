// Turns the workload argument into a network: a built-in name, a shape, an ONNX model (executed on an input when one
// is given), a SCALE-Sim topology or the product of two matrices. Readers of files load only when a file is named.

import { InputError } from "../../base/error.ts";
import { nearestWord } from "../../base/nearest.ts";
import type { ExecuteOptions, ModelInput } from "../../interop/onnx/execute.ts";
import type { Network } from "../../workload/layer.ts";
import { builtinNetwork, findNetworkName, networkNames } from "../../workload/networks.ts";
import { parseWorkloadSpecification } from "../../workload/specification.ts";
import type { NormaliseWord } from "../flags.ts";

export interface WorkloadOptions {
  readonly batch?: number;
  /** Files, or `name=file`, to execute a model on. */
  readonly input?: readonly string[];
  readonly normalise?: NormaliseWord;
  readonly invert?: boolean;
  /** Told what takes long, and what the executed model answered. */
  readonly note?: (text: string) => void;
}

/**
 * The network that `argument` names: a built-in one, `gemm:...` or `conv:...`, a path that ends in .onnx, or in .csv
 * for a SCALE-Sim topology, or matrices (matrices.ts). Throws InputError for anything else, with the nearest built-in
 * name, for files that cannot be read, and for options that this kind of workload does not take.
 */
export async function resolveWorkload(argument: string, options: WorkloadOptions = {}): Promise<Network> {
  if (options.input === undefined || options.input.length === 0) requireNoImage(options);
  const matrices = await matrixWords(argument);
  if (matrices !== undefined) return matrixProduct(argument, matrices, options);
  const ending = /\.([A-Za-z]+)$/.exec(argument)?.[1]?.toLowerCase();
  if (ending === "onnx") return onnxNetwork(argument, options);
  requireNoInput(argument, options);
  if (ending === "csv") return topologyNetwork(argument, options);
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
  throw await unknownWorkload(argument);
}

/** The files that a workload argument reads; for one that names no file, the argument itself. */
export async function workloadFiles(argument: string): Promise<readonly string[]> {
  const matrices = await matrixWords(argument);
  return matrices?.map((word) => word.trim().replace(/\^T$/i, "")) ?? [argument];
}

/** The operands of an argument that names matrix files; a comma inside the name of a file that exists parts nothing. */
async function matrixWords(argument: string): Promise<readonly string[] | undefined> {
  const words = argument.split(",");
  if (!words.some((word) => /\.(?:mtx(?:\.gz)?|npy)(?:\^T)?\s*$/i.test(word))) return undefined;
  return words.length > 1 && (await exists(argument)) ? [argument] : words;
}

async function matrixProduct(argument: string, words: readonly string[], options: WorkloadOptions): Promise<Network> {
  requireNoInput(argument, options);
  if (options.batch !== undefined) {
    throw new InputError({ path: "--batch", message: "a product of two matrices has no batch", found: argument });
  }
  return (await import("./matrices.ts")).matrixNetwork(words, options.note);
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

async function unknownWorkload(argument: string): Promise<InputError> {
  const expected =
    "a built-in network (heddle list workloads), a file .onnx, .csv, .mtx or .npy, gemm:M=..,N=..,K=.. or conv:C=..,H=..,K=..,R=..";
  if (await exists(argument)) return new InputError({ file: argument, message: "not a workload", expected });
  const known = nearestWord(argument, networkNames()) === undefined ? {} : { known: networkNames() };
  return new InputError({ message: "no such workload", found: argument, expected, ...known });
}

async function topologyNetwork(path: string, options: WorkloadOptions): Promise<Network> {
  const [{ readText }, { readScalesimTopology }] = await Promise.all([
    import("./read-file.ts"),
    import("../../interop/scalesim/input/topology.ts"),
  ]);
  return readScalesimTopology(readText(path), {
    file: path,
    ...(options.batch === undefined ? {} : { batch: options.batch }),
  });
}

async function onnxNetwork(path: string, options: WorkloadOptions): Promise<Network> {
  const { openOnnxFile } = await import("../../interop/onnx/file.ts");
  const { bytes, externalData } = openOnnxFile(path);
  const reading = { file: path, externalData, ...(options.batch === undefined ? {} : { batch: options.batch }) };
  const inputs = options.input ?? [];
  if (inputs.length > 0) return executedNetwork(path, bytes, inputs, reading, options);
  const [{ readOnnx }, { importOnnx }] = await Promise.all([
    import("../../interop/onnx/read.ts"),
    import("../../interop/onnx/import.ts"),
  ]);
  return importOnnx(readOnnx(bytes, reading));
}

async function executedNetwork(
  path: string,
  bytes: Uint8Array,
  files: readonly string[],
  reading: ExecuteOptions,
  options: WorkloadOptions,
): Promise<Network> {
  const input = await modelInput(files);
  const { executeOnnx } = await import("../../interop/onnx/execute.ts");
  const { normalise, invert } = options;
  const execution = await executeOnnx(bytes, input, {
    ...reading,
    ...(normalise === undefined ? {} : { normalise }),
    ...(invert === undefined ? {} : { invert }),
  });
  for (const { name, top } of execution.outputs) {
    const [best, ...others] = top ?? [];
    if (best === undefined) continue;
    const rest = others
      .slice(0, 2)
      .map(({ index, score }) => `${index} (${score.toPrecision(4)})`)
      .join(", ");
    options.note?.(
      `${path} on ${files.join(", ")}: output ${name} says class ${best.index}, score ${best.score.toPrecision(4)}${rest === "" ? "" : `; then ${rest}`}\n`,
    );
  }
  const answers = execution.outputs.flatMap(({ name, top }) =>
    top === undefined ? [] : [{ output: name, classes: top }],
  );
  return answers.length === 0 ? execution.network : { ...execution.network, answers };
}

/** One file for a model with one input, or `name=file` for each input. */
async function modelInput(files: readonly string[]): Promise<ModelInput> {
  const { readBytes } = await import("./read-file.ts");
  const tensorOf = async (file: string) => (await import("../../interop/npy.ts")).readNpy(readBytes(file), file);
  const [only] = files;
  if (files.length === 1 && only !== undefined && (!only.includes("=") || (await exists(only)))) {
    if (/\.npy$/i.test(only)) return { kind: "tensor", tensor: await tensorOf(only) };
    return { kind: "image", bytes: readBytes(only), file: only };
  }
  const tensors: Record<string, Awaited<ReturnType<typeof tensorOf>>> = {};
  for (const text of files) {
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(0, equals));
    const file = text.slice(equals + 1);
    if (name === "" || !/\.npy$/i.test(file)) {
      throw new InputError({
        path: "--input",
        message: "bad input of a model that takes several",
        found: text,
        expected: "name=file.npy",
      });
    }
    if (Object.hasOwn(tensors, name)) {
      throw new InputError({ path: "--input", message: "input is given twice", found: name });
    }
    tensors[name] = await tensorOf(file);
  }
  return { kind: "tensors", tensors };
}

/** Loads the file system only here: a run of a built-in network starts several milliseconds earlier without it. */
async function exists(path: string): Promise<boolean> {
  return (await import("node:fs")).existsSync(path);
}
