// The headers that every answer of the studio's server carries, refusals included.

import { contentPolicy } from "../../base/content-policy.ts";

/** What the page never uses; only names that browsers know, for they complain of others. */
const unusedFeatures = [
  "accelerometer",
  "camera",
  "display-capture",
  "geolocation",
  "gyroscope",
  "hid",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "serial",
  "usb",
];

export const securityHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": contentPolicy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": unusedFeatures.map((name) => `${name}=()`).join(", "),
};

/** For what may differ at the next request. */
export const notKept = { "Cache-Control": "no-store" } as const;
/** For files with a hash in their name, which never change. */
export const keptForAYear = { "Cache-Control": "max-age=31536000, immutable" } as const;
