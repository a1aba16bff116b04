// Shapes on the command line: what they mean, and what each kind of mistake says.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../base/error.ts";
import type { ComputeOperation } from "./layer.ts";
import { parseWorkloadSpecification } from "./specification.ts";

const operationOf = (text: string): ComputeOperation | undefined => {
  const layer = parseWorkloadSpecification(text)?.layers[0];
  return layer?.kind === "compute" ? layer.operation : undefined;
};

const messageOf = (text: string): string => {
  try {
    return `no error, ${JSON.stringify(parseWorkloadSpecification(text))}`;
  } catch (error) {
    return error instanceof InputError ? error.message : `not an InputError: ${String(error)}`;
  }
};

describe("what they mean", () => {
  test("gemm", () => {
    expect(parseWorkloadSpecification("gemm:M=128,N=256,K=64")).toEqual({
      name: "gemm:M=128,N=256,K=64",
      source: "command line",
      inputs: [{ name: "B", shape: [1, 64, 256] }],
      layers: [
        {
          kind: "compute",
          name: "gemm",
          operation: { operator: "matmul", batch: 1, M: 128, N: 256, K: 64 },
          weightsConstant: true,
          density: { A: 1, B: 1 },
          densitySource: { A: "assumed", B: "assumed" },
        },
      ],
      warnings: [],
    });
    expect(operationOf(" GEMM: m=1, n=2 , k=3, batch=4")).toEqual({ operator: "matmul", batch: 4, M: 1, N: 2, K: 3 });
  });

  test("conv with every key", () => {
    expect(operationOf("conv:C=64,H=56,W=28,K=32,R=3,S=5,stride=2,pad=1,dilation=1,groups=2,batch=3")).toEqual({
      operator: "conv2d",
      batch: 3,
      inChannels: 64,
      height: 56,
      width: 28,
      outChannels: 32,
      kernelHeight: 3,
      kernelWidth: 5,
      stride: [2, 2],
      padding: [1, 1, 1, 1],
      dilation: [1, 1],
      groups: 2,
    });
  });

  test("conv with defaults and separate directions", () => {
    expect(operationOf("conv:C=1,H=9,K=1,R=3")).toMatchObject({
      width: 9,
      kernelWidth: 3,
      stride: [1, 1],
      padding: [0, 0, 0, 0],
      dilation: [1, 1],
      groups: 1,
      batch: 1,
    });
    expect(operationOf("conv:C=1,H=9,K=1,R=3,stride=2x1,pad=1x2,dilation=1x2")).toMatchObject({
      stride: [2, 1],
      padding: [1, 2, 1, 2],
      dilation: [1, 2],
    });
    expect(operationOf("conv:C=1,H=9,K=1,R=3,padding=0x1x2x3")).toMatchObject({ padding: [0, 1, 2, 3] });
  });

  test("other words are left to others", () => {
    for (const text of [
      "resnet50",
      "model.onnx",
      "A.mtx,B.mtx",
      "C:\\data\\model.onnx",
      "C:/x=1/model.onnx",
      "file://x?y=1",
      "",
      "gemm",
      "np:x",
    ]) {
      expect(parseWorkloadSpecification(text)).toBeUndefined();
    }
  });
});

describe("mistakes", () => {
  test.each([
    ["gemm:M=1,N=2", "gemm.K: missing key; expected K=<integer>"],
    ["gemm:", 'gemm: unknown key; found ""; expected key=value with a key among M, N, K, batch'],
    [
      "gemm:M=1,N=2,K=3,bacth=2",
      'gemm: unknown key; found "bacth"; expected key=value with a key among M, N, K, batch; did you mean "batch"?',
    ],
    ["gemm:M=1,M=2,K=3,N=4", 'gemm.M: key given twice; found "M=2"'],
    [
      "gemm:M,N=2,K=3",
      'gemm: not of the form key=value; found "M"; expected key=value with a key among M, N, K, batch',
    ],
    [
      "gemm:M=1=1,N=2,K=3",
      'gemm: not of the form key=value; found "M=1=1"; expected key=value with a key among M, N, K, batch',
    ],
    ["gemm:M=0,N=2,K=3", 'gemm.M: bad number; found "0"; expected an integer from 1 to 2147483647'],
    ["gemm:M=2x2,N=2,K=3", 'gemm.M: wrong count of numbers; found "2x2"; expected one integer'],
    [
      "conv:C=1,H=9,K=1,R=3,strid=2",
      'conv: unknown key; found "strid"; expected key=value with a key among C, H, W, K, R, S, stride, pad, dilation, groups, batch; did you mean "stride"?',
    ],
    [
      "conv:C=1,H=9,K=1,R=3,stride=1x2x3",
      'conv.stride: wrong count of numbers; found "1x2x3"; expected one integer, or two as 2x1',
    ],
    [
      "conv:C=1,H=9,K=1,R=3,pad=1x2x3",
      'conv.pad: wrong count of numbers; found "1x2x3"; expected one integer, two as 2x1 (vertical, horizontal), or four (top, left, bottom, right)',
    ],
    [
      "conv:C=3,H=9,K=1,R=3,groups=2",
      'conv.groups: groups do not divide inChannels; found "2"; expected a divisor of 3',
    ],
    [
      "gemm:M=2147483647,N=2147483647,K=2",
      'gemm: too many elements; found "4.612e+18"; expected at most 2^53 (9007199254740992)',
    ],
    [
      "gemn:M=1,N=2,K=3",
      'unknown operator in a shape; found "gemn"; expected gemm:M=..,N=..,K=.. or conv:C=..,H=..,K=..,R=..; did you mean "gemm"?',
    ],
    [
      "conv2d:M=1",
      'unknown operator in a shape; found "conv2d"; expected gemm:M=..,N=..,K=.. or conv:C=..,H=..,K=..,R=..; did you mean "conv"?',
    ],
  ])("%s", (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  test.each([
    "-1",
    "NaN",
    "Infinity",
    "1e3",
    "1.5",
    "",
    " ",
    "0x10",
    "2147483648",
    "99999999999999999999",
    "one",
    "1_000",
  ])("a size of %j", (value) => {
    expect(() => parseWorkloadSpecification(`gemm:M=${value},N=2,K=3`)).toThrow(InputError);
  });

  test("any text is a network, left alone, or an InputError", () => {
    const part = fc.constantFrom(
      "gemm",
      "conv",
      ":",
      "=",
      ",",
      "x",
      "M",
      "N",
      "K",
      "C",
      "H",
      "R",
      "stride",
      "pad",
      "1",
      "2",
      "0",
      "-",
      " ",
      "9999999999",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 30 }).map((parts) => parts.join("")),
        ),
        (text) => {
          try {
            parseWorkloadSpecification(text);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
