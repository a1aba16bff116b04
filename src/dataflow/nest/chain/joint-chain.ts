// Two dimensions that slide in one window as a single dimension: their joint steps, with those merged that no boundary of
// the schedule can tell apart. Padding makes few pieces differ, so that there are far fewer kinds than pairs.

import type { Chain, Stage } from "./chain.ts";
import { floats, wholes } from "./chain-parts.ts";
import { keptTable, leftTable, takenTable } from "./chain.ts";
import type { NumberTable } from "./number-table.ts";
import { emptyTable, enterNumber, numberAt, numberTable } from "./number-table.ts";
import type { WindowTable } from "./window.ts";

/** What the joint table must tell apart, and in which order the loops of the two lie. */
export interface JointShape {
  readonly levels: number;
  /** Whether units of any dimension may idle. */
  readonly ragged: boolean;
  /** Stages whose changes matter: all, or all but the datapath where its steps are alike. */
  readonly depth: number;
  /** By level: the member (0, 1) of each of its temporal loops, outermost first. */
  readonly order: readonly (readonly number[])[];
  /** By level: case of the innermost loop of all dimensions there, one of each two that meet in a step; -1 where unknown. */
  readonly mover: readonly number[];
  /** By stage: the boundaries, operand and parent, whose child it is. */
  readonly boundaries: readonly (readonly { readonly operand: number; readonly parent: number }[])[];
}

const emptyFloats = new Float64Array();

interface Draft {
  /** Class of a pair of changes, and of states; by x * number of y + y. */
  readonly changeOf: NumberTable;
  readonly kindOf: NumberTable;
  /** Number of a class by what it is made of. */
  readonly changes: Signatures;
  readonly states: Signatures;
  readonly columns: readonly Column[];
  readonly stateOf: number[];
  readonly firstOf: number[];
  readonly total: number[];
}

/** A table of Measures of the joint dimension: of both members, or of their window. */
interface Column {
  readonly table: number;
  /** Where the members' own begin among their tables. */
  readonly fromX: number;
  readonly fromY: number;
  readonly window: WindowTable | undefined;
  readonly kept: boolean;
  readonly parent: number;
}

/** Lists of numbers, each held once; all of them one after the other. */
interface Signatures {
  values: Float64Array;
  readonly starts: number[];
  readonly hashes: number[];
}

/** Places of one stage, used for one joint table after the other. */
interface Places {
  readonly changeOf: NumberTable;
  readonly kindOf: NumberTable;
  readonly changes: Signatures;
  readonly states: Signatures;
}

const signatures = (): Signatures => ({ values: new Float64Array(256), starts: [0], hashes: [] });

const places: Places[] = [];

function placesOf(stage: number): Places {
  places[stage] ??= {
    changeOf: numberTable(),
    kindOf: numberTable(),
    changes: signatures(),
    states: signatures(),
  };
  const found = places[stage];
  for (const table of [found.changeOf, found.kindOf]) emptyTable(table);
  for (const { starts, hashes } of [found.changes, found.states]) {
    starts.length = 1;
    hashes.length = 0;
  }
  return found;
}

let scratch = new Float64Array(2 ** 12);

/** Makes sure of room for `more` numbers from `top` on. */
function reserve(top: number, more: number): void {
  if (top + more <= scratch.length) return;
  const longer = new Float64Array(2 * (top + more));
  longer.set(scratch);
  scratch = longer;
}

function intern(list: Signatures, from: number, to: number): number {
  const { starts, hashes } = list;
  let hash = to - from;
  for (let index = from; index < to; index++) hash = (Math.imul(hash, 31) + (scratch[index] ?? 0)) | 0;
  for (let known = 0; known < hashes.length; known++) {
    if (hashes[known] !== hash) continue;
    const start = starts[known] ?? 0;
    if ((starts[known + 1] ?? 0) - start !== to - from) continue;
    let at = from;
    while (at < to && scratch[at] === list.values[start + at - from]) at++;
    if (at === to) return known;
  }
  const start = starts[hashes.length] ?? 0;
  const end = start + to - from;
  if (end > list.values.length) {
    const longer = new Float64Array(2 * end);
    longer.set(list.values);
    list.values = longer;
  }
  for (let at = from; at < to; at++) list.values[start + at - from] = scratch[at] ?? 0;
  hashes.push(hash);
  starts.push(end);
  return hashes.length - 1;
}

