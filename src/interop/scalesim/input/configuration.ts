// Reads SCALE-Sim's configurations (.cfg) of v3 and v2. Most of the files that v3 ships lack keys which it requires: a
// missing key gets a default and a note where there is a sane one, and everything else an error with its place.

import type { IniEntry } from "./configuration-ini.ts";
import { readIni } from "./configuration-ini.ts";
import type { ConfigurationSource, Field } from "./configuration-values.ts";
import {
  booleanOf,
  entryOf,
  faultOf,
  integerOf,
  integersOf,
  noteUnknown,
  valueOf,
  wordOf,
} from "./configuration-values.ts";
import type {
  BankedSram,
  ScalesimConfiguration,
  ScalesimDataflow,
  ScalesimMode,
  ScalesimSparsity,
  ScalesimVersion,
} from "../scalesim.ts";

export { scalesimKeys } from "./configuration-values.ts";

export interface ConfigurationOptions {
  /** Shown in errors. */
  readonly file?: string;
  /** v2 knows neither layouts nor sparsity nor Ramulator, and has one bandwidth for all. */
  readonly version: ScalesimVersion;
}

const ARRAY: readonly [number, number] = [1, 2 ** 16];
const KILOBYTES: readonly [number, number] = [1, 2 ** 30];
const ADDRESS: readonly [number, number] = [0, 2 ** 50];
const WORDS: readonly [number, number] = [1, 2 ** 30];
const BANKS: readonly [number, number] = [1, 2 ** 20];
const SEED: readonly [number, number] = [0, 2 ** 32 - 1];

/**
 * The configuration that a file holds, and what was assumed or ignored. Keys that SCALE-Sim never reads are passed over.
 *
 * Throws InputError with file, line, column and `section.key` for syntax that Python's configparser refuses, for missing
 * keys that decide the result (array, memories, dataflow, InterfaceBandwidth and what USER mode needs), and for values
 * that SCALE-Sim would fail on.
 */
export function readScalesimConfiguration(
  text: string,
  options: ConfigurationOptions,
): { configuration: ScalesimConfiguration; notes: readonly string[] } {
  const file = options.file === undefined ? {} : { file: options.file };
  const source: ConfigurationSource = { ini: readIni(text, file), file, notes: [] };
  const { version } = options;
  const runName = readRunName(source);
  const mode = wordOf<ScalesimMode>(source, { section: "run_presets", key: "InterfaceBandwidth" }, ["CALC", "USER"]);
  const architecture = readArchitecture(source, mode);
  const bandwidth = architecture.bandwidth[0];
  const layout =
    version === "v3"
      ? readLayout(source, mode === "USER" ? bandwidth : undefined)
      : { ifmap: plainSram(bandwidth), filter: plainSram(bandwidth) };
  const sparsity = version === "v3" ? readSparsity(source, architecture) : undefined;
  const ramulator = version === "v3" && readRamulator(source);
  noteIgnored(source, version);
  noteUnknown(source);
  return {
    configuration: {
      runName,
      mode,
      ...architecture,
      layout,
      ...(sparsity === undefined ? {} : { sparsity }),
      ramulator,
    },
    notes: source.notes,
  };
}

/** The name, which becomes that of a folder. */
function readRunName(source: ConfigurationSource): string {
  const expected = "a folder's name: no / or \\, no control characters, not . or .., at most 200 characters";
  const fallback = { value: "scale_run", why: "SCALE-Sim's own default" };
  if (!source.ini.has("general")) source.notes.push(`no section [general]: run_name is ${fallback.value}`);
  const isName = (text: string): boolean =>
    // oxlint-disable-next-line no-control-regex
    /^[^/\\\u0000-\u001f\u007f-\u009f]{1,200}$/.test(text) && text !== "." && text !== "..";
  const field: Field = { section: "general", key: "run_name" };
  return valueOf(source, field, expected, (text) => (isName(text) ? text : undefined), fallback);
}

type Architecture = Pick<
  ScalesimConfiguration,
  "arrayHeight" | "arrayWidth" | "sramKilobytes" | "offsets" | "dataflow" | "bandwidth"
>;

