// Where the studio's build lies. This file stays directly in src/cli: the bundle lies in dist/cli, as deep, so that one
// relative address leads from both to the build.

import { fileURLToPath } from "node:url";

/** The folder that `npm run build` puts the studio in. */
export const studioFolder = (): string => fileURLToPath(new URL("../../dist/studio", import.meta.url));
