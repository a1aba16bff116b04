// The studio's server does what it is for: the build, the list of named files, and these files as they are when asked for.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/base/error.ts";
import { nameFiles } from "../../src/cli/studio/named-files.ts";
import { startServer } from "../../src/cli/studio/server.ts";
import type { RunningServer } from "../../src/cli/studio/server.ts";
import { readSite } from "../../src/cli/studio/site.ts";
import { built, code, makeBuild, page, secret } from "./build.ts";
import { answersIn, ask, exchange, requestText } from "./raw.ts";
import type { RawAnswer } from "./raw.ts";

const { folder, build, remove } = makeBuild();
const at = (name: string): string => join(folder, name);
const noPipes = process.platform === "win32";

const named = [
  "model.onnx",
  "same/model.onnx",
  "two words & 100%.mtx",
  "größe.npy",
  "..%2fsecret.txt",
  "a\n\u001b[31m\u202eb.csv",
];
let server: RunningServer;

beforeAll(async () => {
  mkdirSync(at("same"));
  for (const name of named) writeFileSync(at(name), `content of ${name}`);
  server = await startServer(readSite(build), nameFiles(named.map(at)), 0);
});
afterAll(async () => {
  await server.close();
  remove();
});

const get = (target: string, headers: readonly string[] = [], method = "GET"): Promise<RawAnswer> =>
  ask(server.port, requestText(target, { method, host: `127.0.0.1:${server.port}`, headers }), method === "HEAD");

interface SessionFile {
  readonly name: string;
  readonly size: number;
  readonly url: string;
}
const session = async (): Promise<readonly SessionFile[]> => {
  const answer = await get("/session.json");
  expect(answer.headers).toMatchObject({ "cache-control": "no-store", "content-type": /^application\/json/ });
  const { version, files } = JSON.parse(answer.body.toString());
  expect(version).toBe(1);
  return files;
};

describe("the build", () => {
  test.each(Object.entries(built))("%s is its file, byte for byte", async (path, content) => {
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(body.toString()).toBe(content);
  });

  test.each([
    ["/", "text/html; charset=utf-8"],
    ["/assets/index-Ab3dEf_h.js", "text/javascript; charset=utf-8"],
    ["/assets/index-Ab3dEf_h.js.map", "application/json; charset=utf-8"],
    ["/assets/style-12345678.css", "text/css; charset=utf-8"],
    ["/assets/engine-abcdefgh.wasm", "application/wasm"],
    ["/icon.svg", "image/svg+xml; charset=utf-8"],
    ["/picture.png", "image/png"],
    ["/favicon.ico", "image/x-icon"],
    ["/data/claims.json", "application/json; charset=utf-8"],
    ["/notes.txt", "text/plain; charset=utf-8"],
    ["/unknown.xyz", "application/octet-stream"],
  ])("%s is %s", async (path, type) => {
    expect((await get(path)).headers["content-type"]).toBe(type);
  });

  test("only what has a hash in its name is kept by browsers", async () => {
    for (const path of Object.keys(built)) {
      const kept = /^\/assets\/.*-[\w]{8}\./.test(path);
      expect((await get(path)).headers["cache-control"]).toBe(kept ? "max-age=31536000, immutable" : "no-store");
    }
  });

  test("a query changes nothing, and neither does a range", async () => {
    expect((await get("/index.html?x=/../secret.txt")).body.toString()).toBe(page);
    expect(await get("/notes.txt", ["Range: bytes=1-2"])).toMatchObject({ status: 200, body: Buffer.from("notes") });
  });

  test("HEAD has the headers of GET and no body", async () => {
    for (const path of ["/", "/assets/index-Ab3dEf_h.js", "/session.json", "/files/0/model.onnx", "/nothing"]) {
      const whole = await get(path);
      const head = await get(path, [], "HEAD");
      expect(head.status).toBe(whole.status);
      expect({ ...head.headers, date: "" }).toEqual({ ...whole.headers, date: "" });
    }
  });

  test("text is compressed for clients that take it", async () => {
    const path = "/assets/index-Ab3dEf_h.js";
    const taken = async (accepted: string) => get(path, [`Accept-Encoding: ${accepted}`]);
    for (let i = 0; i < 2; i++) {
      const brotli = await taken("gzip, deflate, br");
      expect(brotli.headers).toMatchObject({ "content-encoding": "br", vary: "Accept-Encoding" });
      expect(brotliDecompressSync(brotli.body).toString()).toBe(code);
      const gzip = await taken("gzip;q=0.5, br;q=0");
      expect(gzip.headers["content-encoding"]).toBe("gzip");
      expect(gunzipSync(gzip.body).toString()).toBe(code);
      expect(gzip.body.length).toBeLessThan(code.length / 2);
    }
    const plain = await taken("identity, gzip;q=0");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body.toString()).toBe(code);
    expect((await get("/notes.txt", ["Accept-Encoding: gzip"])).headers["content-encoding"]).toBeUndefined();
  });

  test("what is not built says how to", () => {
    expect(() => readSite(at("same"))).toThrow(InputError);
    expect(() => readSite(at("none"))).toThrow(/none: the studio is not built: .*npm run build/);
  });
});

