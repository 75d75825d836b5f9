import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { environment } from '../src/environment.ts';
import { withSection } from './readme-section.ts';

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
  return withSection(readme, 'configuration', configurationTable());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../README.md', import.meta.url);
  writeFileSync(path, withTable(readFileSync(path, 'utf8')));
}
