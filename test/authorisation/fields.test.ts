import { type GraphQLObjectType, getNamedType, isLeafType, isObjectType } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSchema } from '../../src/schema.ts';
import type { Data } from '../data.ts';
import { useServer } from '../harness.ts';
import { fields, type TypeRow } from './field-table.ts';
import { type Stage, setStage } from './stage.ts';
import { allVerdicts, missingRows, subjectOf, type Viewer, verdictFor, viewers } from './viewers.ts';

const server = useServer();
const schema = createSchema();
const file = 'test/authorisation/field-table.ts';
let stage: Stage;
beforeAll(async () => {
  stage = await setStage(server, 'PUBLIC ENDED');
  // Nobody waits for what has ended: of this alone it has no value by itself.
  await server.app.db.waitlistEntry.updateMany({ where: { status: 'CANCELLED' }, data: { status: 'OFFERED' } });
});

/** What is the same for every viewer by its nature: facts of feeds (see redaction.test.ts), what frames a list or a result, errors. */
const frames =
  /^(__.*|Query|Mutation|Subscription|.*Payload|.*Connection(Edge)?|PageInfo|.*Error|InputIssue|LiveLeaderboard|SessionTokens|GoalLevelSnapshot|GoalProgress|GoalSnapshot|PollChoiceSnapshot|PollSnapshot|PredictionOutcomeSnapshot|PredictionSnapshot|QuestionSnapshot|QuestionTally|ReactionCount|VideoEventPulse|VideoEventSnapshot)$/;

const objects = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter((type) => !frames.test(type.name) && !type.getInterfaces().some(({ name }) => name === 'FeedItem'));

test('every type that can be read has a row in the table', () => {
  const names = objects.map(({ name }) => name);
  expect(missingRows('type', names, Object.keys(fields), file)).toEqual([]);
});

test('every field of these has a row, too', () => {
  const known = objects.flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
  const told = Object.entries(fields).flatMap(([row, content]) =>
    Object.keys(content.fields).map((field) => `${subjectOf(row)}.${field}`),
  );
  expect(missingRows('field', known, told, file)).toEqual([]);
});

/** What to ask of a field, for its presence alone. */
function selectionOf(type: GraphQLObjectType, field: string): string {
  const named = getNamedType(type.getFields()[field]?.type);
  if (named === undefined || isLeafType(named)) return '';
  if (!named.name.endsWith('Connection')) return '{ __typename }';
  const counted = isObjectType(named) && 'totalCount' in named.getFields() ? 'totalCount' : '';
  return `{ ${counted} edges { cursor } }`;
}

function verdictOf(value: Data): string {
  if (value === null) return 'null';
  if (value.edges === undefined) return 'value';
  const shown = value.edges.length;
  return value.totalCount === undefined || value.totalCount === shown ? `${shown}` : `${shown} of ${value.totalCount}`;
}

/** The innermost object of a path, past the lists on the way; undefined where it was not reached. */
function reached(answer: Data, path: readonly string[]): Data {
  return path.reduce((at: Data, name) => {
    const value = at?.[name];
    return Array.isArray(value) ? value[0] : (value ?? undefined);
  }, answer);
}

async function look(type: GraphQLObjectType, { path, about, fields }: TypeRow, viewer: Viewer) {
  const names = Object.keys(fields);
  const asked = names.map((name) => `${name} ${selectionOf(type, name)}`).join(' ');
  const document = `query($id: ID!) { ${path.replace('SELECTION', `{ __typename ${asked} }`)} }`;
  const answer = await stage.as[viewer].ask(document, { id: about(stage) });
  const way = [...path.replace('SELECTION', '').matchAll(/(?:^|\{ )(?!\.\.\.)(\w+)/g)].map(([, name]) => name ?? '');
  const object = reached(answer, way);
  // A fragment on a node that is not of the type asks for nothing.
  if (object?.__typename !== undefined) expect(object.__typename).toBe(type.name);
  return Object.fromEntries(
    names.map((name) => [name, object?.__typename === undefined ? 'hidden' : verdictOf(object[name])]),
  );
}

describe.each(Object.entries(fields))('%s', (row, content) => {
  const type = objects.find(({ name }) => name === subjectOf(row));
  if (type === undefined) throw new Error(`${file} has a row for type ${row}, which is not in the schema`);

  test.each(viewers)('shows a %s what they may know', async (viewer) => {
    const expected = Object.entries(content.fields).map(([field, verdicts]) => [
      field,
      verdictFor(`${row}.${field}`, verdicts, viewer),
    ]);
    expect(await look(type, content, viewer)).toEqual(Object.fromEntries(expected));
  });
});

test('what the viewer is in the event is told to each for themselves', async () => {
  const standings = await Promise.all(
    viewers.map(async (viewer) => {
      const document = 'query($id: ID!) { videoEvent(id: $id) { viewerStanding } }';
      const { videoEvent } = await stage.as[viewer].ask(document, { id: stage.eventId });
      return [viewer, videoEvent.viewerStanding];
    }),
  );
  const expected = { participant: 'PARTICIPANT', moderator: 'MODERATOR', host: 'HOST', others: 'VISITOR' };
  expect(Object.fromEntries(standings)).toEqual(allVerdicts('viewerStanding', expected));
});

test('nobody but their owner and administrators gets an address, whatever the way to the account', async () => {
  const person = '{ id email emailVerifiedAt feedCursor }';
  const document = `query($event: ID!, $user: ID!, $name: String!) {
    user(id: $user) ${person} userByName(username: $name) ${person} users(search: "author") { edges { node ${person} } }
    node(id: $user) { ... on User ${person} }
    videoEvent(id: $event) { host ${person} moderators ${person} viewerParticipation { user ${person} }
      participants(first: 5) { edges { node { user ${person} event { host ${person} } } } } invites(first: 5) { edges { node { user ${person} } } } }
    videoEvents(first: 5) { edges { node { host ${person} moderators ${person} } } } }`;
  for (const viewer of viewers) {
    const me = stage.as[viewer];
    const answer = await me.ask(document, {
      event: stage.eventId,
      user: stage.author.actor.id,
      name: stage.author.actor.signedIn.username,
    });
    const people = accountsIn(answer);
    expect(people.length).toBeGreaterThan(7);
    for (const { id, email, emailVerifiedAt, feedCursor } of people) {
      const own = id === me.session?.userId;
      const shown = [email, emailVerifiedAt, feedCursor].map((value) => value !== null);
      expect({ viewer, id, shown }).toEqual({
        viewer,
        id,
        shown: [own || viewer === 'admin', own || viewer === 'admin', own],
      });
    }
  }
});

interface Account {
  id: string;
  email: string | null;
  emailVerifiedAt: string | null;
  feedCursor: string | null;
}

/** Every account in an answer, however deep. */
function accountsIn(value: unknown): Account[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('email' in value) return [value as Account];
  return Object.values(value).flatMap(accountsIn);
}
