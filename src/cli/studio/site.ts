// The files of the studio's build, read into memory at the start and found by the exact path of a request: what is asked
// for never becomes the path of a file.

import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { InputError } from "../../base/error.ts";
import { reasonOf } from "../../base/system-error.ts";

export interface Asset {
  /** Its media type, with the character set of text. */
  readonly type: string;
  /** The name holds a hash of the content, so that a browser may keep it. */
  readonly hashed: boolean;
  readonly content: Uint8Array;
}

/** Assets by the path that a request asks for, percent-encoded as a browser does. `/` is the page. */
export type Site = ReadonlyMap<string, Asset>;

/** The two names of the page, the only paths that a link elsewhere may lead to. */
export const pagePaths: readonly string[] = ["/", "/index.html"];

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".woff2": "font/woff2",
};

/** What a browser takes as bytes and never runs. */
export const anyBytes = "application/octet-stream";

/**
 * The site in `folder`. Symbolic links in it are left out, wherever they lead, and so are hidden files. Throws InputError
 * where there is no build.
 */
export function readSite(folder: string): Site {
  const site = new Map<string, Asset>();
  try {
    if (statSync(join(folder, "index.html"), { throwIfNoEntry: false })?.isFile() !== true) {
      throw new InputError({
        file: folder,
        message: "the studio is not built: there is no index.html",
        expected: "what `npm run build` makes in a clone; the published package holds it",
      });
    }
    addFolder(site, folder, "/");
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ file: folder, message: `the studio's build cannot be read: ${reasonOf(error)}` });
  }
  const page = site.get("/index.html");
  if (page !== undefined) site.set("/", page);
  return site;
}

function addFolder(site: Map<string, Asset>, folder: string, path: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (name.startsWith(".")) continue;
    const below = `${path}${encodeURIComponent(name)}`;
    if (entry.isDirectory()) addFolder(site, join(folder, name), `${below}/`);
    else if (entry.isFile()) {
      site.set(below, {
        type: types[extname(name).toLowerCase()] ?? anyBytes,
        hashed: path === "/assets/" && /-[\w-]{8,}\.\w+(?:\.map)?$/.test(name),
        content: readPlainFile(join(folder, name)),
      });
    }
  }
}

/** The bytes of a file that is no link, even if it has become one since it was listed. */
function readPlainFile(file: string): Uint8Array {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (!fstatSync(descriptor).isFile()) throw new InputError({ file, message: "not a file any more" });
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
