// Which elements of an operand are not zero, a byte for each: from values, or drawn from a seeded pattern.

import { keyOf } from "../../../tensor/random.ts";
import { maskMaker } from "../../../tensor/sparsity.ts";
import type { Sparsity } from "../../../tensor/sparsity.ts";
import type { ComputeOperation, Operand } from "../../../workload/layer.ts";
import { elementCount, operandShapes } from "../../../workload/shapes.ts";
import type { NonZeros } from "./operand-bitmaps.ts";

/** Of an operand with values, row-major over its shape whatever its strides, which is the order of the problem's ranks. */
export function nonZerosOf(operation: ComputeOperation, which: "A" | "B", { tensor, strides }: Operand): NonZeros {
  const shape = operandShapes(operation)[which];
  const { data } = tensor;
  const found = new Uint8Array(elementCount(shape, which));
  const place = shape.map(() => 0);
  const inner = shape.at(-1) ?? 1;
  const stride = strides.at(-1) ?? 1;
  for (let next = 0; next < found.length;) {
    let at = 0;
    for (let axis = 0; axis < place.length - 1; axis++) at += (place[axis] ?? 0) * (strides[axis] ?? 0);
    for (let i = 0; i < inner; i++, at += stride) found[next++] = data[at] === 0 ? 0 : 1;
    for (let axis = place.length - 2; axis >= 0; axis--) {
      const moved = (place[axis] ?? 0) + 1;
      place[axis] = moved === shape[axis] ? 0 : moved;
      if (moved !== shape[axis]) break;
    }
  }
  return found;
}

/**
 * Of the random operand that `generate` makes from the same pattern, shape and seed. Throws InputError as that does for
 * a pattern that does not fit.
 */
export function randomNonZeros(
  operation: ComputeOperation,
  which: "A" | "B",
  sparsity: Sparsity,
  seed: number,
): NonZeros {
  const shape = operandShapes(operation)[which];
  const found = new Uint8Array(elementCount(shape, which));
  const mask = maskMaker(sparsity, shape, keyOf(seed));
  for (let i = 0; i < found.length; i++) found[i] = mask(i) ? 1 : 0;
  return found;
}
