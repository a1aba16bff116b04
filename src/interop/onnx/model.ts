// The ONNX model as the importer sees it: checked, sorted, every input shape a list of numbers.

import type { Fault } from "../../base/error.ts";
import { InputError } from "../../base/error.ts";
import type { Constant } from "./constant.ts";
import type { AttributeProto } from "./generated/onnx_pb.ts";

/** One node; names of inputs may be empty for an input that is left out. */
export interface OnnxNode {
  /** Unique: the node's own name, or the operator and its position. */
  readonly name: string;
  readonly operator: string;
  /** Empty for the standard operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
  /** True for a node out of a function of the model: the runtime does not know its tensors by name. */
  readonly inlined: boolean;
}

/** What the model says of a tensor; the shape only where every dimension is a number. */
export interface DeclaredTensor {
  readonly name: string;
  /** ONNX element type code; 0 where the model does not say. */
  readonly type: number;
  readonly shape: readonly number[];
}

/** A decoded and checked model. Immutable; weights are views into the file and decoded when read. */
export interface OnnxModel {
  readonly file: string;
  readonly name: string;
  /** Version of the standard operator set. */
  readonly opset: number;
  readonly inputs: readonly DeclaredTensor[];
  readonly outputs: readonly string[];
  /** In an order in which every node comes after the nodes that it needs. */
  readonly nodes: readonly OnnxNode[];
  readonly initialisers: ReadonlyMap<string, Constant>;
  /** Shapes that the model states for intermediate tensors, where fully numeric. */
  readonly declared: ReadonlyMap<string, DeclaredTensor>;
  readonly warnings: readonly string[];
}

/** Bounds that no real model comes near; beyond them a file is taken to be damaged. */
export const limits = { dimension: 2 ** 31 - 1, elements: 2 ** 40, rank: 32 } as const;

/** The error of a model: the place is the file, then the node and tensor where they are known. */
export function modelFault(file: string, where: { node?: OnnxNode; tensor?: string }, fault: Fault): InputError {
  const parts: string[] = [];
  if (where.node !== undefined) parts.push(`node "${where.node.name}" (${where.node.operator})`);
  if (where.tensor !== undefined) parts.push(`tensor "${where.tensor}"`);
  const path = parts.join(", ");
  return new InputError({ file, ...(path === "" ? {} : { path }), ...fault });
}

/** Throws unless every dimension and the number of elements are plausible. Zero passes. */
export function checkShape(file: string, where: { node?: OnnxNode; tensor?: string }, shape: readonly number[]): void {
  const found = `[${shape.slice(0, 8).join(", ")}${shape.length > 8 ? ", ..." : ""}]`;
  if (shape.length > limits.rank) {
    throw modelFault(file, where, {
      message: "too many dimensions",
      found: String(shape.length),
      expected: `at most ${String(limits.rank)}`,
    });
  }
  let elements = 1;
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw modelFault(file, where, { message: "negative or fractional dimension", found });
    }
    if (size > limits.dimension) {
      throw modelFault(file, where, { message: "absurd dimension", found, expected: "at most 2^31 - 1" });
    }
    elements *= size;
  }
  if (elements > limits.elements) {
    throw modelFault(file, where, { message: "absurd number of elements", found, expected: "at most 2^40" });
  }
}
