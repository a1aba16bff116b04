// What the evaluation of a nest's schedules needs of its problem and hierarchy, found once, and the tables that all its
// schedules share.

import { InputError } from "../../base/error.ts";
import type { NestProblem, OperandKey } from "../../mapping/nest/problem.ts";
import { operandKeys, reducedDimensions } from "../../mapping/nest/problem.ts";
import type { Hierarchy, NestMemory } from "../../mapping/nest/schedule.ts";
import { buildChain } from "./chain/build-chain.ts";
import type { SharedStages } from "./chain/compact-chain.ts";
import { compactChain } from "./chain/compact-chain.ts";
import type { Chain, ChainLoop, Role, SumRule, Traits } from "./chain/chain.ts";
import { positionalChain } from "./chain/positional-chain.ts";
import type { EvenNest } from "./even/even-nest.ts";
import { evenNest } from "./even/even-nest.ts";
import type { Ports } from "./ports.ts";
import { portsOf } from "./ports.ts";
import type { Room } from "./room.ts";
import { roomFor } from "./room.ts";
import type { JointShape } from "./chain/joint-chain.ts";
import { jointChain } from "./chain/joint-chain.ts";
import type { WindowRank, WindowTable } from "./chain/window.ts";
import { windowTable } from "./chain/window.ts";

/** A node of the tree of chains: a path of loops from the outermost in. */
interface ChainNode {
  readonly loop: ChainLoop | undefined;
  readonly above: ChainNode | undefined;
  readonly below: Map<number, ChainNode>;
  /** Whether some loop of the path does not divide what it cuts. */
  readonly ragged: boolean;
  /** Where it is ragged, by how results are treated by idle units; otherwise under 0. */
  readonly chains: Map<number, Chain>;
  /** Stages that chains through this node share. */
  readonly stages: SharedStages;
}

export interface PreparedDimension {
  /** Index into the problem's dimensions. */
  readonly dimension: number;
  readonly traits: Traits;
  readonly root: ChainNode;
}

export interface PreparedWindow {
  /** Indices into `dimensions` of the prepared nest. */
  readonly first: number;
  readonly second: number;
  readonly rank: WindowRank;
  readonly tables: Map<number, WindowTable>;
}

/** Dimensions whose steps are looked at together: one alone, or two that slide in a window. */
export interface PreparedGroup {
  readonly first: number;
  /** -1 for one alone. */
  readonly second: number;
  /** Joint tables of two, by what they are made of. */
  readonly joint: Map<number, Map<number, Chain>>;
}

export interface PreparedOperand {
  /** 1, or 0 where all words are padding. */
  readonly factor: number;
  /** Dimensions that count for themselves, by index into `dimensions`. */
  readonly single: readonly number[];
  readonly windows: readonly PreparedWindow[];
  /** Both dimensions of each window. */
  readonly windowSlots: readonly number[];
  /** By index into `dimensions`: whether the operand has it. */
  readonly has: readonly boolean[];
}

export interface PreparedMemory extends NestMemory {
  readonly level: number;
}

export interface PreparedNest {
  readonly problem: NestProblem;
  readonly hierarchy: Hierarchy;
  readonly macs: number;
  /** Words of the result. */
  readonly results: number;
  /** Dimensions larger than 1; one at least. */
  readonly dimensions: readonly PreparedDimension[];
  /** Every dimension is in one; by dimension which, and whether it is the second there. */
  readonly groups: readonly PreparedGroup[];
  readonly groupOf: readonly number[];
  readonly memberOf: readonly number[];
  /** By the problem's index: index into `dimensions`, -1 for size 1. */
  readonly slotOf: Int32Array;
  readonly reduced: readonly boolean[];
  /** A, B, C. */
  readonly operands: readonly PreparedOperand[];
  readonly memories: readonly PreparedMemory[];
  /** [level][operand]: index into `memories`, -1 where no memory takes the operand. */
  readonly memoryOf: readonly Int32Array[];
  /** By level: names of what is waited for, as a stack of cycles lists them. */
  readonly waits: readonly string[];
  readonly bandwidths: readonly string[];
  chains: number;
  joints: number;
  /** Room for one evaluation at a time. */
  readonly moved: Int32Array;
  readonly ports: Ports;
  readonly room: Room;
  /** For schedules all of whose tiles divide; undefined where their formulas do not cover the problem. */
  readonly even: EvenNest | undefined;
}

