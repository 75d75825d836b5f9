import { serverAudits } from 'graphql-http';
import { describe, expect, test } from 'vitest';
import { useServer } from '../harness.ts';

const server = useServer();

/** The GraphQL over HTTP working group's own audits. Recommendations (SHOULD, MAY) are held to as well. */
describe('GraphQL over HTTP', () => {
  for (const audit of serverAudits({ url: () => `${server.url}/graphql` })) {
    test(`${audit.id}: ${audit.name}`, async () => {
      const result = await audit.fn();
      expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
    });
  }
});
