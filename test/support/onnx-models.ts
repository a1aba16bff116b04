// Builds small ONNX models for tests, a node a line.

import { create, toBinary } from "@bufbuild/protobuf";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { AttributeProto, FunctionProtoSchema, TensorProto } from "../../src/interop/onnx/generated/onnx_pb.ts";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from "../../src/interop/onnx/generated/onnx_pb.ts";

export type AttributeValue = number | string | readonly number[] | TensorProto | { readonly float: number };

export interface NodeSketch {
  readonly op: string;
  readonly inputs?: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface ModelSketch {
  /** Dimensions as numbers or symbols; element type float32 unless `types` says otherwise. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly types?: Readonly<Record<string, number>>;
  readonly initialisers?: Readonly<Record<string, TensorProto>>;
  readonly nodes: readonly NodeSketch[];
  readonly outputs: readonly string[];
  readonly opset?: number;
  readonly functions?: readonly MessageInitShape<typeof FunctionProtoSchema>[];
}

/** A float32 tensor in a typed field; values repeat to fill the shape. */
export function floats(shape: readonly number[], values: readonly number[] = [1]): TensorProto {
  const count = shape.reduce((product, size) => product * size, 1);
  const floatData = Array.from({ length: count }, (_, index) => values[index % values.length] ?? 0);
  return create(TensorProtoSchema, { dataType: 1, dims: shape.map(BigInt), floatData });
}

/** An int64 tensor. */
export const integers = (values: readonly number[], shape: readonly number[] = [values.length]): TensorProto =>
  create(TensorProtoSchema, { dataType: 7, dims: shape.map(BigInt), int64Data: values.map(BigInt) });

/** A tensor of raw bytes. */
export const rawTensor = (dataType: number, shape: readonly number[], rawData: Uint8Array): TensorProto =>
  create(TensorProtoSchema, { dataType, dims: shape.map(BigInt), rawData });

export function attribute(name: string, value: AttributeValue): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(value) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
  if ("dims" in value) return create(AttributeProtoSchema, { name, type: type.TENSOR, t: value });
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
}

export const node = (sketch: NodeSketch) =>
  create(NodeProtoSchema, {
    opType: sketch.op,
    name: sketch.name ?? "",
    domain: sketch.domain ?? "",
    input: [...(sketch.inputs ?? [])],
    output: [...sketch.outputs],
    attribute: Object.entries(sketch.attributes ?? {}).map(([name, value]) => attribute(name, value)),
  });

/** The bytes of a model. */
export function buildModel(sketch: ModelSketch): Uint8Array {
  const dimension = (size: number | string) =>
    typeof size === "number"
      ? { value: { case: "dimValue" as const, value: BigInt(size) } }
      : { value: { case: "dimParam" as const, value: size } };
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [
      { domain: "", version: BigInt(sketch.opset ?? 17) },
      { domain: "custom", version: 1n },
      { domain: "com.microsoft", version: 1n },
    ],
    functions: [...(sketch.functions ?? [])],
    graph: {
      name: "test",
      node: sketch.nodes.map(node),
      initializer: Object.entries(sketch.initialisers ?? {})
        .map(([name, tensor]) => ({ ...tensor, name }))
        .map((tensor) => create(TensorProtoSchema, tensor)),
      input: Object.entries(sketch.inputs).map(([name, dims]) => ({
        name,
        type: {
          value: {
            case: "tensorType" as const,
            value: { elemType: sketch.types?.[name] ?? 1, shape: { dim: dims.map(dimension) } },
          },
        },
      })),
      output: sketch.outputs.map((name) => ({ name })),
    },
  });
  return toBinary(ModelProtoSchema, model);
}
