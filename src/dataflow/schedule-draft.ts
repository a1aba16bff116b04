// What the schedules of all dataflows of a grid share: what they say before their bytes are summed, what a buffer keeps,
// and which bytes use the off-chip channel.

import { workingBytes } from "../component/memory/sram.ts";
import type { MatrixProduct } from "../workload/lowering.ts";
import type { FoldRange, Folds, GridMachine } from "./grid-machine.ts";
import type { ProgramNode, Step } from "./program.ts";
import type { Route } from "./route.ts";

/** The schedule of one product, its bytes not yet summed. */
export interface ScheduleDraft {
  readonly nodes: readonly ProgramNode[];
  readonly rowFolds: Folds;
  readonly columnFolds: Folds;
  readonly blocks: Folds;
  /** Cycles in which one row of a stationary operand, or one vector, passes the buffers' ports. */
  readonly loadInterval: number;
  readonly vectorInterval: number;
  /** Bytes of partial sums that wait at C's home at once, because the buffer cannot hold a tile's; 0 where it can. */
  readonly spiltBytes: number;
  /** Loop nest, outermost first. */
  readonly loops: readonly string[];
}

/**
 * True when an operand of `bytes` bytes a product stays in its buffer until the product is done. Of several products
 * the next one's operand arrives while this one's is in use, so that each may take the working part only.
 */
export const isHeld = (product: MatrixProduct, { bufferMemory }: Route, bytes: number): boolean =>
  bytes <= (product.count === 1 ? bufferMemory.bytes : workingBytes(bufferMemory));

/** Elements of B under rows k and columns n that no piece with smaller k of these columns, or with smaller n, touched. */
export function newInputElements(product: MatrixProduct, k: FoldRange, n: FoldRange): number {
  const upTo = (rows: number, columns: number): number => product.inputFootprint(0, rows, 0, columns);
  return upTo(k[1], n[1]) - upTo(k[0], n[1]) - upTo(k[1], n[0]) + upTo(k[0], n[0]);
}

type StepBytes = Pick<Step, "fetchA" | "fetchB" | "fetchC" | "writeC">;

/** The bytes of a step with the part of them whose home is off chip. */
export function withChannelBytes(
  { routes }: GridMachine,
  bytes: StepBytes,
): StepBytes & Pick<Step, "channelFetch" | "channelSums" | "channelWrite"> {
  const offChip = (operand: "A" | "B" | "C", moved: number): number =>
    routes[operand].homeMemory === undefined ? moved : 0;
  return {
    ...bytes,
    channelFetch: offChip("A", bytes.fetchA) + offChip("B", bytes.fetchB),
    channelSums: offChip("C", bytes.fetchC),
    channelWrite: offChip("C", bytes.writeC),
  };
}
