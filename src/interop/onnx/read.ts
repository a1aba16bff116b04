// Reads an ONNX file into a checked model: bytes to messages, messages to plain values, nodes sorted.

import { fromBinary } from "@bufbuild/protobuf";
import { InputError } from "../../base/error.ts";
import type { Constant } from "./constant.ts";
import { readTensor } from "./initialiser.ts";
import type { GraphProto, ModelProto, TypeProto, ValueInfoProto } from "./generated/onnx_pb.ts";
import { ModelProtoSchema, TensorProto_DataLocation } from "./generated/onnx_pb.ts";
import { flatNodes } from "./inline.ts";
import type { DeclaredTensor, OnnxModel } from "./model.ts";
import { checkShape, modelFault } from "./model.ts";
import { sortNodes } from "./sort.ts";

export interface ReadOnnxOptions {
  /** Named in every error. */
  readonly file: string;
  /** Value of symbolic leading dimensions of the inputs; 1 by default. */
  readonly batch?: number;
  /** Values of other symbolic dimensions, by symbol name, or by `input[axis]` where the dimension has no name. */
  readonly dimensions?: Readonly<Record<string, number>>;
  /** Bytes of an external data file, by its path relative to the model. */
  readonly externalData?: (path: string) => Uint8Array;
}

/**
 * Decodes and checks an ONNX model (opset 7 or newer). Weights stay views into `bytes` until they are read.
 * @throws InputError naming file, node and tensor: truncated or garbage bytes, no graph, old opset, cycles, names
 * defined twice or never, unknown symbolic dimensions, negative, absurd or zero dimensions of inputs, bad tensors.
 */
export function readOnnx(bytes: Uint8Array, options: ReadOnnxOptions): OnnxModel {
  const { file } = options;
  const batch = options.batch ?? 1;
  if (!Number.isSafeInteger(batch) || batch < 1) {
    throw new InputError({ message: "batch must be a whole number of at least 1", found: String(batch) });
  }
  const proto = decodeModel(bytes, file);
  const graph = proto.graph;
  if (graph === undefined || graph.node.length === 0) {
    throw new InputError({
      file,
      message: "not an ONNX model: it holds no graph with nodes",
      expected: "an ONNX file",
    });
  }
  const warnings: string[] = [];
  const nodes = flatNodes(graph.node, proto.functions, file);
  const initialisers = readInitialisers(graph, options);
  const inputs = readInputs(graph, initialisers, options, batch, warnings);
  const opset = readOpset(proto, file);
  const declared = new Map<string, DeclaredTensor>();
  for (const info of [...graph.valueInfo, ...graph.output]) {
    const known = numericShape(info);
    if (known !== undefined && !declared.has(info.name)) declared.set(info.name, known);
  }
  const known = new Set<string>([...initialisers.keys(), ...inputs.map((input) => input.name)]);
  const sorted = sortNodes(nodes, known, file);
  const produced = new Set(nodes.flatMap((node) => node.outputs));
  for (const output of graph.output) {
    if (!produced.has(output.name) && !known.has(output.name)) {
      throw modelFault(file, { tensor: output.name }, { message: "graph output is produced by no node" });
    }
  }
  return {
    file,
    name: graph.name === "" ? file : graph.name,
    opset,
    inputs,
    outputs: graph.output.map((output) => output.name),
    nodes: sorted,
    initialisers,
    declared,
    warnings,
  };
}

/** Decodes the outer message. @throws InputError for bytes that are not protobuf. */
export function decodeModel(bytes: Uint8Array, file: string): ModelProto {
  if (bytes.length === 0) throw new InputError({ file, message: "empty file", expected: "an ONNX model" });
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError({
      file,
      message: `truncated or not an ONNX model: ${reason}`,
      expected: "a protobuf of type onnx.ModelProto",
    });
  }
}

/** The external data files that the initialisers of a model name, each once. */
export function externalPaths(bytes: Uint8Array, file: string): readonly string[] {
  const paths = new Set<string>();
  for (const tensor of decodeModel(bytes, file).graph?.initializer ?? []) {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue;
    for (const { key, value } of tensor.externalData) if (key === "location") paths.add(value);
  }
  return [...paths];
}

