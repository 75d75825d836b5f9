import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columns, csvLine, exportFormats } from '../../src/engagement/formats.ts';

/** A reader of RFC 4180, sign by sign, that knows nothing of the writer. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (quoted && sign === '"' && text[at + 1] === '"') {
      cell += '"';
      at++;
    } else if (sign === '"') quoted = !quoted;
    else if (quoted || !/[,\r]/.test(sign)) cell += sign;
    else {
      cells.push(cell);
      cell = '';
      if (sign === ',') continue;
      expect(text[++at]).toBe('\n');
      lines.push(cells);
      cells = [];
    }
  }
  expect({ quoted, cell, cells }).toEqual({ quoted: false, cell: '', cells: [] });
  return lines;
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n",\'a ') }),
  fc.string(),
);
const guarded = (value: string): string => (/^[=+\-@\t\r]/.test(value) ? `'${value}` : value);

test('what is written as CSV reads back equal, but for the apostrophe that keeps a cell from being a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.array(texts, { minLength: 1, maxLength: 6 }), { maxLength: 5 }), (lines) => {
      expect(parseCsv(lines.map(csvLine).join(''))).toEqual(lines.map((cells) => cells.map(guarded)));
    }),
    { numRuns: 2000 },
  );
});

test('engagements read back equal in both formats, whatever their payloads say', () => {
  const engagement = fc.record({
    id: texts,
    participantId: texts,
    userId: texts,
    username: texts,
    engagementType: texts,
    engagementTime: texts,
    count: fc.integer({ min: 1 }),
    emoji: fc.option(texts),
    subjectId: fc.option(texts),
    payload: fc.option(
      fc.dictionary(
        fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
        fc.jsonValue(),
        { noNullPrototype: true },
      ),
    ),
  });
  fc.assert(
    fc.property(fc.array(engagement, { maxLength: 4 }), (rows) => {
      const { csv, jsonl } = exportFormats;
      // Not -0, which JSON does not know.
      const plain = JSON.parse(JSON.stringify(rows));
      const lines = jsonl.rows(plain).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map((line) => JSON.parse(line))).toEqual(plain);
      const [head, ...read] = parseCsv(csv.head + csv.rows(plain));
      expect(head).toEqual(columns);
      expect(read.map((cells) => Object.fromEntries(cells.map((cell, place) => [columns[place], cell])))).toEqual(
        rows.map(({ payload, subjectId, emoji, count, ...row }) => ({
          ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, guarded(value)])),
          count: `${count}`,
          emoji: guarded(emoji ?? ''),
          subjectId: guarded(subjectId ?? ''),
          payload: payload === null ? '' : JSON.stringify(JSON.parse(JSON.stringify(payload))),
        })),
      );
    }),
    { numRuns: 500 },
  );
});
