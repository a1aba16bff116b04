// The two forms of the studio's content security policy.

import { expect, test } from "vitest";
import { contentPolicy, contentPolicyOfPage } from "./content-policy.ts";

test("nothing runs but scripts of the page's own host", () => {
  expect(contentPolicy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; /);
  for (const form of [contentPolicy, contentPolicyOfPage]) {
    expect(/script-src ([^;]*)/.exec(form)?.[1]).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*|data:|blob:/);
    expect(form).not.toMatch(/https?:|\*/);
  }
});

test("the page's form is the header's without what a meta element may not say", () => {
  expect(`${contentPolicyOfPage}; frame-ancestors 'none'`).toBe(contentPolicy);
});