/** Tables for the schedules of one problem on one hierarchy. Throws InputError where the problem is not of the kind. */
export function prepareNest(problem: NestProblem, hierarchy: Hierarchy): PreparedNest {
  const sizes = problem.dimensions.map(({ size }) => size);
  const large = sizes.flatMap((size, index) => (size > 1 ? [index] : []));
  const active = large.length > 0 ? large : [0];
  const slotOf = Int32Array.from(sizes, (_, index) => active.indexOf(index));
  const reducedSet = new Set(reducedDimensions(problem));
  const roles: Role[][] = active.map(() => operandKeys.map(() => ({ kind: "absent" })));
  // Between these, pieces of a dimension meet no padding.
  const safeFrom = active.map(() => 0);
  const safeTo = active.map((dimension) => sizes[dimension] ?? 1);
  const clip = (slot: number, from: number, to: number): void => {
    safeFrom[slot] = Math.max(safeFrom[slot] ?? 0, from);
    safeTo[slot] = Math.min(safeTo[slot] ?? 0, to);
  };
  const positional = active.map(() => false);
  const operands = operandKeys.map((key, operand): PreparedOperand => {
    let factor = 1;
    const windows: PreparedWindow[] = [];
    for (const rank of problem.operands[key]) {
      const terms = rank.terms.flatMap((term) => {
        const slot = slotOf[term.dimension] ?? -1;
        return slot < 0 ? [] : [{ slot, coefficient: term.coefficient }];
      });
      for (const { slot } of terms) {
        if (roles[slot]?.[operand]?.kind !== "absent") {
          throw unsupported(`dimension ${name(problem, active[slot])} is in two ranks of operand ${key}`, key);
        }
      }
      if (terms.some(({ coefficient }) => coefficient < 1)) throw unsupported("a coefficient is below 1", key);
      const { offset, extent } = rank;
      const [x, y] = terms;
      if (x === undefined) {
        if (offset < 0 || offset >= extent) factor = 0;
      } else if (y === undefined) {
        const size = sizes[active[x.slot] ?? 0] ?? 1;
        const from = Math.max(0, Math.ceil(-offset / x.coefficient));
        const to = Math.min(size, Math.ceil((extent - offset) / x.coefficient));
        set(roles, x.slot, operand, { kind: "alone", from, to: Math.max(from, to) });
        if (from > 0 || to < size) {
          positional[x.slot] = true;
          clip(x.slot, from, to);
        }
      } else if (terms.length === 2) {
        for (const { slot } of [x, y]) {
          set(roles, slot, operand, { kind: "window" });
          positional[slot] = true;
        }
        const sizeOf = (slot: number): number => sizes[active[slot] ?? 0] ?? 1;
        for (const [own, other] of [[x, y] as const, [y, x] as const]) {
          const room = extent - offset - other.coefficient * (sizeOf(other.slot) - 1);
          clip(own.slot, Math.ceil(-offset / own.coefficient), Math.ceil(room / own.coefficient));
        }
        windows.push({
          first: x.slot,
          second: y.slot,
          rank: { coefficients: [x.coefficient, y.coefficient], offset, extent },
          tables: new Map(),
        });
      } else throw unsupported("a rank has more than two terms", key);
    }
    if (key === "C" && windows.length > 0) throw unsupported("a rank of C has two terms", key);
    const has = active.map((_, slot) => roles[slot]?.[operand]?.kind !== "absent");
    const single = active.flatMap((_, slot) => (roles[slot]?.[operand]?.kind === "window" ? [] : [slot]));
    return { factor, single, windows, windowSlots: windows.flatMap(({ first, second }) => [first, second]), has };
  });
  const partner = active.map(() => -1);
  for (const [operand, { windows }] of operands.entries()) {
    for (const { first, second } of windows) {
      for (const [own, other] of [[first, second] as const, [second, first] as const]) {
        if (partner[own] !== -1 && partner[own] !== other) {
          throw unsupported("a dimension slides with another one in each operand", operandKeys[operand] ?? "A");
        }
        partner[own] = other;
      }
    }
  }
  const groups = active.flatMap((_, slot) => {
    const second = partner[slot] ?? -1;
    return second >= 0 && second < slot ? [] : [{ first: slot, second, joint: new Map<number, Map<number, Chain>>() }];
  });
  const memories = hierarchy.levels.flatMap((level, index) =>
    level.memories.map((memory) => ({ ...memory, level: index })),
  );
  const prepared: Omit<PreparedNest, "even"> = {
    problem,
    hierarchy,
    macs: sizes.reduce((product, size) => product * size, 1),
    results: active.reduce(
      (product, dimension) => product * (reducedSet.has(dimension) ? 1 : (sizes[dimension] ?? 1)),
      1,
    ),
    dimensions: active.map((dimension, slot) => ({
      dimension,
      traits: {
        size: sizes[dimension] ?? 1,
        reduced: reducedSet.has(dimension),
        roles: roles[slot] ?? [],
        positional: positional[slot] ?? false,
        safe: (from, to) => from >= (safeFrom[slot] ?? 0) && to <= (safeTo[slot] ?? 0),
        safeFrom: safeFrom[slot] ?? 0,
        safeTo: safeTo[slot] ?? 0,
      },
      root: {
        loop: undefined,
        above: undefined,
        below: new Map(),
        ragged: false,
        chains: new Map(),
        stages: new Map(),
      },
    })),
    slotOf,
    reduced: active.map((dimension) => reducedSet.has(dimension)),
    operands,
    memories,
    memoryOf: hierarchy.levels.map((_, level) =>
      Int32Array.from(operandKeys, (key) =>
        memories.findIndex((memory) => memory.level === level && memory.operands.includes(key)),
      ),
    ),
    waits: hierarchy.levels.map((level) => `wait ${level.name}`),
    bandwidths: hierarchy.levels.map((level) => `bandwidth ${level.name}`),
    chains: 0,
    joints: 0,
    groups,
    groupOf: active.map((_, slot) => groups.findIndex(({ first, second }) => slot === first || slot === second)),
    memberOf: active.map((_, slot) => (groups.some(({ second }) => slot === second) ? 1 : 0)),
    moved: new Int32Array(active.length),
    ports: portsOf(hierarchy),
    room: roomFor(hierarchy.levels.length, active.length),
  };
  return { ...prepared, even: evenNest(prepared) };
}

