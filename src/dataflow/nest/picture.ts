// What a picture of a loop nest shows, as data that outlives the run: what rests in which memory, the loops over it, and
// what moved between them.

import type { OutlinedLevel } from "../../mapping/nest/outline.ts";
import { outline } from "../../mapping/nest/outline.ts";
import type { NestProblem } from "../../mapping/nest/problem.ts";
import { scheduleText } from "../../mapping/nest/schedule-text.ts";
import type { Hierarchy, Schedule } from "../../mapping/nest/schedule.ts";
import type { BoundaryCounts, NestEvaluation } from "./evaluation.ts";

export interface NestPicture {
  /** Levels of memories, far to near. */
  readonly levels: readonly OutlinedLevel[];
  readonly boundaries: readonly BoundaryCounts[];
  readonly wordBytes: Hierarchy["wordBytes"];
  readonly macs: number;
  /** Steps of the datapath and its units in use. */
  readonly steps: number;
  readonly units: number;
  /** The schedule as the levels of a schedule file, where that form can say it. */
  readonly text?: string;
}

/** The picture of a valid schedule and of what an evaluation says of it. */
export function nestPicture(
  problem: NestProblem,
  hierarchy: Hierarchy,
  schedule: Schedule,
  { boundaries, macs, steps, units }: NestEvaluation,
): NestPicture {
  const levels = outline(problem, hierarchy, schedule);
  const text = scheduleText(problem, hierarchy, schedule, 4);
  const picture = { levels, boundaries, wordBytes: hierarchy.wordBytes, macs, steps, units };
  return text === undefined ? picture : { ...picture, text };
}
