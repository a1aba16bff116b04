// Where the reference figures and test data lie: beside the checkout, never inside it. Tests that need them skip, and
// say so, where they are absent.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../../shared/", import.meta.url);

export const sharedPath = (path: string): string => fileURLToPath(new URL(path, root));

export const hasShared = (path: string): boolean => existsSync(sharedPath(path));

/** Parsed JSON of a reference file, as unknown: readers check the shape they use. */
export const sharedJson = (path: string): unknown => JSON.parse(readFileSync(sharedPath(path), "utf8"));

/** Words to put behind a test's name. */
export const needs = (path: string): string => (hasShared(path) ? "" : ` [skipped: ../shared/${path} is absent]`);
