// Which requests the studio's server answers at all: those of its own page and of whoever types its address. Pages of
// other sites, names of other hosts that lead here (DNS rebinding), uploads and odd request lines are refused.

import { pagePaths } from "./site.ts";

/** What a request says before its body. */
export interface RequestHead {
  readonly method: string;
  /** As it stands on the request line. */
  readonly target: string;
  /** All values of each header, by its name in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
}

export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** Largest body that is refused for its method rather than its size. */
const uploadBytes = 2 ** 16;

/** The values of `Host` by which a server on this port of the loopback address is asked. */
export function ownHosts(port: number): readonly string[] {
  const names = ["127.0.0.1", "localhost"];
  // Browsers leave the port of the scheme out.
  return names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
}

/** The path of a request line, as it stands there; undefined for an absolute address, `*` and the like. */
export function pathOf(target: string): string | undefined {
  if (!target.startsWith("/")) return undefined;
  const end = target.indexOf("?");
  return end < 0 ? target : target.slice(0, end);
}

/** Why a request is refused, or undefined where it may be answered. `hosts` are those of `ownHosts`. */
export function refusalOf({ method, target, headers }: RequestHead, hosts: readonly string[]): Refusal | undefined {
  const [host, ...others] = headers["host"] ?? [];
  if (host === undefined || others.length > 0) return { status: 400, reason: "one Host header is expected" };
  if (!hosts.includes(host)) return { status: 421, reason: "this server answers only to its own address" };
  const path = pathOf(target);
  if (path === undefined) return { status: 400, reason: "a path is expected" };

  const length = Number(headers["content-length"]?.[0] ?? 0);
  if (length > uploadBytes) return { status: 413, reason: "this server takes no uploads" };
  if (method !== "GET" && method !== "HEAD") return { status: 405, reason: "GET and HEAD are all there is" };
  if (hasBody(headers)) return { status: 413, reason: "this server takes no uploads" };

  const origins = headers["origin"];
  if (origins !== undefined && origins.join() !== `http://${host}`) {
    return { status: 403, reason: "another origin may not ask" };
  }
  const site = headers["sec-fetch-site"]?.join() ?? "none";
  // A link elsewhere may lead to the page, which then starts afresh, and to nothing else. `same-site` is no better than
  // `cross-site`: other servers on this machine are of the same site, whatever their port.
  if (site !== "same-origin" && site !== "none" && !(isNavigation(headers) && pagePaths.includes(path))) {
    return { status: 403, reason: "another site may not ask" };
  }
  return undefined;
}

/** Whether a request brings a body, of whatever length. */
export function hasBody(headers: RequestHead["headers"]): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"]?.[0] ?? 0) !== 0;
}

/** A browser opens the answer as a page of its own, not in a frame. */
const isNavigation = (headers: RequestHead["headers"]): boolean =>
  headers["sec-fetch-mode"]?.join() === "navigate" && headers["sec-fetch-dest"]?.join() === "document";
