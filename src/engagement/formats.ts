import type { ExportedEngagement } from './export.ts';

export interface ExportFormat {
  readonly contentType: string;
  /** What comes before the first row. */
  readonly head: string;
  rows(engagements: readonly ExportedEngagement[]): string;
}

export const columns = [
  'id',
  'participantId',
  'userId',
  'username',
  'engagementType',
  'engagementTime',
  'count',
  'emoji',
  'subjectId',
  'payload',
] as const satisfies readonly (keyof ExportedEngagement)[];

/**
 * A cell of CSV (RFC 4180). One that a spreadsheet would take for a formula gets an apostrophe in front, which makes it a text there.
 */
export function csvCell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

const textOf = (value: ExportedEngagement[keyof ExportedEngagement]): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

const inColumns = (engagement: ExportedEngagement): string =>
  JSON.stringify(Object.fromEntries(columns.map((column) => [column, engagement[column]])));

export const exportFormats = {
  csv: {
    contentType: 'text/csv; charset=utf-8',
    head: csvLine(columns),
    rows: (engagements) =>
      engagements.map((engagement) => csvLine(columns.map((column) => textOf(engagement[column])))).join(''),
  },
  jsonl: {
    contentType: 'application/jsonl; charset=utf-8',
    head: '',
    rows: (engagements) => engagements.map((engagement) => `${inColumns(engagement)}\n`).join(''),
  },
} as const satisfies Record<string, ExportFormat>;
