// An ONNX model as a network: compute layers with their weights, everything else as shapes.

import type { ComputeLayer, Layer, Network, Operand } from "../../workload/layer.ts";
import { validateOperation } from "../../workload/shapes.ts";
import { InputError, at } from "../../base/error.ts";
import type { Inference, Step } from "./infer.ts";
import { inferShapes } from "./infer.ts";
import type { OnnxModel } from "./model.ts";
import { modelFault } from "./model.ts";
import { constantOperand, densityOf } from "./operand.ts";
import type { Compute, OperandUse } from "./operator/compute.ts";

/** How an operand reads a tensor that exists only when the model runs. */
export interface ActivationSource {
  readonly use: OperandUse;
  /** The zero point, where it is a constant. */
  readonly zeroPoint?: ArrayLike<number>;
}

/** The operands of a compute layer that are activations. */
export interface ActivationUse {
  readonly A?: ActivationSource;
  readonly B?: ActivationSource;
}

/** A network together with what is needed to fill in its activations. */
export interface OnnxImport {
  readonly network: Network;
  /** By layer name; every compute layer has an entry. */
  readonly activations: ReadonlyMap<string, ActivationUse>;
}

/**
 * The network of a model: layers named after nodes, in execution order. Constant operands carry their values and
 * measured density (a constant of one value throughout as a single element with strides of 0); activations have
 * density 1, assumed.
 * @throws InputError as `inferShapes`, and for weights that are not finite.
 */
export const importOnnx = (model: OnnxModel): Network => importWithActivations(model).network;

/** As `importOnnx`, with the tensors behind the activations. */
export function importWithActivations(model: OnnxModel): OnnxImport {
  const inference = inferShapes(model);
  // Reading them all finds NaN in every initialiser, not only in weights.
  for (const constant of model.initialisers.values()) constant.read();
  const layers: Layer[] = [];
  const activations = new Map<string, ActivationUse>();
  for (const step of inference.steps) {
    const { node, compute } = step;
    if (compute === undefined) {
      layers.push({ kind: "shape", name: node.name, operator: node.operator, outputShape: step.shape ?? [] });
      continue;
    }
    layers.push(computeLayer(model, inference, step, compute));
    const source = (use: OperandUse): ActivationSource => {
      const zeroPoint = use.zeroPoint === undefined ? undefined : inference.values.get(use.zeroPoint)?.constant?.read();
      return { use, ...(zeroPoint === undefined ? {} : { zeroPoint }) };
    };
    activations.set(node.name, {
      ...(compute.A.fixed ? {} : { A: source(compute.A) }),
      ...(compute.B.fixed ? {} : { B: source(compute.B) }),
    });
  }
  const inputs = model.inputs.map(({ name, shape }) => ({ name, shape }));
  return {
    network: { name: networkName(model), source: model.file, inputs, layers, warnings: inference.warnings },
    activations,
  };
}

function computeLayer(model: OnnxModel, inference: Inference, step: Step, compute: Compute): ComputeLayer {
  const { node } = step;
  const { operation } = compute;
  try {
    validateOperation(operation, `node "${node.name}" (${node.operator})`);
  } catch (error) {
    throw error instanceof InputError ? at(error, { file: model.file }) : error;
  }
  const A = knownOperand(model, inference, step, compute.A);
  const B = knownOperand(model, inference, step, compute.B);
  return {
    kind: "compute",
    name: node.name,
    operation,
    weightsConstant: compute.A.fixed,
    density: { A: A === undefined ? 1 : densityOf(A.tensor), B: B === undefined ? 1 : densityOf(B.tensor) },
    densitySource: { A: A === undefined ? "assumed" : "measured", B: B === undefined ? "assumed" : "measured" },
    ...(A === undefined && B === undefined
      ? {}
      : { values: { ...(A === undefined ? {} : { A }), ...(B === undefined ? {} : { B }) } }),
  };
}

/** The operand of a tensor whose values are known without running the model. */
function knownOperand(model: OnnxModel, inference: Inference, step: Step, use: OperandUse): Operand | undefined {
  const constant = inference.values.get(use.tensor)?.constant;
  if (constant === undefined) return undefined;
  const zero = use.zeroPoint === undefined ? undefined : inference.values.get(use.zeroPoint)?.constant?.read();
  if (use.zeroPoint !== undefined && zero === undefined) return undefined;
  const operand = constantOperand(constant, use, zero);
  const data = operand?.tensor.data;
  if (data instanceof Float32Array) {
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw modelFault(
        model.file,
        { node: step.node, tensor: use.tensor },
        { message: `weight ${String(bad)} is not finite`, found: String(data[bad]) },
      );
    }
  }
  return operand;
}

/** The file's own name: exporters call every graph "main_graph" or "torch-jit-export". */
function networkName({ file, name }: OnnxModel): string {
  const base = file.split(/[/\\]/).at(-1) ?? "";
  const stem = base.replace(/\.onnx$/i, "");
  return stem === "" ? name : stem;
}
