import { isEnumType, isInputObjectType } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { createSchema } from '../../src/schema.ts';
import { documentLimits } from '../../src/server/limits.ts';
import { socketLimits } from '../../src/server/socket-manners.ts';
import type { Actor } from '../actor.ts';
import { type Answer, type Transport, transports } from '../api/transports.ts';
import { useServer } from '../harness.ts';
import { documentFor, nameOf, numbered, type Place, placesIn, withValue } from './arguments.ts';
import { expectTyped, forgedIds, globalId, inherited, refusalsOf, wrongShapes, wrongTexts } from './hostile.ts';
import { mutations } from './mutation-table.ts';
import { rowsOf } from './rows.ts';
import type { Stage } from './stage.ts';
import { stageCopies } from './stage-copies.ts';

const server = useServer();
const stageLike = stageCopies(server);
const schema = createSchema();
const places = placesIn(schema);
let stage: Stage;
/** Another event, which nobody but its own people may know of. */
let secret: Stage;
/** Nothing but the value is wrong: the admin may do everything, and speaks, too. */
async function newStage(): Promise<Stage> {
  const stage = await stageLike('PUBLIC LIVE');
  await stage.as.admin.mutate('joinVideoEvent', { eventId: stage.eventId });
  return stage;
}

beforeAll(async () => {
  stage = await newStage();
  secret = await stageLike('PRIVATE LIVE');
});

/** Arguments that are right, as the admin gives them. */
async function rightVariables({ operation, field }: Place): Promise<Record<string, unknown>> {
  // Of no feed: what is live says so at once.
  if (operation === 'subscription') return { eventId: stage.eventId, after: 'none' };
  if (operation === 'query') return { id: stage.eventId, username: 'somebody' };
  const input = mutations[field]?.input;
  return input == null ? {} : { input: await input({ ...stage, viewer: 'admin', me: stage.as.admin }) };
}

const post = over('POST');
const socket = over('WebSocket');

function over(name: string): Transport {
  const transport = transports[name];
  if (transport === undefined) throw new Error(`no transport ${name}`);
  return transport;
}

const selectionOf = ({ operation }: Place): string =>
  operation === 'mutation' ? '__typename ... on Error { code }' : '__typename';

async function give(place: Place, value: unknown, actor: Actor = stage.as.admin): Promise<Answer> {
  const query = documentFor(schema, place).replace('{ __typename }', `{ ${selectionOf(place)} }`);
  const variables = JSON.parse(withValue(await rightVariables(place), place, value));
  const request = { query, variables, token: actor.session?.accessToken };
  return place.operation === 'subscription' ? socket(server.url, request) : post(server.url, request);
}

/** Half of the sockets that a user may have: those before may not be closed yet. */
const atOnce = socketLimits.perUser / 2;

const lots = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, place) => all.slice(place * size, (place + 1) * size));