function readOpset(proto: ModelProto, file: string): number {
  const standard = proto.opsetImport
    .filter((entry) => entry.domain === "" || entry.domain === "ai.onnx")
    .map((entry) => Number(entry.version));
  if (standard.length === 0) {
    if (proto.opsetImport.length > 0) return 7;
    throw new InputError({ file, message: "the model names no operator set", expected: "opset 7 or newer" });
  }
  const opset = Math.max(...standard);
  if (!(opset >= 7)) {
    throw new InputError({
      file,
      message: "operator set too old",
      found: `opset ${String(opset)}`,
      expected: "opset 7 or newer",
    });
  }
  return opset;
}

function readInitialisers(graph: GraphProto, options: ReadOnnxOptions): Map<string, Constant> {
  const { file, externalData } = options;
  const initialisers = new Map<string, Constant>();
  for (const proto of graph.initializer) {
    if (initialisers.has(proto.name)) {
      throw modelFault(file, { tensor: proto.name }, { message: "initialiser is given twice" });
    }
    initialisers.set(
      proto.name,
      readTensor(proto, { file, tensor: proto.name, ...(externalData === undefined ? {} : { externalData }) }),
    );
  }
  const sparse = graph.sparseInitializer[0];
  if (sparse !== undefined) {
    throw modelFault(
      file,
      { tensor: sparse.values?.name ?? "" },
      { message: "sparse initialisers are not supported", expected: "a dense initialiser" },
    );
  }
  return initialisers;
}

function readInputs(
  graph: GraphProto,
  initialisers: ReadonlyMap<string, Constant>,
  options: ReadOnnxOptions,
  batch: number,
  warnings: string[],
): DeclaredTensor[] {
  // Models before IR version 4 list their initialisers among the inputs too.
  const real = graph.input.filter((input) => !initialisers.has(input.name));
  const batchSymbols = new Set<string>();
  for (const input of real) {
    const first = tensorType(input.type)?.shape?.dim[0]?.value;
    if (first?.case === "dimParam" && first.value !== "") batchSymbols.add(first.value);
  }
  let batchUsed = false;
  const inputs = real.map((input): DeclaredTensor => {
    const where = { tensor: input.name };
    const type = tensorType(input.type);
    if (type?.shape === undefined) {
      throw modelFault(options.file, where, {
        message: "input has no tensor shape",
        expected: "a tensor input with a shape",
      });
    }
    const shape = type.shape.dim.map((dim, axis) => {
      if (dim.value.case === "dimValue") return Number(dim.value.value);
      const symbol =
        dim.value.case === "dimParam" && dim.value.value !== "" ? dim.value.value : `${input.name}[${String(axis)}]`;
      const given = options.dimensions?.[symbol];
      if (given !== undefined) return given;
      if (axis === 0 || batchSymbols.has(symbol)) {
        batchUsed = true;
        return batch;
      }
      throw modelFault(options.file, where, {
        message: `dimension ${String(axis)} of the input is symbolic`,
        found: symbol,
        expected: "a value for this dimension",
      });
    });
    checkShape(options.file, where, shape);
    if (shape.includes(0)) {
      throw modelFault(options.file, where, { message: "input has no elements", found: `[${shape.join(", ")}]` });
    }
    return { name: input.name, type: type.elemType, shape };
  });
  if (options.batch !== undefined && options.batch !== 1 && !batchUsed) {
    warnings.push(`batch ${String(batch)} is ignored: the model fixes its input shapes`);
  }
  const names = new Set<string>();
  for (const input of inputs) {
    if (names.has(input.name)) {
      throw modelFault(options.file, { tensor: input.name }, { message: "input is given twice" });
    }
    names.add(input.name);
  }
  return inputs;
}

const tensorType = (type: TypeProto | undefined) => (type?.value.case === "tensorType" ? type.value.value : undefined);

/** The declared shape where all its dimensions are positive numbers. */
function numericShape(info: ValueInfoProto): DeclaredTensor | undefined {
  const type = tensorType(info.type);
  if (type?.shape === undefined) return undefined;
  const shape = type.shape.dim.map((dim) => (dim.value.case === "dimValue" ? Number(dim.value.value) : 0));
  return shape.every((size) => size > 0) ? { name: info.name, type: type.elemType, shape } : undefined;
}
