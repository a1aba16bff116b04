// Standard streams without Node's streams: files are written at once, a full pipe hands over to the stream, failures are
// told to both who wrote and who watches.

import { spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Socket } from "node:net";
import { WriteStream } from "node:tty";
import { afterAll, expect, test, vi } from "vitest";
import { standardStream } from "./standard-streams.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-streams-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const never = (): never => {
  throw new Error("Node's stream was opened");
};

test("a file gets every text in order, and no stream is opened", () => {
  const path = join(folder, "out.txt");
  const file = openSync(path, "w");
  const done = vi.fn<(error?: Error | null) => void>();
  const { write, terminal } = standardStream(file, never, never);
  write("─ one\n", done);
  write("two\n", done);
  closeSync(file);
  expect(terminal).toBeUndefined();
  expect(readFileSync(path, "utf8")).toBe("─ one\ntwo\n");
  expect(done.mock.calls).toEqual([[], []]);
});

test("a failure is told to who wrote and to who watches", () => {
  const path = join(folder, "read-only.txt");
  closeSync(openSync(path, "w"));
  const file = openSync(path, "r");
  const [done, failed] = [vi.fn<(error?: Error | null) => void>(), vi.fn<(error: Error) => void>()];
  standardStream(file, never, failed).write("text", done);
  closeSync(file);
  expect(failed.mock.calls).toEqual([[expect.objectContaining({ code: "EBADF" })]]);
  expect(done.mock.calls).toEqual(failed.mock.calls);
});

test.skipIf(process.platform === "win32")(
  "a pipe that does not wait gets the rest, and all that follows, by the stream",
  () => {
    const path = join(folder, "pipe");
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const given: string[] = [];
    const stream = Object.assign(Object.create(WriteStream.prototype), new Socket());
    vi.spyOn(stream, "write").mockImplementation((bytes) => given.push(String(bytes)) > 0);
    const { write } = standardStream(pipe, () => stream, never);
    const text = "0123456789abcdef".repeat(2 ** 15);
    write(text);
    write("end");
    const buffer = Buffer.alloc(text.length);
    const held = buffer.toString("latin1", 0, readSync(pipe, buffer));
    closeSync(pipe);
    expect(held.length).toBeGreaterThan(0);
    expect(held + given.join("")).toBe(`${text}end`);
  },
);
