import { isEnumType } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { createSchema } from '../../src/schema.ts';
import type { Actor } from '../actor.ts';
import { type Answer, transports } from '../api/transports.ts';
import { useServer } from '../harness.ts';
import { documentFor, nameOf, type Place, placesIn, withValue } from './arguments.ts';
import { expectTyped, forgedIds, globalId, inherited, refusalsOf, wrongShapes, wrongTexts } from './hostile.ts';
import { mutations } from './mutation-table.ts';
import { rowsOf } from './rows.ts';
import { type Stage, setStage } from './stage.ts';

const server = useServer();
const schema = createSchema();
const places = placesIn(schema);
let stage: Stage;
/** Another event, which nobody but its own people may know of. */
let secret: Stage;
/** Nothing but the value is wrong: the admin may do everything, and speaks, too. */
async function newStage(): Promise<Stage> {
  const stage = await setStage(server, 'PUBLIC LIVE');
  await stage.as.admin.mutate('joinVideoEvent', { eventId: stage.eventId });
  return stage;
}

beforeAll(async () => {
  stage = await newStage();
  secret = await setStage(server, 'PRIVATE LIVE');
});

/** Arguments that are right, as the admin gives them. */
async function rightVariables({ operation, field }: Place): Promise<Record<string, unknown>> {
  // Of no feed: what is live says so at once.
  if (operation === 'subscription') return { eventId: stage.eventId, after: 'none' };
  if (operation === 'query') return { id: stage.eventId, username: 'somebody' };
  const input = mutations[field]?.input;
  return input == null ? {} : { input: await input({ ...stage, viewer: 'admin', me: stage.as.admin }) };
}

const errorSelection = '__typename ... on Error { code }';

interface Given {
  actor?: Actor;
  variables?: Record<string, unknown>;
}

async function give(place: Place, value: unknown, { actor = stage.as.admin, variables }: Given = {}): Promise<Answer> {
  const document = documentFor(schema, place);
  const query = place.operation === 'mutation' ? document.replace('__typename', errorSelection) : document;
  const body = withValue(variables ?? (await rightVariables(place)), place, value);
  const request = { query, variables: JSON.parse(body), token: actor.session?.accessToken };
  const over = place.operation === 'subscription' ? transports.WebSocket : transports.POST;
  if (over === undefined) throw new Error('no transport');
  return over(server.url, request);
}

const named = (kept: (place: Place) => boolean) => places.filter(kept).map((place) => ({ name: nameOf(place), place }));
const isEnum = (type: string): boolean => isEnumType(schema.getType(type));

/** Nothing is written where it is refused; and what it is refused with. */
async function refusalsWithoutTrace(place: Place, value: unknown): Promise<string[]> {
  // A token of a mail may be made for the right variables: before, not between.
  const variables = await rightVariables(place);
  const before = await rowsOf(server);
  const answer = await give(place, value, { variables });
  expectTyped([nameOf(place), value], answer);
  const refusals = refusalsOf(answer);
  expect(refusals).not.toContain('UNAUTHENTICATED');
  if (refusals.length > 0) expect({ value, rows: await rowsOf(server) }).toEqual({ value, rows: before });
  return refusals;
}

describe('an id that names nothing', () => {
  test.each(named(({ type }) => type === 'ID'))('$name finds nothing', async ({ place }) => {
    const before = await rowsOf(server);
    for (const id of forgedIds) {
      const answer = await give(place, id);
      expectTyped([nameOf(place), id], answer);
      const refusals = refusalsOf(answer);
      if (place.operation === 'query' && refusals.length === 0) expect(answer.data?.found ?? null).toBeNull();
      else expect([id, refusals]).toEqual([id, ['NOT_FOUND']]);
    }
    expect(await rowsOf(server)).toEqual(before);
  });

  const hidden: Record<string, () => readonly string[]> = {
    eventId: () => [secret.eventId],
    messageId: () => [secret.messageId],
    replyToId: () => [secret.messageId],
    sessionId: () => [secret.author.actor.signedIn.sessionId],
    id: () => [
      secret.eventId,
      secret.messageId,
      secret.participantId,
      secret.engagementId,
      secret.author.actor.signedIn.sessionId,
    ],
  };

  test.each(named(({ type, path }) => type === 'ID' && Object.hasOwn(hidden, path.at(-1) ?? '')))(
    '$name: what one may not know of gets the answer of what there is not',
    async ({ place }) => {
      const actor = stage.as.participant;
      for (const id of hidden[place.path.at(-1) ?? '']?.() ?? []) {
        const { typename } = decodeGlobalId(id);
        const answer = await give(place, id, { actor });
        expect(answer).toEqual(await give(place, globalId(typename), { actor }));
        expect(answer.data?.found ?? null).toEqual(place.operation === 'mutation' ? expect.anything() : null);
      }
    },
  );

  test('every place for an id is asked about what is hidden, or is about users, whom everybody may know', () => {
    const others = places.filter(({ type, path }) => type === 'ID' && !Object.hasOwn(hidden, path.at(-1) ?? ''));
    expect(new Set(others.map(({ path }) => path.at(-1)))).toEqual(new Set(['userId', 'userIds', 'hostId']));
  });
});

describe('a value of another shape', () => {
  test.each(named(() => true))('$name is refused', async ({ place }) => {
    for (const value of wrongShapes) {
      const refusals = await refusalsWithoutTrace(place, value);
      // A list may be empty where nothing says otherwise.
      if (!place.isList) expect([value, refusals[0]]).toEqual([value, 'BAD_REQUEST']);
    }
  });
});

describe('a name that every object knows', () => {
  test.each(named(({ type }) => isEnum(type)))('$name is no value of an enum', async ({ place }) => {
    for (const name of inherited) {
      expect([name, (await refusalsWithoutTrace(place, name))[0]]).toEqual([name, 'BAD_REQUEST']);
    }
  });

  test.each(inherited)('%s is a user name and an idempotency key like any other', async (name) => {
    const { host } = stage.as;
    const ada = await server.signUp({ username: name });
    const found = await server.guest.ask('query($name: String!) { userByName(username: $name) { id } }', { name });
    expect(found).toEqual({ userByName: { id: ada.id } });
    const say = () =>
      host.mutate(
        'sendMessage',
        { eventId: stage.eventId, text: name, idempotencyKey: name },
        'sentMessage { id text }',
      );
    const first = await say();
    expect(first.sentMessage.text).toBe(name);
    expect(await say()).toEqual(first);
  });

  test.each(inherited)('%s is no operation and no variable', async (name) => {
    const post = async (body: string) => {
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body });
      return (await response.json()) as Answer;
    };
    const query = '{ viewer { id } }';
    const unknown = await post(`{ "query": "${query}", "operationName": "${name}" }`);
    expectTyped(name, unknown);
    expect(refusalsOf(unknown)).toEqual(['BAD_REQUEST']);
    expect(await post(`{ "query": "${query}", "variables": { "${name}": { "admin": true } } }`)).toEqual({
      data: { viewer: null },
    });
  });
});

describe('a strange text', () => {
  test.each(named(({ type }) => type === 'String'))('$name takes it or refuses it', async ({ place }) => {
    // What is taken may change who the admin is.
    stage = await newStage();
    for (const text of wrongTexts) await refusalsWithoutTrace(place, text);
  });
});
