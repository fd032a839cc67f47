type Cell = string | number;

/** A Markdown table whose source is aligned, too. A head that ends with a colon stands above numbers. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isNumeric = heads.map((head) => head.endsWith(':'));
  const cells = [
    heads.map((head) => head.replace(/:$/, '')),
    ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? number(cell) : cell))),
  ];
  const widths = heads.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map(pad).join(' | ')} |`;
  const pad = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return isNumeric[column] ? text.padStart(width) : text.padEnd(width);
  };
  const rule = widths.map((width, column) =>
    isNumeric[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  const [head = [], ...body] = cells;
  return [line(head), line(rule), ...body.map(line)].join('\n');
}

export function number(value: number, fractionDigits = 0): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  });
}

export function seconds(ms: number): string {
  return `${number(ms / 1000, ms < 10_000 ? 2 : 1)} s`;
}

/** Decimal, as the budgets are: 1 MB is 1,000,000 bytes. */
export function megabytes(bytes: number): string {
  return `${number(bytes / 1e6, bytes < 10e6 ? 2 : 0)} MB`;
}

export function usd(amount: number): string {
  return number(amount, 2);
}
