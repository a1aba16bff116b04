// The off-chip channel of the stepped machine: transfers in order, a number of bytes each cycle.

/** One transfer waiting for the channel. */
export interface Transfer {
  readonly bytes: number;
  /** Called every cycle until true: may the transfer start? */
  readonly ready: () => boolean;
  /** Called when the last byte has passed (reads: has arrived). */
  readonly done: () => void;
  readonly latency: number;
  /** Called when the channel is free again, with the cycle in which it began and the first one in which it is. */
  readonly passed: (start: number, end: number) => void;
}

/** The off-chip channel: transfers in order, `bytesPerCycle` each cycle, empty transfers skipped at no cost. */
export function newChannel(queue: readonly Transfer[], bytesPerCycle: number) {
  let head = 0;
  let elapsed = 0;
  let began = 0;
  let active = false;
  const inFlight: { transfer: Transfer; remaining: number }[] = [];
  const finish = (transfer: Transfer): void => {
    if (transfer.latency === 0 || transfer.bytes === 0) transfer.done();
    else inFlight.push({ transfer, remaining: transfer.latency });
  };
  return {
    /** Everything that takes no time at the present cycle. */
    settle(cycle: number): void {
      for (;;) {
        const transfer = queue[head];
        if (transfer === undefined || active) return;
        if (transfer.bytes === 0) {
          transfer.done();
          head++;
          continue;
        }
        if (!transfer.ready()) return;
        if (bytesPerCycle === Infinity) {
          transfer.passed(cycle, cycle);
          finish(transfer);
          head++;
          continue;
        }
        active = true;
        began = cycle;
        elapsed = 0;
      }
    },
    tick(cycle: number): void {
      for (let i = inFlight.length - 1; i >= 0; i--) {
        const flight = inFlight[i];
        if (flight === undefined) continue;
        flight.remaining--;
        if (flight.remaining === 0) {
          flight.transfer.done();
          inFlight.splice(i, 1);
        }
      }
      const transfer = queue[head];
      if (!active || transfer === undefined) return;
      elapsed++;
      if (elapsed * bytesPerCycle >= transfer.bytes) {
        active = false;
        head++;
        transfer.passed(began, cycle + 1);
        finish(transfer);
      }
    },
    idle: (): boolean => head >= queue.length && inFlight.length === 0,
  };
}