/** The same for many values, the refused fields of a few documents where these are mutations: no other's refusal stops the rest. */
async function giveAll(place: Place, values: readonly unknown[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  if (place.operation !== 'mutation') {
    for (const some of lots(values, atOnce))
      answers.push(...(await Promise.all(some.map((value) => give(place, value)))));
    return answers;
  }
  for (const some of lots(values, documentLimits.aliases)) {
    const right = await rightVariables(place);
    const variables = some.map((value) => JSON.parse(withValue(right, place, value)));
    const query = documentFor(schema, place, some.length).replaceAll('{ __typename }', `{ ${selectionOf(place)} }`);
    const token = stage.as.admin.signedIn.accessToken;
    const { data, errors } = await post(server.url, { query, variables: numbered(variables), token });
    for (const index of some.keys()) {
      const own = errors?.filter(({ path }) => path === undefined || path[0] === `found${index}`) ?? [];
      answers.push({ data: { found: data?.[`found${index}`] }, ...(own.length > 0 ? { errors: own } : {}) });
    }
  }
  return answers;
}

const named = (kept: (place: Place) => boolean) => places.filter(kept).map((place) => ({ name: nameOf(place), place }));
const isEnum = (type: string): boolean => isEnumType(schema.getType(type));

/** What each value is refused with, in their order: none where it is taken. Nothing is written where it is refused. */
async function refusalsWithoutTrace(place: Place, values: readonly unknown[]): Promise<string[][]> {
  const all: string[][] = [];
  let before = await rowsOf(server);
  for (const value of values) {
    const answer = await give(place, value);
    expectTyped([nameOf(place), value], answer);
    const refusals = refusalsOf(answer);
    // It would hide every other refusal.
    expect([value, refusals]).not.toEqual([value, ['UNAUTHENTICATED']]);
    all.push(refusals);
    const after = await rowsOf(server);
    if (refusals.length > 0) expect({ value, rows: after }).toEqual({ value, rows: before });
    before = after;
  }
  return all;
}

/** A list by what is not there is an empty one. */
const absent = ({ path }: Place): unknown => (path[0] === 'filter' ? { __typename: expect.any(String) } : null);

describe('an id that names nothing', () => {
  test.each(named(({ type }) => type === 'ID'))('$name finds nothing', async ({ place }) => {
    const before = await rowsOf(server);
    for (const [index, answer] of (await giveAll(place, forgedIds)).entries()) {
      const id = forgedIds[index];
      expectTyped([nameOf(place), id], answer);
      const refusals = refusalsOf(answer);
      if (place.operation === 'query' && refusals.length === 0) expect(answer.data?.found).toEqual(absent(place));
      else expect([id, refusals]).toEqual([id, ['NOT_FOUND']]);
    }
    expect(await rowsOf(server)).toEqual(before);
  });

  const hidden: Record<string, () => readonly string[]> = {
    eventId: () => [secret.eventId],
    messageId: () => [secret.messageId],
    questionId: () => [secret.questionId, secret.pendingQuestionId],
    pollId: () => [secret.pollId, stage.draftPollId],
    choiceIds: () => [secret.choiceId],
    predictionId: () => [secret.predictionId],
    outcomeId: () => [secret.outcomeId],
    goalId: () => [secret.goalId],
    replyToId: () => [secret.messageId],
    redemptionId: () => [secret.redemptionId],
    ruleId: () => [secret.rewardRuleId],
    sessionId: () => [secret.author.actor.signedIn.sessionId],
    id: () => [
      secret.eventId,
      secret.messageId,
      secret.questionId,
      secret.pendingQuestionId,
      secret.pollId,
      secret.choiceId,
      secret.predictionId,
      secret.outcomeId,
      secret.goalId,
      stage.draftPollId,
      secret.participantId,
      secret.engagementId,
      secret.sanctionId,
      secret.actionId,
      secret.reportedMessageId,
      secret.author.actor.signedIn.sessionId,
    ],
  };

  test.each(named(({ type, path }) => type === 'ID' && Object.hasOwn(hidden, path.at(-1) ?? '')))(
    '$name: what one may not know of gets the answer of what there is not',
    async ({ place }) => {
      const actor = stage.as.participant;
      for (const id of hidden[place.path.at(-1) ?? '']?.() ?? []) {
        const { typename } = decodeGlobalId(id);
        const answer = await give(place, id, actor);
        expect(answer).toEqual(await give(place, globalId(typename), actor));
        expect(answer.data?.found ?? null).toEqual(place.operation === 'mutation' ? expect.anything() : null);
      }
    },
  );

  test('every place for an id is asked about what is hidden, or is about users and perks, which everybody may know', () => {
    const others = places.filter(({ type, path }) => type === 'ID' && !Object.hasOwn(hidden, path.at(-1) ?? ''));
    expect(new Set(others.map(({ path }) => path.at(-1)))).toEqual(new Set(['userId', 'userIds', 'hostId', 'perkId']));
  });
});

describe('a value of another shape', () => {
  // An object of JSON may have any: test/engagement/log-engagement.test.ts tells which are taken.
  test.each(named(({ type }) => type !== 'JSONObject'))('$name is refused', async ({ place }) => {
    const before = await rowsOf(server);
    // An object may be empty where nothing in it is required.
    const isObject = isInputObjectType(schema.getType(place.type));
    for (const value of isObject ? wrongShapes.slice(1) : wrongShapes) {
      const answer = await give(place, value);
      expectTyped([nameOf(place), value], answer);
      // A list may be empty where nothing says otherwise.
      if (!place.isList) expect([value, refusalsOf(answer)[0]]).toEqual([value, 'BAD_REQUEST']);
    }
    if (place.operation !== 'subscription') expect(await rowsOf(server)).toEqual(before);
  });
});

describe('a name that every object knows', () => {
  test.each(named(({ type }) => isEnum(type)))('$name is no value of an enum', async ({ place }) => {
    const refusals = await refusalsWithoutTrace(place, inherited);
    expect(refusals).toEqual(inherited.map(() => ['BAD_REQUEST']));
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
    if (place.operation === 'mutation') stage = await newStage();
    await refusalsWithoutTrace(place, wrongTexts);
  });
});
