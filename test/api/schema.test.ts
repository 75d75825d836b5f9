import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { fieldCost, page } from '../../src/complexity.ts';
import { createSchema } from '../../src/schema.ts';

const schema = createSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const schemaFile = join(import.meta.dirname, '../../schema.graphql');

test('schema.graphql is what the code says (npm run schema)', async () => {
  expect(await readFile(schemaFile, 'utf8')).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`);
});

test('everything has a description', () => {
  const silent: string[] = [];
  const look = (path: string, { description }: { description?: string | null }) => {
    if (!description?.trim()) silent.push(path);
  };
  for (const type of types) {
    look(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (!('getFields' in type)) continue;
    for (const field of Object.values(type.getFields())) {
      look(`${type.name}.${field.name}`, field);
      if ('args' in field) for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name})`, arg);
    }
  }
  expect(silent).toEqual([]);
});

describe('Every mutation', () => {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  /** They act on the session that sends them, and there is nothing to say about it. */
  const withoutInput = ['logOut', 'logOutEverywhere', 'requestEmailVerification'];

  test.each(mutations.map((field) => [field.name, field] as const))(
    '%s: one input, and a result that is a payload or an Error',
    (name, field) => {
      const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      const given = field.args.map((arg) => `${arg.name}: ${arg.type}`);
      expect(given).toEqual(withoutInput.includes(name) ? [] : [`input: ${typeName}Input!`]);

      expect(isNonNullType(field.type)).toBe(true);
      const result = getNamedType(field.type);
      expect(result.name).toBe(`${typeName}Result`);
      if (!isUnionType(result)) throw new Error(`${result.name} is no union`);
      const errors = result.getTypes().filter((member) => member.name !== `${typeName}Payload`);
      expect(result.getTypes()).toHaveLength(errors.length + 1);
      for (const error of errors) {
        expect([error.name, error.getInterfaces().map(String)]).toEqual([error.name, ['Error']]);
      }
    },
  );
});

describe('Every list', () => {
  /** Lists that are no connections, and what bounds them. */
  const bounded: Readonly<Record<string, string>> = {
    'QuestionVotesChanged.tallies': 'as many questions as are upvoted in one commit: at most 128',
    'ChatSettings.blockedWords': 'at most 200',
    'Query.mySessions': 'at most 50',
    'Leaderboard.entries': 'at most 100',
    'Leaderboard.viewerNeighbours': 'at most 21',
    'LiveLeaderboard.entries': 'at most 100',
    'Poll.choices': 'at most 10',
    'PollBallot.choiceIds': 'at most 10',
    'PollSnapshot.choices': 'at most 10',
    'PollTally.choices': 'at most 10',
    'VideoEventPulse.polls': 'at most 10',
    'Goal.levels': 'at most 5',
    'GoalSnapshot.levels': 'at most 5',
    'VideoEventPulse.goals': 'at most 5',
    'Prediction.outcomes': 'at most 10',
    'PredictionSnapshot.outcomes': 'at most 10',
    'PredictionTotals.outcomes': 'at most 10',
    'VideoEventPulse.predictions': 'at most 10',
    'ReactionNotAllowedError.allowed': 'at most 20',
    'ReactionsCounted.tallies': 'as many as there are emoji',
    'VideoEvent.allowedReactions': 'at most 20',
    'VideoEvent.moderators': 'as many as the host appointed',
    'VideoEvent.reactions': 'as many as there are emoji',
    'VideoEvent.rewardRules': 'at most 50 of the event and 50 of its host',
    'VideoEventPulse.reactions': 'as many as there are emoji',
    'VideoEventSnapshot.allowedReactions': 'at most 20',
    'VideoEventAnalytics.engagements': 'at most 500 buckets, of each kind',
    'VideoEventAnalytics.retention': 'at most 500 buckets',
    'VideoEventAnalytics.topParticipants': 'at most 100',
    'VideoEventAnalytics.viewers': 'at most 500 buckets',
    'VideoEventFeedPage.items': 'at most 500',
    'InvalidInputError.issues': 'as many as the input has values',
  };

  test('is a connection with a limit, or bounded by its nature', () => {
    const unbounded: string[] = [];
    for (const type of types.filter(isObjectType)) {
      for (const field of Object.values(type.getFields())) {
        const path = `${type.name}.${field.name}`;
        const isEdges = field.name === 'edges' && type.name.endsWith('Connection');
        if (`${field.type}`.includes('[') && !isEdges && !(path in bounded)) unbounded.push(path);
      }
    }
    expect(unbounded).toEqual([]);
  });

  test('that is a connection pages both ways and costs what it gives', () => {
    for (const type of types.filter(isObjectType)) {
      for (const field of Object.values(type.getFields())) {
        if (!getNamedType(field.type).name.endsWith('Connection')) continue;
        const names = field.args.map(({ name }) => name);
        expect(names).toEqual(expect.arrayContaining(['first', 'after', 'last', 'before']));
        expect(field.extensions.complexity).toBe(fieldCost);
        expect(fieldCost({ first: page.max }, {}, field).multiplier).toBe(page.max);
        expect(fieldCost({ last: page.max }, {}, field).multiplier).toBe(page.max);
        expect(fieldCost({}, {}, field).multiplier).toBe(page.default);
      }
    }
  });
});

test('Inputs name no owner: that is always the session', () => {
  const suspicious = types
    .filter(isInputObjectType)
    .flatMap((type) => Object.keys(type.getFields()).map((name) => `${type.name}.${name}`))
    .filter((path) => /\.(ownerId|authorId|viewerId|userId|hostId)$/.test(path));
  // Those name somebody else: whom to appoint, whose role and whose points to change, and whose events and engagements to list.
  expect(suspicious.sort()).toEqual([
    'AppointModeratorInput.userId',
    'BanUserInput.userId',
    'ChangeRoleInput.userId',
    'DismissModeratorInput.userId',
    'EngagementFilter.userId',
    'GrantRewardInput.userId',
    'LiftSanctionInput.userId',
    'RevokeRewardInput.userId',
    'TimeOutUserInput.userId',
    'VideoEventFilter.hostId',
  ]);
});

test('Members of a union agree on the type of what they call by one name: one selection may ask for all of it', () => {
  // A name that is nullable in one and not in another is such a case, too: GraphQL refuses the document.
  const disagreements = types.filter(isUnionType).flatMap((union) => {
    const fields = union.getTypes().flatMap((member) => Object.values(member.getFields()));
    return [...new Set(fields.map(({ name }) => name))].flatMap((name) => {
      const shapes = new Set(fields.filter((field) => field.name === name).map(({ type }) => shapeOf(type)));
      return shapes.size > 1 ? [`${union.name}.${name}: ${[...shapes].join(', ')}`] : [];
    });
  });
  // Both were released before there was this rule: who asks for both gives one an alias.
  expect(disagreements).toEqual(['MyFeedItem.reason: FeedResetReason!, SessionEnd!']);
});

/** Objects are merged; what is a leaf must be of one type, and lists and non-nulls must be the same. */
function shapeOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  return isLeafType(named) ? `${type}` : `${type}`.replace(named.name, 'an object');
}

test('A password goes in and never out', () => {
  const outgoing = types
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .flatMap((type) => Object.values(type.getFields()))
    .filter(({ name, type }) => /password|hash/i.test(name) && isLeafType(getNamedType(type)));
  expect(outgoing).toEqual([]);
});
