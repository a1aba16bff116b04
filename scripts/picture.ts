// Pictures for the documentation: panels drawn with Observable Plot under a title and a legend, as one SVG file that
// needs nothing beside it and can be read on a telephone, by any colour vision, on a light or a dark page.

import { causeColour } from "../src/report/html/palette.ts";
import { escapeHtml } from "../src/report/html/markup.ts";
import { axisScale, logTicks } from "../src/report/html/plot.ts";
import type { Drawing } from "../src/report/html/plot.ts";

/** Pixels of every picture; a telephone shows them nearly one to one. */
const width = 420;
const margin = 14;
const gap = 12;
/** Panels stand a little to the right, so that their labels begin below the title. */
const panelLeft = 10;
const panelWidth = width - panelLeft;

/** A panel as SVG, and an entry of the legend for each of its kinds. */
export interface Panel {
  readonly svg: string;
  readonly height: number;
  readonly legend: readonly LegendEntry[];
}

interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  readonly symbol: Shape | "bar";
  readonly dashed: boolean;
}

const shapes = ["circle", "square", "triangle"] as const;
type Shape = (typeof shapes)[number];

/** Kinds of lines: a colour of the Okabe-Ito palette and a symbol each. */
const styles = {
  inner: { colour: causeColour(0), symbol: "circle" },
  outer: { colour: causeColour(3), symbol: "square" },
  gustavson: { colour: causeColour(6), symbol: "triangle" },
} as const satisfies Record<string, { readonly colour: string; readonly symbol: Shape }>;

const partColours = [causeColour(1), causeColour(0), causeColour(3), causeColour(7)] as const;

