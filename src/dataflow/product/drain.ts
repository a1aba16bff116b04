// How the controller takes in what the array sends it: of the elements that wait it takes half a cycle, rounded up, so
// that a burst takes as many cycles as it has binary digits.

export interface DrainQueue {
  /** `elements` arrive. */
  readonly arrive: (elements: number) => void;
  /** Lets cycles pass. */
  readonly pass: (cycles: number) => void;
  /** Cycles until nothing waits any more; the queue is empty after. */
  readonly finish: () => number;
}

export function drainQueue(): DrainQueue {
  let waiting = 0;
  return {
    arrive: (elements) => {
      waiting += elements;
    },
    pass: (cycles) => {
      for (let i = 0; i < cycles && waiting > 0; i++) waiting -= Math.ceil(waiting / 2);
    },
    finish: () => {
      let cycles = 0;
      for (; waiting > 0; cycles++) waiting -= Math.ceil(waiting / 2);
      return cycles;
    },
  };
}
