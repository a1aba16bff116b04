// What a film of a sparse product says: the loop as a program with the line of each state, three sentences before it
// begins, and a caption at every moment that is worth stopping at.

import type { ProductMachine } from "../../../dataflow/product/product.ts";
import type { ControllerState } from "../../../dataflow/product/stepped/observer.ts";
import type { Names, UnitKind } from "./layout.ts";
import { rowsOf } from "./layout.ts";
import type { Frame, Record } from "./record.ts";
import { nodeName, verdictOf } from "./tree-film.ts";

type States = Readonly<Partial<{ [state in ControllerState]: number }>>;

/** The loop nest of a dataflow, and the line that each state of the controller is at; line 0 where none is given. */
function programOf(
  dataflow: Exclude<UnitKind, "pass">,
  kind: UnitKind,
  { multipliers }: ProductMachine,
  { rest, stream, row, column, restLine, streamLine }: Names,
): { readonly lines: readonly string[]; readonly of: States } {
  const away = "the off-chip memory moves what is left";
  switch (dataflow) {
    case "gustavson":
      return {
        lines: [
          `for ${row}: a ${restLine} of ${rest}`,
          `  for k: up to ${multipliers} of its entries; the networks are set up`,
          `    each entry of ${rest} comes to rest on a multiplier`,
          `    for ${column}: ${streamLine}s k of ${stream} stream in, an element of each a step`,
          `    for ${column}: products rise and merge, the smallest ${column} first`,
          `    the merged ${restLine} of C leaves, or waits as a fibre if more of its entries follow`,
          `  fibres of ${restLine} ${row} that wait are merged`,
          `  ${away}`,
        ],
        of: {
          configure: 1,
          rest: 2,
          stream: 3,
          exhausted: 3,
          merge: kind === "pass" ? 6 : 4,
          distribute: 6,
          tail: kind === "pass" ? 6 : 5,
          transfer: 7,
        },
      };
    case "outer":
      return {
        lines: [
          `for k: up to ${multipliers} entries of ${rest}, k after k; the networks are set up`,
          `  each entry of ${rest} comes to rest on a multiplier`,
          `  for ${column}: ${streamLine}s k of ${stream} stream past, a product on every multiplier in each step`,
          `  products wait as fibres of their ${restLine}s ${row} of C`,
          `for ${row}: a ${restLine} of C, when all products are there`,
          `  for ${column}: up to ${multipliers} of its fibres merge, the smallest ${column} first`,
          `  the merged ${restLine} leaves, or waits as a longer fibre`,
          away,
        ],
        of: {
          configure: 0,
          rest: 1,
          stream: 2,
          exhausted: 2,
          settle: 3,
          merge: 5,
          distribute: 5,
          tail: 6,
          transfer: 7,
        },
      };
    case "inner":
      return {
        lines: [
          `for ${row}: ${restLine}s of ${rest} packed onto ${multipliers} multipliers; the networks are set up`,
          `  each entry of ${rest} comes to rest on a multiplier`,
          `  for ${column}: ${stream === "B" ? "column" : "row"} ${column} of ${stream} streams past; where k meets, multiply`,
          `  sums reach the controller`,
          away,
        ],
        of: { configure: 0, rest: 1, stream: 2, exhausted: 2, settle: 3, transfer: 4 },
      };
  }
}

/** Lines of the program, and the line of each frame. */
export function programFilm(
  dataflow: Exclude<UnitKind, "pass">,
  kind: UnitKind,
  machine: ProductMachine,
  names: Names,
  frames: readonly Frame[],
): { readonly lines: readonly string[]; readonly line: Uint16Array } {
  const { lines, of } = programOf(dataflow, kind, machine, names);
  return { lines, line: Uint16Array.from(frames, ({ state }) => of[state] ?? 0) };
}

