// A place for a plot: loads Observable Plot when the first one is shown, draws at the width that there is, and again when
// width or figures change. Plots are drawn one after the other while the page is idle, so that none holds up the rest.

import type * as PlotModule from "@observablehq/plot";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export type Plot = typeof PlotModule;
/** What Plot draws: with the scales that it drew by. */
export type Drawn = ReturnType<Plot["plot"]>;

interface PlotHostProps {
  /** Draws at a width in pixels. Must be stable between renders that draw the same (`useCallback`). */
  readonly draw: (Plot: Plot, width: number) => PlotModule.PlotOptions;
  /** What a reader who does not see it should know. */
  readonly label: string;
  /** Told of the pointer: Plot's own `value` of the datum nearest to it (`Plot.pointer`, `tip`), when it is pressed. */
  readonly onPick?: (datum: unknown) => void;
  /** Told of each drawing, to mark parts of it later; gives what ends that. Must be stable as `draw`. */
  readonly onDraw?: (drawn: Drawn) => (() => void) | undefined;
  /** Pixels that are kept free until it is drawn. */
  readonly height?: number;
}

let loading: Promise<Plot> | undefined;

/** What waits to be drawn, by the place that it belongs to. */
const waiting = new Map<Element, () => void>();

const whenIdle = (work: () => void): void => {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work, { timeout: 100 });
  else setTimeout(work, 0);
};

function drawLater(place: Element, work: () => void): void {
  if (waiting.size === 0) whenIdle(drawNext);
  waiting.set(place, work);
}

function drawNext(): void {
  const [next] = waiting;
  if (next === undefined) return;
  waiting.delete(next[0]);
  if (waiting.size > 0) whenIdle(drawNext);
  next[1]();
}

export function PlotHost({ draw, label, onPick, onDraw, height = 240 }: PlotHostProps) {
  const place = useRef<HTMLDivElement>(null);
  const [Plot, setPlot] = useState<Plot>();
  const [width, setWidth] = useState(0);

  useEffect(() => {
    loading ??= import("@observablehq/plot");
    const keep = async (module: Promise<Plot>): Promise<void> => {
      const loaded = await module;
      setPlot(() => loaded);
    };
    void keep(loading);
  }, []);

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    setWidth(Math.floor(element.clientWidth));
    const watch = new ResizeObserver(() => {
      setWidth(Math.floor(element.clientWidth));
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null || Plot === undefined || width === 0) return undefined;
    let end: (() => void) | undefined;
    drawLater(element, () => {
      const drawn = Plot.plot({ className: "plot", width, ...draw(Plot, width) });
      // One picture to those who do not see it: Plot names its groups, which have no role that takes a name.
      for (const named of drawn.querySelectorAll("[aria-label]")) named.removeAttribute("aria-label");
      drawn.setAttribute("role", "img");
      drawn.setAttribute("aria-label", label);
      element.replaceChildren(drawn);
      end = onDraw?.(drawn);
    });
    return () => {
      end?.();
      waiting.delete(element);
    };
  }, [Plot, width, draw, label, onDraw]);

  return (
    <div
      ref={place}
      class="plot-host"
      style={{ minHeight: `${height}px` }}
      onClick={(event) => {
        if (onPick === undefined) return;
        const drawn = event.currentTarget.firstElementChild;
        const datum: unknown = drawn !== null && "value" in drawn ? drawn.value : undefined;
        if (datum !== undefined && datum !== null) onPick(datum);
      }}
    />
  );
}
