// The words and limits that options of a run take, in flags, configuration files and pages alike.

export const objectiveWords = ["seconds", "cycles", "energy", "edp"] as const;
export type ObjectiveWord = (typeof objectiveWords)[number];

export const conversionWords = ["ignore", "count"] as const;
export type ConversionWord = (typeof conversionWords)[number];

export const checkWords = ["all", "sample", "off"] as const;
export type CheckWord = (typeof checkWords)[number];

/** Largest number of threads that may be asked for. */
export const maximumThreads = 1024;
