// Configuration and schedule files from disk; both are YAML that a person wrote.

import type { Configuration } from "../../workbench/request/config.ts";
import { parseConfig } from "../../workbench/request/config.ts";
import type { ScheduleFile } from "../../workbench/request/schedule.ts";
import { parseSchedules } from "../../workbench/request/schedule.ts";
import { readText } from "./read-file.ts";

const maximumBytes = 2 ** 20;

/** The configuration in a file. Throws InputError where it cannot be read, and as `parseConfig`. */
export const readConfig = (file: string): Configuration => parseConfig(readText(file, maximumBytes), file);

/** The schedules in a file. Throws InputError where it cannot be read, and as `parseSchedules`. */
export const readSchedules = (file: string): ScheduleFile => parseSchedules(readText(file, maximumBytes), file);
