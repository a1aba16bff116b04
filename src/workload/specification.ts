// One layer written on the command line: `gemm:M=128,N=256,K=64` or `conv:C=64,H=56,W=56,K=64,R=3,S=3,stride=1,pad=1`.

import { InputError } from "../base/error.ts";
import { nearestWord } from "../base/nearest.ts";
import { assumedLayer } from "./build.ts";
import type { ComputeOperation, Network } from "./layer.ts";
import { MAXIMUM_DIMENSION, operandShapes, validateOperation } from "./shapes.ts";

const GEMM_KEYS = ["M", "N", "K", "batch"];
const CONV_KEYS = ["C", "H", "W", "K", "R", "S", "stride", "pad", "dilation", "groups", "batch"];

/** Values by key; each is the list of integers between the `x`. */
type Fields = ReadonlyMap<string, readonly number[]>;

/**
 * The network of one layer that a specification describes, or undefined when `text` is none (a file, a network name).
 *
 * `gemm:M=,N=,K=[,batch=]` is C[M x N] = A[M x K] B[K x N], A constant. `conv:C=,H=,K=,R=[,W=,S=,stride=,pad=,dilation=,
 * groups=,batch=]`: C input channels, H x W image (W defaults to H), K output channels, R x S kernel (S defaults to R);
 * stride and dilation are one number or `vertical x horizontal` written `2x1`, pad also `top x left x bottom x right`.
 * Throws InputError for unknown, missing or repeated keys (with the nearest key) and for impossible numbers.
 */
export function parseWorkloadSpecification(text: string): Network | undefined {
  const match = /^\s*([A-Za-z][A-Za-z0-9]+):(?![/\\])(.*)$/s.exec(text);
  const operator = match?.[1]?.toLowerCase();
  const body = match?.[2] ?? "";
  if (operator === undefined) return undefined;
  if (operator !== "gemm" && operator !== "conv") {
    const meant = nearestWord(operator, ["gemm", "conv"]);
    if (!body.includes("=") && meant === undefined) return undefined;
    throw new InputError({
      message: "unknown operator in a shape",
      found: operator,
      expected: "gemm:M=..,N=..,K=.. or conv:C=..,H=..,K=..,R=..",
      known: ["gemm", "conv"],
    });
  }
  const operation =
    operator === "gemm" ? gemm(readFields(body, operator, GEMM_KEYS)) : conv(readFields(body, operator, CONV_KEYS));
  validateOperation(operation, operator);
  return {
    name: text.trim(),
    source: "command line",
    inputs: [{ name: "B", shape: operandShapes(operation).B }],
    layers: [assumedLayer(operator, operation, true)],
    warnings: [],
  };
}

function gemm(fields: Fields): ComputeOperation {
  const one = (key: string, otherwise?: number): number => single(fields, "gemm", key, otherwise);
  return { operator: "matmul", batch: one("batch", 1), M: one("M"), N: one("N"), K: one("K") };
}

function conv(fields: Fields): ComputeOperation {
  const one = (key: string, otherwise?: number): number => single(fields, "conv", key, otherwise);
  const height = one("H");
  const kernelHeight = one("R");
  return {
    operator: "conv2d",
    batch: one("batch", 1),
    inChannels: one("C"),
    height,
    width: one("W", height),
    outChannels: one("K"),
    kernelHeight,
    kernelWidth: one("S", kernelHeight),
    stride: pair(fields, "stride", 1),
    padding: padding(fields),
    dilation: pair(fields, "dilation", 1),
    groups: one("groups", 1),
  };
}

function readFields(body: string, operator: string, keys: readonly string[]): Fields {
  const fields = new Map<string, readonly number[]>();
  for (const part of body.split(",")) {
    const [rawKey = "", ...rest] = part.split("=");
    const word = rawKey.trim();
    const key = keys.find((known) => known.toLowerCase() === (word === "padding" ? "pad" : word.toLowerCase()));
    if (key === undefined || rest.length !== 1) {
      throw new InputError({
        path: operator,
        message: key === undefined ? "unknown key" : "not of the form key=value",
        found: key === undefined ? word : part.trim(),
        expected: `key=value with a key among ${keys.join(", ")}`,
        ...(key === undefined && word !== "" ? { known: keys } : {}),
      });
    }
    if (fields.has(key)) {
      throw new InputError({ path: `${operator}.${key}`, message: "key given twice", found: part.trim() });
    }
    fields.set(key, readNumbers(rest[0] ?? "", `${operator}.${key}`, key === "pad" ? 0 : 1));
  }
  return fields;
}

function readNumbers(text: string, path: string, minimum: number): readonly number[] {
  return text.split("x").map((part) => {
    const digits = part.trim();
    const value = /^\d{1,10}$/.test(digits) ? Number(digits) : -1;
    if (value < minimum || value > MAXIMUM_DIMENSION) {
      throw new InputError({
        path,
        message: "bad number",
        found: text.trim(),
        expected: `an integer from ${minimum} to ${MAXIMUM_DIMENSION}`,
      });
    }
    return value;
  });
}

function single(fields: Fields, operator: string, key: string, otherwise: number | undefined): number {
  const values = fields.get(key);
  const value = values?.[0] ?? otherwise;
  if (value === undefined) {
    throw new InputError({ path: `${operator}.${key}`, message: "missing key", expected: `${key}=<integer>` });
  }
  if (values !== undefined && values.length > 1) throw countError(`${operator}.${key}`, values, "one integer");
  return value;
}

function pair(fields: Fields, key: string, otherwise: number): readonly [number, number] {
  const values = fields.get(key) ?? [otherwise];
  const [vertical = otherwise, horizontal = vertical] = values;
  if (values.length > 2) throw countError(`conv.${key}`, values, "one integer, or two as 2x1");
  return [vertical, horizontal];
}

function padding(fields: Fields): readonly [number, number, number, number] {
  const values = fields.get("pad") ?? [0];
  const [first = 0, second = first, third = first, fourth = second] = values;
  if (values.length === 3 || values.length > 4) {
    throw countError(
      "conv.pad",
      values,
      "one integer, two as 2x1 (vertical, horizontal), or four (top, left, bottom, right)",
    );
  }
  return [first, second, third, fourth];
}

function countError(path: string, values: readonly number[], expected: string): InputError {
  return new InputError({ path, message: "wrong count of numbers", found: values.join("x"), expected });
}
