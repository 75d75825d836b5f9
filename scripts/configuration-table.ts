import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { environment } from '../src/config.ts';

const begin = '<!-- configuration: printed by `npm run docs` -->';
const end = '<!-- /configuration -->';

function defaultOf(schema: z.core.$ZodType): string {
  if (!(schema instanceof z.ZodDefault)) return '';
  const value = schema.parse(undefined);
  return value === '' || (Array.isArray(value) && value.length === 0) ? '' : `\`${String(value)}\``;
}

/** The environment's variables as a table, from the schema that parses them. */
export function configurationTable(): string {
  const rows = Object.entries(environment.shape).map(
    ([key, schema]) => `| \`${key}\` | ${defaultOf(schema)} | ${schema.description ?? ''} |`,
  );
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The README with the table as it should be. */
export function withTable(readme: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md lacks ${begin} or ${end}`);
  return `${readme.slice(0, from + begin.length)}\n${configurationTable()}\n${readme.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../README.md', import.meta.url);
  writeFileSync(path, withTable(readFileSync(path, 'utf8')));
}
