// Sets up what the time of one schedule needs: its loops by level, the cases that they move, and the tables of its stages.

import type { Chain, Stage } from "./chain/chain.ts";
import { takenTable } from "./chain/chain.ts";
import type { Bound } from "./evaluate.ts";
import type { SparsityFactors } from "./evaluation.ts";
import type { Timing } from "./moves.ts";
import { clearPorts, portTime } from "./ports.ts";
import { jointOf } from "./prepare.ts";
import { emptyRoom, newDuration } from "./room.ts";
import type { BoundaryTables } from "./tables.ts";
import { withChains } from "./tables.ts";

/**
 * What the time of a schedule needs; `single` are the tables of its boundaries, `sameStep` whether no step of the datapath
 * waits for a port. Holds until the next call.
 */
export function timingOf(
  bound: Bound,
  single: readonly BoundaryTables[],
  factors: SparsityFactors | undefined,
  sameStep: boolean,
): Timing {
  const { prepared, slots, levelOf } = bound;
  const { hierarchy, ports, room, groups, groupOf } = prepared;
  const levels = hierarchy.levels.length;
  const stepCycles = factors?.stepCycles ?? 1;
  let ragged = false;
  for (let slot = 0; slot < bound.chains.length; slot++) if (bound.chains[slot]?.ragged === true) ragged = true;
  const dims = groups.length;
  const { own, plain, tables, stages } = room;
  emptyRoom(room);
  if (room.cases.length < slots.length * dims) room.cases = new Int32Array(2 * slots.length * dims);
  const { cases, sizes } = room;
  for (let position = 0; position < slots.length; position++) {
    const level = levelOf[position] ?? 0;
    const here = own[level];
    const slot = slots[position] ?? 0;
    if (here === undefined) continue;
    if (ragged) for (const other of here) if (slots[other] === slot) plain[level] = false;
    for (let group = 0; group < dims; group++) {
      // Past the loop before: its dimension has one more loop outside.
      const before = here.length === 0 ? 0 : (cases[(position - 1) * dims + group] ?? 0);
      cases[position * dims + group] = before + (before & 1) + (groupOf[slot] === group ? 1 : 0);
    }
    here.push(position);
  }
  const chains = jointChains(bound, sameStep, ragged, own, cases);
  const joint = chains !== bound.chains;
  let beside = true;
  for (let index = 0; index < single.length; index++) {
    const table = single[index];
    if (table === undefined) continue;
    tables[table.child]?.push(joint ? withChains(table, chains) : table);
    if (table.group !== 0) beside = false;
  }
  for (let stage = 0; stage <= levels; stage++) {
    const list: Stage[] = stages[stage]?.chains ?? [];
    for (let group = 0; group < dims; group++) {
      const found = chains[group]?.stages[stage];
      if (found !== undefined) list.push(found);
      sizes[stage * dims + group] = found?.stateOf.length ?? 1;
    }
  }
  newDuration(room, levels + 2);
  return {
    bound,
    levels,
    dims,
    stages: room.chains,
    tables,
    ports,
    stepCycles,
    whole: factors === undefined,
    ragged,
    cases,
    own,
    plain,
    sameStep,
    room,
    sizes,
    width: levels + 2,
    beside,
  };
}

/** The chain of each group of dimensions, of its own or of two. */
function jointChains(
  bound: Bound,
  sameStep: boolean,
  ragged: boolean,
  own: readonly (readonly number[])[],
  cases: Int32Array,
): readonly Chain[] {
  const { prepared, slots, boundaries } = bound;
  const { groups, groupOf, memberOf } = prepared;
  if (groups.length === bound.chains.length) return bound.chains;
  const moved = groups.map((_, group) =>
    own.map((positions) =>
      ragged || positions.length === 0 ? -1 : (cases[(positions.at(-1) ?? 0) * groups.length + group] ?? 0),
    ),
  );
  const levels = own.length;
  const depth = sameStep ? levels - 1 : levels;
  // Which boundaries there are, in numbers: operand by operand the levels that keep it.
  let common = 2 * Number(sameStep) + Number(ragged);
  for (let operand = 0; operand < 3; operand++) {
    for (let child = 1; child < levels; child++) {
      common = 2 * common + Number(boundaries.some((one) => one.operand === operand && one.child === child));
    }
  }
  return groups.flatMap((group, index) => {
    if (group.second < 0) return bound.chains[group.first] ?? [];
    let code = common;
    const order = own.map((positions, level) => {
      const members: number[] = [];
      for (const position of positions) {
        const slot = slots[position] ?? 0;
        if (groupOf[slot] !== index) continue;
        members.push(memberOf[slot] ?? 0);
        code = code * 2 + (memberOf[slot] ?? 0);
      }
      code = members.length < 8 ? code * 128 + ((moved[index]?.[level] ?? -1) + 1) * 8 + members.length : Infinity;
      return members;
    });
    const shape = {
      levels,
      ragged,
      depth,
      order,
      mover: moved[index] ?? [],
      boundaries: Array.from({ length: levels + 1 }, (_, stage) => boundaries.filter(({ child }) => child === stage)),
    };
    const windows = bound.windows.map((list, operand) =>
      list.find((_, at) => {
        const window = prepared.operands[operand]?.windows[at];
        return window?.first === group.first || window?.second === group.first;
      }),
    );
    return jointOf(prepared, group, { chains: bound.chains, windowOfGroup: windows }, shape, code);
  });
}

/** Sets the ports to the instances that a schedule uses. */
export function setPorts({ prepared: { ports }, inUse }: Bound): void {
  for (let index = 0; index < ports.count; index++) ports.units[index] = inUse[ports.level[index] ?? 0] ?? 1;
}

/** Whether no step of the datapath waits for a port, by the units that ask at most. */
export function alwaysSameStep(
  { prepared, chains }: Bound,
  tables: readonly BoundaryTables[],
  stepCycles: number,
): boolean {
  const { ports } = prepared;
  const levels = prepared.hierarchy.levels.length;
  clearPorts(ports);
  for (let index = 0; index < tables.length; index++) {
    const table = tables[index];
    if (table === undefined || table.child !== levels) continue;
    const { operand, parent, parentMemory, width, slots, windowSlots } = table;
    let words = table.factor;
    const taken = takenTable(levels, operand, parent);
    for (let at = 0; at < slots.length; at++) {
      words *= chains[slots[at] ?? 0]?.stages[levels]?.measures.most[taken] ?? 0;
    }
    for (let at = 0; at < windowSlots.length; at++) {
      words *= chains[windowSlots[at] ?? 0]?.stages[levels]?.units ?? 1;
    }
    ports.read[parentMemory] = (ports.read[parentMemory] ?? 0) + words * width;
    if (operand === 2) ports.written[parentMemory] = (ports.written[parentMemory] ?? 0) + words * width;
  }
  return portTime(ports, 0, false) <= stepCycles;
}
