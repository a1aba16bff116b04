// What Ctrl-C and a polite kill do: tidy up and end with exit code 130, the shell's word for an interruption.

/**
 * Ends the process with 130 when it is interrupted, after `tidy`; the function returned takes that back. Node serves
 * signals between two turns of its loop, so this is for work that yields: anything else is better killed outright.
 */
export function onInterrupt(tidy: () => void = () => undefined): () => void {
  const end = (): void => {
    tidy();
    process.exit(130);
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  return () => {
    process.off("SIGINT", end);
    process.off("SIGTERM", end);
  };
}
