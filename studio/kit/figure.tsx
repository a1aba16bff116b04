// A picture with its heading, legend, caption, and a menu that saves it as SVG, PNG or the figures behind it as CSV.

import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import { notify } from "../shell/notices.tsx";
import type { CsvRow } from "./export.ts";
import { csvText, fileName, pngOf, save, saveText, svgText } from "./export.ts";

export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  /** A letter or sign in the swatch, so that colour is not alone. */
  readonly mark?: string;
}

interface FigureProps {
  readonly title: string;
  readonly caption?: ComponentChildren;
  readonly legend?: readonly LegendEntry[];
  /** The figures that are drawn, names of the columns first. */
  readonly rows?: () => readonly CsvRow[];
  /** Controls of the figure, beside its heading. */
  readonly controls?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Figure({ title, caption, legend, rows, controls, children }: FigureProps) {
  const id = useId();
  const frame = useRef<HTMLElement>(null);
  const withPicture = (use: (svg: SVGSVGElement) => void | Promise<void>) => async (): Promise<void> => {
    const svg = frame.current?.querySelector(".picture svg");
    if (!(svg instanceof SVGSVGElement)) {
      notify("There is no picture to save yet.");
      return;
    }
    try {
      await use(svg);
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error));
    }
  };
  const head = { title, ...(legend === undefined ? {} : { legend }) };
  const saveSvg = withPicture((svg) => {
    saveText(`${fileName(title)}.svg`, svgText(svg, head), "image/svg+xml");
  });
  const savePng = withPicture(async (svg) => {
    save(`${fileName(title)}.png`, await pngOf(svg, head));
  });
  return (
    <figure ref={frame} aria-labelledby={id} class="figure">
      <div class="figure-head">
        <h3 id={id}>{title}</h3>
        {controls}
        <div class="save" role="group" aria-label={`Save ${title}`}>
          <button type="button" onClick={() => void saveSvg()}>
            SVG
          </button>
          <button type="button" onClick={() => void savePng()}>
            PNG
          </button>
          {rows !== undefined && (
            <button
              type="button"
              onClick={() => {
                saveText(`${fileName(title)}.csv`, csvText(rows()), "text/csv");
              }}
            >
              CSV
            </button>
          )}
        </div>
      </div>
      {legend !== undefined && <Legend entries={legend} />}
      <div class="picture">{children}</div>
      {caption !== undefined && <figcaption>{caption}</figcaption>}
    </figure>
  );
}

export const Legend = ({ entries }: { readonly entries: readonly LegendEntry[] }) => (
  <ul class="legend">
    {entries.map(({ name, colour, mark }) => (
      <li key={name}>
        <span class="swatch" style={{ "--c": colour }} aria-hidden="true">
          {mark}
        </span>
        {name}
      </li>
    ))}
  </ul>
);
