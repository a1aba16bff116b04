// Operators that work element by element, with numpy broadcasting: shapes, and values where the inputs are constants.

import type { Constant } from "../constant.ts";
import {
  broadcastStrides,
  elementCount,
  foldLimit,
  gatherStrided,
  lazyConstant,
  singleValue,
  uniformConstant,
} from "../constant.ts";
import type { NumberArray } from "../data-type.ts";
import { allocate, onnxType } from "../data-type.ts";
import type { Context, Inferred, Rule } from "./context.ts";
import { broadcast, floatAttribute, input, intAttribute, shapeOf } from "./context.ts";

type Scalar = (...operands: number[]) => number;

const comparison = onnxType.bool;

/** Applies `compute` to constants broadcast to `shape`; stays one number where all operands are. */
export function foldElementwise(
  type: number,
  shape: readonly number[],
  operands: readonly Constant[],
  compute: Scalar,
): Constant {
  const integer =
    type !== onnxType.float32 && type !== onnxType.float16 && type !== onnxType.float64 && type !== onnxType.bfloat16;
  const scalar: Scalar = integer ? (...values) => Math.trunc(compute(...values)) : compute;
  const singles = operands.map(singleValue);
  if (singles.every((value) => value !== undefined)) return uniformConstant(type, shape, scalar(...singles));
  return lazyConstant(type, shape, () => {
    const count = elementCount(shape);
    if (count > Math.max(foldLimit, ...operands.map((operand) => elementCount(operand.shape)))) return undefined;
    const columns: NumberArray[] = [];
    for (const operand of operands) {
      const same = elementCount(operand.shape) === count;
      const values = (same ? operand : gatherStrided(operand, shape, broadcastStrides(operand.shape, shape))).read();
      if (values === undefined) return undefined;
      columns.push(values);
    }
    const result = allocate(type, count);
    const [first, second, third] = columns;
    for (let i = 0; i < count; i++) result[i] = scalar(first?.[i] ?? 0, second?.[i] ?? 0, third?.[i] ?? 0);
    return result;
  });
}

/** Broadcasting operator of any number of operands; folded pairwise when `compute` is given. */
export function elementwise(compute?: Scalar, resultType?: number): Rule {
  return (c) => {
    const operands = c.inputs.flatMap((value) => (value === undefined ? [] : [value]));
    const first = input(c, 0);
    const shape = broadcast(
      c,
      operands.map((value) => value.shape),
    );
    const type = resultType ?? first.type;
    const constants = operands.flatMap((value) => (value.constant === undefined ? [] : [value.constant]));
    const [head, ...rest] = constants;
    if (compute === undefined || head === undefined || constants.length !== operands.length) return [{ shape, type }];
    if (rest.length === 0) return [{ shape, type, constant: foldElementwise(type, shape, [head], compute) }];
    let folded = head;
    for (const [index, next] of rest.entries()) {
      const sizes = index === rest.length - 1 ? shape : broadcast(c, [folded.shape, next.shape]);
      folded = foldElementwise(type, sizes, [folded, next], compute);
    }
    return [{ shape, type, constant: folded }];
  };
}

/** One output like the first input, whatever the other inputs are. */
export const sameAsFirst: Rule = (c) => [{ shape: shapeOf(c, 0), type: input(c, 0).type }];

/** A first output like the first input, and a second (a mask, running statistics) of which nothing is said. */
export const sameAsFirstThenUnknown: Rule = (c) => [{ shape: shapeOf(c, 0), type: input(c, 0).type }, {}, {}, {}, {}];

/** The first output like the first input, of a given type. */
const typed =
  (type: number): Rule =>
  (c) => [{ shape: shapeOf(c, 0), type }];

const identity: Rule = (c) => {
  const value = input(c, 0);
  return [
    { shape: value.shape, type: value.type, ...(value.constant === undefined ? {} : { constant: value.constant }) },
  ];
};

const cast =
  (target: (c: Context) => number): Rule =>
  (c) => {
    const value = input(c, 0);
    const type = target(c);
    if (value.constant === undefined) return [{ shape: value.shape, type }];
    const truth = type === onnxType.bool;
    return [
      {
        shape: value.shape,
        type,
        constant: foldElementwise(type, value.shape, [value.constant], truth ? (x) => (x === 0 ? 0 : 1) : (x) => x),
      },
    ];
  };

