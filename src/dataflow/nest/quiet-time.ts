// The time of a schedule none of whose steps waits for what moves beside it: the work, and the moves before the first step
// of each tile. Those factorise over the dimensions but for their slowest port, so that no step need be looked at.

import { takenTable } from "./chain/chain.ts";
import type { Bound } from "./evaluate.ts";
import { clearPorts, portTime } from "./ports.ts";
import type { Place } from "./quiet-moves.ts";
import { atFirst, atLast, columns, everywhere, listOf, movesAt, multiplyAlone, width } from "./quiet-moves.ts";
import type { BoundaryTables } from "./tables.ts";

/** Steps of the datapath: how many, cycles of each where no port makes it wait, and whether they are rounded. */
interface Steps {
  readonly steps: number;
  readonly stepCycles: number;
  /** Whether no step waits. */
  readonly sameStep: boolean;
  readonly whole: boolean;
}

/**
 * The cycles of all `steps` of the datapath, `stepCycles` each at least, those among them that wait for its ports, and
 * cycles in which the array waits for the first words of tiles, into `out`: false where moves beside the work may take
 * longer than it, or units may idle. `single` are the tables of the boundaries.
 */
export function quietTime(
  bound: Bound,
  single: readonly BoundaryTables[],
  { steps, stepCycles, sameStep, whole }: Steps,
  out: Float64Array,
): boolean {
  const { prepared, chains, slots, levelOf } = bound;
  const levels = prepared.hierarchy.levels.length;
  for (let slot = 0; slot < chains.length; slot++) if (chains[slot]?.stages[1]?.ends === undefined) return false;
  for (let index = 0; index < single.length; index++) if (single[index]?.group !== 0) return false;
  const least = sameStep ? stepCycles : Math.max(stepCycles, leastStep(bound, single, whole));
  for (let stage = 1; stage < levels; stage++) {
    if (movesTake(bound, single, stage) > tileSteps(bound, steps, stage) * least) return false;
  }
  const { moved } = prepared;
  let fill = 0;
  for (let stage = 1; stage < levels; stage++) {
    const place = placeOf(bound, single, stage);
    if (place === undefined) continue;
    for (let slot = 0; slot < chains.length; slot++) moved[slot] = -1;
    fill += swapCycles(place, everywhere, true, false);
    moved.fill(0);
    for (let position = 0; position < slots.length && (levelOf[position] ?? 0) < stage - 1; position++) {
      const slot = slots[position] ?? 0;
      moved[slot] = (moved[slot] ?? 0) + 1;
      fill += changesOf(place, prepared.reduced[slot] === true);
      moved[slot] = (moved[slot] ?? 0) + 1;
    }
  }
  out[0] = steps * stepCycles;
  out[1] = 0;
  out[2] = fill;
  if (!sameStep) datapathTime(bound, single, stepCycles, whole, out);
  return true;
}

/** Steps of the datapath that wait for its ports: `out` as above. */
function datapathTime(
  bound: Bound,
  single: readonly BoundaryTables[],
  stepCycles: number,
  whole: boolean,
  out: Float64Array,
): void {
  const { prepared, chains } = bound;
  const { moved } = prepared;
  const levels = prepared.hierarchy.levels.length;
  const place = placeOf(bound, single, levels);
  if (place === undefined) return;
  for (let slot = 0; slot < chains.length; slot++) moved[slot] = 2 * (chains[slot]?.stages[levels]?.loops ?? 0);
  const datapath = { ...place, stepCycles, whole };
  let wait = swapCycles(datapath, everywhere, false, false);
  wait += swapCycles(datapath, atFirst, true, false) - swapCycles(datapath, atFirst, false, false);
  out[0] = (out[0] ?? 0) + wait;
  out[1] = wait;
}

/** No step of the datapath takes less for its ports, in cycles: without partial sums, and windows may lie in padding. */
function leastStep({ prepared, chains }: Bound, single: readonly BoundaryTables[], whole: boolean): number {
  const { ports } = prepared;
  const levels = prepared.hierarchy.levels.length;
  clearPorts(ports);
  for (let index = 0; index < single.length; index++) {
    const table = single[index];
    if (table === undefined || table.child !== levels || table.windows.length > 0) continue;
    const { operand, parent, parentMemory, slots, width: bytes } = table;
    let words = table.factor;
    for (let at = 0; at < slots.length; at++) {
      const own = chains[slots[at] ?? 0]?.stages[levels];
      if (own === undefined) continue;
      const from = takenTable(levels, operand, parent) * own.stateOf.length;
      const { change } = movesAt(own, 2 * own.loops, false, everywhere);
      let least = Infinity;
      for (const one of change) least = Math.min(least, own.measures.data[from + one] ?? 0);
      words *= least;
    }
    const side = operand === 2 ? ports.written : ports.read;
    side[parentMemory] = (side[parentMemory] ?? 0) + words * bytes;
  }
  return portTime(ports, 0, whole);
}

