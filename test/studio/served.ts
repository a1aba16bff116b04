// A test build of the studio served for one test file, and how its tests ask it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { contentPolicy } from "../../src/base/content-policy.ts";
import { nameFiles } from "../../src/cli/studio/named-files.ts";
import { startServer } from "../../src/cli/studio/server.ts";
import type { RunningServer } from "../../src/cli/studio/server.ts";
import { readSite } from "../../src/cli/studio/site.ts";
import type { Site } from "../../src/cli/studio/site.ts";
import { makeBuild, secret } from "./build.ts";
import { ask, requestText } from "./raw.ts";
import type { RawAnswer } from "./raw.ts";

/** The content of the one named file, `/files/0/model.onnx`. */
export const model = "a model";

export interface Served {
  readonly site: Site;
  readonly port: number;
  /** The value of `Host` for it. */
  readonly host: string;
}

/** Every answer, of whatever status, carries these headers and no secret. */
export function expectSafe({ headers, body }: RawAnswer): void {
  expect(headers).toMatchObject({
    "content-security-policy": contentPolicy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": /camera=\(\)/,
    "cache-control": /no-store|immutable/,
  });
  expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  expect(body.includes(secret)).toBe(false);
}

/** Serves the build while the tests of the calling file run; the value is complete once they do. */
export function served(): () => Served {
  const { folder, build, remove } = makeBuild();
  let server: RunningServer | undefined;
  const site = readSite(build);
  beforeAll(async () => {
    writeFileSync(join(folder, "model.onnx"), model);
    server = await startServer(site, nameFiles([join(folder, "model.onnx")]), 0);
  });
  afterAll(async () => {
    await server?.close();
    remove();
  });
  return () => {
    if (server === undefined) throw new Error("the server is not started");
    return { site, port: server.port, host: `127.0.0.1:${server.port}` };
  };
}

/** The safe answer to one request by the server's own address. */
export async function get(
  { port, host }: Served,
  target: string,
  headers: readonly string[] = [],
  method = "GET",
): Promise<RawAnswer> {
  const answer = await ask(port, requestText(target, { method, host, headers }), method === "HEAD");
  expectSafe(answer);
  return answer;
}
