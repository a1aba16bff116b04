// The recorded claims that take longest to derive.

import { derivedAgain } from "./recorded.ts";

derivedAgain("largest");
