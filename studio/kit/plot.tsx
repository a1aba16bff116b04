// A place for a plot: loads Observable Plot when the first one is shown, draws at the width that there is, and again when
// width or figures change.

import type * as PlotModule from "@observablehq/plot";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

export type Plot = typeof PlotModule;

interface PlotHostProps {
  /** Draws at a width in pixels. Must be stable between renders that draw the same (`useCallback`). */
  readonly draw: (Plot: Plot, width: number) => PlotModule.PlotOptions;
  /** What a reader who does not see it should know. */
  readonly label: string;
  /** Told of the pointer: Plot's own `value` of the datum nearest to it (`Plot.pointer`, `tip`), when it is pressed. */
  readonly onPick?: (datum: unknown) => void;
  /** Pixels that are kept free until it is drawn. */
  readonly height?: number;
}

let loading: Promise<Plot> | undefined;

export function PlotHost({ draw, label, onPick, height = 240 }: PlotHostProps) {
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
    if (element === null || Plot === undefined || width === 0) return;
    const drawn = Plot.plot({ className: "plot", width, ...draw(Plot, width) });
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", label);
    element.replaceChildren(drawn);
  }, [Plot, width, draw, label]);

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
