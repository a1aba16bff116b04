// Whom the studio's server must not answer, and with what: other sites, other names that lead here, paths that climb.
// Asked over bare sockets, which send what no client would.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownHosts, refusalOf } from "../../src/cli/studio/gate.ts";
import { built } from "./build.ts";
import { answersIn, ask, exchange, requestText } from "./raw.ts";
import { expectSafe, get, model, served } from "./served.ts";

const server = served();

test("every kind of answer carries the headers", async () => {
  for (const path of [...Object.keys(built), "/session.json", "/files/0/model.onnx"]) {
    expect((await get(server(), path)).status).toBe(200);
  }
  expect((await get(server(), "/nothing")).status).toBe(404);
});

describe("paths lead nowhere but to the table", () => {
  test.each([
    "/../secret.txt",
    "/..",
    "/../..",
    "/../../../../../../../../etc/passwd",
    "/./index.html",
    "//index.html",
    "/assets/../index.html",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/..%2fsecret.txt",
    "/%252e%252e%252fsecret.txt",
    "/..%c0%afsecret.txt",
    "/..%00/secret.txt",
    "/index.html%00",
    "/index%2ehtml",
    "/%69ndex.html",
    "/INDEX.HTML",
    "/index.html/",
    "/assets",
    "/assets/",
    "/..\\secret.txt",
    "/..%5csecret.txt",
    "/%5c..%5csecret.txt",
    "/assets\\plain.js",
    "/C:/Windows/win.ini",
    "/file:///etc/passwd",
    "/link.txt",
    "/linked/secret.txt",
    "/assets/link-12345678.js",
    "/.hidden",
    "/.vite/manifest.json",
    "/files",
    "/files/",
    "/files/0",
    "/files/0/",
    "/files/0/other.onnx",
    "/files/0/../../secret.txt",
    "/files/0/..%2f..%2fsecret.txt",
    "/files/00/model.onnx",
    "/files/-1/model.onnx",
    "/files/1/model.onnx",
    "/files/1/secret.txt",
    "/files/0/model.onnx/",
    "/files/__proto__/model.onnx",
    "/__proto__",
    "/constructor",
    "/session.json/",
    "/session",
  ])("%s", async (path) => {
    expect((await get(server(), path)).status).toBe(404);
  });

  test.each([
    "http://evil.example/index.html",
    "http://127.0.0.1/",
    "file:///etc/passwd",
    "*",
    "index.html",
    "?",
    "\\",
  ])("%s is no path", async (target) => {
    expect((await get(server(), target)).status).toBe(400);
  });

  test.each(["/\0", "/a b", "/\r\n", "/\t", "/\u007f"])("%j is no request", async (target) => {
    const answer = await ask(server().port, requestText(target, { host: server().host }));
    expect(answer.status).toBe(400);
    expectSafe(answer);
  });

  test("whatever is asked, the answer is one of the known files byte for byte, or a refusal", async () => {
    const session = (await get(server(), "/session.json")).body.toString();
    const contents = new Map([
      ...Object.entries(built),
      ["/session.json", session] as const,
      ["/files/0/model.onnx", model] as const,
    ]);
    const part = fc.constantFrom(
      "..",
      ".",
      "",
      "%2e%2e",
      "%252e%252e",
      "..%2f",
      "%5c..",
      "\\..",
      "%00",
      "\0",
      "%",
      "%zz",
      "?",
      "#",
      ";",
      "~",
      ":",
      "assets",
      "index.html",
      "files",
      "0",
      "1",
      "model.onnx",
      "secret.txt",
      "link.txt",
      "linked",
      "private",
      "build",
      "session.json",
      ".hidden",
      "etc",
      "passwd",
      "é",
      "\u00ff",
      " ",
      "a%20b%25.txt",
    );
    const climbing = fc.array(fc.oneof({ weight: 4, arbitrary: part }, fc.string({ unit: "binary" })), {
      maxLength: 6,
    });
    const target = fc.oneof(
      climbing.map((parts) => `/${parts.join("/")}`),
      climbing.map((parts) => parts.join("")),
      fc.constantFrom(...contents.keys()),
      fc.tuple(fc.constantFrom(...contents.keys()), fc.string()).map(([path, tail]) => `${path}${tail}`),
      fc.string({ unit: "binary" }),
    );
    let known = 0;
    await fc.assert(
      fc.asyncProperty(target, async (text) => {
        const answers = answersIn(await exchange(server().port, requestText(text, { host: server().host })));
        expect(answers.length).toBeGreaterThan(0);
        for (const answer of answers) {
          expectSafe(answer);
          if (answer.status === 200) {
            known++;
            // HTTP lets a request line have more spaces than it needs.
            const path = text.trimStart().split(/[? ]/)[0] ?? "";
            expect(answer.body.toString()).toBe(contents.get(path));
          } else expect([400, 404, 405]).toContain(answer.status);
        }
      }),
      { numRuns: 500 },
    );
    expect(known).toBeGreaterThan(20);
  });
});

