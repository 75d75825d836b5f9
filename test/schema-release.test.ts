import { readdirSync, readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';

const file = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** What would break a front end that was written for the older schema. */
async function breakingChanges(older: string, newer: string): Promise<string[]> {
  const changes = await diff(buildSchema(older), buildSchema(newer));
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ message }) => message);
}

/** Changesets since the release that announce a break: `major`, or before 1.0 a line that begins with "Breaking:". */
function announcements(): string[] {
  const names = readdirSync(new URL('../.changeset', import.meta.url)).filter((name) => name.endsWith('.md'));
  return names.filter((name) => /^"ovation": major$|^Breaking:/m.test(file(`.changeset/${name}`)));
}

describe('schema.graphql against the released one (.changeset/released.graphql)', () => {
  test('a change that breaks front ends is announced by a changeset', async () => {
    const breaking = await breakingChanges(file('.changeset/released.graphql'), file('schema.graphql'));
    if (announcements().length === 0) expect(breaking).toEqual([]);
  });

  test('the comparison notices a removed field and a new required argument', async () => {
    const older = 'type Query { a: Int b(c: Int): Int }';
    expect(await breakingChanges(older, 'type Query { b(c: Int): Int }')).toHaveLength(1);
    expect(await breakingChanges(older, 'type Query { a: Int b(c: Int!): Int }')).toHaveLength(1);
    expect(await breakingChanges(older, 'type Query { a: Int b(c: Int): Int d: Int }')).toEqual([]);
  });
});
