// The picture of a loop nest: everything in it that a reader was promised, in words too, and safe against odd names.

import fc from "fast-check";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { nestCases } from "../../../test/support/random-nests.ts";
import type { NestCase } from "../../../test/support/random-nests.ts";
import { nestPicture } from "../../dataflow/nest/picture.ts";
import { stepNest } from "../../dataflow/nest/stepped/step-nest.ts";
import { outline } from "../../mapping/nest/outline.ts";
import { nestFigure } from "./nest.ts";

function pictureOf({ problem, hierarchy, schedule }: NestCase, title = "conv1"): string {
  return nestFigure(title, nestPicture(problem, hierarchy, schedule, stepNest(problem, hierarchy, schedule))).markup;
}

interface ElementLike {
  readonly textContent: string;
  getAttribute(name: string): string | null;
}
function select(text: string, selector: string): readonly ElementLike[] {
  const { document } = parseHTML(`<!doctype html><body>${text}</body>`) as unknown as {
    readonly document: { querySelectorAll(selector: string): Iterable<ElementLike> };
  };
  return [...document.querySelectorAll(selector)];
}

test("every loop, level and boundary is drawn and said, with figures that are numbers", () => {
  fc.assert(
    fc.property(nestCases(), (nest) => {
      const text = pictureOf(nest);
      const levels = outline(nest.problem, nest.hierarchy, nest.schedule);
      const words = select(text, "svg text").map(({ textContent }) => textContent);
      const [svg] = select(text, "svg");
      const label = svg?.getAttribute("aria-label") ?? "";
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
      expect(words.filter((line) => line.startsWith("for "))).toHaveLength(
        levels.flatMap(({ temporal }) => temporal).length,
      );
      for (const { name, temporal } of levels) {
        expect(words.some((line) => line.startsWith(name))).toBe(true);
        expect(label).toContain(`${name} holds`);
        for (const { dimension, steps } of temporal) expect(label).toContain(`${dimension} ${steps} times`);
      }
      const { boundaries } = stepNest(nest.problem, nest.hierarchy, nest.schedule);
      const said = words.filter((line) => / (?:read|written)\b/.test(line) && !line.endsWith("back"));
      expect(said).toHaveLength(boundaries.length);
      const back = words.filter((line) => line.endsWith("read back")).length;
      expect(back).toBe(boundaries.filter(({ readBacks }) => readBacks > 0).length);
    }),
    { numRuns: 60 },
  );
});

test("a name is text and never markup", () => {
  const [nest] = fc.sample(nestCases(), { numRuns: 1, seed: 7 });
  if (nest === undefined) throw new Error("a case");
  const name = `<script>alert("x")</script>`;
  const hierarchy = { ...nest.hierarchy, levels: nest.hierarchy.levels.map((level) => ({ ...level, name })) };
  const text = pictureOf({ ...nest, hierarchy }, name);
  expect(text).not.toContain("<script>");
  expect(select(text, "script")).toHaveLength(0);
  expect(select(text, "h3")[0]?.textContent).toBe(name);
});