/** Steps of the datapath in a tile held at a stage. */
function tileSteps({ chains }: Bound, steps: number, stage: number): number {
  let settings = 1;
  for (let slot = 0; slot < chains.length; slot++) settings *= chains[slot]?.stages[stage]?.settings ?? 1;
  return steps / settings;
}

/** No step of the loops around a stage's tile moves words beside it for longer, in cycles. */
function movesTake(bound: Bound, single: readonly BoundaryTables[], stage: number): number {
  const { prepared, chains, slots, levelOf } = bound;
  const { ports } = prepared;
  clearPorts(ports);
  for (let index = 0; index < single.length; index++) {
    const table = single[index];
    if (table === undefined || table.child !== stage) continue;
    const has = prepared.operands[table.operand]?.has;
    let moves = false;
    for (let position = 0; position < slots.length && !moves; position++) {
      moves = levelOf[position] === stage - 1 && has?.[slots[position] ?? 0] === true;
    }
    if (!moves) continue;
    const { parentMemory, childMemory } = table;
    const above = mostWords(table, chains, stage, table.parent);
    const below = mostWords(table, chains, stage, stage);
    const wide = Math.max(table.width, table.finalWidth, table.finalGivenWidth);
    ports.read[parentMemory] = (ports.read[parentMemory] ?? 0) + above * wide;
    ports.written[childMemory] = (ports.written[childMemory] ?? 0) + Math.max(above, below) * wide;
    if (table.operand < 2) continue;
    ports.written[parentMemory] = (ports.written[parentMemory] ?? 0) + above * wide;
    ports.read[childMemory] = (ports.read[childMemory] ?? 0) + below * wide;
  }
  return portTime(ports, 0, true);
}

function mostWords(table: BoundaryTables, chains: Bound["chains"], stage: number, parent: number): number {
  const { operand, slots, windows } = table;
  let words = table.factor;
  const taken = takenTable(stage, operand, parent);
  for (let at = 0; at < slots.length; at++) {
    words *= chains[slots[at] ?? 0]?.stages[stage]?.measures.most[taken] ?? 0;
  }
  for (let at = 0; at < windows.length; at++) words *= windows[at]?.most(stage, parent) ?? 0;
  return words;
}

function placeOf(bound: Bound, single: readonly BoundaryTables[], stage: number): Place | undefined {
  const tables: BoundaryTables[] = [];
  let code = 0;
  for (let index = 0; index < single.length; index++) {
    const table = single[index];
    if (table === undefined || table.child !== stage) continue;
    tables.push(table);
    code += (table.parent + 1) * 8 ** table.operand;
  }
  if (tables.length === 0) return undefined;
  const { groups } = bound.prepared;
  const plain: boolean[] = [];
  for (let group = 0; group < groups.length; group++) {
    const { first, second } = groups[group] ?? { first: 0, second: -1 };
    plain.push(second < 0 && bound.chains[first]?.traits.positional === false);
  }
  return { bound, stage, tables, plain, code, stepCycles: 0, whole: true };
}

/** Cycles before the first steps of all tiles that one loop's moving brings; `reduces` where sums run over the loop. */
function changesOf(place: Place, reduces: boolean): number {
  if (reduces) return swapCycles(place, everywhere, false, false);
  const { chains, prepared } = place.bound;
  const { moved } = prepared;
  // Settings of the loops outside that sums run over: one of them is the first, one the last.
  let settings = 1;
  for (let slot = 0; slot < chains.length; slot++) {
    if (prepared.reduced[slot] !== true) continue;
    settings *= chains[slot]?.stages[place.stage]?.ends?.reached[moved[slot] ?? 0] ?? 1;
  }
  if (settings === 1) return swapCycles(place, everywhere, true, true);
  let cycles = swapCycles(place, everywhere, false, false);
  let sums = false;
  for (let index = 0; index < place.tables.length; index++) if (place.tables[index]?.operand === 2) sums = true;
  if (!sums) return cycles;
  cycles += swapCycles(place, atFirst, true, false) - swapCycles(place, atFirst, false, false);
  cycles += swapCycles(place, atLast, false, true) - swapCycles(place, atLast, false, false);
  return cycles;
}

/** Values of the joint change at each depth of `combine`; the last entry is its count. */
const stack = Array.from({ length: 16 }, () => new Float64Array(width + 1));

