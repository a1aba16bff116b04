// Films of tiles on registered sparse machines: they fit an ordinary picture, agree with the run, and what has no stepped
// reference is refused in words.

import { expect, test } from "vitest";
import { buildAccelerator } from "../../src/accelerator/accelerators.ts";
import { prepareMachine } from "../../src/simulate/prepare-machine.ts";
import type { PreparedMachine } from "../../src/simulate/prepared.ts";
import { replayLanes } from "../../src/simulate/replay/lanes.ts";
import { defaultMostParts } from "../../src/simulate/replay/options.ts";
import { replayProduct } from "../../src/simulate/replay/product.ts";
import { technology } from "../../src/technology/technologies.ts";
import type { ComputeLayer } from "../../src/workload/layer.ts";
import { checkFilm } from "../support/film-laws.ts";
