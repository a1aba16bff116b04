// Values on their way, drawn over the picture: a canvas, because hundreds of them move in every frame.

import { inkOn, operandColour } from "../../src/report/html/palette.ts";
import type { Replay } from "../../src/simulate/replay/replay.ts";
import type { Scene } from "./scene.ts";
import { shortNumber } from "./scene.ts";

/** Above so many values in a cycle, they are dots. */
const mostTexts = 400;
/** Share of a cycle that a value rests before it leaves, so that one sees the boxes before the journey. */
const rest = 0.25;
/** Share of the way at which values stand while the film does. */
const standing = 0.45;

/** Draws the values that move in a cycle, none before the first; `passed` is undefined while the film stands. `scale`: CSS pixels of a picture's pixel. */
export function drawTokens(
  canvas: HTMLCanvasElement,
  { links, moves }: Replay,
  { width, height, ways }: Scene,
  cycle: number,
  passed: number | undefined,
  scale: number,
): void {
  const density = Math.min(2, devicePixelRatio);
  const across = Math.round(width * scale * density);
  const down = Math.round(height * scale * density);
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, across, down);
  const start = moves.start[cycle] ?? 0;
  const end = moves.start[cycle + 1] ?? start;
  if (start === end) return;
  context.setTransform(scale * density, 0, 0, scale * density, 0, 0);
  const texts = end - start <= mostTexts;
  const size = texts ? Math.max(9, 7 / scale) : 0;
  context.font = `600 ${size}px system-ui, "Liberation Sans", sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const style = getComputedStyle(canvas);
  const neutral = style.color;
  const paper = style.getPropertyValue("--paper");
  for (let move = start; move < end; move++) {
    const index = moves.link[move] ?? 0;
    const link = links[index];
    const way = ways[index];
    if (link === undefined || way === undefined) continue;
    const share = passed === undefined ? standing : journey(passed, link.through === true);
    if (share < 0 || share > 1) continue;
    const x = way.x1 + (way.x2 - way.x1) * share;
    const y = way.y1 + (way.y2 - way.y1) * share;
    const colour = link.operand === undefined ? neutral : operandColour(link.operand);
    context.fillStyle = colour;
    context.strokeStyle = "#fff";
    context.lineWidth = 1;
    context.beginPath();
    if (!texts) {
      context.arc(x, y, 4, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    const number = shortNumber(moves.value[move] ?? NaN);
    const at = moves.coordinate?.[move] ?? NaN;
    const text = link.counts === true ? `×${number}` : Number.isNaN(at) ? number : `${shortNumber(at)}: ${number}`;
    const wide = Math.max(size * 1.35, text.length * size * 0.6 + 5);
    context.roundRect(x - wide / 2, y - size * 0.68, wide, size * 1.36, size * 0.68);
    context.fill();
    context.stroke();
    context.fillStyle = link.operand === undefined ? paper : inkOn(colour);
    context.fillText(text, x, y + size * 0.06);
  }
}

/** How far along its way a value is. Without a register at the end it is there within the cycle. */
function journey(passed: number, through: boolean): number {
  const share = through ? passed / 0.7 : (passed - rest) / (1 - rest);
  const held = Math.min(1, Math.max(0, share));
  return held * held * (3 - 2 * held);
}
