// Pictures and tables as files: SVG that looks outside the page as it does inside it, PNG of it, and CSV.

import { csvField } from "../../src/report/csv.ts";

/** Properties that style sheets give to a picture's elements, written into them so that the file needs no sheet. */
const kept = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-variant-numeric",
  "text-anchor",
  "dominant-baseline",
  "visibility",
] as const;

/** The picture as a file of its own, on the page's background. */
export function svgText(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) throw new Error("a copy of a picture is a picture");
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, index) => {
    const original = originals[index];
    if (original === undefined || !(element instanceof SVGElement)) return;
    const computed = getComputedStyle(original);
    for (const name of kept) {
      const value = computed.getPropertyValue(name);
      if (value !== "") element.style.setProperty(name, value);
    }
  });
  for (const sheet of copy.querySelectorAll("style")) sheet.remove();
  const { width, height } = svg.getBoundingClientRect();
  const box = svg.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(Math.round(width)));
  copy.setAttribute("height", String(Math.round(height)));
  copy.style.color = getComputedStyle(svg).color;
  const back = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  back.setAttribute("x", String(box.x));
  back.setAttribute("y", String(box.y));
  back.setAttribute("width", "100%");
  back.setAttribute("height", "100%");
  back.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  copy.prepend(back);
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

/** The picture in pixels, twice as many as on the page. */
export async function pngOf(svg: SVGSVGElement): Promise<Blob> {
  const scale = 2;
  const { width, height } = svg.getBoundingClientRect();
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws no pixels");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error("this browser made no PNG of the picture"));
      else resolve(blob);
    }, "image/png");
  });
}

export type CsvRow = readonly (string | number | undefined)[];

/** Rows by RFC 4180, the names of the columns first. */
export const csvText = (rows: readonly CsvRow[]): string =>
  rows.map((row) => `${row.map(csvField).join(",")}\r\n`).join("");

/** Hands a file to the reader. */
export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 10_000);
}

export function saveText(name: string, text: string, type: string): void {
  save(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** A name that any file system takes. */
export const fileName = (...parts: readonly string[]): string =>
  parts
    .join("-")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80);
