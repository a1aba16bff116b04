// Time of a program on double-buffered memories behind one shared off-chip channel: a max-plus recurrence over steps,
// with repeats cut short as soon as the machine's state repeats. Equal to the stepped machine (stepped-machine.ts).
//
// The channel serves transfers in the order F0 F1 F2 W0 S2 F3 W1 S3 ... (F fetch, W write, S fetch of spilt sums of a
// step): the fetch of a step starts when the halves it fills are free, that is when the step before last has streamed;
// the write of a step starts when its last result is out, and frees its half for the step after next, whose spilt sums
// come after it.

import { transferCycles } from "../../component/memory/dram.ts";
import type { Program, ProgramNode, Step } from "../../dataflow/program.ts";
import type { Interval } from "../result.ts";

/** Channel speed in the units of the array's clock. */
export interface Channel {
  /** Bytes a cycle; Infinity is not timed. */
  readonly bytesPerCycle: number;
  /** Cycles from the request of a fetch to its first byte. */
  readonly latencyCycles: number;
}

/** A memory that is not timed. */
export const unlimited: Channel = { bytesPerCycle: Infinity, latencyCycles: 0 };

/** All times are cycles from the start of the layer. */
interface State {
  /** The channel is free from here. */
  channel: number;
  /** When the last step, and the one before it, stopped streaming. */
  streamEnd: number;
  streamEndBefore: number;
  /** First entry of the current tile: from here its successor's operand may be loaded when preload is hidden. */
  tileStart: number;
  /** The last result of the last finished step is out. */
  drained: number;
  /** Writes of the last step and of the one before it: bytes and when they may start. */
  writeBytes: number;
  writeReady: number;
  writeBytesBefore: number;
  writeReadyBefore: number;
}

const start = (): State => ({
  channel: 0,
  streamEnd: 0,
  streamEndBefore: 0,
  tileStart: 0,
  drained: 0,
  writeBytes: 0,
  writeReady: 0,
  writeBytesBefore: 0,
  writeReadyBefore: 0,
});

/** Cycles of a program. With `record`, every busy interval is reported and repeats are walked in full. */
export function overlapCycles(program: Program, channel: Channel, record?: (interval: Interval) => void): number {
  const state = start();
  runNodes(program.nodes, state, program, channel, record);
  // The writes of the last two steps are still to be sent.
  writeBack(state, channel, record);
  state.writeBytesBefore = state.writeBytes;
  state.writeReadyBefore = state.writeReady;
  const end = writeBack(state, channel, record);
  return Math.max(state.drained, end, state.channel);
}

function runNodes(
  nodes: readonly ProgramNode[],
  state: State,
  program: Program,
  channel: Channel,
  record?: (interval: Interval) => void,
): void {
  for (const node of nodes) {
    if (node.kind === "step") {
      runStep(node, state, program, channel, record);
      continue;
    }
    for (let done = 1; done <= node.count; done++) {
      const before = { ...state };
      runNodes(node.body, state, program, channel, record);
      if (record === undefined && done < node.count && samePhase(before, state)) {
        shift(state, (node.count - done) * (state.streamEnd - before.streamEnd));
        break;
      }
    }
  }
}

function runStep(
  step: Step,
  state: State,
  { preload, drain }: Program,
  channel: Channel,
  record?: (interval: Interval) => void,
): void {
  const hidden = preload === "hidden";
  // Fetch: the halves that it fills were released when the step before last stopped streaming.
  let arrived = 0;
  if (step.channelFetch > 0) {
    const begin = Math.max(state.channel, state.streamEndBefore);
    const busy = transferCycles(step.channelFetch, channel.bytesPerCycle);
    arrived = begin + channel.latencyCycles + busy;
    if (busy > 0) state.channel = begin + busy;
    record?.({ resource: "channel", label: "fetch", start: begin, duration: busy });
  }
  const halfFree = writeBack(state, channel, record);
  if (step.channelSums > 0) {
    const begin = Math.max(state.channel, state.streamEndBefore, halfFree);
    const busy = transferCycles(step.channelSums, channel.bytesPerCycle);
    arrived = Math.max(arrived, begin + channel.latencyCycles + busy);
    if (busy > 0) state.channel = begin + busy;
    record?.({ resource: "channel", label: "fetch sums", start: begin, duration: busy });
  }
  let entry = Math.max(state.streamEnd, arrived, halfFree);
  if (step.startsTile) {
    const tileBefore = hidden ? state.tileStart : state.drained;
    if (!hidden) entry = Math.max(entry, tileBefore);
    if (step.load > 0) {
      const begin = Math.max(arrived, tileBefore);
      entry = Math.max(entry, begin + step.load);
      record?.({ resource: "preload", label: "load", start: begin, duration: step.load });
    }
    state.tileStart = entry;
  }
  state.streamEndBefore = state.streamEnd;
  state.streamEnd = entry + step.stream;
  state.drained = state.streamEnd + drain;
  state.writeBytesBefore = state.writeBytes;
  state.writeReadyBefore = state.writeReady;
  state.writeBytes = step.channelWrite;
  state.writeReady = state.drained;
  record?.({ resource: "array", label: "stream", start: entry, duration: step.stream });
}

/** Sends the write of the step before last; returns when its half of the output buffer is free. */
function writeBack(state: State, channel: Channel, record?: (interval: Interval) => void): number {
  if (state.writeBytesBefore === 0) return 0;
  const begin = Math.max(state.channel, state.writeReadyBefore);
  const busy = transferCycles(state.writeBytesBefore, channel.bytesPerCycle);
  if (busy > 0) state.channel = begin + busy;
  record?.({ resource: "channel", label: "write", start: begin, duration: busy });
  return begin + busy;
}

/** True when both states lie equally relative to their own `streamEnd`, so that equal work takes equal time from both. */
function samePhase(a: State, b: State): boolean {
  return (
    a.writeBytes === b.writeBytes &&
    a.writeBytesBefore === b.writeBytesBefore &&
    a.streamEnd - a.streamEndBefore === b.streamEnd - b.streamEndBefore &&
    a.streamEnd - a.drained === b.streamEnd - b.drained &&
    a.streamEnd - a.tileStart === b.streamEnd - b.tileStart &&
    // No transfer starts before streamEndBefore: a channel that was free earlier is as good as free then.
    a.streamEnd - Math.max(a.channel, a.streamEndBefore) === b.streamEnd - Math.max(b.channel, b.streamEndBefore) &&
    (a.writeBytesBefore === 0 || a.streamEnd - a.writeReadyBefore === b.streamEnd - b.writeReadyBefore)
  );
}

function shift(state: State, cycles: number): void {
  state.channel += cycles;
  state.streamEnd += cycles;
  state.streamEndBefore += cycles;
  state.tileStart += cycles;
  state.drained += cycles;
  state.writeReady += cycles;
  state.writeReadyBefore += cycles;
}
