// The cheapest way through a row of stages where what a choice costs depends on the choice before it, by dynamic
// programming over the choices of a stage.

/**
 * What choice `state` of a stage costs after choice `before` of the stage before it; `before` is undefined at the first
 * stage. Must not be NaN.
 */
export type StepCost = (stage: number, state: number, before: number | undefined) => number;

/**
 * The choice of every stage with the least sum of costs; `states[i]` is the number of choices of stage i, at least 1.
 * Of several best paths the one that takes the earlier choice at the first stage where they differ. Takes the sum of
 * `states[i - 1] * states[i]` evaluations of `cost` and memory for as many numbers as there are choices.
 */
export function cheapestPath(states: readonly number[], cost: StepCost): readonly number[] {
  // From the last stage back: the least cost from a stage to the end, and the choice there, for each choice before it.
  const next: number[][] = states.map(() => []);
  let rest: number[] = [];
  for (let stage = states.length - 1; stage >= 0; stage--) {
    const after = rest;
    const count = states[stage] ?? 0;
    if (count < 1) throw new Error(`stage ${stage} has nothing to choose`);
    const befores: readonly (number | undefined)[] =
      stage === 0 ? [undefined] : Array.from({ length: states[stage - 1] ?? 0 }, (_, before) => before);
    rest = befores.map((before, index) => {
      let least = Infinity;
      let choice = 0;
      for (let state = 0; state < count; state++) {
        const sum = cost(stage, state, before) + (after[state] ?? 0);
        if (sum < least) {
          least = sum;
          choice = state;
        }
      }
      (next[stage] ?? [])[index] = choice;
      return least;
    });
  }
  let at = 0;
  return next.map((choices) => (at = choices[at] ?? 0));
}
