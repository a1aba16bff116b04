// `heddle studio` as a process: what it prints, that it opens the browser, how it ends. The build is a small one of the
// test's own, put in place of dist/studio by a module hook.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { heddle, spawnHeddle } from "./heddle.ts";
import type { Outcome } from "./heddle.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-studio-"));
const at = (name: string): string => join(folder, name);
const page = "<!doctype html><title>a studio</title>";
const noSignals = process.platform === "win32";

beforeAll(() => {
  for (const name of ["build", "bin", "fails"]) mkdirSync(at(name));
  writeFileSync(at("build/index.html"), page);
  writeFileSync(at("model.onnx"), "a model");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A preloaded module that puts `build` where the command looks for dist/studio. */
function hook(build: string): string {
  const source = `
    import { registerHooks } from "node:module";
    const source = ${JSON.stringify(`export const studioFolder = () => ${JSON.stringify(build)};`)};
    registerHooks({ load: (url, context, next) =>
      url.endsWith("/src/cli/studio-folder.ts") ? { format: "module", source, shortCircuit: true } : next(url, context) });
  `;
  return `--import=data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
}

interface Visit {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: NodeJS.Signals;
  /** Done at the address before the server is interrupted. */
  readonly visit?: (address: string) => Promise<void>;
}

/** Runs `heddle studio` until it has printed its address and been visited, and interrupts it. */
async function studio(words: readonly string[], { env = {}, signal = "SIGINT", visit }: Visit = {}): Promise<Outcome> {
  let visited: Promise<void> | undefined;
  const outcome = await spawnHeddle(["studio", ...words], {
    cwd: folder,
    env: { NODE_OPTIONS: hook(at("build")), ...env },
    printed: (out, kill) => {
      if (!out.includes("\n")) return;
      visited ??= (visit?.(out.trim()) ?? Promise.resolve()).finally(() => kill(signal));
    },
  });
  await visited;
  return outcome;
}

describe.skipIf(noSignals)("heddle studio", () => {
  test("prints its address, serves the page and the named files, and ends well when interrupted", async () => {
    const { code, signal, out, err } = await studio(["--no-open", "--port", "0", "model.onnx"], {
      visit: async (address) => {
        expect(await (await fetch(address)).text()).toBe(page);
        const session = await (await fetch(new URL("session.json", address))).json();
        expect(session).toEqual({ version: 1, files: [{ name: "model.onnx", size: 7, url: "files/0/model.onnx" }] });
        expect(await (await fetch(new URL("files/0/model.onnx", address))).text()).toBe("a model");
      },
    });
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
    expect(err).toBe("the studio is served to this machine alone until Ctrl-C\n");
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });

  test("a polite kill ends it as well", async () => {
    expect(await studio(["--no-open"], { signal: "SIGTERM" })).toMatchObject({ code: 0, signal: null });
  });

  test("--port chooses the port; one that is taken is one error", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, "127.0.0.1", resolve);
    });
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code, out, err } = await studio(["--no-open", "--port", String(port)]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe(
      `error: --port: the port is in use; found "${port}"; expected another one, or no --port for any that is free\n`,
    );
    await new Promise((resolve) => {
      taken.close(resolve);
    });
    const free = await studio(["--no-open", "--port", String(port)]);
    expect({ code: free.code, out: free.out }).toEqual({ code: 0, out: `http://127.0.0.1:${port}/\n` });
  });

  test("without a build it says how to make one", async () => {
    const { code, out, err } = await studio(["--no-open"], { env: { NODE_OPTIONS: hook(at("fails")) } });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(
      /^error: \S+fails: the studio is not built: there is no index\.html; expected .*npm run build.*\n$/,
    );
  });
});

describe.skipIf(process.platform !== "linux")("the browser (skipped where it is not opened by xdg-open)", () => {
  const opener = (script: string): Readonly<Record<string, string>> => {
    writeFileSync(at("bin/xdg-open"), `#!/bin/sh\n${script}\n`);
    chmodSync(at("bin/xdg-open"), 0o755);
    return { PATH: `${at("bin")}${delimiter}${process.env["PATH"] ?? ""}` };
  };
  const opened = (): string => (existsSync(at("opened")) ? readFileSync(at("opened"), "utf8") : "");

  test("is opened at the address, unless --no-open", async () => {
    const env = opener(`echo "$#" "$1" > '${at("opened")}'`);
    await studio(["--no-open"], { env });
    expect(opened()).toBe("");
    const { out, err } = await studio([], {
      env,
      visit: () => vi.waitFor(() => expect(opened()).toMatch(/\n$/), 5000),
    });
    expect(opened()).toBe(`1 ${out}`);
    expect(err).not.toContain("note:");
  });

  test("that cannot be opened is a note, and the server goes on", async () => {
    const wait = async (address: string): Promise<void> => {
      await new Promise((resolve) => {
        setTimeout(resolve, 500);
      });
      expect((await fetch(address)).status).toBe(200);
    };
    const note = "note: no browser could be opened; open the address in one\n";
    for (const env of [opener("exit 3"), { PATH: at("fails") }]) {
      const { code, err } = await studio([], { env, visit: wait });
      expect(code).toBe(0);
      expect(err.split(note)).toHaveLength(2);
    }
  });
});

test("its words are completed", async () => {
  const complete = async (...words: readonly string[]): Promise<string> =>
    (await heddle("__complete", "studio", ...words)).out;
  expect(await complete("--p")).toBe("--port\n");
  expect(await complete("--no")).toBe("--no-open\n");
  expect(await complete(at("mod"))).toBe(`${at("model.onnx")}\n`);
  expect((await heddle("__complete", "stu")).out).toBe("studio\n");
});
