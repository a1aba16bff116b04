// What only a process of its own shows: exit codes, a closed reader, a full disk, an interruption, no colours in pipes.

import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { mainFile, nodeFlags, spawnHeddle } from "./heddle.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-process-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const small = ["run", "gemm:M=64,N=64,K=64", "--on", "systolic"];
const noFullDevice = !existsSync("/dev/full");
const noShell = process.platform === "win32";

describe("process", () => {
  test("success, wrong use and bad input have their exit codes", async () => {
    const codes = await Promise.all(
      [small, ["frobnicate"], ["run"], ["run", "nothing", "--on", "systolic"]].map(
        async (inputs) => (await spawnHeddle(inputs)).code,
      ),
    );
    expect(codes).toEqual([0, 2, 2, 2]);
  });

  test("a pipe gets no escape sequences", async () => {
    const { out, err } = await spawnHeddle([...small, "--layers", "1"]);
    expect(out).not.toContain("\u001b");
    expect(err).not.toContain("\u001b");
  });

  test.skipIf(noShell)("a reader that goes away ends the output quietly", () => {
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", '"$0" "$@" | head -n 1', process.execPath, ...nodeFlags, mainFile, "list"],
      {
        encoding: "utf8",
      },
    );
    expect(stdout.split("\n")[0]).toMatch(/^systolic/);
    expect(stderr).toBe("");
  });

  test.skipIf(noFullDevice)("full disk (skipped without /dev/full): one error, exit code 2, no file", async () => {
    const full = openSync("/dev/full", "w");
    try {
      const html = join(folder, "report.html");
      const outcomes = await Promise.all([
        spawnHeddle([...small, "--html", html], { stdout: full }),
        spawnHeddle(["--help"], { stdout: full }),
        spawnHeddle([...small, "--html", "/dev/full"]),
      ]);
      for (const { code, err } of outcomes) {
        expect(err).toMatch(/(?:^|\n)error: .*cannot be written: no space left on the device\n$/);
        expect(code).toBe(2);
      }
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      closeSync(full);
    }
  });

  test.skipIf(noShell)("an interruption ends the run with 130 and leaves no file", async () => {
    const { code, signal } = await spawnHeddle(
      ["run", "resnet101", "--on", "systolic", "--check", "all", "--threads", "2", "--html", join(folder, "late.html")],
      {
        started: (kill) => setTimeout(() => kill("SIGINT"), 1500),
      },
    );
    expect(code === 130 || signal === "SIGINT").toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("an internal failure is short, says how to report it, and exits with 1", async () => {
    // A preloaded module breaks the runtime under the command: no input can do that.
    const source = "String.prototype.repeat = function () { throw new TypeError('broken runtime'); };";
    const broken = `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
    const { code, err } = await spawnHeddle(["show", "arrayflex"], {
      env: { NODE_OPTIONS: `--import=${broken}` },
    });
    expect(err).toMatch(/internal error: TypeError: broken runtime; this is a fault of heddle, please report it/);
    expect(err).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });
});
