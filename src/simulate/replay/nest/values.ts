// Values of the words of a nest's tile, and the tile's results summed without any schedule.

import type { NestProblem, OperandKey, Rank } from "../../../mapping/nest/problem.ts";
import type { ComputeOperation, Operand } from "../../../workload/layer.ts";
import type { NestTile } from "./tile.ts";

const wordsOf = (ranks: readonly Rank[]): number => ranks.reduce((product, { extent }) => product * extent, 1);

/** All words of an operand of a tile, row-major over its ranks. */
export function tileValues(
  operation: ComputeOperation,
  problem: NestProblem,
  tile: NestTile,
  which: "A" | "B",
  { tensor, strides }: Operand,
): Float64Array {
  const ranks = tile.problem.operands[which];
  const places = ranks.map(() => 0);
  const whole = problem.operands[which];
  return Float64Array.from({ length: wordsOf(ranks) }, (_, word) => {
    let rest = word;
    for (let rank = ranks.length - 1; rank >= 0; rank--) {
      const extent = ranks[rank]?.extent ?? 1;
      places[rank] = (rest % extent) + (tile.base[which][rank] ?? 0);
      rest = Math.floor(rest / extent);
    }
    const axes = operation.operator === "matmul" ? places : channelsOfGroups(which, places, whole);
    return tensor.data[axes.reduce((at, place, axis) => at + place * (strides[axis] ?? 0), 0)] ?? 0;
  });
}

/** Operands of convolutions have one axis for groups and the channels of each. */
function channelsOfGroups(which: "A" | "B", places: readonly number[], ranks: readonly Rank[]): readonly number[] {
  const [first = 0, second = 0, third = 0, ...others] = places;
  if (which === "A") return [first * (ranks[1]?.extent ?? 1) + second, third, ...others];
  return [first, second * (ranks[2]?.extent ?? 1) + third, ...others];
}

/** The word that coordinates touch; undefined in the padding. */
function wordAt(ranks: readonly Rank[], coordinates: readonly number[]): number | undefined {
  let word = 0;
  for (const { terms, offset, extent } of ranks) {
    const place = terms.reduce(
      (sum, { dimension, coefficient }) => sum + coefficient * (coordinates[dimension] ?? 0),
      offset,
    );
    if (place < 0 || place >= extent) return undefined;
    word = word * extent + place;
  }
  return word;
}

/** The results of a nest in plain order, by word of C. */
export function plainResults({ dimensions, operands }: NestProblem, A: Float64Array, B: Float64Array): Float64Array {
  const results = new Float64Array(wordsOf(operands.C));
  const count = dimensions.reduce((product, { size }) => product * size, 1);
  const coordinates = dimensions.map(() => 0);
  const value = (data: Float64Array, operand: OperandKey): number => {
    const word = wordAt(operands[operand], coordinates);
    return word === undefined ? 0 : (data[word] ?? 0);
  };
  for (let at = 0; at < count; at++) {
    let rest = at;
    for (let index = dimensions.length - 1; index >= 0; index--) {
      const size = dimensions[index]?.size ?? 1;
      coordinates[index] = rest % size;
      rest = Math.floor(rest / size);
    }
    const word = wordAt(operands.C, coordinates);
    if (word !== undefined) results[word] = (results[word] ?? 0) + value(A, "A") * value(B, "B");
  }
  return results;
}
