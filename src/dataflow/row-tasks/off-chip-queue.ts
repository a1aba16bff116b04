// Transfers through the off-chip channel in the order in which they are asked for: a first-come queue that is never idle
// while something waits.

export interface OffChipQueue {
  /** Asks for a transfer at a cycle, no earlier than the one before; the cycle at whose start it is complete. */
  readonly post: (now: number, bytes: number) => number;
  /** Cycle from which the channel is idle. */
  readonly free: () => number;
}

/** Time is counted in bytes that could have passed, so that transfers share cycles. */
export function offChipQueue(bytesPerCycle: number): OffChipQueue {
  let passed = 0;
  const cycle = (): number => Math.ceil(passed / bytesPerCycle);
  if (bytesPerCycle === Infinity) return { post: (now) => now, free: () => 0 };
  return {
    post: (now, bytes) => {
      if (bytes > 0) passed = Math.max(passed, now * bytesPerCycle) + bytes;
      return cycle();
    },
    free: cycle,
  };
}
