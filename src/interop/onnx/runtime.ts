// The bridge to ONNX Runtime: loads it on demand, builds its tensors from ours and ours from its.

import type * as Ort from "onnxruntime-web/wasm";
import { InputError } from "../../base/error.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { elementFormat, elementName, fromFloat16, onnxType, toTensor } from "./data-type.ts";

type Runtime = typeof Ort;
type RuntimeTensor = Ort.Tensor;

const importRuntime = (): Promise<Runtime> => import("onnxruntime-web/wasm");

/**
 * ONNX Runtime, on one thread: the same bits on every machine.
 * @throws InputError telling what to install when the package is absent.
 */
export async function loadRuntime(load: () => Promise<Runtime> = importRuntime): Promise<Runtime> {
  try {
    const runtime = await load();
    runtime.env.wasm.numThreads = 1;
    runtime.env.logLevel = "error";
    return runtime;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError({
      message: `executing a model needs ONNX Runtime, which did not load (${reason})`,
      expected: "the package onnxruntime-web: npm install onnxruntime-web",
    });
  }
}

/** A runtime tensor of the element type that the model wants. @throws InputError for types without numbers. */
export function toRuntime(runtime: Runtime, tensor: Tensor, type: number, file: string, name: string): RuntimeTensor {
  const { data } = tensor;
  const dims = [...tensor.shape];
  switch (type) {
    case onnxType.float32:
      return new runtime.Tensor("float32", Float32Array.from(data), dims);
    case onnxType.float64:
      return new runtime.Tensor("float64", Float64Array.from(data), dims);
    case onnxType.uint8:
      return new runtime.Tensor("uint8", Uint8Array.from(data), dims);
    case onnxType.int8:
      return new runtime.Tensor("int8", Int8Array.from(data), dims);
    case onnxType.int16:
      return new runtime.Tensor("int16", Int16Array.from(data), dims);
    case onnxType.uint16:
      return new runtime.Tensor("uint16", Uint16Array.from(data), dims);
    case onnxType.int32:
      return new runtime.Tensor("int32", Int32Array.from(data), dims);
    case onnxType.int64:
      return new runtime.Tensor(
        "int64",
        BigInt64Array.from(Array.from(data, (value) => BigInt(Math.trunc(value)))),
        dims,
      );
    case onnxType.bool:
      return new runtime.Tensor("bool", Uint8Array.from(data), dims);
    case onnxType.float16:
      return new runtime.Tensor("float16", Uint16Array.from(Array.from(data, toFloat16)), dims);
    default:
      throw new InputError({
        file,
        path: `tensor "${name}"`,
        message: "an input of this type cannot be fed",
        found: elementName(type),
      });
  }
}

/** The values of a runtime tensor; 64-bit integers become int32 where they fit, else float32. */
export function fromRuntime(tensor: RuntimeTensor): Tensor | undefined {
  const shape = [...tensor.dims];
  const { data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const values = Float64Array.from(data, Number);
    const fits = values.every((value) => value === (value | 0));
    return toTensor(fits ? Int32Array.from(values) : values, shape);
  }
  if (tensor.type === "float16") {
    const numbers =
      data instanceof Uint16Array ? Float32Array.from(data, fromFloat16) : Float32Array.from(data, Number);
    return toTensor(numbers, shape);
  }
  if (data instanceof Uint16Array) return toTensor(Int32Array.from(data), shape);
  if (data instanceof Uint32Array || data instanceof Float64Array) return toTensor(Float64Array.from(data), shape);
  if (
    data instanceof Float32Array ||
    data instanceof Int8Array ||
    data instanceof Uint8Array ||
    data instanceof Int16Array ||
    data instanceof Int32Array
  ) {
    return toTensor(data, shape);
  }
  return undefined;
}

/** The half-precision bits nearest to a number, ties to even. */
export function toFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  const scaled = size / 2 ** (exponent - 10);
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  // A fraction that rounds up to 2048 carries into the exponent by itself.
  return sign | (size < 2 ** -14 ? rounded : ((exponent + 14) << 10) + rounded);
}

/** Which of our element types an image should take for a model input. */
export const imageType = (type: number) =>
  type === onnxType.uint8
    ? "uint8"
    : type === onnxType.int8
      ? "int8"
      : elementFormat(type)?.floating === true
        ? "float32"
        : "int32";
