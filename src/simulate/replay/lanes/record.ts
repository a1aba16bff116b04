// What an observer of stepped lanes writes down: for every cycle what each lane has left, what it multiplies and which
// sums leave.

import type { LaneObserver } from "../../../component/sparse-lanes/stepped.ts";

/** A lane in a cycle. */
export interface LaneFrame {
  /** The round that its bitmaps are of: the one it works on, or the last one that it has finished; -1 before any. */
  readonly round: number;
  readonly isWorking: boolean;
  /** Positions still to be multiplied after this cycle, and the one of this cycle; -1 for none. */
  readonly left: readonly boolean[];
  readonly position: number;
  /** After this cycle. */
  readonly accumulator: number;
}

/** A sum that leaves a unit. */
export interface LeavingSum {
  readonly unit: number;
  readonly output: number;
  readonly sum: number;
}

export interface LaneCycle {
  readonly lanes: LaneFrame[];
  readonly leaving: LeavingSum[];
}

export function laneRecorder(mostFrames: number): { readonly observer: LaneObserver; readonly frames: LaneCycle[] } {
  const frames: LaneCycle[] = [];
  const isFull = (): boolean => frames.length >= mostFrames;
  let now: LaneCycle = { lanes: [], leaving: [] };
  const observer: LaneObserver = {
    acts: (_, { done, working, combined, accumulator }, position) => {
      if (isFull()) return;
      now.lanes.push({
        round: working ? done : done - 1,
        isWorking: working,
        left: [...combined],
        position,
        accumulator,
      });
    },
    leaves: (unit, output, sum) => {
      // Between two cycles it is the end of the one before.
      const at = now.lanes.length > 0 ? now : isFull() ? undefined : frames.at(-1);
      at?.leaving.push({ unit, output, sum });
    },
    ends: () => {
      if (!isFull()) frames.push(now);
      now = { lanes: [], leaving: [] };
    },
  };
  return { observer, frames };
}
