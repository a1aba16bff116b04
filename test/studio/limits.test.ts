// What the studio's server does not take: other methods than reading, bodies, and too much or too slowly of anything.

import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { nameFiles } from "../../src/cli/studio/named-files.ts";
import { startServer } from "../../src/cli/studio/server.ts";
import { answersIn, ask, exchange, requestText } from "./raw.ts";
import { expectSafe, get, model, served } from "./served.ts";

const server = served();

describe("methods and bodies", () => {
  test.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE", "get", "CONNECT"])(
    "%s is refused",
    async (method) => {
      const bytes = requestText(method === "CONNECT" ? "evil.example:443" : "/", { method, host: server().host });
      const answer = await ask(server().port, bytes);
      expect(answer.status).toBe(405);
      expect(answer.headers).toMatchObject({ allow: "GET, HEAD", connection: "close" });
      expectSafe(answer);
    },
  );

  test("a small body is refused for its method, and even with GET", async () => {
    const sent = (method: string) =>
      ask(
        server().port,
        `${requestText("/", { method, host: server().host, headers: ["Content-Length: 3"] })}abc`,
        method === "HEAD",
      );
    expect((await sent("POST")).status).toBe(405);
    expect((await sent("GET")).status).toBe(413);
    expect((await sent("HEAD")).status).toBe(413);
  });

  test("an oversized upload is refused at its head, and the connection closed long before its end", async () => {
    const body = Buffer.alloc(2 ** 22, "x");
    for (const method of ["POST", "PUT", "GET"]) {
      const start = performance.now();
      const head = requestText("/files/0/model.onnx", {
        method,
        host: server().host,
        headers: ["Content-Length: 10000000000"],
      });
      const answer = await ask(server().port, Buffer.concat([Buffer.from(head), body]));
      expect(answer.status).toBe(413);
      expect(answer.headers["connection"]).toBe("close");
      expectSafe(answer);
      expect(performance.now() - start).toBeLessThan(5000);
    }
    expect((await get(server(), "/files/0/model.onnx")).body.toString()).toBe(model);
  });

  test("an upload of unsaid length is not waited for", async () => {
    const chunks = `10000\r\n${"x".repeat(0x10000)}\r\n`.repeat(20);
    const chunked = (method: string) =>
      ask(
        server().port,
        `${requestText("/", { method, host: server().host, headers: ["Transfer-Encoding: chunked"] })}${chunks}`,
      );
    expect((await chunked("POST")).status).toBe(405);
    expect((await chunked("GET")).status).toBe(413);
  });

  test("a client that asks before it sends is told not to", async () => {
    for (const expectation of ["100-continue", "magic"]) {
      const headers = [`Expect: ${expectation}`, "Content-Length: 1000000"];
      expect((await get(server(), "/", headers, "PUT")).status).toBe(413);
    }
  });

  test("two lengths, or two ways to end a body, are no request", async () => {
    for (const headers of [
      ["Content-Length: 3", "Content-Length: 4"],
      ["Content-Length: 3", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked, identity"],
      ["Content-Length: -1"],
      ["Content-Length: 0x10"],
    ]) {
      const bytes = `${requestText("/", { host: server().host, headers })}0\r\n\r\nGET /files/0/model.onnx HTTP/1.1\r\n\r\n`;
      const [first, ...more] = answersIn(await exchange(server().port, bytes));
      expect([400, 413]).toContain(first?.status);
      expect(more).toEqual([]);
    }
  });

  test("a WebSocket is not opened", async () => {
    const bytes = `GET / HTTP/1.1\r\nHost: ${server().host}\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`;
    expect((await ask(server().port, bytes)).status).toBe(200);
  });
});

