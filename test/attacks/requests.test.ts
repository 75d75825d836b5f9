import { describe, expect, test } from 'vitest';
import { byteLimits } from '../../src/server/limits.ts';
import { deliveries, type Verdict } from './deliver.ts';
import { allowed, beyondLimits, type Hostile, senseless } from './hostile-documents.ts';
import { useTarget } from './target.ts';

const target = useTarget();

/** Node's default for the headers, the URL among them, in bytes. */
const mostHeaders = 16 * 1024;

/** How a transport calls what it does not even read to the end; null: it reads it. */
function tooLarge(transport: string, operation: Hostile): number | null {
  const size = Buffer.byteLength(JSON.stringify(operation));
  if (transport === 'GET') return encodeURIComponent(JSON.stringify(operation)).length > mostHeaders - 400 ? 431 : null;
  if (transport === 'WebSocket') return size > byteLimits.socketMessage - 100 ? 1009 : null;
  return size > byteLimits.body ? 413 : null;
}

async function attack(what: string, operation: Hostile): Promise<[string, number | null, Verdict][]> {
  const verdicts: [string, number | null, Verdict][] = [];
  for (const [transport, deliver] of Object.entries(deliveries)) {
    // Each meets no cache; those behind the first, code that has been compiled.
    for (const round of [1, 2, 3, 4]) {
      const salted = { ...operation, query: `${operation.query}\n#${transport}${round}` };
      const send = () => deliver(target.url, salted);
      const verdict = round === 1 ? await send() : await target.cost(`${transport}: ${what}`, send);
      verdicts.push([transport, tooLarge(transport, salted), verdict]);
    }
  }
  await target.bystanderHears();
  return verdicts;
}

describe('A document or variables beyond the limits are refused alike over every transport:', () => {
  test.each(Object.entries(beyondLimits))('%s', async (what, operation) => {
    for (const [transport, size, { status, codes }] of await attack(what, operation)) {
      if (size !== null) expect([transport, status]).toEqual([transport, size]);
      else expect([transport, codes]).toEqual([transport, ['LIMIT_EXCEEDED']]);
      if (transport === 'POST' || transport === 'GET') expect(status).toBeGreaterThanOrEqual(400);
      expect(status < 500 || status >= 1000).toBe(true);
    }
  });
});

describe('A document or variables without sense are refused alike over every transport:', () => {
  test.each(Object.entries(senseless))('%s', async (what, operation) => {
    for (const [transport, size, { status, codes, body }] of await attack(what, operation)) {
      if (size !== null) expect([transport, status]).toEqual([transport, size]);
      else if (transport === 'GET' && operation.query.startsWith('mutation')) expect(status).toBe(405);
      else {
        expect([transport, codes, body.slice(0, 300)]).toEqual([transport, ['BAD_REQUEST'], body.slice(0, 300)]);
        if (transport !== 'SSE' && transport !== 'WebSocket') expect(status).toBe(400);
      }
      // An answer is not made long by a short question.
      expect(body.length).toBeLessThan(40_000);
    }
  });
});

describe('What is within the limits is served over every transport:', () => {
  test.each(Object.entries(allowed))('%s', async (what, operation) => {
    for (const [transport, size, { codes, body }] of await attack(what, operation)) {
      if (size !== null) continue;
      expect([transport, codes]).toEqual([transport, []]);
      expect(body).toContain('"data"');
    }
  });
});
