// The content security policy of the studio's page, in one place for the two that state it: the local server in a
// header, and the page itself in a meta element, for any other host that it lies on.

/** What the page may load: its own files and nothing else. No inline script, no `eval`, no other host, no frame. */
const directives: Readonly<Record<string, string>> = {
  "default-src": "'none'",
  // Zeros are counted by WebAssembly.
  "script-src": "'self' 'wasm-unsafe-eval'",
  // Plots carry their style in attributes.
  "style-src": "'self' 'unsafe-inline'",
  "img-src": "'self' data: blob:",
  "connect-src": "'self'",
  "worker-src": "'self'",
  "font-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
};

const stated = (names: readonly string[]): string => names.map((name) => `${name} ${directives[name]}`).join("; ");

/** The policy as the value of a `Content-Security-Policy` header. */
export const contentPolicy = stated(Object.keys(directives));

/** The same for `<meta http-equiv>`, where browsers refuse `frame-ancestors` with a complaint. */
export const contentPolicyOfPage = stated(Object.keys(directives).filter((name) => name !== "frame-ancestors"));
