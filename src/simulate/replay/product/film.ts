// The film of one unit of work of a sparse product: stepped while an observer looks on, drawn, filled and captioned; the
// rows of its timeline.

import type { ProductMachine } from "../../../dataflow/product/product.ts";
import type { ProductMapping } from "../../../mapping/product-mapping.ts";
import { transpose } from "../../../tensor/sparse-matrix.ts";
import type { OperandPair } from "../../../workload/sparse-operands.ts";
import { captionsOf, reel } from "../draft.ts";
import { timelineRow } from "../film.ts";
import type { ReplayOptions } from "../options.ts";
import { checkParts } from "../options.ts";
import type { Activity, Replay, ReplayRow } from "../replay.ts";
import { activities } from "../replay.ts";
import { countedUnit, steppedUnit } from "./counted.ts";
import { fillProduct } from "./fill.ts";
import type { UnitKind } from "./layout.ts";
import { namesOf, productLayout } from "./layout.ts";
import type { Frame } from "./record.ts";
import { captionsFor, programFilm, sentencesOf } from "./text.ts";

/** Films a unit of a layer's products. `where` begins the title. Throws InputError as `replayProduct` does. */
export function filmUnit(
  pairs: readonly OperandPair[],
  machine: ProductMachine,
  { dataflow, stationary }: Pick<ProductMapping, "dataflow" | "stationary">,
  where: string,
  options: ReplayOptions,
): Replay {
  const setting = `${machine.multipliers} multipliers, ${machine.cache.banks} banks of the cache`;
  // Before anything is stepped: each multiplier has at least a box of its own.
  checkParts(machine.multipliers, options, setting);
  const counted = countedUnit(pairs, machine, { dataflow, stationary }, options);
  const { record, agreement } = steppedUnit(counted, machine, dataflow, options.mostCycles);
  const kind: UnitKind = record.fibres.length > 0 ? "pass" : dataflow;
  const names = namesOf(stationary);
  const layout = productLayout(machine, record, kind, names);
  checkParts(layout.picture.parts.length, options, setting);
  const { frames } = record;
  const film = reel(layout.picture, frames.length);
  fillProduct(film, layout, machine, record, {
    B: dataflow === "inner" ? transpose(counted.B) : counted.B,
    base: counted.A.column.length,
  });
  const finished = film.finish();
  const product = pairs.length === 1 ? "" : ` of product ${counted.product}`;
  return {
    title: `${where}: unit ${counted.unit + 1}${product}, a ${kind === "pass" ? "merge pass" : "batch"}`,
    sentences: sentencesOf(kind, names),
    ...finished,
    ...(record.cycles > frames.length ? { of: record.cycles } : {}),
    timeline: timelineOf(frames, finished, kind),
    program: programFilm(dataflow, kind, machine, names, frames),
    captions: captionsOf(captionsFor(machine, record, kind, names), frames.length),
    agreement,
  };
}

const stateLabels = {
  configure: ["passing", "sets networks up"],
  rest: ["loading", "entries come to rest"],
  stream: ["loading", "elements stream"],
  exhausted: ["passing", "finds nothing left"],
  merge: ["useful", "merges"],
  distribute: ["loading", "network brings the rest"],
  tail: ["passing", "last element passes registers"],
  settle: ["passing", "queue empties"],
  transfer: ["stalled", "waits for off-chip transfers"],
} as const satisfies { readonly [state in Frame["state"]]: readonly [Activity, string] };

/** Rows for the controller, the memories and the array. */
function timelineOf(
  frames: readonly Frame[],
  { parts, activity }: Pick<Replay, "parts" | "activity">,
  kind: UnitKind,
): readonly ReplayRow[] {
  const cycles = frames.length;
  const count = (cycle: number, of: "unit" | "adder", activityName: Activity): number => {
    const code = activities.indexOf(activityName);
    let total = 0;
    for (const [part, { kind: what }] of parts.entries()) {
      if (what === of && activity[cycle * parts.length + part] === code) total++;
    }
    return total;
  };
  const controller = timelineRow("controller", cycles, (cycle) => {
    const frame = frames[cycle];
    if (frame === undefined) return undefined;
    const [what, label] = stateLabels[frame.state];
    return { activity: what, label };
  });
  const adders = timelineRow(kind === "inner" ? "sums" : "merge tree", cycles, (cycle) => {
    const useful = count(cycle, "adder", "useful");
    const passing = count(cycle, "adder", "passing");
    const stalled = count(cycle, "adder", "stalled");
    if (useful + passing + stalled === 0) return undefined;
    const label = kind === "inner" ? `${useful} formed` : `${useful} compare, ${passing} pass on, ${stalled} wait`;
    return { activity: useful > 0 ? "useful" : passing > 0 ? "passing" : "stalled", label };
  });
  if (kind === "pass") return [controller, adders];
  const cache = timelineRow("cache", cycles, (cycle) => {
    const frame = frames[cycle];
    if (frame === undefined) return undefined;
    const hits = frame.served.filter(({ isHit }) => isHit).length;
    const misses = frame.served.length - hits;
    if (hits + misses > 0) {
      return { activity: misses > 0 ? "stalled" : "passing", label: `${hits} hits, ${misses} misses` };
    }
    return frame.waiting.length > 0 && frame.linesOnTheWay > 0
      ? { activity: "stalled", label: "waits for lines" }
      : undefined;
  });
  const offChip = timelineRow("off-chip memory", cycles, (cycle) => {
    const frame = frames[cycle];
    if (frame === undefined) return undefined;
    if (frame.linesOnTheWay > 0) return { activity: "loading", label: lines(frame.linesOnTheWay) };
    return frame.state === "transfer" ? { activity: "loading", label: "moves the batch's other bytes" } : undefined;
  });
  const multipliers = timelineRow("multipliers", cycles, (cycle) => {
    const useful = count(cycle, "unit", "useful");
    const zero = count(cycle, "unit", "zero");
    if (useful + zero > 0) {
      return {
        activity: useful > 0 ? "useful" : "zero",
        label: zero > 0 ? `${useful} useful, ${zero} by zero` : `${useful} useful`,
      };
    }
    const stalled = count(cycle, "unit", "stalled");
    const loading = count(cycle, "unit", "loading");
    if (stalled + loading === 0) return undefined;
    return loading > 0
      ? { activity: "loading", label: `${loading} receive` }
      : { activity: "stalled", label: `${stalled} wait` };
  });
  return [controller, offChip, cache, multipliers, ...(kind === "outer" ? [] : [adders])];
}

const lines = (count: number): string => (count === 1 ? "1 line on its way" : `${count} lines on their way`);