/** The joint table of two chains; `windows` by operand where it slides over the two. */
export function jointChain(
  first: Chain,
  second: Chain,
  windows: readonly (WindowTable | undefined)[],
  { levels, ragged, depth, order, mover, boundaries }: JointShape,
): Chain {
  const drafts = Array.from({ length: depth + 1 }, (_, stage): Draft => {
    const [stageX, stageY] = [first.stages[stage], second.stages[stage]];
    const columns: Column[] = [];
    const sizeX = stageX?.stateOf.length ?? 0;
    const sizeY = stageY?.stateOf.length ?? 0;
    const column = (operand: number, table: number, parent: number, kept: boolean): void => {
      columns.push({
        table,
        fromX: table * sizeX,
        fromY: table * sizeY,
        window: windows[operand],
        kept,
        parent,
      });
    };
    for (const { operand, parent } of boundaries[stage] ?? []) {
      for (const of of parent === stage ? [parent] : [parent, stage]) {
        column(operand, takenTable(stage, operand, of), of, false);
        if (stage === levels) continue;
        column(operand, keptTable(stage, operand, of), of, true);
        if (operand < 2) continue;
        // Where no unit idles, all of them move on together.
        for (let by = ragged ? 0 : stage; by <= stage; by++) column(operand, leftTable(stage, by, of), of, false);
      }
    }
    const { changeOf: pairs, kindOf: kinds, changes, states } = placesOf(stage);
    return {
      changeOf: pairs,
      kindOf: kinds,
      changes,
      states,
      columns,
      stateOf: [],
      firstOf: [],
      total: [],
    };
  });
  // The members' cases of each case of the two together.
  const casesX: number[][] = [];
  const casesY: number[][] = [];
  for (let level = 0; level < levels; level++) {
    let [x, y] = [0, 0];
    const [hereX, hereY]: [number[], number[]] = [[0], [0]];
    for (const member of order[level] ?? []) {
      hereX.push(member === 0 ? x + 1 : x);
      hereY.push(member === 1 ? y + 1 : y);
      if (member === 0) x += 2;
      else y += 2;
      hereX.push(x);
      hereY.push(y);
    }
    casesX.push(hereX);
    casesY.push(hereY);
  }

  let top = 0;
  const changeOf = (stage: number, x: number, y: number): number => {
    const draft = drafts[stage];
    const [stageX, stageY] = [first.stages[stage], second.stages[stage]];
    if (draft === undefined || stageX === undefined || stageY === undefined) return 0;
    const pair = x * stageY.stateOf.length + y;
    const known = numberAt(draft.changeOf, pair);
    if (known >= 0) return known;
    const state = kindOf(stage, stageX.stateOf[x] ?? 0, stageY.stateOf[y] ?? 0);
    const begin = stage < depth ? changeOf(stage + 1, stageX.firstOf[x] ?? 0, stageY.firstOf[y] ?? 0) : 0;
    const from = top;
    let to = from;
    reserve(from, draft.columns.length + 2);
    scratch[to++] = state;
    scratch[to++] = begin;
    const [dataX, dataY] = [stageX.measures.data, stageY.measures.data];
    for (const { fromX, fromY, window, kept, parent } of draft.columns) {
      scratch[to++] =
        window === undefined
          ? (dataX[fromX + x] ?? 0) * (dataY[fromY + y] ?? 0)
          : kept
            ? window.kept(stage, parent, x, y)
            : window.taken(stage, parent, x, y);
    }
    const change = intern(draft.changes, from, to);
    if (change === draft.stateOf.length) {
      draft.stateOf.push(state);
      draft.firstOf.push(begin);
    }
    enterNumber(draft.changeOf, pair, change);
    return change;
  };

  const kindOf = (stage: number, x: number, y: number): number => {
    const draft = drafts[stage];
    const [stageX, stageY] = [first.stages[stage], second.stages[stage]];
    if (draft === undefined || stageX === undefined || stageY === undefined || stage === levels) return 0;
    const pair = x * stageY.total.length + y;
    const known = numberAt(draft.kindOf, pair);
    if (known >= 0) return known;
    const loops = order[stage] ?? [];
    const cases = 2 * loops.length + 1;
    const only = mover[stage] ?? -1;
    const from = top;
    let [ownX, ownY] = [0, 0];
    reserve(top, loops.length + 1 + cases * cases);
    for (const member of loops) {
      scratch[top++] =
        (member === 0 ? stageX.counts[x * stageX.ownLoops + ownX++] : stageY.counts[y * stageY.ownLoops + ownY++]) ?? 1;
    }
    const total = (stageX.total[x] ?? 0) * (stageY.total[y] ?? 0);
    scratch[top++] = total;
    if (stage < depth) {
      const [hereX, hereY] = [casesX[stage] ?? [], casesY[stage] ?? []];
      const [widthX, widthY] = [2 * stageX.ownLoops + 1, 2 * stageY.ownLoops + 1];
      for (let came = 0; came < cases; came++) {
        for (let goes = 0; goes < cases; goes++) {
          reserve(top, cases * cases);
          const length = top++;
          scratch[length] = 0;
          if (stage === levels - 1) {
            if (came !== cases - 1 || goes !== cases - 1) continue;
          } else if (only >= 0 && came !== only && goes !== only) continue;
          const atX = (x * widthX + (hereX[came] ?? 0)) * widthX + (hereX[goes] ?? 0);
          const atY = (y * widthY + (hereY[came] ?? 0)) * widthY + (hereY[goes] ?? 0);
          const endX = stageX.stepStart[atX + 1] ?? 0;
          const endY = stageY.stepStart[atY + 1] ?? 0;
          const list = top;
          for (let i = stageX.stepStart[atX] ?? 0; i < endX; i++) {
            for (let j = stageY.stepStart[atY] ?? 0; j < endY; j++) {
              const arrive = changeOf(stage + 1, stageX.stepArrive[i] ?? 0, stageY.stepArrive[j] ?? 0);
              const leave = changeOf(stage + 1, stageX.stepLeave[i] ?? 0, stageY.stepLeave[j] ?? 0);
              const flags = (stageX.stepFlags[i] ?? 0) & (stageY.stepFlags[j] ?? 0);
              const key = (arrive * 65536 + leave) * 16 + flags;
              const count = (stageX.stepCount[i] ?? 0) * (stageY.stepCount[j] ?? 0);
              reserve(top, 2);
              // Sorted, so that equal states have equal lists.
              let at = top;
              while (at > list && (scratch[at - 2] ?? 0) > key) at -= 2;
              if (at > list && scratch[at - 2] === key) scratch[at - 1] = (scratch[at - 1] ?? 0) + count;
              else {
                scratch.copyWithin(at + 2, at, top);
                scratch[at] = key;
                scratch[at + 1] = count;
                top += 2;
              }
            }
          }
          scratch[length] = (top - list) / 2;
        }
      }
    }
    const kind = intern(draft.states, from, top);
    top = from;
    if (kind === draft.total.length) draft.total.push(total);
    enterNumber(draft.kindOf, pair, kind);
    return kind;
  };

  const starts: number[] = [];
  const wraps: number[] = [];
  for (let stage = 0; stage <= depth; stage++) {
    starts.push(changeOf(stage, first.stages[stage]?.start ?? 0, second.stages[stage]?.start ?? 0));
    wraps.push(changeOf(stage, first.stages[stage]?.wrap ?? 0, second.stages[stage]?.wrap ?? 0));
  }
  const stages = drafts.map((draft, stage): Stage => {
    const [stageX, stageY] = [first.stages[stage], second.stages[stage]];
    const { columns, changes } = draft;
    const size = draft.stateOf.length;
    const data = new Float64Array((stage + 7) * (stage + 1) * size);
    for (let change = 0; change < size; change++) {
      const begin = (changes.starts[change] ?? 0) + 2;
      for (let index = 0; index < columns.length; index++) {
        data[(columns[index]?.table ?? 0) * size + change] = changes.values[begin + index] ?? 0;
      }
    }
    if (!ragged) {
      for (let parent = 0; parent <= stage; parent++) {
        const [to, from] = [leftTable(stage, 0, parent) * size, leftTable(stage, stage, parent) * size];
        data.copyWithin(to, from, from + size);
      }
    }
    const own = stage < levels ? (order[stage]?.length ?? 0) : 0;
    return {
      loops: (stageX?.loops ?? 0) + (stageY?.loops ?? 0),
      changes: [],
      settings: (stageX?.settings ?? 1) * (stageY?.settings ?? 1),
      stateOf: wholes(draft.stateOf),
      firstOf: wholes(draft.firstOf),
      states: Math.max(1, draft.total.length),
      units: (stageX?.units ?? 1) * (stageY?.units ?? 1),
      start: starts[stage] ?? 0,
      wrap: wraps[stage] ?? 0,
      measures: { data, sums: emptyFloats, most: emptyFloats },
      groups: [],
      ownLoops: own,
      ...stepsOf(draft.states, own, stage < depth),
      total: floats(draft.total),
      moves: [],
    };
  });
  return { traits: first.traits, stages, ragged: first.ragged || second.ragged, id: -1 };
}

