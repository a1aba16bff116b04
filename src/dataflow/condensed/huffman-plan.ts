// The order in which matrices are merged when a merger takes only so many at a time: the smallest first, so that what is
// merged again and again is small.

/**
 * Inputs of a round: numbers below the count of weights are those matrices, number count + r is the result of round r.
 */
export type MergeRound = readonly number[];

/**
 * Rounds of at most `ways` inputs that leave one matrix, taking a result to weigh what its inputs weigh together. The
 * first round takes so many that all others are full, which makes it Huffman's code of `ways` letters: no other plan
 * merges less weight. One matrix alone is a round of its own; ties go to the lower number.
 */
export function huffmanMergePlan(weights: ArrayLike<number>, ways: number): readonly MergeRound[] {
  const count = weights.length;
  if (count === 0) return [];
  if (count === 1) return [[0]];
  const weightOf = Float64Array.from(weights);
  // Matrices by weight, and results, which come in order of weight by themselves.
  const leaves = Uint32Array.from({ length: count }, (_, i) => i).toSorted(
    (a, b) => (weightOf[a] ?? 0) - (weightOf[b] ?? 0) || a - b,
  );
  const results: number[] = [];
  let nextLeaf = 0;
  let nextResult = 0;
  const takeSmallest = (): readonly [number: number, weight: number] => {
    const leaf = leaves[nextLeaf];
    const result = results[nextResult];
    const leafWeight = leaf === undefined ? Infinity : (weightOf[leaf] ?? 0);
    if (leaf !== undefined && (result === undefined || leafWeight <= result)) {
      nextLeaf++;
      return [leaf, leafWeight];
    }
    return [count + nextResult++, result ?? 0];
  };
  const rounds: number[][] = [];
  let inputs = ((count - 2) % (ways - 1)) + 2;
  for (let left = count; left > 1; left -= inputs - 1, inputs = ways) {
    if (rounds.length > 0) inputs = ways;
    const round: number[] = [];
    let weight = 0;
    for (let i = 0; i < inputs; i++) {
      const [number, own] = takeSmallest();
      round.push(number);
      weight += own;
    }
    rounds.push(round);
    results.push(weight);
  }
  return rounds;
}
