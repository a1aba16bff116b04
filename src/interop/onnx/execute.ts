// Runs a model on a real input with ONNX Runtime and captures what every compute layer is fed, so that densities are
// measured instead of assumed.

import { create, toBinary } from "@bufbuild/protobuf";
import { InputError } from "../../base/error.ts";
import type { ComputeLayer, Network, Operand } from "../../workload/layer.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { ImageOptions } from "../image.ts";
import { decodeImage, imageTensor } from "../image.ts";
import { externalPaths, readOnnx } from "./read.ts";
import type { ReadOnnxOptions } from "./read.ts";
import type { ActivationSource, OnnxImport } from "./import.ts";
import { importWithActivations } from "./import.ts";
import { ModelProtoSchema } from "./generated/onnx_pb.ts";
import type { DeclaredTensor, OnnxModel } from "./model.ts";
import { densityOf, operandOf } from "./operand.ts";
import { fromRuntime, imageType, loadRuntime, toRuntime } from "./runtime.ts";

/** What to feed: an image for a model with one input, a tensor for the same, or tensors by input name. */
export type ModelInput =
  | { readonly kind: "image"; readonly bytes: Uint8Array; readonly file: string }
  | { readonly kind: "tensor"; readonly tensor: Tensor }
  | { readonly kind: "tensors"; readonly tensors: Readonly<Record<string, Tensor>> };

export interface ExecuteOptions extends ReadOnnxOptions, Pick<ImageOptions, "normalise" | "invert"> {}

/** The real operands of compute layers, by layer name. */
export type CapturedActivations = ReadonlyMap<string, { readonly A?: Operand; readonly B?: Operand }>;

export interface ModelOutput {
  readonly name: string;
  readonly tensor: Tensor;
  /** Up to five best classes, best first, where the output looks like scores of classes; first batch entry. */
  readonly top?: readonly { readonly index: number; readonly score: number }[];
}

export interface Execution {
  readonly network: Network;
  readonly activations: CapturedActivations;
  /** The tensors that were fed, by input name. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly ModelOutput[];
}

/**
 * Executes a model once (ONNX Runtime, WebAssembly, one thread) and captures the activations that feed its compute
 * layers. `network` is the import with those activations attached.
 * @throws InputError for bad models and inputs, an input that does not fit, an absent runtime, and what the runtime
 * refuses.
 */
export async function executeOnnx(bytes: Uint8Array, input: ModelInput, options: ExecuteOptions): Promise<Execution> {
  const model = readOnnx(bytes, options);
  const imported = importWithActivations(model);
  const inputs = await feedsOf(model, input, options);
  const wanted = tensorsToCapture(model, imported);
  const added = [...wanted].filter((name) => !model.outputs.includes(name) && inputs[name] === undefined);
  const results = await run(withOutputs(bytes, added), model, inputs, externalFiles(bytes, options), options.file);
  const tensorOf = (name: string): Tensor | undefined => inputs[name] ?? results.get(name);
  const activations = new Map<string, { A?: Operand; B?: Operand }>();
  for (const [layer, use] of imported.activations) {
    const A = use.A === undefined ? undefined : captured(use.A, tensorOf);
    const B = use.B === undefined ? undefined : captured(use.B, tensorOf);
    activations.set(layer, { ...(A === undefined ? {} : { A }), ...(B === undefined ? {} : { B }) });
  }
  const outputs = model.outputs.flatMap((name) => {
    const tensor = results.get(name);
    if (tensor === undefined) return [];
    const top = topClasses(tensor);
    return [{ name, tensor, ...(top === undefined ? {} : { top }) }];
  });
  return { network: attachActivations(imported.network, activations), activations, inputs, outputs };
}

/** The network with captured operands as values, and their densities measured. Layers without a capture stay. */
export function attachActivations(network: Network, activations: CapturedActivations): Network {
  const layers = network.layers.map((layer) => {
    const found = layer.kind === "compute" ? activations.get(layer.name) : undefined;
    return layer.kind === "compute" && found !== undefined ? withOperands(layer, found) : layer;
  });
  return { ...network, layers };
}

function withOperands(layer: ComputeLayer, { A, B }: { readonly A?: Operand; readonly B?: Operand }): ComputeLayer {
  return {
    ...layer,
    values: { ...layer.values, ...(A === undefined ? {} : { A }), ...(B === undefined ? {} : { B }) },
    density: {
      A: A === undefined ? layer.density.A : densityOf(A.tensor),
      B: B === undefined ? layer.density.B : densityOf(B.tensor),
    },
    densitySource: {
      A: A === undefined ? layer.densitySource.A : "measured",
      B: B === undefined ? layer.densitySource.B : "measured",
    },
  };
}

function captured(source: ActivationSource, tensorOf: (name: string) => Tensor | undefined): Operand | undefined {
  const tensor = tensorOf(source.use.tensor);
  if (tensor === undefined) return undefined;
  if (source.use.zeroPoint === undefined) return operandOf(tensor, source.use);
  const zeroPoint = source.zeroPoint ?? tensorOf(source.use.zeroPoint)?.data;
  return zeroPoint === undefined ? undefined : operandOf(tensor, source.use, zeroPoint);
}

/** Names of the tensors behind activations, and of their zero points; only those of the outer graph exist by name. */
function tensorsToCapture(model: OnnxModel, imported: OnnxImport): Set<string> {
  const produced = new Set(model.nodes.filter((node) => !node.inlined).flatMap((node) => node.outputs));
  const names = new Set<string>();
  for (const { A, B } of imported.activations.values()) {
    for (const source of [A, B]) {
      if (source === undefined) continue;
      names.add(source.use.tensor);
      if (source.zeroPoint === undefined && source.use.zeroPoint !== undefined) names.add(source.use.zeroPoint);
    }
  }
  return new Set([...names].filter((name) => produced.has(name)));
}

/**
 * The model with more outputs. Protobuf merges concatenated messages and appends their repeated fields, so the file
 * itself, weights and unknown fields included, is kept byte for byte.
 */
export function withOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const patch = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { graph: { output: names.map((name) => ({ name })) } }),
  );
  const result = new Uint8Array(bytes.length + patch.length);
  result.set(bytes);
  result.set(patch, bytes.length);
  return result;
}

