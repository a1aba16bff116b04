// All other recorded claims.

import { derivedAgain } from "./recorded.ts";

derivedAgain("others");
