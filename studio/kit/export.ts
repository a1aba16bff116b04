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

/** What stands beside a picture on the page and goes with it into its file. */
export interface PictureHead {
  readonly title: string;
  readonly legend?: readonly { readonly name: string; readonly colour: string; readonly mark?: string }[];
}

/** The picture as a file of its own, on the page's background, under its title and legend. */
export function svgText(svg: SVGSVGElement, head?: PictureHead): string {
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
  const scale = box.width > 0 ? width / box.width : 1;
  const top = head === undefined ? undefined : headOf(svg, head, box.width);
  const room = top?.height ?? 0;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", [box.x, box.y - room, box.width, box.height + room].join(" "));
  copy.setAttribute("width", String(Math.round(width)));
  copy.setAttribute("height", String(Math.round(height + room * scale)));
  copy.style.color = getComputedStyle(svg).color;
  if (top !== undefined) {
    top.group.setAttribute("transform", `translate(${box.x} ${box.y - room})`);
    copy.prepend(top.group);
  }
  const back = element("rect", { x: box.x, y: box.y - room, width: "100%", height: "100%" });
  back.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  copy.prepend(back);
  return `${new XMLSerializer().serializeToString(copy)}\n`;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, text = ""): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}

/** Title and legend, broken into lines that fit by an estimate of their letters' width. */
function headOf(
  svg: SVGSVGElement,
  { title, legend = [] }: PictureHead,
  width: number,
): { readonly group: SVGElement; readonly height: number } {
  const { color, fontFamily } = getComputedStyle(svg);
  const group = element("g", { fill: color, "font-family": fontFamily, "font-size": 12, "text-anchor": "start" });
  group.append(element("text", { x: 4, y: 18, "font-weight": 600, "font-size": 14 }, title));
  let [x, y] = [4, 38];
  for (const { name, colour, mark = "" } of legend) {
    const wide = 24 + name.length * 7;
    if (x > 4 && x + wide > width) [x, y] = [4, y + 18];
    group.append(
      element("rect", { x, y: y - 11, width: 13, height: 13, rx: 2, fill: colour }),
      element("text", { x: x + 6.5, y, fill: "#000", "font-size": 9, "text-anchor": "middle" }, mark),
      element("text", { x: x + 18, y }, name),
    );
    x += wide + 8;
  }
  return { group, height: legend.length === 0 ? 28 : y + 12 };
}

/** The picture in pixels, twice as many as on the page. */
export async function pngOf(svg: SVGSVGElement, head?: PictureHead): Promise<Blob> {
  const scale = 2;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg, head))}`;
  await image.decode();
  const { width, height } = image;
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
