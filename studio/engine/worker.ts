// The body of a worker: the engine, and nothing of the page.

import { expose } from "comlink";
import { engine } from "./engine.ts";

expose(engine);
