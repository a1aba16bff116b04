// The picture of the machine: boxes and ways once, then only what changes; a part under the pointer or the focus is the one
// that the card tells of.

import { effect } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { operandColour } from "../../src/report/html/palette.ts";
import { activities } from "../../src/simulate/replay/replay.ts";
import type { ReplayLink } from "../../src/simulate/replay/replay.ts";
import { looks, patternName } from "./activities.ts";
import { painterOf } from "./painter.ts";
import { Part } from "./part.tsx";
import type { Shown } from "./playback.ts";
import { cycle, passed, pinned, playing, pointed, tooFast } from "./playback.ts";
import type { Box, Way } from "./scene.ts";
import { drawTokens } from "./tokens.ts";

/** Side of a pattern's tile, pixels of the picture. */
const tile = 8;

const strokes: Readonly<Record<(typeof looks)["idle"]["pattern"], string>> = {
  plain: "",
  dots: "M2 2h.01M6 6h.01",
  rising: "M-2 2L2 -2M0 8L8 0M6 10L10 6",
  falling: "M-2 6L2 10M0 0L8 8M6 -2L10 2",
  across: "M0 2H8M0 6H8",
  upright: "M2 0V8M6 0V8",
  cross: "M0 0L8 8M8 0L0 8",
};

/** The patterns of activities, for `fill="url(#...)"`. */
export const Patterns = ({ prefix }: { readonly prefix: string }) => (
  <defs>
    {activities.map((activity) => {
      const { colour, pattern } = looks[activity];
      return (
        <pattern
          key={activity}
          id={patternName(prefix, activity)}
          width={tile}
          height={tile}
          patternUnits="userSpaceOnUse"
        >
          <rect width={tile} height={tile} fill={colour} fill-opacity={pattern === "plain" ? 0.6 : 0.3} />
          <path
            d={strokes[pattern]}
            stroke={colour}
            fill="none"
            stroke-width={pattern === "dots" ? 2.6 : 1.4}
            stroke-linecap={pattern === "dots" ? "round" : "butt"}
            stroke-opacity={0.75}
          />
        </pattern>
      );
    })}
  </defs>
);

/** A way as a line with an arrow's head at its end. */
function wayPath({ x1, y1, x2, y2 }: Way): string {
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (length < 1) return "";
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  const head = Math.min(5, length / 2);
  const [bx, by] = [x2 - dx * head, y2 - dy * head];
  const half = head * 0.55;
  const side = (sign: 1 | -1): string => `${(bx - sign * dy * half).toFixed(1)} ${(by + sign * dx * half).toFixed(1)}`;
  return `M${x1.toFixed(1)} ${y1.toFixed(1)}L${bx.toFixed(1)} ${by.toFixed(1)}M${side(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}L${side(-1)}Z`;
}

/** Ways that are neither level nor upright cross others: many of them are hardly seen until something moves on them. */
const isSlant = ({ x1, y1, x2, y2 }: Way): boolean => Math.abs(x2 - x1) > 1 && Math.abs(y2 - y1) > 1;
const mostSlants = 40;

const wayColour = ({ operand }: ReplayLink): string =>
  operand === undefined ? "currentColor" : operandColour(operand);

/** Pixels of the page for one of the picture: as large as fits, but text stays readable and the box then scrolls. */
const leastScale = 0.6;
/** Where the page is wide the whole machine is worth more than its numbers, which larger steps show. */
const leastScaleWide = 0.35;
const wide = 600;
const mostScale = 1.3;
const zooms = [0.5, 0.75, 1, 1.5, 2, 3] as const;

