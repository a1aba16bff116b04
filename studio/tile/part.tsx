// One part of the picture: a form for each kind, its title, a line for each value, the bar of a level. Drawn once for a
// film; `painter.ts` changes what it says.

import { operandColour, inkOn } from "../../src/report/html/palette.ts";
import type { ReplayPart } from "../../src/simulate/replay/replay.ts";
import type { Box, Line, Title } from "./scene.ts";

/** How far a memory's ends bulge: it is drawn as a drum. */
const lipOf = (w: number, h: number): number => Math.min(5, h / 8, w / 8);

/** The outline of a kind, from (0, 0) to (w, h). */
function outline(kind: ReplayPart["kind"], w: number, h: number): string {
  const rounded = (radius: number): string =>
    `M${radius} 0H${w - radius}Q${w} 0 ${w} ${radius}V${h - radius}Q${w} ${h} ${w - radius} ${h}H${radius}Q0 ${h} 0 ${h - radius}V${radius}Q0 0 ${radius} 0Z`;
  switch (kind) {
    case "unit":
      return rounded(Math.min(6, w / 5, h / 5));
    case "register":
    case "bit":
      return `M0 0H${w}V${h}H0Z`;
    case "queue":
      // Open at both ends, as a pipe: what enters at one leaves at the other.
      return w >= h ? `M0 0H${w}M0 ${h}H${w}M${w} 0V${h}M0 0V${h}` : `M0 0V${h}M${w} 0V${h}M0 0H${w}M0 ${h}H${w}`;
    case "adder":
      return rounded(Math.min(w, h) / 2);
    case "memory": {
      const lip = lipOf(w, h);
      return `M0 ${lip}Q${w / 2} ${-lip} ${w} ${lip}V${h - lip}Q${w / 2} ${h + lip} 0 ${h - lip}Z`;
    }
    case "network": {
      const cut = Math.min(10, w / 5, h / 3);
      return `M${cut} 0H${w - cut}L${w} ${h / 2}L${w - cut} ${h}H${cut}L0 ${h / 2}Z`;
    }
  }
}

/** Lines inside the outline that tell a kind from the others: a clock's notch, a memory's lid, a queue's cells. */
function detail({ kind, capacity }: ReplayPart, w: number, h: number): string {
  if (kind === "register") {
    const notch = Math.min(5, h / 4);
    return `M0 ${h - 2 * notch}L${notch} ${h - notch}L0 ${h}`;
  }
  if (kind === "memory" && w < 3 * h) {
    const lip = lipOf(w, h);
    return `M0 ${lip}Q${w / 2} ${3 * lip} ${w} ${lip}`;
  }
  if (kind === "queue") {
    const cells = Math.min(capacity ?? 4, 16);
    const step = (w >= h ? w : h) / cells;
    const at = Array.from({ length: cells - 1 }, (_, cell) => (cell + 1) * step);
    return at.map((place) => (w >= h ? `M${place} 0v3M${place} ${h}v-3` : `M0 ${place}h3M${w} ${place}h-3`)).join("");
  }
  return "";
}

interface PartProps {
  readonly part: ReplayPart;
  readonly box: Box;
  readonly index: number;
}

export function Part({ part, box, index }: PartProps) {
  const { width: w, height: h, title } = box;
  const form = outline(part.kind, w, h);
  // A queue's outline is open, so that it encloses nothing.
  const area = part.kind === "queue" ? `M0 0H${w}V${h}H0Z` : form;
  return (
    <g
      class={`part ${part.kind}`}
      transform={`translate(${box.x} ${box.y})`}
      data-part={index}
      // In SVG the name of the attribute is small.
      tabindex={index === 0 ? 0 : -1}
      role="img"
      aria-label={part.name}
    >
      <g aria-hidden="true">
        <path class="ground" d={area} />
        <path class="shade" d={area} fill="none" />
        <path class="detail" d={detail(part, w, h)} />
        <path class="rim" d={form} />
        {box.bar !== undefined && (
          <>
            <rect class="track" x={3} y={box.bar.y} width={w - 6} height={box.bar.height} rx={2} />
            <rect class="level" x={3} y={box.bar.y} width={0} height={box.bar.height} rx={2} data-most={w - 6} />
          </>
        )}
        {title !== undefined && <PartTitle title={title} width={w} />}
        {box.lines.map((line) => (
          <Value key={line.slot} line={line} />
        ))}
        <text class="mark" x={w - 3} y={Math.min(12, h * 0.3)} font-size={Math.min(12, h * 0.3)} text-anchor="end" />
      </g>
    </g>
  );
}

const PartTitle = ({ title: { text, size, y, upright }, width }: { readonly title: Title; readonly width: number }) =>
  upright ? (
    <text
      class="title"
      transform={`translate(${width / 2 + size * 0.35} ${y}) rotate(-90)`}
      font-size={size}
      text-anchor="middle"
    >
      {text}
    </text>
  ) : (
    <text class="title" x={6} y={y + size * 0.35} font-size={size}>
      {text}
    </text>
  );

/** A line: the operand's letter on its colour, and the value, which the painter writes. */
function Value({ line: { slot, operand, x, y, tagX, size } }: { readonly line: Line }) {
  const tag = size * 1.05;
  return (
    <g class="line" data-slot={slot}>
      {size > 0 && operand !== undefined && tagX > 0 && (
        <g class="tag">
          <rect x={tagX} y={y - tag / 2} width={tag} height={tag} rx={tag / 5} fill={operandColour(operand)} />
          <text
            x={tagX + tag / 2}
            y={y + size * 0.3}
            font-size={size * 0.85}
            text-anchor="middle"
            fill={inkOn(operandColour(operand))}
          >
            {operand}
          </text>
        </g>
      )}
      {size > 0 && <text class="value" x={x} y={y + size * 0.35} font-size={size} text-anchor="middle" />}
    </g>
  );
}
