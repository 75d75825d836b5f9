import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createSchema } from '../../src/schema.ts';
import { type Answer, transports } from '../api/transports.ts';
import { useServer } from '../harness.ts';
import { documentFor, nameOf, type Place, placesIn, withValue } from './arguments.ts';
import { expectTyped } from './hostile.ts';
import { mutations } from './mutation-table.ts';
import { type Stage, setStage } from './stage.ts';

const server = useServer();
const schema = createSchema();
let stage: Stage;
beforeAll(async () => {
  stage = await setStage(server, 'PUBLIC LIVE');
});

const isCursor = ({ path: [name] }: Place): boolean => name === 'after' || name === 'before';
const places = placesIn(schema).filter((place) => place.type === 'ID' || isCursor(place));

const text = fc.string({ unit: 'binary', maxLength: 60 });
const encoded = (prefix: string) => text.map((rest) => Buffer.from(`${prefix}${rest}`).toString('base64'));
/** Anything, and anything behind what the server's own ids and cursors begin with. */
const value = fc.oneof(
  text,
  encoded(''),
  ...[
    'VideoEvent:',
    'User:',
    'Message:',
    'Question:',
    'Poll:',
    'PollChoice:',
    'Goal:',
    'Prediction:',
    'PredictionOutcome:',
    'Session:',
    'GPC:',
    'GPC:S:',
    'GPC:T:',
    'message:',
    'question:VOTES:',
    '1|schedule|',
    '1|event:',
  ].map(encoded),
);

test('whatever stands for an id or a cursor, it is no fault of the server', async () => {
  const subscribe = transports.WebSocket;
  const post = transports.POST;
  if (subscribe === undefined || post === undefined) throw new Error('no transport');
  const give = async (place: Place, value: string): Promise<Answer> => {
    const { operation, field } = place;
    const input = operation === 'mutation' ? mutations[field]?.input : null;
    const right =
      input == null
        ? { id: stage.eventId, ...(operation === 'subscription' ? { eventId: stage.eventId, after: 'none' } : {}) }
        : { input: await input({ ...stage, viewer: 'admin', me: stage.as.admin }) };
    const variables = JSON.parse(withValue(right, place, value));
    const request = { query: documentFor(schema, place), variables, token: stage.as.admin.signedIn.accessToken };
    return operation === 'subscription' ? subscribe(server.url, request) : post(server.url, request);
  };
  expect(places.length).toBeGreaterThan(25);
  // A failure prints its seed and path; put them here to see it again.
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), value, async (place, value) => {
      expectTyped(nameOf(place), await give(place, value));
    }),
    { numRuns: 500 },
  );
  // It was the admin who asked, to the last.
  expect(await stage.as.admin.ask('{ viewer { role } }')).toEqual({ viewer: { role: 'ADMIN' } });
});
