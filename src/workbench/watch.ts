// What is under way, looked at a few times a second: by a timer, or from within work that keeps timers from being served.

export interface Watch<Entry> {
  /** Something begins; what is returned ends it. */
  readonly add: (entry: Entry) => () => void;
  /** Looks at the clock, for threads whose own work keeps timers from being served. */
  readonly tick: () => void;
  readonly close: () => void;
}

/** Milliseconds between two looks. */
const every = 200;

/** Reports what has begun and not ended, in the order in which it began. The clock is read once in so many ticks. */
export function watch<Entry>(report: (underWay: readonly Entry[]) => void, ticksAtOnce = 1): Watch<Entry> {
  const underWay = new Set<Entry>();
  let last = Date.now();
  let ticks = 0;
  const look = (): void => {
    last = Date.now();
    report([...underWay]);
  };
  const timer = setInterval(look, every);
  return {
    add: (entry) => {
      underWay.add(entry);
      return () => {
        underWay.delete(entry);
      };
    },
    tick: () => {
      if (++ticks % ticksAtOnce === 0 && Date.now() - last >= every) look();
    },
    close: () => {
      clearInterval(timer);
    },
  };
}
