// What an operator's rule sees of its node: input shapes and values, attributes, and how to complain.

import type { Fault, InputError } from "../../../base/error.ts";
import type { Constant } from "../constant.ts";
import { elementCount } from "../constant.ts";
import type { OnnxNode } from "../model.ts";
import { modelFault } from "../model.ts";
import { readTensor } from "../initialiser.ts";

/** What is known of a tensor at import. */
export interface Value {
  readonly name: string;
  /** ONNX element type code; 0 when not known. */
  readonly type: number;
  readonly shape: readonly number[];
  /** True when it depends on no model input. */
  readonly fixed: boolean;
  /** Its values, where the importer can tell them. */
  readonly constant?: Constant;
}

/** What a rule says of an output; no shape means that it cannot tell. */
export interface Inferred {
  readonly shape?: readonly number[];
  readonly type?: number;
  readonly constant?: Constant;
}

/** Shape inference (and folding) of one operator. It runs only when the shapes of all present inputs are known. */
export type Rule = (context: Context) => readonly Inferred[];

export interface Context {
  readonly file: string;
  readonly node: OnnxNode;
  readonly opset: number;
  readonly inputs: readonly (Value | undefined)[];
}

/** The output of which nothing can be told. */
export const unknown: readonly Inferred[] = [{}];

/** The error of this node. */
export const nodeFault = (c: Context, fault: Fault, tensor?: string): InputError =>
  modelFault(c.file, tensor === undefined ? { node: c.node } : { node: c.node, tensor }, fault);

/** A required input. @throws InputError when the node leaves it out. */
export function input(c: Context, index: number): Value {
  const value = c.inputs[index];
  if (value === undefined) throw nodeFault(c, { message: `input ${String(index)} is missing` });
  return value;
}

export const shapeOf = (c: Context, index: number): readonly number[] => input(c, index).shape;

/** Values of a small constant input as numbers, or undefined when absent or not known. */
export function valuesOf(c: Context, index: number): number[] | undefined {
  const constant = c.inputs[index]?.constant;
  if (constant === undefined || elementCount(constant.shape) > 65536) return undefined;
  const values = constant.read();
  return values === undefined ? undefined : Array.from(values);
}

/** An integer attribute. */
export const intAttribute = (c: Context, name: string, otherwise: number): number => {
  const attribute = c.node.attributes.get(name);
  return attribute === undefined ? otherwise : Number(attribute.i);
};

export const intsAttribute = (c: Context, name: string): number[] | undefined =>
  c.node.attributes.get(name)?.ints.map(Number);

export const floatAttribute = (c: Context, name: string, otherwise: number): number =>
  c.node.attributes.get(name)?.f ?? otherwise;

export const stringAttribute = (c: Context, name: string, otherwise: string): string => {
  const attribute = c.node.attributes.get(name);
  return attribute === undefined ? otherwise : new TextDecoder().decode(attribute.s);
};

/** A tensor attribute as a constant. */
export function tensorAttribute(c: Context, name: string): Constant | undefined {
  const proto = c.node.attributes.get(name)?.t;
  return proto === undefined
    ? undefined
    : readTensor(proto, { file: c.file, node: c.node, tensor: `attribute ${name}` });
}

/** A non-negative axis. @throws InputError when outside the rank. */
export function axisOf(c: Context, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(positive) || positive < 0 || positive >= rank) {
    throw nodeFault(c, {
      message: "axis outside the tensor",
      found: String(axis),
      expected: `-${String(rank)} to ${String(rank - 1)}`,
    });
  }
  return positive;
}

/** numpy broadcasting. @throws InputError for shapes that do not fit. */
export function broadcast(c: Context, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [axis, size] of shape.entries()) {
      const at = rank - shape.length + axis;
      if (size === 1) continue;
      if (result[at] !== 1 && result[at] !== size) {
        throw nodeFault(c, {
          message: "shapes do not broadcast",
          found: shapes.map((s) => `[${s.join(", ")}]`).join(" and "),
        });
      }
      result[at] = size;
    }
  }
  return result;
}

/** An output of the type of input `index`, with its values where both are known. */
export const moved = (
  c: Context,
  index: number,
  shape: readonly number[],
  values: (constant: Constant) => Constant,
): Inferred[] => {
  const { type, constant } = input(c, index);
  return [{ shape, type, ...(constant === undefined ? {} : { constant: values(constant) }) }];
};