/**
 * Cycles of the moves before the first steps, over all joint changes of the case at hand (`moved`: by dimension, -1 for
 * the start), in which dimensions that sums run over are as `where` says; partial sums come but the first time, and
 * results leave as finished ones at their last.
 */
function swapCycles(place: Place, where: number, first: boolean, last: boolean): number {
  const { bound, stage, tables, plain } = place;
  const { chains, prepared } = bound;
  const { moved, groups } = prepared;
  const values = stack[0] ?? new Float64Array(width + 1);
  values.fill(1);
  for (let index = 0; index < tables.length; index++) {
    const factor = tables[index]?.factor ?? 0;
    for (let column = 0; column < columns; column++) values[index * columns + column] = factor;
  }
  for (let group = 0; group < groups.length; group++) {
    if (plain[group] !== true) continue;
    const slot = groups[group]?.first ?? 0;
    const own = chains[slot]?.stages[stage];
    if (own?.ends === undefined) continue;
    const at = moved[slot] ?? 0;
    const change = at < 0 ? own.start : (own.ends.first[at] ?? 0);
    if (at >= 0 && (where === everywhere || prepared.reduced[slot] !== true)) {
      values[width] = (values[width] ?? 1) * (own.ends.reached[at] ?? 1);
    }
    multiplyAlone(tables, own, change, values);
  }
  return combine(place, where, first, last, 0, 0);
}

/** Cycles over all joint changes of the groups from one on, with the values at `depth` of those before. */
function combine(place: Place, where: number, first: boolean, last: boolean, group: number, depth: number): number {
  const { plain } = place;
  let next = group;
  while (next < plain.length && plain[next] === true) next++;
  const values = stack[depth];
  if (values === undefined) throw new Error("more dimensions than a nest has");
  if (next >= plain.length) return (values[width] ?? 0) * portCycles(place, values, first, last);
  const { values: list, counts } = listOf(place, next, where);
  const inner = stack[depth + 1] ?? values;
  const numbers = place.tables.length * columns;
  let cycles = 0;
  for (let entry = 0; entry < counts.length; entry++) {
    for (let at = 0; at < numbers; at++) inner[at] = (values[at] ?? 0) * (list[entry * numbers + at] ?? 0);
    inner[width] = (values[width] ?? 0) * (counts[entry] ?? 0);
    cycles += combine(place, where, first, last, next + 1, depth + 1);
  }
  return cycles;
}

/** Cycles in which the ports move what one joint change brings and takes away, beyond those of a step. */
function portCycles(place: Place, values: Float64Array, first: boolean, last: boolean): number {
  if (place.stepCycles > 0) return stepWait(place, values, first);
  const { bound, tables } = place;
  const { ports } = bound.prepared;
  const { read, written } = ports;
  clearPorts(ports);
  for (let index = 0; index < tables.length; index++) {
    const table = tables[index];
    if (table === undefined) continue;
    const { operand, parentMemory, childMemory } = table;
    const from = index * columns;
    const kept = values[from + 2] ?? 0;
    const words = (values[from] ?? 0) - kept;
    if (operand < 2 || !first) {
      const given = operand === 2 || words === 0 ? words : (values[from + 1] ?? 0) - (values[from + 3] ?? 0);
      read[parentMemory] = (read[parentMemory] ?? 0) + words * table.width;
      written[childMemory] = (written[childMemory] ?? 0) + given * table.width;
    }
    if (operand < 2) continue;
    const left = (values[from + 4] ?? 0) - kept;
    const given = (values[from + 5] ?? 0) - (values[from + 3] ?? 0);
    written[parentMemory] = (written[parentMemory] ?? 0) + left * (last ? table.finalWidth : table.width);
    read[childMemory] = (read[childMemory] ?? 0) + given * (last ? table.finalGivenWidth : table.width);
  }
  return portTime(ports, 0, true);
}

/** Cycles that a step of the datapath waits for its ports. */
function stepWait({ bound, tables, stepCycles, whole }: Place, values: Float64Array, first: boolean): number {
  const { ports } = bound.prepared;
  const { read, written } = ports;
  clearPorts(ports);
  for (let index = 0; index < tables.length; index++) {
    const table = tables[index];
    if (table === undefined) continue;
    const { operand, parentMemory } = table;
    const bytes = (values[index * columns] ?? 0) * table.width;
    if (operand < 2 || !first) read[parentMemory] = (read[parentMemory] ?? 0) + bytes;
    if (operand === 2) written[parentMemory] = (written[parentMemory] ?? 0) + bytes;
  }
  return Math.max(0, portTime(ports, 0, whole) - stepCycles);
}
