// The files that `heddle studio` was started with: listed by its server in session.json, of which any other host has an
// empty one.

import type { NamedFile } from "../engine/api.ts";

interface Listed {
  readonly name: string;
  readonly url: string;
}

const isListed = (entry: unknown): entry is Listed =>
  typeof entry === "object" &&
  entry !== null &&
  "name" in entry &&
  "url" in entry &&
  typeof entry.name === "string" &&
  typeof entry.url === "string";

/** The session's files, and what could not be had. */
export async function loadSession(): Promise<{
  readonly found: readonly NamedFile[];
  readonly problems: readonly string[];
}> {
  const problems: string[] = [];
  const found: NamedFile[] = [];
  for (const { name, url } of await list()) {
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      found.push({ name, content: await answer.blob() });
    } catch (error) {
      problems.push(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { found, problems };
}

async function list(): Promise<readonly Listed[]> {
  try {
    const session: unknown = await (await fetch("session.json", { cache: "no-store" })).json();
    if (typeof session !== "object" || session === null || !("files" in session)) return [];
    return Array.isArray(session.files) ? session.files.filter(isListed) : [];
  } catch {
    // Opened from a host without one: there are no files.
    return [];
  }
}
