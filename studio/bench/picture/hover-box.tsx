// The box beside the pointer: the layer that is pointed at, on every machine.

import { useLayoutEffect, useRef } from "preact/hooks";
import { MachineSwatch } from "../choose/machines.tsx";
import { layerCauseSeconds } from "../data/prepare.ts";
import type { BenchRow } from "../data/prepare.ts";
import { hover, plotted } from "../result.ts";
import { engineering, grouped, percent, ratioTo, times } from "../../../src/report/units.ts";
import type { LayerResult } from "../../../src/simulate/result.ts";

/** Pixels between the pointer and the box. */
const gap = 14;

/** What the layer becomes: `64 × 12,544 × 147`, times how many of them. */
export const shapeText = ({ M, N, K, count }: LayerResult): string =>
  `${grouped(M)} × ${grouped(N)} × ${grouped(K)}${count > 1 ? `, ${grouped(count)} of them` : ""}`;

export function HoverBox() {
  const box = useRef<HTMLDivElement>(null);
  const at = hover.value;
  const result = plotted.value;
  const row = at === undefined || at.quiet === true ? undefined : result?.rows[at.row];
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || at === undefined) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = at.x + gap + width > innerWidth ? Math.max(4, at.x - gap - width) : at.x + gap;
    const top = Math.max(4, Math.min(at.y + gap, innerHeight - height - 4));
    element.style.transform = `translate(${left}px, ${top}px)`;
  });
  if (row === undefined || result === undefined) return null;
  const only = at?.machine === undefined ? undefined : row.layers[at.machine];
  return (
    <div ref={box} class="hover-box" role="presentation">
      <p>
        <b>{row.name}</b> <span class="soft">{row.any.operator}</span>
      </p>
      <p class="soft">{shapeText(row.any)}</p>
      <Lines row={row} labels={result.labels} />
      {only !== undefined && <Causes layer={only} label={result.labels[at?.machine ?? 0] ?? ""} />}
      <p class="soft">press to open</p>
    </div>
  );
}

const Lines = ({ row, labels }: { readonly row: BenchRow; readonly labels: readonly string[] }) => (
  <table>
    <tbody>
      {row.layers.map((layer, index) => (
        <tr key={index} class={row.best.includes(index) ? "best" : undefined}>
          <th>
            <MachineSwatch index={index} /> {labels[index]}
          </th>
          <td class="right">{layer === undefined ? "–" : engineering(layer.seconds, "s")}</td>
          <td class="right soft">
            {index === 0 || layer === undefined || row.layers[0] === undefined
              ? ""
              : times(ratioTo(layer.seconds, row.layers[0].seconds))}
          </td>
          <td class="right">{layer === undefined ? "" : engineering(layer.energy.total, "J")}</td>
          <td class="right soft">{layer === undefined ? "" : percent(layer.utilisation)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

function Causes({ layer, label }: { readonly layer: LayerResult; readonly label: string }) {
  const parts = Object.entries(layer.stack)
    .filter(([, cycles]) => cycles > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 4);
  return (
    <p class="soft">
      {label}, {layer.mapping}:{" "}
      {parts
        .map(
          ([cause, cycles]) =>
            `${cause} ${percent(cycles / layer.cycles)}, ${engineering(layerCauseSeconds(layer, cause), "s")}`,
        )
        .join("; ")}
    </p>
  );
}
