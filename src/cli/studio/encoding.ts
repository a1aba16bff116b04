// Compressed forms of the studio's files: made when first asked for, then kept.

import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Asset } from "./site.ts";

export type Coding = "br" | "gzip";

/** Below, a header costs what is saved; above, a browser on the same machine waits longer than it would read. */
const [minimumBytes, maximumBytes] = [1024, 2 ** 22];

const kept: Readonly<Record<Coding, WeakMap<Uint8Array, Promise<Uint8Array>>>> = {
  br: new WeakMap(),
  gzip: new WeakMap(),
};
const brotli = promisify(brotliCompress);
const compress: Readonly<Record<Coding, (content: Uint8Array) => Promise<Uint8Array>>> = {
  // 5 of 11 is about as slow as gzip and smaller.
  br: (content) => brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: promisify<Uint8Array, Uint8Array>(gzip),
};

/** The coding to answer with, by the `Accept-Encoding` of a request; undefined for none. */
export function codingFor({ type, content }: Asset, accepted: string): Coding | undefined {
  if (content.length < minimumBytes || content.length > maximumBytes) return undefined;
  if (!/^text\/|json|svg|wasm|icon/.test(type)) return undefined;
  const words = accepted.toLowerCase().split(",");
  const takes = (coding: Coding): boolean =>
    words.some((word) => {
      const [name = "", ...options] = word.split(";").map((part) => part.trim());
      return name === coding && !options.some((option) => /^q=0(?:\.0*)?$/.test(option));
    });
  if (takes("br")) return "br";
  return takes("gzip") ? "gzip" : undefined;
}

/** The content in this coding. */
export function encoded({ content }: Asset, coding: Coding): Promise<Uint8Array> {
  const found = kept[coding].get(content) ?? compress[coding](content);
  kept[coding].set(content, found);
  return found;
}