export function Picture({ shown }: { readonly shown: Shown }) {
  const { replay, scene } = shown;
  const prefix = useId();
  const frame = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [fit, setFit] = useState(1);
  /** Undefined fits the picture into its box. */
  const [zoom, setZoom] = useState<number>();
  const scale = zoom ?? fit;

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const wanted = Math.min((element.clientWidth - 2) / scene.width, (innerHeight * 0.8) / scene.height);
      const least = element.clientWidth >= wide ? leastScaleWide : leastScale;
      setFit(Math.min(mostScale, Math.max(least, wanted)));
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => {
      watch.disconnect();
    };
  }, [scene]);

  useLayoutEffect(() => {
    if (svg.current === null) return undefined;
    const painter = painterOf(svg.current, replay, scene, prefix);
    return effect(() => {
      painter.paint(cycle.value, playing.value && tooFast.value);
    });
  }, [replay, scene, prefix]);

  useEffect(() => {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return effect(() => {
      if (canvas.current === null) return;
      const moving = playing.value && !still;
      const hidden = playing.value && tooFast.value;
      drawTokens(canvas.current, replay, scene, hidden ? -1 : cycle.value, moving ? passed.value : undefined, scale);
    });
  }, [replay, scene, scale]);

  // Parts and ways are drawn once; the frames change them in place.
  const drawing = useMemo(() => {
    const faint = scene.ways.filter(isSlant).length > mostSlants;
    return (
      <>
        <Patterns prefix={prefix} />
        <g class="ways">
          {replay.links.map((link, index) => {
            const way = scene.ways[index];
            const colour = wayColour(link);
            return (
              <path
                key={index}
                class={faint && way !== undefined && isSlant(way) ? "way faint" : "way"}
                d={way === undefined ? "" : wayPath(way)}
                stroke={colour}
                fill={colour}
              />
            );
          })}
        </g>
        {replay.parts.map((part, index) => {
          const box = scene.boxes[index];
          return box === undefined ? null : <Part key={index} part={part} box={box} index={index} />;
        })}
      </>
    );
  }, [replay, scene, prefix]);

  return (
    <>
      <div class="tile-zoom" role="group" aria-label="Zoom">
        <button type="button" aria-pressed={zoom === undefined} onClick={() => setZoom(undefined)}>
          Fit
        </button>
        <button
          type="button"
          aria-label="Smaller"
          onClick={() => setZoom(zooms.findLast((each) => each < scale) ?? 0.5)}
        >
          −
        </button>
        <button type="button" aria-label="Larger" onClick={() => setZoom(zooms.find((each) => each > scale) ?? 3)}>
          +
        </button>
      </div>
      <div class="tile-frame" ref={frame}>
        <div class="tile-stage" style={{ width: `${scene.width * scale}px`, height: `${scene.height * scale}px` }}>
          <svg
            ref={svg}
            class="tile-picture"
            viewBox={`0 0 ${scene.width} ${scene.height}`}
            width={scene.width * scale}
            height={scene.height * scale}
            role="group"
            aria-label={`${replay.title}: parts of the machine. Arrow keys go from part to part.`}
            onPointerOver={(event) => {
              pointed.value = partOf(event.target);
            }}
            onPointerLeave={() => {
              pointed.value = undefined;
            }}
            onFocusIn={(event) => {
              pointed.value = partOf(event.target);
            }}
            onClick={(event) => {
              const part = partOf(event.target);
              pinned.value = part === pinned.value ? undefined : part;
            }}
            onKeyDown={(event) => {
              walk(event, scene.boxes);
            }}
          >
            {drawing}
          </svg>
          <canvas ref={canvas} class="tile-tokens" aria-hidden="true" />
        </div>
      </div>
    </>
  );
}

function partOf(target: EventTarget | null): number | undefined {
  const part = target instanceof Element ? target.closest<SVGGElement>(".part") : null;
  return part === null ? undefined : Number(part.dataset["part"]);
}

/** From the focused part to the nearest one in the direction of an arrow key; Enter keeps its card open. */
function walk(event: KeyboardEvent, boxes: readonly Box[]): void {
  const here = partOf(event.target);
  if (here === undefined || event.shiftKey) return;
  if (event.key === "Enter") {
    pinned.value = pinned.value === here ? undefined : here;
    return;
  }
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const [dx = 0, dy = 0] = direction ?? [];
  const from = boxes[here];
  if (direction === undefined || from === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  let best: number | undefined;
  let least = Infinity;
  boxes.forEach((box, index) => {
    const x = box.x + box.width / 2 - from.x - from.width / 2;
    const y = box.y + box.height / 2 - from.y - from.height / 2;
    const along = x * dx + y * dy;
    const distance = along + 3 * Math.abs(x * dy - y * dx);
    if (index === here || along <= 1 || distance >= least) return;
    best = index;
    least = distance;
  });
  const svg = event.currentTarget instanceof SVGSVGElement ? event.currentTarget : null;
  const next = best === undefined ? null : svg?.querySelector<SVGGElement>(`[data-part="${best}"]`);
  if (svg === null || next === null || next === undefined) return;
  svg.querySelector<SVGGElement>(`[data-part="${here}"]`)?.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}
