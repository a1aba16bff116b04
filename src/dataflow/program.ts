// The memory schedule of a layer: what each step of the array fetches, for how long it runs and what it writes, as
// nested repeats instead of a list, so that a layer of a million tiles is a few dozen numbers.

/**
 * One step: a piece of a tile whose operands fit in the working halves of the buffers.
 * Bytes move between a buffer and the memory before it on the operand's path.
 */
export interface Step {
  readonly kind: "step";
  /** Bytes of A, B and spilt partial sums (C) that must arrive before the step can stream. */
  readonly fetchA: number;
  readonly fetchB: number;
  readonly fetchC: number;
  /** Bytes of results or spilt partial sums that leave after the step. */
  readonly writeC: number;
  /** The part of A and B, of the spilt sums fetched, and of the write that uses the off-chip channel. */
  readonly channelFetch: number;
  readonly channelSums: number;
  readonly channelWrite: number;
  /** Cycles to load a stationary operand before the step's first vector; 0 for later steps of a tile. */
  readonly load: number;
  /** Cycles for which vectors enter the array. */
  readonly stream: number;
  /** True for the first step of a tile. */
  readonly startsTile: boolean;
}

export interface Repeat {
  readonly kind: "repeat";
  readonly count: number;
  readonly body: readonly ProgramNode[];
}

export type ProgramNode = Step | Repeat;

/** A whole layer. */
export interface Program {
  readonly nodes: readonly ProgramNode[];
  /** Cycles after the last entry of a step until its last result has left. */
  readonly drain: number;
  /** `exposed`: a tile starts when the one before has drained; `hidden`: it is loaded and follows while that streams. */
  readonly preload: "exposed" | "hidden";
}

export const repeat = (count: number, body: readonly ProgramNode[]): Repeat => ({ kind: "repeat", count, body });

/** The same steps with another time to load each tile. */
export const withLoads = (nodes: readonly ProgramNode[], load: number): ProgramNode[] =>
  nodes.map((node) =>
    node.kind === "repeat"
      ? repeat(node.count, withLoads(node.body, load))
      : { ...node, load: node.startsTile ? load : 0 },
  );

/** Sums a quantity over all steps. */
export function sumSteps(nodes: readonly ProgramNode[], quantity: (step: Step) => number): number {
  let sum = 0;
  for (const node of nodes) sum += node.kind === "step" ? quantity(node) : node.count * sumSteps(node.body, quantity);
  return sum;
}

/** All steps in order, expanded; for references and traces of small layers. */
export function* expand(nodes: readonly ProgramNode[]): Generator<Step> {
  for (const node of nodes) {
    if (node.kind === "step") yield node;
    else for (let i = 0; i < node.count; i++) yield* expand(node.body);
  }
}
