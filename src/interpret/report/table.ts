// The tables of a report. On a phone each row folds into a paragraph in which every cell follows the name of its column (style.ts).

import { type Html, html } from "./html.ts";

export interface ReportColumn {
  readonly name: string;
  /** Aligned to the right; default false. */
  readonly numeric?: boolean;
  /** Bars and other drawings, whose name is for screen readers only and which a phone does not show; default false. */
  readonly drawing?: boolean;
}

/** A table; the first cell of each row names the row. */
export function reportTable(
  columns: readonly ReportColumn[],
  rows: readonly (readonly (Html | string | number)[])[],
  caption?: string,
): Html {
  const kind = ({ numeric, drawing }: ReportColumn): Html | false =>
    (numeric ?? drawing ?? false) && html` class="${numeric ? "n" : "drawing"}"`;
  const head = columns.map(
    (column) =>
      html`<th scope="col"${kind(column)}>${column.drawing ? html`<span class="unseen">${column.name}</span>` : column.name}</th>`,
  );
  const body = rows.map(
    ([first, ...cells]) =>
      html`<tr><th scope="row">${first}</th>${cells.map((cell, i) => html`<td${kind(columns[i + 1]!)} data-name="${columns[i + 1]!.name}">${cell}</td>`)}</tr>\n`,
  );
  return html`<div class="scroll"><table>${caption !== undefined && html`<caption>${caption}</caption>`}<thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table></div>`;
}
