// Where the cycles go: the share of each activity in every cycle, and below it what memories and the array are busy with,
// on one axis with one cursor. A click or a drag goes to a cycle.

import { effect } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Activity, Replay } from "../../src/simulate/replay/replay.ts";
import { activities } from "../../src/simulate/replay/replay.ts";
import { percent } from "../../src/report/units.ts";
import { Figure } from "../kit/figure.tsx";
import { activityOrder, patternName } from "./activities.ts";
import { Patterns } from "./picture.tsx";
import { cycle, pause, playing, seek } from "./playback.ts";
import type { Shares } from "./shares.ts";
import { frameWord, sharesOf, totalsOf } from "./shares.ts";

const stripHeight = 84;
const rowHeight = 17;
const nameHeight = 15;
const axisHeight = 20;
/** Room for the axis' labels at both ends. */
const side = 10;

/** One outline for an activity's share: from the shares stacked below it to those with it, a step for each cycle. */
function stackPaths({ counts, parts }: Shares, cycles: number, xOf: (cycle: number) => number) {
  const base = new Float64Array(cycles);
  return activityOrder
    .filter((activity) => activity !== "idle")
    .map((activity) => {
      const place = activities.indexOf(activity);
      let path = "";
      let start = 0;
      const share = (at: number): number => counts[at * activities.length + place] ?? 0;
      // Equal neighbours are one step.
      for (let at = 1; at <= cycles; at++) {
        if (at < cycles && share(at) === share(start) && base[at] === base[start]) continue;
        if (share(start) > 0) {
          const bottom = stripHeight * (1 - (base[start] ?? 0) / parts);
          const top = stripHeight * (1 - ((base[start] ?? 0) + share(start)) / parts);
          path += `M${xOf(start).toFixed(2)} ${bottom.toFixed(2)}V${top.toFixed(2)}H${xOf(at).toFixed(2)}V${bottom.toFixed(2)}Z`;
        }
        start = at;
      }
      for (let at = 0; at < cycles; at++) base[at] = (base[at] ?? 0) + share(at);
      return { activity, path };
    });
}

/** Round steps of which about `wanted` cover `total`. */
function stepOf(total: number, wanted: number): number {
  const rough = Math.max(1, total / wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((step) => step * power >= rough) ?? 10);
}

