// A table that sorts by any column, says its units once, opens a row on a click or the Enter key, and saves itself as CSV.

import { createSortedRowModel, rowSortingFeature, sortFn_basic, tableFeatures, useTable } from "@tanstack/preact-table";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { csvText, fileName, saveText } from "./export.ts";

export interface TableColumn<Row> {
  readonly key: string;
  readonly title: string;
  /** Of the whole column, shown in its head and in the CSV. */
  readonly unit?: string;
  /** Sorted by, and written to CSV with every digit. */
  readonly value: (row: Row) => string | number | undefined;
  /** Shown instead of the value. */
  readonly show?: (row: Row) => ComponentChildren;
  readonly align?: "left" | "right";
}

interface DataTableProps<Row> {
  /** What the table says; its name as a file too. */
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly selected?: string;
  readonly onOpen?: (row: Row) => void;
}

/** Rows of any type, in the only form that the table's types take. */
interface Held<Row> {
  readonly row: Row;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });

export function DataTable<Row>({ caption, columns, rows, rowKey, selected, onOpen }: DataTableProps<Row>) {
  const definitions = useMemo(
    () =>
      columns.map(({ key, value }) => ({
        id: key,
        accessorFn: ({ row }: Held<Row>) => value(row),
        sortFn: sortFn_basic,
        sortUndefined: "last" as const,
      })),
    [columns],
  );
  const data = useMemo(() => rows.map((row): Held<Row> => ({ row })), [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: ({ row }) => rowKey(row) });
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const sorted = table.getRowModel().rows;
  const toCsv = (): void => {
    const head = columns.map(({ title, unit }) => (unit === undefined ? title : `${title} (${unit})`));
    const lines = sorted.map(({ original: { row } }) => columns.map(({ value }) => value(row)));
    saveText(`${fileName(caption)}.csv`, csvText([head, ...lines]), "text/csv");
  };
  return (
    <div class="table">
      <div class="table-head">
        <span>{caption}</span>
        <button type="button" onClick={toCsv} aria-label={`Save ${caption} as CSV`}>
          CSV
        </button>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption class="hidden">{caption}</caption>
          <thead>
            <tr>
              {table.getFlatHeaders().map((header) => {
                const column = byKey.get(header.id);
                const order = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    scope="col"
                    class={column?.align === "right" ? "right" : undefined}
                    aria-sort={order === "asc" ? "ascending" : order === "desc" ? "descending" : undefined}
                  >
                    <button type="button" class="sort" onClick={header.column.getToggleSortingHandler()}>
                      {column?.title}
                      {column?.unit !== undefined && <span class="unit"> {column.unit}</span>}
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ id, original: { row } }) => (
              <tr
                key={id}
                data-key={id}
                class={onOpen === undefined ? undefined : "opens"}
                aria-selected={onOpen === undefined ? undefined : id === selected}
                onClick={onOpen && (() => onOpen(row))}
              >
                {columns.map(({ key, value, show, align }, index) => {
                  const content = show === undefined ? (value(row) ?? "–") : show(row);
                  const style = align === "right" ? "right" : undefined;
                  if (index > 0) {
                    return (
                      <td key={key} class={style}>
                        {content}
                      </td>
                    );
                  }
                  return (
                    <th key={key} scope="row" class={style}>
                      {onOpen === undefined ? (
                        content
                      ) : (
                        <button type="button" class="open" aria-pressed={id === selected}>
                          {content}
                        </button>
                      )}
                    </th>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
