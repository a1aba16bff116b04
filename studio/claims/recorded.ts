// Claims that take minutes to derive, as they were last derived and recorded with the sources; a slow test derives them
// again.

import type { Reproduction } from "../../src/workbench/reproduce.ts";

const pages = import.meta.glob<{ readonly claims: readonly Reproduction[] }>("../../docs/claims/*.json", {
  import: "default",
});

/** The recorded claims of a machine; undefined where none are. */
export async function recordedClaims(machine: string): Promise<readonly Reproduction[] | undefined> {
  const load = pages[`../../docs/claims/${machine}.json`];
  return load === undefined ? undefined : (await load()).claims;
}
