import { Child } from '../test/child.ts';

/** A process of its own, as in production. @param file relative to this directory */
export function start(file: string, env: Record<string, string> = {}): Child {
  return new Child(new URL(file, import.meta.url), { NODE_ENV: 'production', ...env });
}
