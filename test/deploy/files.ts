import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

export const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

export const version = (JSON.parse(read('package.json')) as { version: string }).version;

/** The documents of a YAML file; a duplicate key, a bad anchor or a warning of the parser's throws. */
export function yaml(path: string): unknown[] {
  return parseAllDocuments(read(path), { merge: true }).map((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw new Error(`${path}: ${fault.message}`);
    return document.toJS() as unknown;
  });
}

export const manifestFiles = (): string[] =>
  readdirSync(new URL('../../deploy/kubernetes', import.meta.url))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `deploy/kubernetes/${name}`);

/** One instruction of a Dockerfile, continued lines joined, comments left out. */
export interface Instruction {
  stage: string;
  name: string;
  text: string;
}

export function dockerfile(): Instruction[] {
  const lines = read('Dockerfile')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  let stage = '';
  return lines.map((line) => {
    const [, name = '', text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stage = / AS (\w+)$/.exec(text)?.[1] ?? '';
    return { stage, name, text };
  });
}

/** What `ENV` of the image sets. */
export function imageEnvironment(): Record<string, string> {
  const set = dockerfile().filter(({ stage, name }) => stage === 'runtime' && name === 'ENV');
  return Object.fromEntries(set.flatMap(({ text }) => text.split(/\s+/).map((pair) => pair.split('=', 2))));
}