/** The lists of steps of all states, out of what they are made of. */
function stepsOf({ values, starts, hashes }: Signatures, own: number, lists: boolean) {
  const states = hashes.length;
  const cases = (2 * own + 1) ** 2;
  const counts = new Int32Array(states * own);
  const stepStart = new Int32Array(states * cases + 1);
  let most = 0;
  for (let state = 0; state < states; state++) {
    if (!lists) break;
    let at = (starts[state] ?? 0) + own + 1;
    for (let index = 0; index < cases; index++) {
      const length = values[at] ?? 0;
      most += length;
      at += 2 * length + 1;
    }
  }
  const stepArrive = new Int32Array(most);
  const stepLeave = new Int32Array(most);
  const stepFlags = new Uint8Array(most);
  const stepCount = new Float64Array(most);
  let step = 0;
  for (let state = 0; state < states; state++) {
    let at = starts[state] ?? 0;
    for (let loop = 0; loop < own; loop++) counts[state * own + loop] = values[at++] ?? 1;
    at++;
    if (!lists) continue;
    for (let index = 0; index < cases; index++) {
      const length = values[at++] ?? 0;
      for (let entry = 0; entry < length; entry++) {
        const key = values[at++] ?? 0;
        stepFlags[step] = key % 16;
        stepLeave[step] = Math.floor(key / 16) % 65536;
        stepArrive[step] = Math.floor(key / 1048576);
        stepCount[step++] = values[at++] ?? 0;
      }
      stepStart[state * cases + index + 1] = step;
    }
  }
  return { counts, stepStart, stepArrive, stepLeave, stepFlags, stepCount };
}