export function Timeline({ replay }: { readonly replay: Replay }) {
  const prefix = useId();
  const host = useRef<HTMLDivElement>(null);
  const cursor = useRef<SVGGElement>(null);
  const [width, setWidth] = useState(0);
  const [read, setRead] = useState("");
  const shares = useMemo(() => sharesOf(replay), [replay]);
  const { cycles, timeline } = replay;
  const word = frameWord(replay);
  const xOf = (at: number): number => side + (at / cycles) * (width - 2 * side);
  const height = stripHeight + timeline.length * (rowHeight + nameHeight) + axisHeight + 4;

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const watch = new ResizeObserver(() => {
      setWidth(element.clientWidth);
    });
    setWidth(element.clientWidth);
    watch.observe(element);
    return () => {
      watch.disconnect();
    };
  }, []);

  useEffect(
    () =>
      effect(() => {
        cursor.current?.setAttribute("transform", `translate(${xOf(cycle.value)} 0)`);
      }),
    [width, cycles],
  );

  const drawing = useMemo(() => {
    if (width === 0) return null;
    const stack = stackPaths(shares, cycles, xOf);
    const step = stepOf(cycles, width / 70);
    const ticks = Array.from({ length: Math.floor(cycles / step) + 1 }, (_, tick) => Math.max(1, tick * step));
    return (
      <>
        <Patterns prefix={prefix} />
        <rect class="ground" x={side} width={width - 2 * side} height={stripHeight} />
        {stack.map(({ activity, path }) => (
          <path key={activity} d={path} fill={`url(#${patternName(prefix, activity)})`} />
        ))}
        {timeline.map((row, index) => {
          const top = stripHeight + index * (rowHeight + nameHeight) + nameHeight;
          return (
            <g key={index} transform={`translate(0 ${top})`}>
              <text class="row" x={side} y={-3}>
                {row.name}
              </text>
              <rect class="ground" x={side} width={width - 2 * side} height={rowHeight} />
              <Segments row={row} xOf={xOf} prefix={prefix} />
            </g>
          );
        })}
        {ticks
          .filter((at) => at <= cycles)
          .map((at) => (
            <text key={at} class="tick" x={xOf(at - 0.5)} y={height - 6} text-anchor="middle">
              {at}
            </text>
          ))}
      </>
    );
  }, [replay, shares, width, prefix]);

  const cycleAt = (event: PointerEvent & { readonly currentTarget: SVGSVGElement }): number => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const at = Math.floor(((event.clientX - left - side) / (width - 2 * side)) * cycles);
    return Math.min(cycles - 1, Math.max(0, at));
  };
  const totals = totalsOf(shares);
  const whole = Math.max(1, shares.parts * cycles);
  const useful = (totals[activities.indexOf("useful")] ?? 0) / whole;
  return (
    <Figure
      title={`Where the ${word}s go`}
      caption={
        read === ""
          ? `Share of ${shares.parts} ${shares.counted} by what they do, ${word} by ${word}: ${percent(useful)} of the film is useful work. Click to go to a ${word}.`
          : read
      }
      rows={() => [
        [word, ...activities.map((activity) => `${activity} (${shares.counted})`)],
        ...Array.from({ length: cycles }, (_, at) => [
          at + 1,
          ...activities.map((_, place) => shares.counts[at * activities.length + place] ?? 0),
        ]),
      ]}
    >
      <div ref={host} class="tile-timeline">
        <svg
          viewBox={`0 0 ${Math.max(1, width)} ${height}`}
          width={width}
          height={height}
          role="img"
          aria-label={`Share of ${shares.counted} by activity in each of ${cycles} ${word}s, and the timeline of ${timeline.map(({ name }) => name).join(", ")}`}
          onPointerDown={(event) => {
            if (playing.value) pause();
            event.currentTarget.setPointerCapture(event.pointerId);
            seek(cycleAt(event));
          }}
          onPointerMove={(event) => {
            const at = cycleAt(event);
            setRead(readingOf(replay, shares, at));
            if (event.currentTarget.hasPointerCapture(event.pointerId)) seek(at);
          }}
          onPointerLeave={() => setRead("")}
        >
          {drawing}
          <g ref={cursor} class="cursor">
            <rect x={0} y={0} width={Math.max(2, (width - 2 * side) / cycles)} height={height - axisHeight + 2} />
          </g>
        </svg>
      </div>
    </Figure>
  );
}

interface SegmentsProps {
  readonly row: Replay["timeline"][number];
  readonly xOf: (cycle: number) => number;
  readonly prefix: string;
}

/** One path for each activity of a row, and the labels that fit. */
function Segments({ row, xOf, prefix }: SegmentsProps) {
  const paths = new Map<Activity, string>();
  const labels = [];
  for (const { start, end, activity, label } of row.segments) {
    const [left, right] = [xOf(start), xOf(end)];
    // A hair's gap between neighbours that look alike.
    const wide = Math.max(0.5, right - left - (right - left > 4 ? 1 : 0));
    const path = `M${left.toFixed(2)} 0h${wide.toFixed(2)}v${rowHeight}h${(-wide).toFixed(2)}Z`;
    paths.set(activity, (paths.get(activity) ?? "") + path);
    if (label !== "" && label.length * 6.1 + 6 < right - left && labels.length < 200) {
      labels.push(
        <text key={start} class="label" x={left + 4} y={rowHeight - 4.5}>
          {label}
        </text>,
      );
    }
  }
  return (
    <>
      {[...paths].map(([activity, path]) => (
        <path key={activity} d={path} fill={activity === "idle" ? "none" : `url(#${patternName(prefix, activity)})`} />
      ))}
      {labels}
    </>
  );
}

/** What a cycle's column says, in words. */
function readingOf(replay: Replay, { counts, parts, counted }: Shares, at: number): string {
  const shares = activityOrder
    .map((activity) => ({ activity, count: counts[at * activities.length + activities.indexOf(activity)] ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ activity, count }) => `${count} ${activity}`);
  const rows = replay.timeline.flatMap(({ name, segments }) => {
    const segment = segments.find(({ start, end }) => start <= at && at < end);
    return segment === undefined || segment.label === "" ? [] : [`${name}: ${segment.label}`];
  });
  return [
    `${frameWord(replay) === "cycle" ? "Cycle" : "Step"} ${at + 1}: of ${parts} ${counted} ${shares.join(", ")}`,
    ...rows,
  ].join("; ");
}
