import { beforeAll, describe, expect, test } from 'vitest';
import { rateLimits } from '../../src/server/rate-limits.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { EventStream } from '../faults/event-stream.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { talliesIn } from './tallies.ts';

const server = useServer({ config: { rateLimits: true } });

// Once for all: an address signs up ten people an hour.
let eventId: string;
let ada: Actor;
let bob: Actor;
beforeAll(async () => {
  const host = await server.signUp({ role: 'HOST' });
  [ada, bob] = [await server.signUp(), await server.signUp()];
  eventId = await createEvent(host);
  for (const person of [ada, bob]) await join(person, eventId);
});

/** A document of so many reactions: they are counted in one moment, however slow the machine is. */
const document = (count: number) =>
  `mutation($input: ReactInput!) { ${Array.from({ length: count }, (_, n) => `m${n}: react(input: $input) { __typename }`).join(' ')} }`;

const { points } = rateLimits.reaction;
/** So many in one second are two seconds' worth even if the second turns meanwhile. */
const tooMany = 29;
const refusals = (results: readonly { errors?: readonly { extensions?: Record<string, unknown> }[] }[]) =>
  results.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions));

describe('reactions', () => {
  test.each(['HTTP', 'WebSocket', 'SSE'])('are 20 a second for each user over %s, and others go on', async (over) => {
    const variables = { input: { eventId, emoji: '👏' } };
    const send = async (actor: Actor): Promise<Parameters<typeof refusals>[0]> => {
      if (over === 'HTTP') return [await actor.post(document(tooMany), variables)];
      if (over === 'WebSocket') {
        const stream = actor.subscribe(document(tooMany), variables);
        await stream.ended();
        await stream.close();
        return stream.results;
      }
      const stream = new EventStream(server.url, actor.signedIn.accessToken, document(tooMany), variables);
      await until(() => stream.results.length > 0, { what: 'an answer' });
      stream.close();
      return stream.results;
    };
    // A second may turn within a document: then the next one meets the limit.
    const told = await until(
      async () => {
        const found = refusals(await send(ada));
        return found.length > 0 && found;
      },
      { what: 'a refusal' },
    );
    expect(told[0]).toMatchObject({ code: 'RATE_LIMITED' });
    expect(told[0]?.retryAfterMs).toBeGreaterThan(0);
    expect(told[0]?.retryAfterMs).toBeLessThanOrEqual(1000);
    expect(await bob.mutate('react', { eventId, emoji: '👏' })).toMatchObject({ __typename: 'ReactPayload' });
  });

  test('are none of the 120 mutations a minute', async () => {
    const mutations = rateLimits.mutation.points;
    for (let taken = 0; taken < mutations + points; ) {
      const { data } = await bob.post(document(points), { input: { eventId, emoji: '👏' } });
      // Null: a part of it was refused, and the second has to end.
      if (data !== null) taken += points;
    }
    expect((await talliesIn(server.app.db, eventId))['👏']).toBeGreaterThan(mutations);
    expect(await bob.mutate('sendMessage', { eventId, text: 'Still here' })).toMatchObject({
      __typename: 'SendMessagePayload',
    });
  });
});