const set = (roles: Role[][], slot: number, operand: number, role: Role): void => {
  const list = roles[slot];
  if (list !== undefined) list[operand] = role;
};

const name = (problem: NestProblem, dimension: number | undefined): string =>
  problem.dimensions[dimension ?? 0]?.name ?? "";

const unsupported = (message: string, key: OperandKey): InputError =>
  new InputError({ message, path: `operands.${key}` });

/** The node below `node` along a loop; the axis is the index among the level's axes, -1 for a temporal loop. */
export function followLoop(
  node: ChainNode,
  level: number,
  axis: number,
  piece: number,
  tile: number,
  multicast: boolean,
): ChainNode {
  const code = (tile * 64 + level) * 16 + axis + 1;
  let next = node.below.get(code);
  if (next === undefined) {
    next = {
      loop: { level, tile, spatial: axis >= 0, multicast },
      above: node,
      below: new Map(),
      ragged: node.ragged || piece % tile !== 0,
      chains: new Map(),
      stages: new Map(),
    };
    node.below.set(code, next);
  }
  return next;
}

/** The chain of a path of loops. */
export function chainAt(prepared: PreparedNest, { traits }: PreparedDimension, node: ChainNode, rule: SumRule): Chain {
  let key = 0;
  if (node.ragged) {
    for (const [stage, parent] of rule.parent.entries()) {
      key = key * 64 + (parent < 0 ? 0 : 1 + (rule.fixed[stage] ?? 0));
    }
  }
  const known = node.chains.get(key);
  if (known !== undefined) return known;
  const loops: ChainLoop[] = [];
  const shared: SharedStages[] = [];
  for (let at: ChainNode | undefined = node; at !== undefined; at = at.above) {
    shared.unshift(at.stages);
    if (at.loop !== undefined) loops.unshift(at.loop);
  }
  const levels = prepared.hierarchy.levels.length;
  const id = prepared.chains++;
  const chain = node.ragged
    ? buildChain(traits, loops, levels, rule, id)
    : traits.positional
      ? positionalChain(traits, loops, levels, id)
      : compactChain(traits, loops, levels, id, shared);
  node.chains.set(key, chain);
  return chain;
}

/** The table of a window for two chains. */
export function windowOf(window: PreparedWindow, first: Chain, second: Chain): WindowTable {
  const key = first.id * 2 ** 24 + second.id;
  let table = window.tables.get(key);
  if (table === undefined) {
    if (window.tables.size >= windowLimit) window.tables.clear();
    table = windowTable(first, second, window.rank);
    window.tables.set(key, table);
  }
  return table;
}

/** Tables are kept up to these numbers, then all dropped: they take some 20 kB each, and a search moves on. */
const jointLimit = 1024;
const windowLimit = 1024;
const chainLimit = 2048;

/** Drops what the schedules so far left where it has grown too large; never while a schedule is being evaluated. */
export function limitTables(prepared: PreparedNest): void {
  if (prepared.chains < chainLimit) return;
  for (const { root } of prepared.dimensions) {
    root.below.clear();
    root.chains.clear();
    root.stages.clear();
  }
  for (const { windows } of prepared.operands) for (const { tables } of windows) tables.clear();
  for (const { joint } of prepared.groups) joint.clear();
  // Nothing is left that knows a chain by its number.
  prepared.chains = 0;
  prepared.joints = 0;
}

/** The joint table of a group; `code` numbers the shape among all of one prepared nest. */
export function jointOf(
  prepared: PreparedNest,
  { first, second, joint }: PreparedGroup,
  { chains, windowOfGroup }: { chains: readonly Chain[]; windowOfGroup: readonly (WindowTable | undefined)[] },
  shape: JointShape,
  code: number,
): Chain {
  const [x, y] = [chains[first], chains[second]];
  if (x === undefined || y === undefined) throw new Error("a group of dimensions without chains");
  if (code >= 2 ** 53) return jointChain(x, y, windowOfGroup, shape);
  const key = x.id * 2 ** 24 + y.id;
  let shapes = joint.get(key);
  let found = shapes?.get(code);
  if (found !== undefined) return found;
  found = jointChain(x, y, windowOfGroup, shape);
  if (prepared.joints++ >= jointLimit) {
    for (const group of prepared.groups) group.joint.clear();
    prepared.joints = 1;
    shapes = undefined;
  }
  if (shapes === undefined) {
    shapes = new Map();
    joint.set(key, shapes);
  }
  shapes.set(code, found);
  return found;
}

export type { ChainNode };
