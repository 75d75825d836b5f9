// Generates src/generated (Prisma client, Pothos types) when prisma/schema.prisma has changed; `--force` does it anyway.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOf, readStamp, root } from './inputs.mjs';
import { runTool } from './tool.mjs';

const STAMP = 'src/generated/.stamp';

/** Brings src/generated up to date. Returns true when it had to generate. */
export function generate({ force = false } = {}) {
  const inputs = hashOf([
    'prisma/schema.prisma',
    'prisma.config.ts',
    'node_modules/prisma/package.json',
    'node_modules/@pothos/plugin-prisma/package.json',
  ]);
  if (!force && readStamp(STAMP) === inputs) return false;
  rmSync(join(root, STAMP), { force: true });
  // Prisma wants its schema engine to exist before it generates, and would download it, but never runs it for this.
  runTool('prisma/build/index.js', ['generate'], {
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  });
  mkdirSync(join(root, 'src/generated'), { recursive: true });
  writeFileSync(join(root, STAMP), `${inputs}\n`);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const generated = generate({ force: process.argv.includes('--force') });
  console.log(generated ? 'Generated src/generated from prisma/schema.prisma.' : 'src/generated is up to date.');
}
