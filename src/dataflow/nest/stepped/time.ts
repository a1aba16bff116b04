// Cycles of a loop nest whose stages run in lockstep: inside a step of an outer stage the steps of the next one follow
// each other, each as long as the work in it or the transfers beside it, whichever takes longer.

import type { Hierarchy } from "../../../mapping/nest/schedule.ts";
import type { Load } from "./ports.ts";
import { duration } from "./ports.ts";
import type { Walk } from "./walk.ts";

/** What one operand moves in a transition of a stage, as loads on the memories of both ends. */
export interface StageMove {
  /** Beside the work of a step; otherwise after it. */
  readonly overlapped: boolean;
  /** For the step that is entered. */
  readonly incoming: readonly Load[];
  /** Because of the step that is left. */
  readonly outgoing: readonly Load[];
}

/** By stage, then by transition: into every step, and one more for the end. Stage 0 has none. */
export type StageMoves = readonly (readonly (readonly StageMove[])[])[];

export interface Timing {
  readonly cycles: number;
  readonly stack: Record<string, number>;
}

/**
 * Times a walk. `stepCycles` is a step of the datapath when no port is slower: 1, or with `fractional` a mean over many,
 * where the steps of the datapath are not rounded to cycles one by one.
 */
export function timeOf(
  walk: Walk,
  hierarchy: Hierarchy,
  moves: StageMoves,
  stepCycles: number,
  fractional: boolean,
): Timing {
  const name = (level: number): string => hierarchy.levels[level]?.name ?? "";
  const inner = hierarchy.levels.slice(1).map((level) => `wait ${level.name}`);
  const bandwidth = hierarchy.levels.map((level) => `bandwidth ${level.name}`);
  const causes = ["compute", ...inner, "wait datapath", "fill", "drain", ...bandwidth];
  const stack: Record<string, number> = Object.fromEntries(causes.map((cause) => [cause, 0]));
  const spend = (cause: string, cycles: number): number => {
    stack[cause] = (stack[cause] ?? 0) + cycles;
    return cycles;
  };
  const at = (stage: number, transition: number): readonly StageMove[] => moves[stage]?.[transition] ?? [];
  const both = ({ incoming, outgoing }: StageMove): readonly Load[] => [...incoming, ...outgoing];

  /** T_n: one step of the datapath. */
  const datapathStep = (step: number): number => {
    const loads = at(walk.levels, step).flatMap(both);
    const { cycles } = fractional ? duration(loads, (exact) => exact) : duration(loads);
    return spend("compute", stepCycles) + spend("wait datapath", Math.max(0, cycles - stepCycles));
  };

  /** All steps of `stage` inside one step of the stage around it. */
  const tile = (stage: number, outer: number): number => {
    const steps = (walk.steps[stage] ?? []).flatMap((step, index) => (step.outer === outer ? [index] : []));
    if (stage === walk.levels) return steps.reduce((sum, step) => sum + datapathStep(step), 0);
    const [first = 0] = steps;
    let cycles = spend("fill", duration(at(stage, first).flatMap(both)).cycles);
    for (const step of steps) {
      const work = tile(stage + 1, step);
      const next = step === steps.at(-1) ? [] : at(stage, step + 1);
      const previous = step === first ? [] : at(stage, step);
      const group = (overlapped: boolean): readonly Load[] => [
        ...next.filter((move) => move.overlapped === overlapped).flatMap(({ incoming }) => incoming),
        ...previous.filter((move) => move.overlapped === overlapped).flatMap(({ outgoing }) => outgoing),
      ];
      const longer = Math.max(0, duration(group(true)).cycles - work) + duration(group(false)).cycles;
      cycles += work + spend(`wait ${name(stage)}`, longer);
    }
    return cycles;
  };

  let cycles = tile(1, 0);
  for (let stage = 1; stage < walk.levels; stage++) {
    const end = at(stage, walk.steps[stage]?.length ?? 0);
    cycles += spend("drain", duration(end.flatMap(({ outgoing }) => outgoing)).cycles);
  }
  // No memory moves more than its ports do in the whole run.
  const bound = duration(moves.flat(2).flatMap(both));
  if (bound.cycles > cycles) cycles += spend(`bandwidth ${name(bound.level)}`, bound.cycles - cycles);
  // A sum of many fractions is off in its last digits, which must not make a cycle.
  return { cycles: fractional ? Math.ceil(cycles * (1 - 1e-12)) : cycles, stack };
}
