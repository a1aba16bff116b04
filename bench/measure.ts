// Repeated timing for the benches: medians of several rounds, printed as one line each with the target beside it.

/** Runs `work` for `rounds` rounds after one warm-up and returns the seconds of each. */
export function time(rounds: number, work: () => void): number[] {
  work();
  return Array.from({ length: rounds }, () => {
    const start = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - start) / 1e9;
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** One result against its target: `ratio` above 1 meets it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number;
  /** Whether the target is a floor or a ceiling. */
  readonly wants: "at least" | "at most";
}

export const ratio = ({ value, target, wants }: Figure): number =>
  wants === "at least" ? value / target : target / value;

export function print(figure: Figure): void {
  const met = ratio(figure) >= 1 ? "meets" : "MISSES";
  const number = (value: number): string => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
  process.stdout.write(
    `${figure.name.padEnd(62)} ${number(figure.value).padStart(12)} ${figure.unit.padEnd(14)} ${met} ${figure.wants} ${number(figure.target)} (ratio ${ratio(figure).toFixed(2)})\n`,
  );
}
