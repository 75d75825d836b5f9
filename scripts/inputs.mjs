// What a generated folder was made from: a hash of its inputs, kept in a stamp file inside it.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Paths of the files at or below `path` (absolute), in a stable order, without those for which `skip` is true. */
function filesBelow(path, skip) {
  if (!existsSync(path) || skip(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name), skip));
}

/** One hash over names and contents of `paths` (files or folders, relative to the root); `skip` are folders left out. */
export function hashOf(paths, skip = []) {
  const skipped = new Set(skip.map((path) => join(root, path)));
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => filesBelow(join(root, path), (at) => skipped.has(at)))) {
    const name = relative(root, file).split(sep).join('/');
    const content = readFileSync(file);
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** The hash that `stamp` (relative to the root) holds, or null when there is none. */
export function readStamp(stamp) {
  const path = join(root, stamp);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}
