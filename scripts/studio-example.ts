// Prints the example that the studio shows first as JSON: the studio's build runs this, as Node runs the command line.

import { computeExample } from "../studio/example/example.ts";

process.stdout.write(JSON.stringify(await computeExample()));