export interface Line {
  readonly name: string;
  readonly style: keyof typeof styles;
  readonly dashed: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

interface Axis {
  readonly label: string;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
}

const tickText = (value: number): string => {
  const [factor, prefix] = value >= 1e6 ? [1e6, " M"] : value >= 1e3 ? [1e3, " k"] : [1, ""];
  return `${Number((value / factor).toPrecision(3))}${prefix}`;
};

/** Lines over two logarithmic axes. */
export function linePanel(
  drawing: Drawing,
  {
    lines,
    x,
    yLabel,
    yRange,
    title,
  }: {
    lines: readonly Line[];
    x: Axis;
    yLabel: string;
    /** Values that the axis shows besides those of the lines, so that pictures can share it. */
    yRange?: readonly number[];
    title: string;
  },
): Panel {
  const { Plot } = drawing;
  const ys = [...lines.flatMap(({ points }) => points.map(({ y }) => y)), ...(yRange ?? [])];
  const domain: [number, number] = [Math.min(...ys) / 1.3, Math.max(...ys) * 1.3];
  const ticks = logTicks(domain);
  const height = 290;
  const svg = drawing.svg(
    {
      width: panelWidth,
      height,
      marginLeft: 50,
      marginRight: 26,
      marginTop: 24,
      marginBottom: 44,
      x: { type: "log", domain: [Math.min(...x.ticks), Math.max(...x.ticks)] },
      y: { type: "log", domain },
      marks: [
        Plot.gridX({ ticks: [...x.ticks], strokeOpacity: 0.12 }),
        Plot.gridY({ ticks, strokeOpacity: 0.12 }),
        // As text: a logarithmic scale leaves some labels out when it is given a format.
        Plot.axisX([...x.ticks], {
          text: x.format,
          label: x.label,
          labelAnchor: "center",
          labelArrow: "none",
          labelOffset: 38,
          fontSize: 12,
        }),
        Plot.axisY(ticks, { text: tickText, label: yLabel, labelArrow: "none", fontSize: 12 }),
        ...lines.flatMap(({ style, dashed, points }) => [
          Plot.line(points, {
            x: "x",
            y: "y",
            stroke: styles[style].colour,
            strokeWidth: 2,
            ...(dashed ? { strokeDasharray: "5 4" } : {}),
          }),
          Plot.dot(points, {
            x: "x",
            y: "y",
            r: 3.5,
            symbol: styles[style].symbol,
            fill: dashed ? "white" : styles[style].colour,
            stroke: styles[style].colour,
            strokeWidth: 1.4,
          }),
        ]),
      ],
    },
    title,
    `${yLabel} over ${x.label}, both logarithmic: ${lines.map(({ name }) => name).join(", ")}.`,
  );
  const legend = lines.map(({ name, style, dashed }): LegendEntry => ({ name, dashed, ...styles[style] }));
  return { svg: svg.markup, height, legend };
}

export interface Bar {
  readonly name: string;
  readonly parts: Readonly<Record<string, number>>;
}

/** Stacked bars, one below the other, with their sums behind them. */
export function barPanel(
  drawing: Drawing,
  {
    title,
    bars,
    parts,
    label,
    unit,
  }: { title: string; bars: readonly Bar[]; parts: readonly string[]; label: string; unit: string },
): Panel {
  const { Plot } = drawing;
  const sums = bars.map((bar) => ({
    name: bar.name,
    sum: parts.reduce((sum, part) => sum + (bar.parts[part] ?? 0), 0),
  }));
  const scale = axisScale(
    sums.map(({ sum }) => sum),
    unit,
  );
  const segments = bars.flatMap((bar) =>
    parts.map((part) => ({ name: bar.name, part, value: (bar.parts[part] ?? 0) / scale.factor })),
  );
  const largest = Math.max(...sums.map(({ sum }) => sum)) / scale.factor;
  const height = bars.length * 24 + 70;
  const svg = drawing.svg(
    {
      width: panelWidth,
      height,
      marginLeft: 92,
      marginRight: 52,
      marginTop: 26,
      marginBottom: 40,
      x: { domain: [0, largest] },
      y: { domain: bars.map(({ name }) => name), label: null, padding: 0.25 },
      color: { domain: [...parts], range: [...partColours] },
      marks: [
        Plot.gridX({ ticks: 5, strokeOpacity: 0.12 }),
        Plot.axisX({
          ticks: 5,
          label: `${label} (${scale.unit})`,
          labelAnchor: "center",
          labelArrow: "none",
          labelOffset: 36,
          fontSize: 12,
        }),
        Plot.axisY({ tickSize: 0, label: null, fontSize: 12 }),
        Plot.barX(segments, { y: "name", x: "value", fill: "part" }),
        Plot.text(sums, {
          y: "name",
          x: ({ sum }: { sum: number }) => sum / scale.factor,
          text: ({ sum }: { sum: number }) => (sum / scale.factor).toPrecision(3),
          textAnchor: "start",
          dx: 5,
          fontSize: 12,
        }),
        Plot.text([title], { frameAnchor: "top-left", dy: -20, dx: -88, fontSize: 12, fontWeight: "bold" }),
      ],
    },
    title,
    `Stacked bars of ${bars.map(({ name }) => name).join(", ")} by ${parts.join(", ")}.`,
  );
  const legend = parts.map((name, index): LegendEntry => ({
    name,
    colour: partColours[index] ?? "",
    symbol: "bar",
    dashed: false,
  }));
  return { svg: svg.markup, height, legend };
}

/** The panels one below the other, under a title, a line that says what they are of, and one legend. */
export function picture(title: string, subtitle: string, panels: readonly Panel[]): string {
  const entries = panels[0]?.legend ?? [];
  const legend = legendRows(entries, 62);
  let y = 62 + legend.rows * 20;
  const placed: string[] = [];
  for (const { svg, height } of panels) {
    placed.push(svg.replace("<svg ", `<svg x="${panelLeft}" y="${y}" `));
    y += height + gap;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="12" fill="#222">
<title>${escapeHtml(`${title}: ${subtitle}`)}</title>
<rect width="${width}" height="${y}" rx="6" fill="#fff"/>
<text x="${margin}" y="26" font-size="16" font-weight="bold">${escapeHtml(title)}</text>
<text x="${margin}" y="46" fill="#444">${escapeHtml(subtitle)}</text>
${legend.markup}
${placed.join("\n")}
</svg>
`;
}

/** Entries side by side, or in two columns where they are many, below `top`. */
function legendRows(entries: readonly LegendEntry[], top: number): { readonly markup: string; readonly rows: number } {
  const inColumns = entries.length > 4;
  let along = margin;
  const marks = entries.map((entry, index) => {
    const indent = entry.symbol === "bar" ? 18 : 34;
    const x = inColumns ? margin + (index % 2) * (width / 2 - margin) : along;
    const y = top + (inColumns ? Math.floor(index / 2) * 20 : 0);
    // Seven pixels a letter are enough for any of the fonts that a reader may have.
    along += indent + entry.name.length * 6.5 + 12;
    return `<g transform="translate(${x} ${y})">${swatch(entry)}<text x="${indent}" y="4">${escapeHtml(entry.name)}</text></g>`;
  });
  return { markup: marks.join("\n"), rows: inColumns ? Math.ceil(entries.length / 2) : 1 };
}

function swatch({ colour, symbol, dashed }: LegendEntry): string {
  if (symbol === "bar") return `<rect y="-6" width="12" height="12" fill="${colour}"/>`;
  const dash = dashed ? ' stroke-dasharray="5 4"' : "";
  const line = `<line x2="28" stroke="${colour}" stroke-width="2"${dash}/>`;
  const look = `fill="${dashed ? "#fff" : colour}" stroke="${colour}" stroke-width="1.4"`;
  switch (symbol) {
    case "circle":
      return `${line}<circle cx="14" r="3.8" ${look}/>`;
    case "square":
      return `${line}<rect x="10.5" y="-3.5" width="7" height="7" ${look}/>`;
    case "triangle":
      return `${line}<path d="M14 -4.6L18.4 3.4H9.6Z" ${look}/>`;
  }
}
