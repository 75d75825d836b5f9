#!/usr/bin/env node
import { run } from './run.ts';

// Whoever reads has read enough: `ovation schema print | head`.
process.stdout.once('error', () => process.exit());

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  print: (line) => process.stdout.write(`${line}\n`),
  tell: (line) => process.stderr.write(`${line}\n`),
});
