// A walk through every multiplication of a matrix product's loop nest, for tests of sparsity: it knows nothing of boxes,
// it watches which words of an operand stay while time goes on, and whether those of the other one are all zero.

import type { NestProblem } from "../../src/mapping/nest/problem.ts";
import type { Schedule } from "../../src/mapping/nest/schedule.ts";
import type { NestSparsity } from "../../src/simulate/nest/sparsity/sparsity.ts";

interface Visit {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Step of every loop, outermost first. */
  readonly steps: readonly number[];
}

/** Every multiplication in the order of the nest, lane by lane. */
function visits(problem: NestProblem, { levels }: Schedule): Visit[] {
  const loops = levels.flatMap(({ temporal, spatial }) => [...temporal, ...spatial]);
  const found: Visit[] = [];
  const walk = (at: number, start: readonly number[], length: readonly number[], steps: readonly number[]): void => {
    const loop = loops[at];
    if (loop === undefined) {
      const [, m = 0, n = 0, k = 0] = start;
      found.push({ m, n, k, steps });
      return;
    }
    const { dimension, tile } = loop;
    const extent = length[dimension] ?? 1;
    for (let done = 0; done < extent; done += tile) {
      walk(
        at + 1,
        start.with(dimension, (start[dimension] ?? 0) + done),
        length.with(dimension, Math.min(tile, extent - done)),
        [...steps, done / tile],
      );
    }
  };
  walk(
    0,
    problem.dimensions.map(() => 0),
    problem.dimensions.map(({ size }) => size),
    [],
  );
  return found;
}

/** What the walk says: multiplications that are executed and skipped, the slowest lane's cycles summed over the rounds. */
export function walkSparsity(
  problem: NestProblem,
  schedule: Schedule,
  sparsity: NestSparsity,
  bits: { A: (m: number, k: number) => boolean; B: (k: number, n: number) => boolean },
): { executed: number; skipped: number; slowest: number; total: number } {
  const loops = schedule.levels.flatMap(({ temporal, spatial }, level) => [
    ...temporal.map(() => ({ level, spatial: false })),
    ...spatial.map(() => ({ level, spatial: true })),
  ]);
  const all = visits(problem, schedule);
  const stepsOf = (visit: Visit, asked: (loop: { level: number; spatial: boolean }) => boolean) =>
    visit.steps.filter((_, at) => asked(loops[at] ?? { level: 0, spatial: false })).join();
  const zero = { A: ({ m, k }: Visit) => !bits.A(m, k), B: ({ n, k }: Visit) => !bits.B(k, n) };
  const gone = all.map(() => ({ skipped: false, gated: false }));
  const mark = (index: number, kind: "skip" | "gate"): void => {
    const one = gone[index];
    if (one !== undefined) one[kind === "skip" ? "skipped" : "gated"] = true;
  };
  for (const action of sparsity.actions) {
    for (const leader of action.leaders) {
      if (action.at === "datapath") {
        for (const [index, visit] of all.entries()) if (zero[leader](visit)) mark(index, action.kind);
        continue;
      }
      if (action.follower === "C") continue;
      const { follower } = action;
      const child = action.at + 1;
      // Each instance of the child on its own: its steps in time, and the words of the follower in its tile.
      const instances = new Map<string, Map<string, number[]>>();
      for (const [index, visit] of all.entries()) {
        const instance = stepsOf(visit, (loop) => loop.level < child && loop.spatial);
        const step = stepsOf(visit, (loop) => loop.level < child && !loop.spatial);
        const stepsIn = instances.get(instance) ?? new Map<string, number[]>();
        instances.set(instance, stepsIn);
        const group = stepsIn.get(step) ?? [];
        stepsIn.set(step, group);
        group.push(index);
      }
      for (const stepsIn of instances.values()) {
        let words = "";
        let stay: number[] = [];
        const finish = (): void => {
          const empty = stay.every((index) => {
            const visit = all[index];
            return visit === undefined || zero[leader](visit);
          });
          if (empty) for (const index of stay) mark(index, action.kind);
        };
        const inTime = [...stepsIn].sort(([a], [b]) => compareSteps(a, b));
        for (const [, group] of inTime) {
          const now = wordsOf(
            group.map((index) => all[index]),
            follower,
          );
          // Nothing stays at the multipliers: they are given a word at every step.
          if (now !== words || child === schedule.levels.length) {
            finish();
            stay = [];
            words = now;
          }
          stay.push(...group);
        }
        finish();
      }
    }
  }
  const rounds = new Map<string, Map<string, number>>();
  for (const [index, visit] of all.entries()) {
    const round = stepsOf(visit, (loop) => loop.level < sparsity.barrier && !loop.spatial);
    const lane = stepsOf(visit, (loop) => loop.spatial);
    const lanes = rounds.get(round) ?? new Map<string, number>();
    rounds.set(round, lanes);
    lanes.set(lane, (lanes.get(lane) ?? 0) + (gone[index]?.skipped === true ? 0 : 1));
  }
  return {
    executed: gone.filter(({ skipped, gated }) => !skipped && !gated).length,
    skipped: gone.filter(({ skipped }) => skipped).length,
    slowest: [...rounds.values()].reduce((sum, lanes) => sum + Math.max(...lanes.values()), 0),
    total: all.length,
  };
}

function compareSteps(a: string, b: string): number {
  const [left, right] = [a.split(",").map(Number), b.split(",").map(Number)];
  const at = left.findIndex((step, index) => step !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

function wordsOf(group: readonly (Visit | undefined)[], operand: "A" | "B"): string {
  const words = group.map((visit) => {
    const { m, n, k } = visit ?? { m: 0, n: 0, k: 0 };
    return operand === "A" ? `${m},${k}` : `${k},${n}`;
  });
  return [...new Set(words)].toSorted().join(";");
}
