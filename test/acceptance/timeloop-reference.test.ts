// Words and steps of Timeloop's recorded cases (../shared/reference/timeloop), derived again by the loop-nest evaluator.
// Every figure is equal but for three conventions, each checked for the exact amount that it makes:
// - Timeloop multicasts a word only to units that hold equal tiles: where a window is spread over units by output position
//   and by tap, it reads the words that overlap once for each unit. Here a read serves every unit that needs the word.
// - It counts partial sums as filled into every unit that adds to the same sum; here one unit gets them, the others start
//   from 0. Its state of 2022 also fills the zeros of a first use.
// - It keeps of a window's tile what the innermost moving loop leaves, and nothing where an outer loop moves on as well.
//   Here what is there stays: of 3 taps for 16 positions 18 words, then 2 + 1 + 1 for each further filter, not 18 again;
//   between tiles that meet at a corner the corner (7 corners of 3 channels in one case).

import { describe, expect, test } from "vitest";
import { prepareNest } from "../../src/dataflow/nest/prepare.ts";
import { evaluateSchedule } from "../../src/dataflow/nest/evaluate.ts";
import { timeloopCase } from "../support/timeloop-cases.ts";
import { hasShared, needs } from "./shared.ts";

interface Convention {
  readonly id: string;
  /** Words of a row of windows spread over units: as one, and as many as there are units. */
  readonly window?: readonly [number, number];
  /** Units that add to the same sum. */
  readonly adders?: number;
  /** Whether zeros count as filled. */
  readonly fillsZeros?: boolean;
  /** Words of a window's tile over all filters: when those there stay, and when every filter starts anew. */
  readonly restarts?: readonly [number, number];
  /** Words of inputs in corners that tiles from the first level share. */
  readonly corners?: number;
}

const cases: readonly Convention[] = [
  { id: "tut02-conv1d-oc-2level-untiled" },
  { id: "tut02-conv1d-oc-2level-tiled" },
  { id: "tut03-conv1d-oc-3level-bypass" },
  { id: "tut04-conv1d-oc-3levelspatial-kp", restarts: [18 + 4, 2 * 18] },
  { id: "tut04-conv1d-oc-3levelspatial-cp", restarts: [18 + 31 * 4, 32 * 18] },
  { id: "tut05-mapper-baked" },
  { id: "tut05-mapper-freebypass" },
  { id: "tut06-mapper-eyeriss", window: [16, 42], adders: 3 },
  { id: "ex-simple_weight_stationary", adders: 3 },
  { id: "ex-eyeriss_like", window: [29, 42], corners: 7 * 3 },
  { id: "a7-eyeriss-alexnet_conv2-dense", window: [18, 70], adders: 10, fillsZeros: true },
  { id: "a7-eyeriss-alexnet_conv3-dense", window: [15, 39], adders: 3, fillsZeros: true },
];

const folder = "reference/timeloop/index.json";
const has = hasShared("reference/timeloop/README.md");

describe(`Timeloop's cases${has ? "" : needs(folder)}`, () => {
  test.skipIf(!has).each(cases)("$id", (convention) => {
    const { id, window = [1, 1], adders = 1, fillsZeros = false, restarts = [1, 1], corners = 0 } = convention;
    const { problem, hierarchy, schedule, cycles, computes, counts } = timeloopCase(id);
    const found = evaluateSchedule(prepareNest(problem, hierarchy), schedule);
    // Its cycles are steps of the datapath where no bandwidth is given.
    expect({ steps: found.steps, cycles: found.cycles, macs: found.macs }).toEqual({
      steps: cycles,
      cycles,
      macs: computes,
    });
    let compared = 0;
    for (const {
      operand,
      parent,
      child,
      reads,
      deliveries,
      partialWrites,
      finalWrites,
      readBacks,
    } of found.boundaries) {
      const above = counts[parent]?.[operand];
      const below = counts[child]?.[operand];
      const where = `${operand} from ${hierarchy.levels[parent]?.name} to ${hierarchy.levels[child]?.name ?? "datapath"}`;
      const updates = partialWrites + finalWrites;
      const inner = operand === "B" && parent > 0 && child < hierarchy.levels.length;
      const again = (words: number): number =>
        (inner ? (words / restarts[0]) * restarts[1] : words) + (operand === "B" && parent === 0 ? corners : 0);
      if (above !== undefined) {
        const asRead = inner ? (again(reads) / window[0]) * window[1] : again(reads);
        expect(above.reads * above.instances, `reads of ${where}`).toBe(asRead);
        if (operand === "C") expect(above.updates * above.instances, `updates of ${where}`).toBe(updates);
        compared++;
      }
      if (below !== undefined) {
        const sums = (fillsZeros ? updates : readBacks) * (parent > 0 ? adders : 1);
        const asFilled = operand === "C" ? sums : again(deliveries);
        expect(below.fills * below.instances, `fills of ${where}`).toBe(asFilled);
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(6);
  });
});
