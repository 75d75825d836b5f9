import { readFileSync, writeFileSync } from 'node:fs';
import { schemaText } from '../src/schema.ts';

/** Writes schema.graphql; with --check only tells whether it is what the code says. */
const path = new URL('../schema.graphql', import.meta.url);
const printed = schemaText();
if (!process.argv.includes('--check')) {
  writeFileSync(path, printed);
} else if (readFileSync(path, 'utf8') !== printed) {
  process.stderr.write('schema.graphql is not what the code says. Run `npm run schema` and look at the difference.\n');
  process.exitCode = 1;
}