describe("only its own address", () => {
  test("is answered to, by both its names", async () => {
    for (const name of [server().host, `localhost:${server().port}`]) {
      expect((await ask(server().port, requestText("/", { host: name }))).status).toBe(200);
    }
    expect(ownHosts(80)).toContain("localhost");
    expect(ownHosts(8080)).not.toContain("localhost");
  });

  test("a page of a name that was pointed here gets nothing", async () => {
    const { port } = server();
    for (const name of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      "localhost",
      `127.0.0.1:${port + 1}`,
      `127.0.0.1:${port}.evil.example`,
      `127.0.0.1.:${port}`,
      `localhost.:${port}`,
      `localhost.evil.example:${port}`,
      `user@127.0.0.1:${port}`,
      `0.0.0.0:${port}`,
      `[::]:${port}`,
      `127.1:${port}`,
      `2130706433:${port}`,
      `127.0.0.1:0${port}`,
      `127.0.0.1:${port}, evil.example`,
      "null",
    ]) {
      for (const path of ["/", "/session.json", "/files/0/model.onnx", "/nothing"]) {
        const answer = await ask(server().port, requestText(path, { host: name }));
        expect(answer.status, name).toBe(421);
        expectSafe(answer);
        expect(answer.body.toString()).not.toContain(model);
      }
    }
  });

  test("none, an empty one or two are no request", async () => {
    for (const headers of [
      [],
      ["Host:"],
      [`Host: ${server().host}`, "Host: evil.example"],
      ["Host: evil.example", `Host: ${server().host}`],
    ]) {
      const answer = await ask(server().port, requestText("/", { headers }));
      expect([400, 421]).toContain(answer.status);
      expectSafe(answer);
    }
    const old = await ask(server().port, "GET /session.json HTTP/1.0\r\n\r\n");
    expect(old.status).toBe(400);
  });
});

describe("other origins and sites", () => {
  test.each([
    "http://evil.example",
    "null",
    "",
    "https://127.0.0.1:PORT",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:PORT",
    "http://127.0.0.1:PORT.evil.example",
    "http://127.0.0.1:PORT, http://evil.example",
  ])("origin %j is refused", async (origin) => {
    for (const path of ["/", "/session.json", "/files/0/model.onnx"]) {
      expect((await get(server(), path, [`Origin: ${origin.replace("PORT", String(server().port))}`])).status).toBe(
        403,
      );
    }
  });

  test("its own origin is answered, without leave for any other", async () => {
    expect(
      (await get(server(), "/session.json", [`Origin: http://${server().host}`, "Sec-Fetch-Site: same-origin"])).status,
    ).toBe(200);
  });

  test("a link elsewhere opens the page and nothing else, and no frame", async () => {
    for (const site of ["cross-site", "same-site"]) {
      const from = [`Sec-Fetch-Site: ${site}`, "Sec-Fetch-Mode: navigate"];
      const link = [...from, "Sec-Fetch-Dest: document"];
      for (const page of ["/", "/index.html", "/?x"]) expect((await get(server(), page, link)).status).toBe(200);
      for (const path of ["/session.json", "/files/0/model.onnx", "/assets/plain.js", "/nothing"]) {
        expect((await get(server(), path, link)).status).toBe(403);
      }
      for (const frame of ["iframe", "object", "embed", "empty"]) {
        expect((await get(server(), "/", [...from, `Sec-Fetch-Dest: ${frame}`])).status).toBe(403);
      }
      for (const path of ["/", "/assets/plain.js", "/session.json"]) {
        const loads = [`Sec-Fetch-Site: ${site}`, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"];
        expect((await get(server(), path, loads)).status).toBe(403);
      }
    }
    expect(
      (await get(server(), "/session.json", ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"])).status,
    ).toBe(403);
  });

  test("an address that is typed is answered", async () => {
    const typed = ["Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
    expect((await get(server(), "/", typed)).status).toBe(200);
    expect((await get(server(), "/session.json", typed)).status).toBe(200);
  });

  test("the gate lets nothing pass that names another host, whatever else it says", () => {
    const word = fc.oneof(
      fc.constantFrom("same-origin", "none", "cross-site", "navigate", "document", "evil.example"),
      fc.string(),
    );
    const hosts = ownHosts(1234);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("origin", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"), fc.array(word)),
        fc.array(word, { maxLength: 2 }),
        (headers, foreign) => {
          const head = { method: "GET", target: "/", headers: { ...headers, host: foreign } };
          expect(refusalOf(head, hosts)).toBeDefined();
        },
      ),
    );
  });
});