function readArchitecture(source: ConfigurationSource, mode: ScalesimMode): Architecture {
  const field = (key: Field<"architecture_presets">["key"]): Field => ({ section: "architecture_presets", key });
  const offset = (key: Field<"architecture_presets">["key"], value: number): number =>
    integerOf(source, field(key), ADDRESS, { value, why: "SCALE-Sim's own default" });
  return {
    arrayHeight: integerOf(source, field("ArrayHeight"), ARRAY),
    arrayWidth: integerOf(source, field("ArrayWidth"), ARRAY),
    sramKilobytes: {
      ifmap: integerOf(source, field("IfmapSramSzkB"), KILOBYTES),
      filter: integerOf(source, field("FilterSramSzkB"), KILOBYTES),
      ofmap: integerOf(source, field("OfmapSramSzkB"), KILOBYTES),
    },
    offsets: {
      ifmap: offset("IfmapOffset", 0),
      filter: offset("FilterOffset", 10_000_000),
      ofmap: offset("OfmapOffset", 20_000_000),
    },
    dataflow: wordOf<ScalesimDataflow>(source, field("Dataflow"), ["os", "ws", "is"]),
    bandwidth: readBandwidth(source, mode),
  };
}

/** Words per cycle. CALC does not read the key, so that there it may be missing. */
function readBandwidth(source: ConfigurationSource, mode: ScalesimMode): readonly number[] {
  const field: Field = { section: "architecture_presets", key: "Bandwidth" };
  if (mode === "CALC" && entryOf(source, field) === undefined) return [];
  const example = "words per cycle such as 10, which InterfaceBandwidth USER needs";
  const bandwidth = integersOf(source, field, WORDS, example);
  if (mode === "USER" && bandwidth.length > 1) {
    source.notes.push(`architecture_presets.Bandwidth: only the first of ${bandwidth.length} is used, as by SCALE-Sim`);
  }
  return bandwidth;
}

/** SCALE-Sim's memory where nothing is said of its banks, and none are modelled. */
const plainSram = (bandwidth: number | undefined): BankedSram => ({
  customLayout: false,
  bandwidth: bandwidth ?? DEFAULT_BANDWIDTH,
  banks: DEFAULT_BANKS,
  ports: DEFAULT_PORTS,
});

const DEFAULT_BANDWIDTH = 10;
const DEFAULT_BANKS = 10;
const DEFAULT_PORTS = 2;

/** Section [layout]; `user` is the first of Bandwidth in USER mode, undefined in CALC. */
function readLayout(source: ConfigurationSource, user: number | undefined): ScalesimConfiguration["layout"] {
  if (!source.ini.has("layout")) {
    const words = user === undefined ? "" : `, and ${user} words per cycle of Bandwidth for ifmap and filter`;
    source.notes.push(`no section [layout]: no custom layouts${words}`);
    return { ifmap: plainSram(user), filter: plainSram(user) };
  }
  return { ifmap: readBanks(source, "Ifmap", user), filter: readBanks(source, "Filter", user) };
}

function readBanks(source: ConfigurationSource, operand: "Ifmap" | "Filter", user: number | undefined): BankedSram {
  const field = (key: Field<"layout">["key"]): Field => ({ section: "layout", key });
  const customLayout = booleanOf(source, field(`${operand}CustomLayout`), { value: false, why: "the plain order" });
  const unused = "unused without a custom layout";
  // A custom layout is cut into lines and banks of these sizes: no default would be anything but a guess.
  const guess = (value: number): { value: number; why: string } | undefined =>
    customLayout ? undefined : { value, why: unused };
  const bandwidth = integerOf(
    source,
    field(`${operand}SRAMBankBandwidth`),
    WORDS,
    user === undefined
      ? guess(DEFAULT_BANDWIDTH)
      : { value: user, why: "as Bandwidth, for this is the operand's words per cycle from DRAM" },
  );
  const bankField = field(`${operand}SRAMBankNum`);
  const banks = integerOf(source, bankField, BANKS, guess(DEFAULT_BANKS));
  const ports = integerOf(source, field(`${operand}SRAMBankPort`), BANKS, guess(DEFAULT_PORTS));
  const entry = entryOf(source, bankField);
  if (customLayout && entry !== undefined && bandwidth % banks !== 0) {
    throw faultOf(source, bankField, entry, {
      message: "the banks do not share a line evenly",
      found: String(banks),
      expected: `a divisor of ${operand}SRAMBankBandwidth (${bandwidth})`,
    });
  }
  return { customLayout, bandwidth, banks, ports };
}

