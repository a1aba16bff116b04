// The small scripts that the check rests on: reading a command out of the README, completing the lock file.

import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { completeLock, platformOf } from "../../scripts/complete-lock.ts";
import { readmeCommand } from "../../scripts/readme-command.ts";

describe("the README's commands", () => {
  const readme =
    "# T\n\n<!-- command:run -->\n\n```sh\nnpm ci\nnpx heddle run\n```\n\n<!-- command:test -->\n```\nnpm test\n```\n";

  test("are the fenced blocks after their markers", () => {
    expect(readmeCommand(readme, "run")).toBe("npm ci\nnpx heddle run");
    expect(readmeCommand(readme.replaceAll("\n", "\r\n"), "test")).toBe("npm test");
  });

  test("a marker that is missing, doubled or bare is an error", () => {
    expect(() => readmeCommand(readme, "bench")).toThrow("0 markers");
    expect(() => readmeCommand(readme + readme, "run")).toThrow("2 markers");
    expect(() => readmeCommand("<!-- command:run -->\nwords\n", "run")).toThrow("no fenced command");
  });
});

describe("the lock file", () => {
  test("names platforms as npm does", () => {
    expect(platformOf("@oxlint/binding-linux-arm64-musl")).toEqual({ os: ["linux"], cpu: ["arm64"], libc: ["musl"] });
    expect(platformOf("@oxlint/binding-win32-x64-msvc")).toEqual({ os: ["win32"], cpu: ["x64"] });
    expect(platformOf("fsevents")).toEqual({ os: ["darwin"] });
    expect(() => platformOf("left-pad")).toThrow("left-pad");
  });

  test("gains what is missing, keeps what is there, and a second time nothing", () => {
    const lock = {
      name: "x",
      packages: {
        "": { optionalDependencies: { "tool-linux-x64": "1.0.0" } },
        "node_modules/tool": { version: "2.0.0", dev: true, optionalDependencies: { "tool-darwin-arm64": "^2.0.1" } },
        "node_modules/tool-linux-x64": { version: "1.0.0", integrity: "sha512-x", optional: true },
      },
    };
    const { text, added } = completeLock(JSON.stringify(lock));
    expect(added).toEqual(["tool-darwin-arm64"]);
    const entry = { version: "2.0.1", os: ["darwin"], cpu: ["arm64"], dev: true, optional: true };
    expect(JSON.parse(text)).toEqual({
      ...lock,
      packages: { ...lock.packages, "node_modules/tool-darwin-arm64": entry },
    });
    expect(completeLock(text)).toEqual({ text, added: [] });
  });

  test("of this repository is complete, so that npm ci accepts it on every platform", () => {
    const lock = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");
    expect(completeLock(lock).added).toEqual([]);
  });
});