const where: Rule = (c) => {
  const [condition, yes, no] = [input(c, 0), input(c, 1), input(c, 2)];
  const shape = broadcast(c, [condition.shape, yes.shape, no.shape]);
  const known = condition.constant !== undefined && yes.constant !== undefined && no.constant !== undefined;
  const result: Inferred = { shape, type: yes.type };
  if (!known || condition.constant === undefined || yes.constant === undefined || no.constant === undefined) {
    return [result];
  }
  const constant = foldElementwise(yes.type, shape, [condition.constant, yes.constant, no.constant], (test, a, b) =>
    test === 0 ? (b ?? 0) : (a ?? 0),
  );
  return [{ ...result, constant }];
};

/** (x - zeroPoint) * scale, per tensor or along an axis; block-wise scales give no values. */
const dequantise: Rule = (c) => {
  const [x, scale] = [input(c, 0), input(c, 1)];
  const zero = c.inputs[2];
  const type = scale.type === 0 ? onnxType.float32 : scale.type;
  const result: Inferred = { shape: x.shape, type };
  const perTensor = elementCount(scale.shape) === 1;
  const axis = intAttribute(c, "axis", 1);
  const at = axis < 0 ? axis + x.shape.length : axis;
  if (x.constant === undefined || scale.constant === undefined || (zero !== undefined && zero.constant === undefined)) {
    return [result];
  }
  if (!perTensor && (scale.shape.length !== 1 || scale.shape[0] !== x.shape[at])) return [result];
  // A per-axis parameter broadcasts once it has a dimension of 1 behind it for every later axis.
  const parameterShape = perTensor ? [] : [scale.shape[0] ?? 1, ...new Array<number>(x.shape.length - at - 1).fill(1)];
  const operands = [x.constant, { ...scale.constant, shape: parameterShape }];
  if (zero?.constant !== undefined) {
    operands.push({ ...zero.constant, shape: elementCount(zero.shape) === 1 ? [] : parameterShape });
  }
  return [
    {
      ...result,
      constant: foldElementwise(
        type,
        x.shape,
        operands,
        (value, factor, offset) => (value - (offset ?? 0)) * (factor ?? 1),
      ),
    },
  ];
};

const quantise: Rule = (c) => {
  const zero = c.inputs[2];
  const declared = intAttribute(c, "output_dtype", 0);
  return [{ shape: shapeOf(c, 0), type: zero?.type ?? (declared === 0 ? onnxType.uint8 : declared) }];
};