describe("named files", () => {
  test("the session lists them, in order and with clean names", async () => {
    const files = await session();
    expect(files.map(({ name }) => name)).toEqual([
      "model.onnx",
      "model.onnx",
      "two words & 100%.mtx",
      "größe.npy",
      "..%2fsecret.txt",
      "a\ufffd\ufffd[31m\ufffdb.csv",
    ]);
    expect(files.map(({ size }) => size)).toEqual(named.map((name) => Buffer.byteLength(`content of ${name}`)));
  });

  test("each is at its address, through a client as browsers have one", async () => {
    for (const [index, { url }] of (await session()).entries()) {
      expect(url).toMatch(new RegExp(`^files/${index}/[^/]+$`));
      const answer = await fetch(new URL(url, server.address));
      expect(await answer.text()).toBe(`content of ${named[index]}`);
      expect(answer.headers.get("content-type")).toBe("application/octet-stream");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  });

  test("one is read when it is asked for: replaced, emptied, grown, gone, and back", async () => {
    const [first] = named;
    const file = at(first ?? "");
    for (const content of ["new", "", "x".repeat(3_000_000)]) {
      rmSync(file);
      writeFileSync(file, content);
      expect((await session())[0]?.size).toBe(content.length);
      const { status, body } = await get("/files/0/model.onnx");
      expect(status).toBe(200);
      expect(body.toString() === content).toBe(true);
    }
    rmSync(file);
    expect((await session())[0]?.url).toBe("files/0/model.onnx");
    expect(await get("/files/0/model.onnx")).toMatchObject({ status: 404 });
    writeFileSync(file, "back");
    expect((await get("/files/0/model.onnx")).body.toString()).toBe("back");
  });

  test.skipIf(noPipes)("a link, a folder or a pipe in its place is not followed, listed or waited for", async () => {
    const file = at("same/model.onnx");
    rmSync(file);
    symlinkSync(at("secret.txt"), file);
    const linked = await get("/files/1/model.onnx");
    rmSync(file);
    mkdirSync(file);
    const listed = await get("/files/1/model.onnx");
    rmSync(file, { recursive: true });
    execFileSync("mkfifo", [file]);
    const piped = await get("/files/1/model.onnx");
    rmSync(file);
    writeFileSync(file, "content of same/model.onnx");
    for (const { status, body } of [linked, listed, piped]) {
      expect(status).toBe(404);
      expect(body.toString()).not.toContain(secret);
    }
  });

  test("one that is cut short while it is sent does not pass for whole", async () => {
    const long = at("long.bin");
    writeFileSync(long, "");
    truncateSync(long, 2 ** 26);
    const other = await startServer(readSite(build), nameFiles([long]), 0);
    try {
      const bytes = await new Promise<Buffer>((resolve, reject) => {
        const parts: Buffer[] = [];
        const host = `Host: 127.0.0.1:${other.port}\r\n\r\n`;
        // Another request waits behind, whose answer would fill the gap.
        const socket = connect(other.port, "127.0.0.1", () =>
          socket.write(`GET /files/0/long.bin HTTP/1.1\r\n${host}GET /notes.txt HTTP/1.1\r\n${host}`),
        );
        socket.once("data", () => {
          socket.pause();
          truncateSync(long, 10);
          socket.resume();
        });
        socket.on("data", (part) => parts.push(part));
        socket.on("error", reject);
        socket.on("close", () => resolve(Buffer.concat(parts)));
      });
      expect(answersIn(bytes)).toMatchObject([{ status: 200, whole: false }]);
      expect(bytes.includes("notes")).toBe(false);
    } finally {
      await other.close();
    }
  });

  test("what cannot be named is told at the start", () => {
    expect(() => nameFiles([at("missing.onnx")])).toThrow(/missing\.onnx: cannot be read: no such file or folder/);
    expect(() => nameFiles([at("same")])).toThrow(/same: cannot be read: it is a folder/);
    expect(() => nameFiles([""])).toThrow(/empty name of a file/);
    expect(() => nameFiles(["a\0b"])).toThrow(InputError);
    if (!noPipes) expect(() => nameFiles(["/dev/zero"])).toThrow(/\/dev\/zero: cannot be read: it is a device/);
  });
});

describe("the server itself", () => {
  test("it listens on the loopback address alone", async () => {
    const elsewhere = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4")
      .map(({ address }) => address);
    // All of 127.0.0.0/8 leads to a server that listens everywhere, on Linux; on macOS only 127.0.0.1 exists.
    for (const host of [...elsewhere, "127.0.0.2", "::1"]) {
      const reached = await new Promise<boolean>((resolve) => {
        const socket = connect({ port: server.port, host, timeout: 1000 }, () => resolve(true));
        for (const failure of ["error", "timeout"]) socket.on(failure, () => resolve(false));
        socket.on("connect", () => socket.destroy());
      });
      expect(reached, host).toBe(false);
    }
    expect(server.address).toBe(`http://127.0.0.1:${server.port}/`);
    expect((await get("/")).status).toBe(200);
  });

  test("a port that is taken is one error", async () => {
    await expect(startServer(readSite(build), [], server.port)).rejects.toThrow(
      new RegExp(`^--port: the port is in use; found "${server.port}"; expected another one`),
    );
  });

  test("closing ends what is under way", async () => {
    const long = at("endless.bin");
    writeFileSync(long, "");
    truncateSync(long, 2 ** 30);
    const other = await startServer(readSite(build), nameFiles([long]), 0);
    const socket = connect(other.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(requestText("/files/0/endless.bin", { host: `127.0.0.1:${other.port}` }));
    await new Promise<void>((resolve) => {
      socket.once("data", () => {
        socket.pause();
        resolve();
      });
    });
    await other.close();
    socket.destroy();
    expect((await exchange(other.port, "GET / HTTP/1.1\r\n\r\n")).length).toBe(0);
  });
});
