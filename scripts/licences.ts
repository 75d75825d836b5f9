// npm run licences   writes docs/licences.md from package-lock.json, without the network.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const names = z.record(z.string(), z.string()).default({});
const lockedPackage = z.object({
  name: z.string().optional(),
  version: z.string().default(''),
  license: z.string().optional(),
  dev: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  dependencies: names,
  optionalDependencies: names,
});
const lockFile = z.object({ packages: z.record(z.string(), lockedPackage) });
type Packages = z.output<typeof lockFile>['packages'];

export interface ProductionPackage {
  name: string;
  version: string;
  licence: string;
  /** Whether the image holds it: what only building needs is left out there. */
  inImage: boolean;
  hasInstallScript: boolean;
}

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** Licences of packages whose package.json states none; each was read in the package's own files. */
const readByHand: Record<string, string> = { 'seq-queue': 'MIT' };

/** Dependencies that the Dockerfile takes away after the build. */
export function buildOnly(): string[] {
  return [...read('Dockerfile').matchAll(/\bdependencies\.([\w@/-]+)/g)].map(([, name]) => name ?? '');
}

/** Where a package at `from` finds `name`, as Node looks for it. Null: nowhere, as an optional one may be. */
function resolve(packages: Packages, name: string, from: string): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return null;
  }
}

/** Paths of all that these packages of the project need, themselves among it. */
function needed(packages: Packages, roots: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (path: string | null): void => {
    const locked = path === null ? undefined : packages[path];
    if (path === null || locked === undefined || found.has(path)) return;
    found.add(path);
    for (const name of Object.keys({ ...locked.dependencies, ...locked.optionalDependencies })) {
      visit(resolve(packages, name, path));
    }
  };
  for (const name of roots) visit(resolve(packages, name, ''));
  return found;
}

/** Every package that is not for development alone, by name. Reads the lock file only. */
export function productionPackages(): ProductionPackage[] {
  const { packages } = lockFile.parse(JSON.parse(read('package-lock.json')));
  const direct = Object.keys(packages['']?.dependencies ?? {});
  const left = new Set(buildOnly());
  const image = needed(
    packages,
    direct.filter((name) => !left.has(name)),
  );
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, { version, license, hasInstallScript }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const licence = license ?? readByHand[name] ?? 'unknown';
      return { name, version, licence, inImage: image.has(path), hasInstallScript };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
}

function count(packages: readonly ProductionPackage[]): string {
  const counts = new Map<string, number>();
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([licence, n]) => `${licence} ${n}`)
    .join(' · ');
}

/** docs/licences.md as it should be. */
export function licencesPage(): string {
  const packages = productionPackages();
  const image = packages.filter(({ inImage }) => inImage);
  const rows = packages.map(
    ({ name, version, licence, inImage }) => `| ${name} | ${version} | ${licence} | ${inImage ? 'image' : 'build'} |`,
  );
  return `# Licences of the dependencies

Printed by \`npm run licences\` from package-lock.json; a test tells when it is out of date. Packages for development alone are left out.
\`image\`: what the container image may hold (of packages for several platforms, its own platform's). \`build\`: needed by \`npm start\` on a
machine without anything else, to compile and to run the embedded PostgreSQL, and taken out of the image.

- In the image (${image.length}): ${count(image)}
- All (${packages.length}): ${count(packages)}

| package | version | licence | where |
|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/licences.md', import.meta.url), licencesPage());
}
