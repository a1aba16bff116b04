// A tile of a stepped reference as a film: what every part of the machine does and holds in every cycle, where its
// values move, and which line of the program it is at. Plain data that any page can draw without knowing the machine.

import type { OperandName } from "../result.ts";

/**
 * What a part does in a cycle. `useful`: a product or sum of non-zeros, or a merge that compares; `zero`: a multiplication
 * that a zero operand makes needless; `skipped`: work passed over in no time; `gated`: waited through without switching;
 * `stalled`: there is work, but an input or a place for the result is missing; `passing`: hands a value on; `loading`:
 * takes in an operand that will rest; `idle`: nothing to do.
 */
export const activities = ["idle", "useful", "zero", "skipped", "gated", "stalled", "loading", "passing"] as const;
export type Activity = (typeof activities)[number];

/** A box of the picture. Lengths are in units of the picture's own grid, x to the right and y downwards. */
export interface ReplayPart {
  readonly name: string;
  readonly kind: "unit" | "register" | "bit" | "queue" | "adder" | "memory" | "network";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /**
   * Values that the box shows, in the order of `Replay.values`. A `coordinate` belongs to the value in the slot after it
   * and may be drawn as one with it (`5: -2`); a `count` is a number of elements, not a value of an operand.
   */
  readonly slots: readonly {
    readonly name: string;
    readonly operand?: OperandName;
    readonly role?: "coordinate" | "count";
  }[];
  /** Elements that a queue or memory holds at most; its first slot is how many it holds. */
  readonly capacity?: number;
}

/**
 * A way that values take between two parts, by their places in `Replay.parts`. A value that moves in a cycle is in the
 * receiver in the next cycle: a register stands at the end of the way.
 */
export interface ReplayLink {
  readonly from: number;
  readonly to: number;
  readonly operand?: OperandName;
  /** No register stands at the end: what moves is in the receiver in the same cycle. */
  readonly through?: boolean;
  /** Moves say how many words pass, not which value. */
  readonly counts?: boolean;
}

/** A row of the timeline: what a memory, a channel or the array is busy with. Cycles from `start` to before `end`. */
export interface ReplayRow {
  readonly name: string;
  readonly segments: readonly {
    readonly start: number;
    readonly end: number;
    readonly activity: Activity;
    readonly label: string;
  }[];
}

export interface Replay {
  readonly title: string;
  /** What one sees, for someone who has never seen such a machine: three sentences or so. */
  readonly sentences: readonly string[];
  /** What a frame of the film is, where it is not a cycle: everything here that counts cycles then counts these. */
  readonly frame?: "step";
  /** Cycles in the film; `of` says how many the whole tile takes where that is more. */
  readonly cycles: number;
  readonly of?: number;
  /** Tiles that the layer has, of which this is one. */
  readonly tiles?: number;
  readonly parts: readonly ReplayPart[];
  readonly links: readonly ReplayLink[];
  /** [cycles][parts], as places in `activities`. */
  readonly activity: Uint8Array;
  /** [cycles][all slots of all parts, in order]; NaN for an empty slot. */
  readonly values: Float64Array;
  /** Values that move in a cycle: those from `start[cycle]` to before `start[cycle + 1]`. */
  readonly moves: {
    readonly start: Uint32Array;
    readonly link: Uint32Array;
    readonly value: Float64Array;
    /** The coordinate that a value carries with it, where elements are compressed; NaN where a value has none. */
    readonly coordinate?: Float64Array;
  };
  readonly timeline: readonly ReplayRow[];
  /** The loop nest or dataflow being executed, and the line that each cycle is at. */
  readonly program: { readonly lines: readonly string[]; readonly line: Uint16Array };
  /** What happens from a cycle on, in a sentence, until the next caption. Ascending cycles. */
  readonly captions: readonly { readonly cycle: number; readonly text: string }[];
  /** Figures of this tile that the run also has, side by side: they must agree. */
  readonly agreement: readonly { readonly figure: string; readonly stepped: number; readonly run: number }[];
}