async function feedsOf(model: OnnxModel, input: ModelInput, options: ExecuteOptions): Promise<Record<string, Tensor>> {
  if (input.kind === "tensors") {
    for (const name of Object.keys(input.tensors)) {
      if (!model.inputs.some((known) => known.name === name)) {
        throw new InputError({
          file: model.file,
          message: "the model has no such input",
          found: name,
          known: model.inputs.map((known) => known.name),
        });
      }
    }
    return Object.fromEntries(
      model.inputs.map((declared) => [declared.name, fitting(model, declared, input.tensors[declared.name])]),
    );
  }
  const [first, ...others] = model.inputs;
  if (first === undefined || others.length > 0) {
    throw new InputError({
      file: model.file,
      message: "one input was given to a model that takes several",
      found: model.inputs.map((known) => known.name).join(", "),
      expected: "a tensor for each",
    });
  }
  if (input.kind === "tensor") return { [first.name]: fitting(model, first, input.tensor) };
  const image = await decodeImage(input.bytes, input.file);
  const { normalise, invert } = options;
  const imageOptions = {
    file: model.file,
    ...(normalise === undefined ? {} : { normalise }),
    ...(invert === undefined ? {} : { invert }),
  };
  return { [first.name]: imageTensor(image, first.shape, imageType(first.type), imageOptions) };
}

function fitting(model: OnnxModel, declared: DeclaredTensor, tensor: Tensor | undefined): Tensor {
  const place = { file: model.file, path: `tensor "${declared.name}"` };
  const expected = `[${declared.shape.join(", ")}]`;
  if (tensor === undefined) throw new InputError({ ...place, message: "no value for this model input", expected });
  // Leading dimensions of 1 say the same.
  const plain = (shape: readonly number[]) => shape.slice(shape.findIndex((size) => size !== 1)).join(",");
  if (plain(tensor.shape) !== plain(declared.shape)) {
    throw new InputError({
      ...place,
      message: "the tensor does not fit the model input",
      found: `[${tensor.shape.join(", ")}]`,
      expected,
    });
  }
  return { ...tensor, shape: declared.shape };
}

/** External data files that the model names, as the runtime wants them. */
function externalFiles(bytes: Uint8Array, options: ExecuteOptions): { path: string; data: Uint8Array }[] {
  const { externalData } = options;
  if (externalData === undefined) return [];
  return externalPaths(bytes, options.file).map((path) => ({ path, data: externalData(path) }));
}

async function run(
  bytes: Uint8Array,
  model: OnnxModel,
  inputs: Readonly<Record<string, Tensor>>,
  externalData: { path: string; data: Uint8Array }[],
  file: string,
): Promise<ReadonlyMap<string, Tensor>> {
  const runtime = await loadRuntime();
  const feeds = Object.fromEntries(
    model.inputs.flatMap(({ name, type }) => {
      const tensor = inputs[name];
      return tensor === undefined ? [] : [[name, toRuntime(runtime, tensor, type, file, name)]];
    }),
  );
  try {
    const session = await runtime.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      logSeverityLevel: 3,
      externalData,
    });
    const results = await session.run(feeds);
    const tensors = new Map<string, Tensor>();
    for (const [name, value] of Object.entries(results)) {
      const tensor = fromRuntime(value);
      if (tensor !== undefined) tensors.set(name, tensor);
    }
    await session.release();
    return tensors;
  } catch (error) {
    const reason = error instanceof Error ? error.message : `error ${String(error)}`;
    throw new InputError({ file, message: `ONNX Runtime cannot execute the model: ${reason}` });
  }
}

/** The five largest entries of a vector of floating-point scores (all other dimensions 1), first batch entry. */
export function topClasses(tensor: Tensor): readonly { readonly index: number; readonly score: number }[] | undefined {
  const [, ...rest] = tensor.shape;
  const classes = rest.find((size) => size !== 1);
  if (tensor.type !== "float32" || classes === undefined || rest.filter((size) => size !== 1).length !== 1) {
    return undefined;
  }
  const scores = Array.from(tensor.data.subarray(0, classes), (score, index) => ({ index, score }));
  return scores.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, 5);
}
