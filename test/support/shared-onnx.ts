// The ONNX models and images kept beside the checkout, for tests that measure on real data.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../shared/data/onnx/", import.meta.url));

/** True when the shared models are there; tests that need them say so when they skip. */
export const haveSharedModels = existsSync(folder);

/** A copy in memory of its own: slices of a pooled Buffer would share theirs. */
export const sharedModel = (name: string): Uint8Array => Uint8Array.from(readFileSync(folder + name));