describe("too much and too slow", () => {
  test("long request lines and headers are refused", async () => {
    const long = "x".repeat(10_000);
    for (const bytes of [
      requestText(`/${long}`, { host: server().host }),
      requestText(`/?${long}`, { host: server().host }),
      requestText("/", { host: server().host, headers: [`Cookie: ${long}`] }),
      requestText("/", { host: server().host, headers: [`${long}: 1`] }),
      requestText("/", { host: server().host, headers: Array.from({ length: 3000 }, (_, i) => `X-${i}: ${i}`) }),
    ]) {
      const answer = await ask(server().port, bytes);
      expect(answer.status).toBe(431);
      expectSafe(answer);
    }
  });

  test.each([
    "\0\0\0\0",
    "GET\r\n\r\n",
    "SSH-2.0-OpenSSH\r\n",
    "GET / HTTP/2.0\r\n\r\n",
    "\u0016\u0003\u0001",
    "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
  ])("%j is no request", async (bytes) => {
    const answer = await ask(server().port, bytes);
    expect([400, 405]).toContain(answer.status);
    expectSafe(answer);
  });

  test("one that never ends its headers, or never asks, is hung up on", async () => {
    const limits = { headBytes: 4096, headMilliseconds: 200, idleMilliseconds: 600, connections: 8 };
    const impatient = await startServer(server().site, [], 0, limits);
    try {
      const [slow, silent] = await Promise.all([
        exchange(impatient.port, "GET / HTTP/1.1\r\nHost: "),
        exchange(impatient.port, ""),
      ]);
      expect(answersIn(slow)).toMatchObject([{ status: 408 }]);
      for (const answer of [...answersIn(slow), ...answersIn(silent)]) expectSafe(answer);
    } finally {
      await impatient.close();
    }
  });

  test("more connections than the limit are not taken, and room is made when one ends", async () => {
    const limits = { headBytes: 4096, headMilliseconds: 5000, idleMilliseconds: 5000, connections: 4 };
    const small = await startServer(server().site, [], 0, limits);
    const host = `127.0.0.1:${small.port}`;
    const waiting = Array.from({ length: 4 }, () => connect(small.port, "127.0.0.1"));
    try {
      await Promise.all(waiting.map((socket) => once(socket, "connect")));
      expect((await exchange(small.port, requestText("/", { host }))).length).toBe(0);
      for (const socket of waiting) socket.destroy();
      await vi.waitFor(async () => expect((await ask(small.port, requestText("/", { host }))).status).toBe(200));
    } finally {
      for (const socket of waiting) socket.destroy();
      await small.close();
    }
  });

  test("a reader who stops reading is hung up on", async () => {
    const limits = { headBytes: 4096, headMilliseconds: 300, idleMilliseconds: 300, connections: 8 };
    const bytes = 2 ** 30;
    const folder = mkdtempSync(join(tmpdir(), "heddle-studio-"));
    writeFileSync(join(folder, "long.bin"), "");
    truncateSync(join(folder, "long.bin"), bytes);
    const impatient = await startServer(server().site, nameFiles([join(folder, "long.bin")]), 0, limits);
    try {
      const socket = connect(impatient.port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write(requestText("/files/0/long.bin", { host: `127.0.0.1:${impatient.port}` }));
      await once(socket, "data");
      socket.pause();
      await setTimeout(1000);
      let taken = 0;
      socket.on("data", (part) => (taken += part.length));
      socket.resume();
      await once(socket, "close");
      expect(taken).toBeLessThan(bytes / 2);
    } finally {
      await impatient.close();
      rmSync(folder, { recursive: true });
    }
  });

  test("requests one after the other are answered in order; nonsense after one does not get into its answer", async () => {
    const next = `GET /notes.txt HTTP/1.1\r\nHost: ${server().host}\r\n\r\n`;
    const answers = answersIn(
      await exchange(server().port, next + next + requestText("/icon.svg", { host: server().host })),
    );
    expect(answers.map(({ body }) => body.toString())).toEqual(["notes", "notes", "<svg/>"]);
    const file = `GET /files/0/model.onnx HTTP/1.1\r\nHost: ${server().host}\r\n\r\n`;
    for (const bytes of [next, file]) {
      const [first] = answersIn(await exchange(server().port, `${bytes}nonsense\r\n\r\n`));
      // Hung up on before its answer, or answered.
      expect(first ?? { status: 200, whole: true }).toMatchObject({ status: 200, whole: true });
    }
  });
});