/** Section [sparsity]; undefined where it is off, and then SCALE-Sim reads no other key of it. */
function readSparsity(source: ConfigurationSource, architecture: Architecture): ScalesimSparsity | undefined {
  const field = (key: Field<"sparsity">["key"]): Field => ({ section: "sparsity", key });
  if (!source.ini.has("sparsity")) {
    source.notes.push("no section [sparsity]: sparsity is off");
    return undefined;
  }
  if (!isTrue(source, field("SparsitySupport"))) return undefined;
  const representation = wordOf(source, field("SparseRep"), ["csr", "csc", "ellpack_block"]);
  const seed = integerOf(source, field("RandomNumberGeneratorSeed"), SEED, {
    value: 40,
    why: "SCALE-Sim's own default",
  });
  const optimized = field("OptimizedMapping");
  if (!isTrue(source, optimized)) return { representation, mapping: "layer-wise", blockSize: 4, seed };
  const entry = entryOf(source, optimized);
  if (entry !== undefined && architecture.dataflow !== "ws") {
    throw faultOf(source, optimized, entry, {
      message: "row-wise sparsity works with dataflow ws only",
      found: entry.text,
      expected: `false with dataflow ${architecture.dataflow}`,
    });
  }
  return { representation, mapping: "row-wise", blockSize: readBlockSize(source, architecture.arrayHeight), seed };
}

/** Half of a block's rows are kept and two blocks a row fold: what does not divide makes SCALE-Sim fail. */
function readBlockSize(source: ConfigurationSource, arrayHeight: number): number {
  const field: Field = { section: "sparsity", key: "BlockSize" };
  const blockSize = integerOf(source, field, [2, arrayHeight]);
  const entry = entryOf(source, field);
  if (entry !== undefined && (blockSize % 2 !== 0 || (2 * arrayHeight) % blockSize !== 0)) {
    throw faultOf(source, field, entry, {
      message: "SCALE-Sim fails with this block size",
      found: entry.text,
      expected: `an even divisor of twice the ArrayHeight (${2 * arrayHeight})`,
    });
  }
  return blockSize;
}

/** True for the word in any case, which is SCALE-Sim's rule for some keys; anything else is false, with a note. */
function isTrue(source: ConfigurationSource, field: Field): boolean {
  const value = switchOf(source, field)?.text.trim() ?? "false";
  const lower = value.toLowerCase();
  if (lower !== "true" && lower !== "false") noteOff(source, field, value, "true");
  return lower === "true";
}

/** On with the literal `True` alone. */
function readRamulator(source: ConfigurationSource): boolean {
  const field: Field = { section: "run_presets", key: "UseRamulatorTrace" };
  const value = switchOf(source, field)?.text.trim() ?? "False";
  if (value !== "True" && value.toLowerCase() !== "false") noteOff(source, field, value, "True");
  return value === "True";
}

/** The entry of a key that switches something on; a note where it is missing. */
function switchOf(source: ConfigurationSource, field: Field): IniEntry | undefined {
  const entry = entryOf(source, field);
  if (entry === undefined) source.notes.push(`${field.section}.${field.key} is missing: off`);
  return entry;
}

function noteOff({ notes }: ConfigurationSource, { section, key }: Field, value: string, on: string): void {
  notes.push(
    `${section}.${key}: ${JSON.stringify(value.slice(0, 80))} means off, for SCALE-Sim takes only ${on} as on`,
  );
}

/** Says which known parts of the file have no effect. */
function noteIgnored(source: ConfigurationSource, version: ScalesimVersion): void {
  const { ini, notes } = source;
  if (ini.has("network_presets")) {
    notes.push("section [network_presets] is ignored: SCALE-Sim fails on it; the topology is given by -t");
  }
  if (version === "v3") return;
  const unknown = ["layout", "sparsity"].filter((name) => ini.has(name)).map((name) => `[${name}]`);
  if (entryOf(source, { section: "run_presets", key: "UseRamulatorTrace" }) !== undefined) {
    unknown.push("UseRamulatorTrace");
  }
  if (unknown.length > 0) notes.push(`ignored, for v2 does not know them: ${unknown.join(", ")}`);
}
