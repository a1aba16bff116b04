// Seeded random tensors: a pattern of non-zeros and a range of values, every element computable alone, so that a tile
// equals the same part of the whole whoever generates it. See random.ts for the generator.

import { InputError } from "../base/error.ts";
import { keyOf, randomWord } from "./random.ts";
import type { Key } from "./random.ts";
import { maskMaker } from "./sparsity.ts";
import type { Sparsity } from "./sparsity.ts";
import { elementCount, elementTypes, integerRange, rowMajorStrides, zeros } from "./tensor.ts";
import type { ElementType, Tensor } from "./tensor.ts";

export { deriveSeed } from "./random.ts";
export type { Sparsity } from "./sparsity.ts";

/** Smallest and largest value; zero is never drawn. */
export interface ValueRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** A random tensor as plain data: pattern, and the range of its values where the default will not do. */
export type GeneratorSpec = Sparsity & { readonly values?: ValueRange };

/** The elements of a tensor by row-major index. */
export interface ValueSource {
  value(index: number): number;
}

/** A box inside a shape: `start` and `size` along each axis. */
export interface Box {
  readonly start: readonly number[];
  readonly size: readonly number[];
}

/** Counter stream of the values; the patterns use small numbers. Values do not depend on the pattern. */
const valueStream = 0;

/** Default values: all that multiply without an overflow of the negated value. Floats are rounded to float32. */
export function defaultValues(type: ElementType): ValueRange {
  const range = integerRange(type);
  if (range === undefined) return { minimum: -1, maximum: 1 };
  return { minimum: range[0] < 0 ? -range[1] : 1, maximum: range[1] };
}

/**
 * The elements of the random tensor (spec, type, shape, seed). Integers are uniform over the non-zero values of the
 * range (to within 2^-32 of their number); floats uniform over the range, rounded to float32, never zero. Throws
 * InputError (path of the parameter) for a spec, shape or seed that does not fit.
 */
export function elementSource(
  spec: GeneratorSpec,
  type: ElementType,
  shape: readonly number[],
  seed: number,
): ValueSource {
  if (!elementTypes.includes(type)) {
    throw new InputError({
      path: "type",
      message: "unknown element type",
      found: type,
      expected: `one of ${elementTypes.join(", ")}`,
      known: elementTypes,
    });
  }
  const key = keyOf(seed);
  elementCount(shape);
  const mask = maskMaker(spec, shape, key);
  const nonZero = nonZeroMaker(type, spec.values ?? defaultValues(type), key);
  return { value: (index) => (mask(index) ? nonZero(index) : 0) };
}

/** The whole random tensor. Throws InputError as `elementSource`. */
export function generate(spec: GeneratorSpec, type: ElementType, shape: readonly number[], seed: number): Tensor {
  const source = elementSource(spec, type, shape, seed);
  const data = zeros(type, elementCount(shape));
  for (let i = 0; i < data.length; i++) data[i] = source.value(i);
  return { type, shape: [...shape], data };
}

/** One element of the random tensor, at a row-major index. Throws InputError as `elementSource`, or outside the shape. */
export function elementAt(
  spec: GeneratorSpec,
  type: ElementType,
  shape: readonly number[],
  seed: number,
  index: number,
): number {
  const source = elementSource(spec, type, shape, seed);
  const count = elementCount(shape);
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new InputError({
      path: "index",
      message: "no such element",
      found: String(index),
      expected: `an integer from 0 to ${count - 1}`,
    });
  }
  return source.value(index);
}

/** A part of the random tensor of `shape`, equal to that part of the whole. Throws InputError as `elementSource`, or for a box outside the shape. */
export function generateTile(
  spec: GeneratorSpec,
  type: ElementType,
  shape: readonly number[],
  seed: number,
  box: Box,
): Tensor {
  const source = elementSource(spec, type, shape, seed);
  requireBox(box, shape);
  const data = zeros(type, elementCount(box.size));
  const strides = rowMajorStrides(shape);
  const place = box.size.map(() => 0);
  const innermost = box.size.at(-1) ?? 1;
  for (let next = 0; next < data.length;) {
    let index = 0;
    for (const [axis, stride] of strides.entries()) index += stride * ((box.start[axis] ?? 0) + (place[axis] ?? 0));
    for (let i = 0; i < innermost; i++) data[next++] = source.value(index + i);
    for (let axis = place.length - 2; axis >= 0; axis--) {
      const moved = (place[axis] ?? 0) + 1;
      place[axis] = moved === box.size[axis] ? 0 : moved;
      if (moved !== box.size[axis]) break;
    }
  }
  return { type, shape: [...box.size], data };
}

function requireBox(box: Box, shape: readonly number[]): void {
  if (box.start.length !== shape.length || box.size.length !== shape.length) {
    throw new InputError({
      path: "box",
      message: "wrong number of axes",
      found: `${box.start.length} and ${box.size.length}`,
      expected: String(shape.length),
    });
  }
  for (const [axis, dimension] of shape.entries()) {
    const start = box.start[axis] ?? 0;
    const size = box.size[axis] ?? 0;
    if (!(Number.isInteger(start) && Number.isInteger(size) && start >= 0 && size >= 1 && start + size <= dimension)) {
      throw new InputError({
        path: `box[${axis}]`,
        message: "tile outside the tensor",
        found: `${start} + ${size}`,
        expected: `within 0 to ${dimension}`,
      });
    }
  }
}

/** The value of element `index`, given that it is not zero. */
function nonZeroMaker(type: ElementType, range: ValueRange, key: Key): (index: number) => number {
  return type === "float32" ? floatMaker(range, key) : integerMaker(type, range, key);
}

function integerMaker(type: ElementType, { minimum, maximum }: ValueRange, key: Key): (index: number) => number {
  const limits = integerRange(type) ?? [0, 0];
  const fits = Number.isInteger(minimum) && Number.isInteger(maximum) && minimum >= limits[0] && maximum <= limits[1];
  const hasZero = minimum <= 0 && maximum >= 0;
  const choices = maximum - minimum + (hasZero ? 0 : 1);
  if (!fits || minimum > maximum || choices < 1) {
    throw new InputError({
      path: "values",
      message: `bad range of ${type} values`,
      found: `${minimum} to ${maximum}`,
      expected: `integers from ${limits[0]} to ${limits[1]}, not zero alone`,
    });
  }
  return (index) => {
    // word x choices / 2^32 stays clear of `choices` by choices / 2^32, far more than a double's rounding.
    const value = minimum + Math.floor((randomWord(key, valueStream, index) * choices) / 2 ** 32);
    return hasZero && value >= 0 ? value + 1 : value;
  };
}

function floatMaker(range: ValueRange, key: Key): (index: number) => number {
  const minimum = Math.fround(range.minimum);
  const maximum = Math.fround(range.maximum);
  if (
    !(Number.isFinite(minimum) && Number.isFinite(maximum) && minimum <= maximum && (minimum !== 0 || maximum !== 0))
  ) {
    throw new InputError({
      path: "values",
      message: "bad range of float32 values",
      found: `${range.minimum} to ${range.maximum}`,
      expected: "finite numbers in ascending order, not zero alone",
    });
  }
  const width = maximum - minimum;
  const instead = maximum !== 0 ? maximum : minimum;
  return (index) => {
    const value = Math.fround(minimum + ((randomWord(key, valueStream, index) + 0.5) / 2 ** 32) * width);
    return value !== 0 ? value : instead;
  };
}