/** What one sees, for someone who has never seen such a machine. */
export function sentencesOf(kind: UnitKind, { rest, stream, restLine, column, streamLine }: Names): readonly string[] {
  const streamed = `${streamLine}s of ${stream}`;
  const merging = `At each node of the tree the two elements in front are compared: if their ${column} is equal their values are added, if not the smaller one goes on and the other waits.`;
  switch (kind) {
    case "gustavson":
      return [
        `Every multiplier keeps one non-zero of a ${restLine} of ${rest}; its k says which of the ${streamed} the multiplier needs, and these come through the cache.`,
        merging,
        `What leaves the root is the ${restLine} of C without its zeros; a node with one empty side has to wait, because what is still to come might be smaller.`,
      ];
    case "pass":
      return [
        "Products were formed earlier and wait in a memory as sorted lists, called fibres; each leaf of the tree now receives one of them, an element a cycle.",
        merging,
        `What leaves the root is one sorted list: a ${restLine} of C, or a longer fibre that is merged again.`,
      ];
    case "outer":
      return [
        `Every multiplier keeps one non-zero of ${rest}, and the elements of the ${streamed} with the same k stream past it: each gives a product, none is wasted.`,
        `Products of the same place of C are formed at different times, so they are not added yet but go to a memory by their ${restLine} of C.`,
        "They are merged when all are there: look at a later unit, after the last batch, to see the tree at work.",
      ];
    case "inner":
      return [
        `Whole ${restLine}s of ${rest} rest on the multipliers without their zeros, and every ${stream === "B" ? "column" : "row"} of ${stream} streams past all of them.`,
        "A multiplier works where an element with its own k comes by; the others multiply by zero in that cycle, which is the price of this order.",
        `The products of each ${restLine} are added on their way, so that nothing has to be merged later.`,
      ];
  }
}

/** A sentence and the cycle from which it holds. */
export interface Said {
  readonly cycle: number;
  readonly text: string;
}

/** What happens in a record, when it does for the first time: no two of them in one cycle, where it happens again later. */
export function captionsFor(machine: ProductMachine, record: Record, kind: UnitKind, names: Names): readonly Said[] {
  const said: Said[] = [];
  const known = new Set<string>();
  const say = (cycle: number, key: string, text: string): void => {
    known.add(key);
    said.push({ cycle, text });
  };
  const states = statesSaid(record, kind, names);
  const onTheWay = new Set<number>();
  let before: ControllerState | undefined;
  for (const [cycle, frame] of record.frames.entries()) {
    const { state } = frame;
    if (state !== before && !known.has(state)) say(cycle, state, states[state]);
    else {
      const moments = [...cacheMoments(machine, frame, onTheWay), ...treeMoments(machine, frame, names)];
      const moment = moments.find(({ key }) => !known.has(key));
      if (moment !== undefined) say(cycle, moment.key, moment.text());
    }
    before = state;
    for (const { line, isHit } of frame.served) if (!isHit) onTheWay.add(line);
    for (const { line } of frame.given.values()) onTheWay.delete(line);
  }
  const last = record.frames.length - 1;
  if (record.cycles > record.frames.length && last >= 0) {
    const isLater = kind === "gustavson" && !known.has("merge");
    const later = isLater ? "; merging begins when all elements have come" : "";
    said.push({ cycle: last, text: `The film ends here: the whole takes ${cyclesText(record.cycles)}${later}.` });
  }
  return said;
}

/** Something that is worth a caption when it happens first. */
interface Moment {
  readonly key: string;
  readonly text: () => string;
}

/** Moments of the cache; `onTheWay` are the lines that were asked for before. */
function cacheMoments({ cache }: ProductMachine, { served }: Frame, onTheWay: ReadonlySet<number>): readonly Moment[] {
  return served.map(({ bank, line, words, isHit }): Moment => {
    const many = words === 1 ? "its word" : "its words";
    if (!isHit) {
      return {
        key: "miss",
        text: () =>
          `Bank ${bank} does not have line ${line}: a miss, the line comes from off chip in ${cyclesText(cache.missCycles)}.`,
      };
    }
    return onTheWay.has(line)
      ? {
          key: "late hit",
          text: () =>
            `Bank ${bank} finds that line ${line} was asked for already: a hit, but ${many} can only come with it.`,
        }
      : {
          key: "hit",
          text: () => `Bank ${bank} has line ${line}: a hit, ${many} will be there in ${cyclesText(cache.hitCycles)}.`,
        };
  });
}