const roundHalfEven = (x: number): number => {
  const floor = Math.floor(x);
  const difference = x - floor;
  if (difference !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
};

const modulo: Rule = (c) =>
  elementwise(
    intAttribute(c, "fmod", 0) === 1 ? (a, b) => a % (b ?? 1) : (a, b) => a - Math.floor(a / (b ?? 1)) * (b ?? 1),
  )(c);

const clip: Rule = (c) => {
  const value = input(c, 0);
  const bound = (index: number, attribute: string, otherwise: number) => {
    const constant = c.inputs[index]?.constant;
    return constant === undefined
      ? c.inputs[index] === undefined
        ? floatAttribute(c, attribute, otherwise)
        : undefined
      : singleValue(constant);
  };
  const [low, high] = [bound(1, "min", -Infinity), bound(2, "max", Infinity)];
  const result: Inferred = { shape: value.shape, type: value.type };
  if (value.constant === undefined || low === undefined || high === undefined) return [result];
  return [
    {
      ...result,
      constant: foldElementwise(value.type, value.shape, [value.constant], (x) => Math.min(Math.max(x, low), high)),
    },
  ];
};

/** Division of integers truncates, which folding does for every integer type. */
const arithmetic: Record<string, Rule> = {
  Add: elementwise((a, b) => a + (b ?? 0)),
  Sub: elementwise((a, b) => a - (b ?? 0)),
  Mul: elementwise((a, b) => a * (b ?? 1)),
  Div: elementwise((a, b) => a / (b ?? 1)),
  Pow: elementwise((a, b) => a ** (b ?? 1)),
  Mod: modulo,
  Min: elementwise((a, b) => Math.min(a, b ?? a)),
  Max: elementwise((a, b) => Math.max(a, b ?? a)),
  Sum: elementwise((a, b) => a + (b ?? 0)),
  Mean: elementwise(),
  And: elementwise((a, b) => (a !== 0 && b !== 0 ? 1 : 0), comparison),
  Or: elementwise((a, b) => (a !== 0 || b !== 0 ? 1 : 0), comparison),
  Xor: elementwise((a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0), comparison),
  Equal: elementwise((a, b) => (a === b ? 1 : 0), comparison),
  Less: elementwise((a, b) => (a < (b ?? 0) ? 1 : 0), comparison),
  Greater: elementwise((a, b) => (a > (b ?? 0) ? 1 : 0), comparison),
  LessOrEqual: elementwise((a, b) => (a <= (b ?? 0) ? 1 : 0), comparison),
  GreaterOrEqual: elementwise((a, b) => (a >= (b ?? 0) ? 1 : 0), comparison),
  Not: elementwise((a) => (a === 0 ? 1 : 0), comparison),
  Abs: elementwise(Math.abs),
  Neg: elementwise((a) => -a),
  Floor: elementwise(Math.floor),
  Ceil: elementwise(Math.ceil),
  Round: elementwise(roundHalfEven),
  Sign: elementwise(Math.sign),
  Sqrt: elementwise(Math.sqrt),
  Exp: elementwise(Math.exp),
  Log: elementwise(Math.log),
  Reciprocal: elementwise((a) => 1 / a),
  Relu: elementwise((a) => Math.max(a, 0)),
  Tanh: elementwise(Math.tanh),
  Sigmoid: elementwise((a) => 1 / (1 + Math.exp(-a))),
  Sin: elementwise(Math.sin),
  Cos: elementwise(Math.cos),
  BitShift: elementwise(),
  BitwiseAnd: elementwise(),
  BitwiseOr: elementwise(),
  BitwiseXor: elementwise(),
  IsNaN: typed(comparison),
  IsInf: typed(comparison),
};

/** Operators whose output has the shape of their first input, and whose values nobody needs at import. */
const shapeKeeping = [
  "LeakyRelu",
  "PRelu",
  "Elu",
  "Selu",
  "Celu",
  "Softplus",
  "Softsign",
  "ThresholdedRelu",
  "HardSigmoid",
  "HardSwish",
  "Gelu",
  "Mish",
  "Shrink",
  "Swish",
  "Erf",
  "Tan",
  "Asin",
  "Acos",
  "Atan",
  "Sinh",
  "Cosh",
  "Asinh",
  "Acosh",
  "Atanh",
  "Softmax",
  "LogSoftmax",
  "Hardmax",
  "LRN",
  "InstanceNormalization",
  "GroupNormalization",
  "RMSNormalization",
  "LpNormalization",
  "MeanVarianceNormalization",
  "CumSum",
  "Trilu",
  "BitwiseNot",
  "ScatterND",
  "ScatterElements",
  "Scatter",
  "TensorScatter",
  "ReverseSequence",
  "Bernoulli",
  "RandomUniformLike",
  "RandomNormalLike",
  "EyeLike",
  "RotaryEmbedding",
  // com.microsoft
  "FastGelu",
  "QuickGelu",
  "BiasGelu",
  "QLinearSigmoid",
  "QLinearLeakyRelu",
  "QLinearSoftmax",
  "SimplifiedLayerNormalization",
];

export const elementwiseRules: Readonly<Record<string, Rule>> = {
  ...arithmetic,
  ...Object.fromEntries(shapeKeeping.map((name) => [name, sameAsFirst])),
  BatchNormalization: sameAsFirstThenUnknown,
  LayerNormalization: sameAsFirstThenUnknown,
  SkipLayerNormalization: sameAsFirstThenUnknown,
  SkipSimplifiedLayerNormalization: sameAsFirstThenUnknown,
  Dropout: (c) => [
    { shape: shapeOf(c, 0), type: input(c, 0).type },
    { shape: shapeOf(c, 0), type: comparison },
  ],
  Identity: identity,
  Cast: cast((c) => intAttribute(c, "to", 0)),
  CastLike: cast((c) => input(c, 1).type),
  Clip: clip,
  Where: where,
  DequantizeLinear: dequantise,
  QuantizeLinear: quantise,
  DynamicQuantizeLinear: (c) => [
    { shape: shapeOf(c, 0), type: onnxType.uint8 },
    { shape: [], type: onnxType.float32 },
    { shape: [], type: onnxType.uint8 },
  ],
  QLinearAdd: (c) => [{ shape: broadcast(c, [shapeOf(c, 0), shapeOf(c, 3)]), type: input(c, 0).type }],
  QLinearMul: (c) => [{ shape: broadcast(c, [shapeOf(c, 0), shapeOf(c, 3)]), type: input(c, 0).type }],
};
