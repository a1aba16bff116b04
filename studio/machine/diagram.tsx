// The block diagram of a machine: boxes that can be opened, the ways of the operands between them with their widths, and
// how much of the chip's area or energy each box takes.

import { operandColour } from "../../src/report/html/palette.ts";
import { elideMiddle } from "../../src/report/units.ts";
import type { MachineBox, MachinePage } from "../engine/api.ts";
import { diagramOf } from "./layout.ts";
import type { PlacedBox } from "./layout.ts";

interface BlockDiagramProps {
  readonly page: MachinePage;
  readonly selected: string;
  readonly onSelect: (name: string) => void;
  /** Share of the whole, 0 to 1, that a box shows as a bar; undefined for none. */
  readonly share: (box: MachineBox) => number | undefined;
  readonly label: string;
}

const boxWidth = 152;
const gap = 104;
const rowHeight = 84;
const boxHeight = 60;
const besideHeight = 54;

const left = (column: number): number => 8 + column * (boxWidth + gap);
const top = (row: number): number => 8 + row * rowHeight;
const middle = (row: number): number => top(row) + boxHeight / 2;

export function BlockDiagram({ page, selected, onSelect, share, label }: BlockDiagramProps) {
  const { columns, boxes, links, beside } = diagramOf(page);
  const byName = new Map(page.boxes.map((box) => [box.name, box]));
  const width = Math.max(left(columns) - gap + 8, 8 + beside.length * (boxWidth + 16));
  const height = top(3) - rowHeight + boxHeight + 16 + (beside.length === 0 ? 0 : besideHeight + 34);
  return (
    <svg
      class="diagram"
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={label}
      width={width}
      height={height}
    >
      <defs>
        {(["A", "B", "C"] as const).map((operand) => (
          <marker
            key={operand}
            id={`arrow-${operand}`}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="5"
            markerHeight="5"
            orient="auto-start-reverse"
          >
            <path d="M0 0L8 4L0 8Z" fill={operandColour(operand)} />
          </marker>
        ))}
      </defs>
      {links.map(({ operand, row, from, to }) => {
        const y = middle(row);
        const [start, end] = [left(from.column) + boxWidth, left(to.column)];
        const inward = operand !== "C";
        const source = byName.get(inward ? from.name : to.name);
        return (
          <g key={`${operand} ${from.name} ${to.name}`} class="way">
            <line
              x1={start + 3}
              x2={end - 3}
              y1={y}
              y2={y}
              stroke={operandColour(operand)}
              stroke-width="2.5"
              marker-end={inward ? `url(#arrow-${operand})` : undefined}
              marker-start={inward ? undefined : `url(#arrow-${operand})`}
            />
            <text x={start + gap / 2} y={y - 7} text-anchor="middle" class="operand">
              {operand}
            </text>
            {source?.width !== undefined && (
              <text x={start + gap / 2} y={y + 18} text-anchor="middle" class="width">
                {source.width.replace(" a cycle", "/cycle")}
              </text>
            )}
          </g>
        );
      })}
      {boxes.map((box) => {
        const part = byName.get(box.name);
        return (
          part !== undefined && (
            <Box
              key={`${box.name} ${box.first}`}
              part={part}
              x={left(box.column)}
              y={top(box.first)}
              height={heightOf(box)}
              selected={part.name === selected}
              onSelect={onSelect}
              share={share(part)}
            />
          )
        );
      })}
      {beside.length > 0 && (
        <text x={8} y={top(3) - 2} class="beside">
          beside the paths
        </text>
      )}
      {beside.map((name, index) => {
        const part = byName.get(name);
        return (
          part !== undefined && (
            <Box
              key={name}
              part={part}
              x={8 + index * (boxWidth + 16)}
              y={top(3) + 6}
              height={besideHeight}
              selected={name === selected}
              onSelect={onSelect}
              share={share(part)}
            />
          )
        );
      })}
    </svg>
  );
}

const heightOf = ({ first, last }: PlacedBox): number => (last - first) * rowHeight + boxHeight;

interface BoxProps {
  readonly part: MachineBox;
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly selected: boolean;
  readonly onSelect: (name: string) => void;
  readonly share: number | undefined;
}

function Box({ part, x, y, height, selected, onSelect, share }: BoxProps) {
  const choose = (): void => {
    onSelect(selected ? "" : part.name);
  };
  const centre = y + height / 2;
  const [name, brief] = [elideMiddle(part.name, 19), elideMiddle(part.brief, 24)];
  return (
    <g
      class={selected ? "box selected" : "box"}
      role="button"
      // In the case that SVG, unlike HTML, asks for.
      tabindex={0}
      aria-pressed={selected}
      aria-label={`${name} ${brief}: ${part.sentence}`}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      }}
    >
      <title>{`${part.name}: ${part.sentence}`}</title>
      <rect x={x} y={y} width={boxWidth} height={height} rx="7" />
      {share !== undefined && (
        <rect
          class="share"
          x={x + 8}
          y={y + height - 8}
          width={Math.max(0, (boxWidth - 16) * Math.min(1, share))}
          height="4"
          rx="2"
        />
      )}
      <text x={x + boxWidth / 2} y={centre - 5} text-anchor="middle" class="name">
        {name}
      </text>
      <text x={x + boxWidth / 2} y={centre + 13} text-anchor="middle" class="brief">
        {brief}
      </text>
    </g>
  );
}