/** Moments of the merge tree, the most telling ones first. */
function treeMoments({ tree }: ProductMachine, frame: Frame, { column }: Names): readonly Moment[] {
  const moments: Moment[] = [];
  const [first] = frame.queues[1] ?? [];
  if (first !== undefined) {
    const text = () => `The first result leaves the root: ${column} = ${first.column}, value ${first.value}.`;
    moments.push({ key: "leaves", text });
  }
  for (const comparison of frame.comparisons) {
    const { node, left, right } = comparison;
    const verdict = verdictOf(comparison);
    const name = capital(nodeName(node));
    if (left === undefined || right === undefined) {
      const only = (left ?? right)?.column;
      const side = left === undefined ? "left" : "right";
      if (verdict === "wait") {
        const text = () =>
          `${name} holds ${column} = ${only} and waits: what is still to come from the ${side} might be smaller or equal.`;
        moments.push({ key: "wait", text });
      } else {
        const text = () => `${name} has nothing more to expect from the ${side}, so ${column} = ${only} just passes.`;
        moments.push({ key: "pass on", text });
      }
    } else if (verdict === "sum") {
      const text = () =>
        `${name}: both heads have ${column} = ${left.column}, so their values are added: ${left.value} + ${bracketed(right.value)} = ${left.value + right.value}.`;
      moments.push({ key: "sum", text });
    } else {
      const [smaller, larger] = verdict === "left" ? [left, right] : [right, left];
      const text = () =>
        `${name}: ${column} = ${smaller.column} is smaller than ${larger.column}, so it goes on and ${larger.column} waits.`;
      moments.push({ key: "smaller", text });
    }
  }
  const full = frame.lengths.findIndex((length, node) => node >= 1 && node < tree.leaves && length >= tree.fifoDepth);
  if (full >= 1) {
    const held = tree.fifoDepth === 1 ? "its one element" : `${tree.fifoDepth} elements`;
    const text = () =>
      `The queue of ${nodeName(full)} is full with ${held}: its node stands still until there is room.`;
    moments.push({ key: "full", text });
  }
  const rank = ["sum", "smaller", "leaves", "wait", "full", "pass on"];
  return moments.toSorted((a, b) => rank.indexOf(a.key) - rank.indexOf(b.key));
}

/** What each state means in this unit. */
function statesSaid(
  record: Record,
  kind: UnitKind,
  { rest, stream, row, column, restLine, streamLine }: Names,
): Readonly<{ [state in ControllerState]: string }> {
  const entries = record.resting.length;
  const rows = rowsOf(record);
  const [first] = rows;
  const of =
    kind === "outer"
      ? `k = ${record.resting[0]?.k ?? 0} to ${record.resting.at(-1)?.k ?? 0}`
      : rows.length === 1
        ? `${restLine} ${first?.row ?? 0}`
        : `${rows.length} ${restLine}s from ${first?.row ?? 0} on`;
  const elements = record.fibres.reduce((sum, { length }) => sum + length, 0);
  return {
    configure: `The networks are set up for ${entries} ${entries === 1 ? "entry" : "entries"} of ${rest}: ${of}.`,
    rest: `The entries of ${rest} come to rest, one on each multiplier.`,
    stream:
      kind === "inner"
        ? `Elements of ${stream} stream past, one ${stream === "B" ? "column" : "row"} after the other: they go where their k is.`
        : `Every multiplier asks for the next element of ${streamLine} k of ${stream}; the step is over when the last one has come.`,
    exhausted: `Nothing of ${stream} is left for this batch.`,
    merge:
      kind === "pass"
        ? `The ${record.fibres.length} fibres of ${restLine} ${record.row} of C go up the tree: ${elements} elements.`
        : `All elements are there: each multiplier forms a product a cycle, and the tree merges them by ${column}.`,
    distribute: "The network is narrower than the tree is fast: it still brings elements.",
    tail: "The last element passes the registers between the root and the controller.",
    settle:
      kind === "outer"
        ? `The last products reach the controller, which takes half of its queue in each cycle; they will wait by their ${row}.`
        : "The last sums reach the controller, which takes half of its queue in each cycle.",
    transfer: `The off-chip memory has bytes of this ${kind === "pass" ? "pass" : "batch"} left to move; nothing else happens meanwhile.`,
  };
}

const cyclesText = (cycles: number): string => (cycles === 1 ? "1 cycle" : `${cycles} cycles`);

const bracketed = (value: number): string => (value < 0 ? `(${value})` : String(value));

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
