// What looks on while a sparse product is stepped: where its controller is, what is asked of the memories and what comes
// back, what the tree compares. It is told and changes nothing; what rests is called A here, whichever operand it is.

import type { SteppedQueue, SteppedSums, SteppedWords } from "./memories.ts";
import type { MergedElement, SteppedTree } from "./tree.ts";

/**
 * `configure`: setting networks up; `rest`: entries of A come to their multipliers; `stream`: a step of B comes;
 * `exhausted`: finding that none is left; `merge`: the tree is at work; `distribute`: the network still brings what the
 * tree was given; `tail`: the last element passes registers; `settle`: the controller's queue empties; `transfer`: the
 * off-chip memory has bytes left to move.
 */
export type ControllerState =
  | "configure"
  | "rest"
  | "stream"
  | "exhausted"
  | "merge"
  | "distribute"
  | "tail"
  | "settle"
  | "transfer";

/** An entry of A, on the multiplier of its place in the batch. */
export interface RestingEntry {
  readonly row: number;
  readonly k: number;
  readonly value: number;
}

/** A word that is asked for, and the multipliers that it goes to. */
export interface AskedWord {
  readonly address: number;
  readonly multipliers: readonly number[];
  /** A partial sum that a fold before left there; NaN where nothing had met. */
  readonly sum?: number;
}

/** Parts as a cycle finds them; to be read, and only until the cycle ends. */
export interface HardwareView {
  readonly tree: Pick<SteppedTree, "queues">;
  readonly words: Pick<SteppedWords, "state">;
  readonly queue: Pick<SteppedQueue, "waiting">;
  readonly sums: Pick<SteppedSums<MergedElement>, "held">;
}

export interface ProductObserver {
  /** The controller enters a state, which may take no cycle. */
  readonly enters: (state: ControllerState) => void;
  /** A batch begins: these entries, from an address on, will rest. */
  readonly rests: (address: number, entries: readonly RestingEntry[]) => void;
  /** A pass begins over fibres of partial results of a row. */
  readonly merges: (row: number, fibres: readonly (readonly MergedElement[])[]) => void;
  /** The FIFO hands entries of the batch to their multipliers in the coming cycle. */
  readonly hands: (from: number, to: number) => void;
  /** A step of the stream: all words of it, in the order in which they are asked for. */
  readonly asks: (words: readonly AskedWord[]) => void;
  /** Elements set out for the controller's queue in the coming cycle, and are there after `delay` more. */
  readonly sends: (elements: number, delay: number) => void;
  /** Sums of the resting rows that set out with that, NaN where nothing met; the one that an earlier fold left. */
  readonly sums: (column: number, sums: readonly number[], carried: number | undefined) => void;
  /** A multiplier gives an element to its leaf in the coming cycle. */
  readonly forms: (multiplier: number, element: MergedElement) => void;
  /** A cycle begins. */
  readonly begins: (view: HardwareView) => void;
  /** A bank serves an access for so many words of a line, which is there (or on its way) or has to be fetched. */
  readonly serves: (bank: number, line: number, words: number, isHit: boolean) => void;
  /** Words are where they were asked for at the end of this cycle. */
  readonly returns: (addresses: readonly number[]) => void;
  /** A node looks at the heads of its two queues, and waits where one is missing that is still to come. */
  readonly compares: (
    node: number,
    left: MergedElement | undefined,
    right: MergedElement | undefined,
    waits: boolean,
  ) => void;
  /** The cycle ends. */
  readonly ends: () => void;
}
