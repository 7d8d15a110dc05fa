// SPDX-License-Identifier: Apache-2.0

/** Figures by what they are, in the order of the table. */
export type Figures = Readonly<Record<string, number>>;

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function pause(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000));
}

/** The figures as a table of Markdown, and the same as a line of JSON. */
export function tableOf(title: string, figures: Figures): string {
  const rows = Object.entries(figures).map(([what, value]) => {
    const text =
      value < 100 ? value.toPrecision(2) : Math.round(value).toString();
    return [what, Number.isInteger(value) ? String(value) : text];
  });
  const widths = [0, 1].map(column =>
    Math.max(...rows.map(row => row[column].length), 6),
  );
  const line = ([what, figure]: readonly string[]) =>
    `| ${what.padEnd(widths[0])} | ${figure.padStart(widths[1])} |`;
  return [
    title,
    '',
    line(['what', 'figure']),
    `| ${'-'.repeat(widths[0])} | ${'-'.repeat(widths[1] - 1)}: |`,
    ...rows.map(line),
    '',
    JSON.stringify(figures),
    '',
  ].join('\n');
}
