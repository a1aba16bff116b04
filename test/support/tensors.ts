// Random tensors for property tests (fast-check): every type, rank 0 to 4, any density, runs of zeros and of non-zeros.

import fc from "fast-check";
import { elementCount, elementTypes, tensor } from "../../src/tensor/tensor.ts";
import type { ElementType, Tensor } from "../../src/tensor/tensor.ts";

/** Shapes of at most `limit` elements. */
export function shapes(limit: number): fc.Arbitrary<number[]> {
  const side = fc.oneof(
    { weight: 1, arbitrary: fc.constant(1) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }) },
  );
  return fc.array(side, { maxLength: 4 }).filter((shape) => elementCount(shape) <= limit);
}

/** Tensors of at most `limit` elements whose density is anything from all zero to all non-zero. */
export function tensors(limit: number, types: readonly ElementType[] = elementTypes): fc.Arbitrary<Tensor> {
  const densities = fc.oneof(
    fc.constant(0),
    fc.constant(1),
    fc.constant(0.01),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  return fc
    .record({
      type: fc.constantFrom(...types),
      shape: shapes(limit),
      density: densities,
      seed: fc.integer({ min: 1, max: 0x7fffffff }),
    })
    .map(({ type, shape, density, seed }) => {
      let state = seed;
      const random = () => {
        state = (Math.imul(state, 48271) + 11) & 0x7fffffff;
        return state / 2 ** 31;
      };
      const unsigned = type === "uint8";
      const result = tensor(type, shape);
      for (let i = 0; i < result.data.length; i++) {
        if (random() >= density) continue;
        const size = 1 + Math.floor(random() * 127);
        result.data[i] = unsigned || random() < 0.5 ? size : type === "float32" ? -size / 3 : -size;
      }
      return result;
    });
}
