// Tests of the reports that machines read: JSON, CSV and the trace.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvField, runsCsv } from "./csv.ts";
import { ratios, runJson, runsJson } from "./json.ts";
import { fixtureRun, flexibleMachine, systolicMachine } from "./test/fixture.ts";
import { traceJson } from "./trace.ts";

const left = fixtureRun(systolicMachine);
const right = fixtureRun(flexibleMachine);

/** The same value with the keys of every object in reverse order. */
function reversed<T>(value: T): T;
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => reversed(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed<unknown>(part)]),
  );
}

describe("json", () => {
  test("one run is the result itself", () => {
    expect(JSON.parse(runJson(right))).toEqual(right);
    expect(runsJson([right])).toBe(runJson(right));
    expect(runJson(right).endsWith("}\n")).toBe(true);
  });

  test("the order of known fields does not depend on how the result was built", () => {
    const keys = (text: string): string[] => Object.keys(JSON.parse(text) as object);
    expect(keys(runJson(reversed(right)))).toEqual(keys(runJson(right)));
    const first = JSON.parse(runJson(reversed(right))) as { layers: object[]; total: object };
    expect(Object.keys(first.layers[0] ?? {}).slice(0, 6)).toEqual(["name", "operator", "M", "N", "K", "count"]);
    expect(Object.keys(first.total).slice(0, 3)).toEqual(["cycles", "seconds", "macs"]);
  });

  test("equal input gives equal bytes, and fields of later versions survive", () => {
    expect(runsJson([left, right], { ratios: true })).toBe(
      runsJson([fixtureRun(systolicMachine), fixtureRun(flexibleMachine)], { ratios: true }),
    );
    const later = { ...right, extra: { z: 1 } };
    expect(JSON.parse(runJson(later))).toHaveProperty("extra.z", 1);
  });

  test("infinity reads unlimited and NaN is refused", () => {
    expect(runJson({ ...right, peak: { macsPerSecond: 1, bytesPerSecond: Infinity } })).toContain(
      '"bytesPerSecond": "unlimited"',
    );
    expect(() => runJson({ ...right, seed: NaN })).toThrow(/seed/);
  });

  test("several runs come with ratios to the first", () => {
    const parsed = JSON.parse(runsJson([left, right], { ratios: true })) as {
      version: number;
      runs: unknown[];
      ratios: { reference: string };
    };
    expect(parsed.version).toBe(1);
    expect(parsed.runs).toEqual([left, right]);
    expect(parsed.ratios.reference).toBe("systolic");
    expect(runsJson([left, right])).not.toContain('"ratios"');
    const [same, other] = ratios([left, right]).runs;
    expect(new Set(Object.values(same?.total ?? {}))).toEqual(new Set([1]));
    expect(other?.total.seconds).toBe(right.total.seconds / left.total.seconds);
    expect(other?.layers[3]?.cycles).toBe((right.layers[3]?.cycles ?? 0) / (left.layers[3]?.cycles ?? 1));
  });
});

/** A reader of RFC 4180, written for the test. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? "";
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') {
        field += '"';
        i++;
      } else if (c === '"') quoted = false;
      else field += c;
    } else if (c === '"') quoted = true;
    else if (c === "," || c === "\n") {
      rows.at(-1)?.push(field.replace(/\r$/, ""));
      field = "";
      if (c === "\n") rows.push([]);
    } else field += c;
  }
  rows.pop();
  return rows;
}

describe("csv", () => {
  test("one row per layer and machine, every row as wide as the header", () => {
    const rows = parseCsv(runsCsv([left, right]));
    expect(rows).toHaveLength(1 + 2 * 54);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    const [header = [], ...body] = rows;
    expect(new Set(header).size).toBe(header.length);
    for (const name of [
      "cycles",
      "seconds",
      "energy_joules",
      "dram_read_bytes",
      "dram_C_write_bytes",
      "stack_useful_cycles",
      "clock_hertz",
    ]) {
      expect(header).toContain(name);
    }
    expect(body.reduce((sum, row) => sum + Number(row[header.indexOf("cycles")]), 0)).toBe(
      left.total.cycles + right.total.cycles,
    );
  });

  test("memories of one machine stay empty for the other", () => {
    const [first] = right.layers;
    if (first === undefined) throw new Error("the fixture has layers");
    const other = {
      ...right,
      layers: [
        {
          ...first,
          traffic: {
            cache: first.traffic["dram"] ?? {
              read: 0,
              write: 0,
              operands: { A: { read: 0, write: 0 }, B: { read: 0, write: 0 }, C: { read: 0, write: 0 } },
            },
          },
        },
      ],
    };
    const [header = [], ...body] = parseCsv(runsCsv([left, other]));
    expect(body[0]?.[header.indexOf("cache_read_bytes")]).toBe("");
    expect(body.at(-1)?.[header.indexOf("dram_read_bytes")]).toBe("");
  });

  test("law: any field survives quoting", () => {
    // A line's trailing CR belongs to the line end, so unquoted fields never end in one: they are quoted.
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (fields) => {
        expect(parseCsv(`${fields.map(csvField).join(",")}\r\n`)).toEqual([fields]);
      }),
    );
  });
});

describe("trace", () => {
  interface Event {
    ph: string;
    pid: number;
    tid: number;
    name: string;
    ts?: number;
    dur?: number;
    args: Record<string, unknown>;
  }
  const read = (text: string): Event[] => (JSON.parse(text) as { traceEvents: Event[] }).traceEvents;

  test("a process per machine and an event per layer, end to end in microseconds", () => {
    const events = read(traceJson([left, right]));
    expect(events.filter((event) => event.name === "process_name").map((event) => event.args["name"])).toEqual([
      "systolic",
      "arrayflex",
    ]);
    const layers = events.filter((event) => event.ph === "X" && event.pid === 2);
    expect(layers).toHaveLength(54);
    const last = layers.at(-1);
    expect((last?.ts ?? 0) + (last?.dur ?? 0)).toBeCloseTo(right.total.seconds * 1e6, 6);
    layers
      .slice(1)
      .forEach((event, index) => expect(event.ts).toBeCloseTo((layers[index]?.ts ?? 0) + (layers[index]?.dur ?? 0), 9));
  });

  test("intervals become events of their resource's thread, inside their layer", () => {
    const text = traceJson([right], (run, layer) =>
      run === 0 && layer === 1
        ? [
            { resource: "dram", label: "load A", start: 0, duration: 10 },
            { resource: "array", label: "tile 0", start: 10, duration: 20 },
          ]
        : [],
    );
    const events = read(text);
    const tile = events.find((event) => event.name === "tile 0");
    const layer = right.layers[1];
    const start = (right.layers[0]?.seconds ?? 0) * 1e6;
    expect(tile?.ts).toBeCloseTo(start + 10e6 / (layer?.clock ?? 1), 9);
    expect(tile?.dur).toBeCloseTo(20e6 / (layer?.clock ?? 1), 9);
    const names = events
      .filter((event) => event.name === "thread_name")
      .map((event) => [event.tid, event.args["name"]]);
    expect(names).toEqual([
      [0, "layers"],
      [1, "dram"],
      [2, "array"],
    ]);
    expect(tile?.tid).toBe(2);
  });

  test("a run without layers is still a trace", () => {
    expect(read(traceJson([fixtureRun(systolicMachine, [])])).length).toBeGreaterThan(0);
  });
});
