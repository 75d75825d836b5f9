// Runs a dependency's command-line program in this project, quietly unless it fails.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from './inputs.mjs';

/**
 * Runs `script` (a path below node_modules) with this Node. Its output is shown only when it fails; then this process exits
 * with its code.
 */
export function runTool(script, args, env = {}) {
  // Programs that the tool starts by name (Prisma its generators) are found as under `npm run`.
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const result = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return;
  process.stderr.write(
    `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`,
  );
  process.exit(result.status ?? 1);
}
