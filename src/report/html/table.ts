// Tables of the HTML report: captioned, with scoped headers, in a box that scrolls sideways on a narrow screen.

import { html } from "./markup.ts";
import type { Fragment, Markup } from "./markup.ts";

export interface HtmlColumn {
  readonly title: string;
  readonly unit?: string;
  readonly align?: "left" | "right";
}

export interface HtmlCell {
  readonly content: Fragment;
  /** What the column sorts by where the content is not a plain number. */
  readonly sort?: number | string;
  readonly strong?: boolean;
}

export interface HtmlTableOptions {
  readonly sortable?: boolean;
  /** The column that names its row; default 0. */
  readonly rowHeader?: number;
}

/** A cell that prints `content` and sorts by the number behind it. */
export function numberCell(content: string, sort: number | undefined, strong = false): HtmlCell {
  return { content, strong, ...(sort === undefined || Number.isNaN(sort) ? {} : { sort }) };
}

/** The table. Rows hold one cell for each column. */
export function htmlTable(
  caption: Fragment,
  columns: readonly HtmlColumn[],
  rows: readonly (readonly (HtmlCell | string)[])[],
  options: HtmlTableOptions = {},
): Markup {
  const head = columns.map(
    ({ title, unit, align }) =>
      html`<th scope="col" class="${align ?? "left"}">${title}${unit === undefined || unit === "" ? undefined : html` <span class="unit">(${unit})</span>`}</th>`,
  );
  const body = rows.map(
    (row) =>
      html`<tr>${row.map((cell, index) => tableCell(cell, columns[index], index === (options.rowHeader ?? 0)))}</tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table"><table${options.sortable === true ? html` class="sortable"` : undefined}><caption><span>${caption}</span></caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function tableCell(cell: HtmlCell | string, column: HtmlColumn | undefined, isHeader: boolean): Markup {
  const { content, sort, strong } = typeof cell === "string" ? { content: cell, sort: undefined, strong: false } : cell;
  const sortAttribute = sort === undefined ? undefined : html` data-sort="${sort}"`;
  const inner = strong === true ? html`<strong>${content}</strong>` : content;
  const align = column?.align ?? "left";
  return isHeader
    ? html`<th scope="row" class="${align}"${sortAttribute}>${inner}</th>`
    : html`<td class="${align}"${sortAttribute}>${inner}</td>`;
}
