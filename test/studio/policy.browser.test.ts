// Security as a browser enforces it: the policy is stated twice and holds, against scripts in the page, code from text,
// other hosts and frames.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject } from "vitest";
import { contentPolicy, contentPolicyOfPage } from "../../src/base/content-policy.ts";
import { look, patience, settled, studioTests } from "./studio.ts";

const studio = studioTests();

studio(
  "the policy stands in the header and in the page, and the page has no script in it",
  async ({ open, address }) => {
    const page = await open("#/bench?w=gemm:M=8,N=8,K=8&m=systolic");
    await settled(page);
    const answer = await page.request.get(address);
    expect(answer.headers()["content-security-policy"]).toBe(contentPolicy);
    expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content")).toBe(
      contentPolicyOfPage,
    );
    const html = readFileSync(join(inject("studioFolder"), "index.html"), "utf8");
    const scripts = [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes, body] of scripts) {
      expect(attributes).toMatch(/\ssrc="\.\//);
      expect(body).toBe("");
    }
    expect(html).not.toMatch(/\son\w+=|javascript:|https?:/i);
    // Nothing has written an event handler into the page since.
    expect(
      await look<number>(page, `document.querySelectorAll("[onclick], [onload], [onerror], script:not([src])").length`),
    ).toBe(0);
  },
);

const attacks = [
  {
    what: "an inline script",
    directive: "script-src-elem",
    code: `const script = document.createElement("script"); script.textContent = "globalThis.broken = 1"; document.body.append(script);`,
  },
  {
    what: "an event handler in markup",
    directive: "script-src-attr",
    code: `document.body.insertAdjacentHTML("beforeend", '<img src="data:," onerror="globalThis.broken = 1">');`,
  },
  {
    what: "code from text",
    directive: "script-src",
    code: `try { globalThis.eval("globalThis.broken = 1"); } catch {}`,
  },
  {
    what: "a function from text",
    directive: "script-src",
    code: `try { new Function("globalThis.broken = 1")(); } catch {}`,
  },
  {
    what: "a script of another host",
    directive: "script-src-elem",
    code: `const script = document.createElement("script"); script.src = "http://127.0.0.2:9/a.js"; document.body.append(script);`,
  },
  {
    what: "a request to another host",
    directive: "connect-src",
    code: `fetch("http://127.0.0.2:9/").catch(() => {});`,
  },
  {
    what: "a picture of another host",
    directive: "img-src",
    code: `const image = new Image(); image.src = "http://127.0.0.2:9/a.png";`,
  },
  {
    what: "a frame",
    directive: "frame-src",
    code: `const frame = document.createElement("iframe"); frame.src = "http://127.0.0.2:9/"; document.body.append(frame);`,
  },
] as const;

studio("what is put into the page from outside is refused", async ({ open, complaints }) => {
  const page = await open("#/bench?w=gemm:M=8,N=8,K=8&m=systolic");
  await settled(page);
  await look(
    page,
    `void (globalThis.refused = [], addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective)))`,
  );
  for (const { what, directive, code } of attacks) {
    await look(page, "void (globalThis.refused.length = 0)");
    // In a task of its own: code that the test itself evaluates is allowed more.
    await look(page, `void setTimeout(() => { ${code} }, 0)`);
    await expect
      .poll(() => look<string[]>(page, "globalThis.refused"), { timeout: patience, message: what })
      .toContain(directive);
  }
  expect(await look<unknown>(page, "globalThis.broken ?? null")).toBe(null);
  const expected = /Content Security Policy|content security policy/;
  const others = complaints.filter((text) => !expected.test(text) && !/127\.0\.0\.2.*(?:csp|BLOCKED)/i.test(text));
  expect(others.filter((text) => !text.includes("asks for http://127.0.0.2:9/"))).toEqual([]);
  complaints.length = 0;
});
