import { getNamedType, isObjectType } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/feed/cursor.ts';
import { feeds } from '../../src/feed/entry.ts';
import { createSchema } from '../../src/schema.ts';
import type { Actor } from '../actor.ts';
import { type Answer, transports } from '../api/transports.ts';
import { cursorOf } from '../faults/stage.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { expectTyped, globalId, inherited, nobody, rawId, refusalsOf } from './hostile.ts';
import { rowsOf } from './rows.ts';
import { type Stage, setStage } from './stage.ts';

const server = useServer();
let stage: Stage;
let secret: Stage;
beforeAll(async () => {
  stage = await setStage(server, 'PUBLIC LIVE');
  secret = await setStage(server, 'PRIVATE LIVE');
  // Somebody is present: without them that list has no cursors.
  await Promise.all(
    [stage, secret].map(({ as, eventId, cursor }) => as.participant.follow(eventId, '', { after: cursor })),
  );
  await until(
    async () => {
      const counts = await Promise.all([stage, secret].map(({ as, eventId }) => viewersOf(as.host, eventId)));
      return counts.every((count) => count === 1);
    },
    { what: 'the participants to be present' },
  );
});

async function viewersOf(host: Actor, id: string): Promise<number> {
  const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { viewerCount } }', { id });
  return videoEvent.viewerCount;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64url');

/** The first item, or what came instead, of a subscription to `field`. */
async function first(actor: Actor, field: string, after: unknown, eventId = stage.eventId): Promise<Answer> {
  const send = transports.WebSocket;
  if (send === undefined) throw new Error('no transport');
  const own = field.startsWith('videoEventFeed');
  const items = '{ __typename ... on FeedItem { cursor sequence } ... on FeedReset { reason } }';
  return send(server.url, {
    query: `subscription($after: String${own ? ', $id: ID!' : ''}) { found: ${field} ${items} }`,
    variables: { after, ...(own ? { id: eventId } : {}) },
    token: actor.session?.accessToken,
  });
}

const fieldsAndFeeds = {
  'videoEventFeed(eventId: $id, after: $after)': () => feeds.event(rawId(stage.eventId)),
  'myFeed(after: $after)': () => feeds.user(rawId(stage.as.stranger.id)),
  'scheduleFeed(after: $after)': () => feeds.schedule,
};

describe.each(Object.entries(fieldsAndFeeds))('%s', (field, ownFeed) => {
  /** Cursors of what one does not follow here, or of no place at all. */
  async function forged(): Promise<string[]> {
    const { epoch } = decodeCursor(stage.cursor) ?? { epoch: '' };
    const own = ownFeed();
    const others = [
      feeds.event(rawId(secret.eventId)),
      feeds.event(rawId(stage.eventId)),
      feeds.event(nobody),
      feeds.user(rawId(stage.as.host.id)),
      feeds.user(rawId(stage.as.stranger.id)),
      feeds.schedule,
      feeds.sessions,
      ...inherited,
    ].filter((feed) => feed !== own);
    return [
      await cursorOf(secret.as.host, secret.eventId),
      ...others.map((feed) => encodeCursor({ feed, epoch, sequence: 0 })),
      encodeCursor({ feed: own, epoch, sequence: 1_000_000 }),
      encodeCursor({ feed: own, epoch: 'anotherepoch', sequence: 0 }),
      ...['-1', '9223372036854775808', '9007199254740993', '1e3', '0x1', '1.5', 'NaN', '', ' 1'].map((sequence) =>
        base64(`1|${own}|${epoch}|${sequence}`),
      ),
      base64(`2|${own}|${epoch}|0`),
      base64(`1|${own}|${epoch}|0|0`),
      base64('GPC:S:x'),
      base64('message:1'),
      '',
      '\u0000',
      'x'.repeat(10_000),
      ...inherited,
    ];
  }

  test('begins anew at its own feed behind a cursor that is none of it', async () => {
    const cursors = await forged();
    await first(stage.as.stranger, field, 'none');
    const before = await rowsOf(server);
    for (const after of cursors.filter((cursor) => cursor !== stage.cursor)) {
      const answer = await first(stage.as.stranger, field, after);
      const reset = expect.objectContaining({ __typename: 'FeedReset' });
      expect({ after, answer }).toEqual({ after, answer: { data: { found: reset } } });
      const { cursor } = Object(answer.data?.found);
      expect(decodeCursor(cursor)?.feed).toBe(ownFeed());
    }
    expect(await rowsOf(server)).toEqual(before);
  });
});

describe('a right cursor grants nothing', () => {
  const field = 'videoEventFeed(eventId: $id, after: $after)';

  test('of a private event, to whom it is none', async () => {
    const after = await cursorOf(secret.as.host, secret.eventId);
    for (const actor of [server.guest, secret.as.stranger, secret.as.otherHost, stage.as.host]) {
      const answer = await first(actor, field, after, secret.eventId);
      expect(refusalsOf(answer)).toEqual(['NOT_FOUND']);
      expect(answer).toEqual(await first(actor, field, after, globalId('VideoEvent')));
    }
  });

  test('of before they lost it, to who is invited no more', async () => {
    const { as, eventId } = await setStage(server, 'PRIVATE LIVE');
    const after = await cursorOf(as.participant, eventId);
    await as.host.mutate('uninviteFromVideoEvent', { eventId, userIds: [as.participant.id] });
    expect(refusalsOf(await first(as.participant, field, after, eventId))).toEqual(['NOT_FOUND']);
  });

  test('of when they kept order, to who was dismissed', async () => {
    const { as, eventId, cursor } = await setStage(server, 'PUBLIC LIVE');
    const told = async () => {
      const feed = await as.moderator.follow(eventId, '', { after: cursor });
      const items = await feed.has(1);
      // The last fact is for everybody.
      await feed.next();
      for (let { __typename } = items[0]; __typename !== 'MessageSent'; ) ({ __typename } = await feed.next());
      await feed.close();
      return new Set(feed.items.map(({ __typename }) => __typename));
    };
    expect(await told()).toContain('ParticipantJoined');
    await as.host.mutate('dismissModerator', { eventId, userId: as.moderator.id });
    const since = await told();
    for (const kind of ['ParticipantJoined', 'UserInvited']) expect(since).not.toContain(kind);
    expect(since).toContain('MessageSent');
  });
});

/** Every connection, by its type: a document with `ARGS` for its arguments. */
const connections: Readonly<Record<string, string>> = {
  ParticipantEngagementsConnection: 'node(id: $participant) { ... on Participant { found: engagements(ARGS) PAGE } }',
  QueryUsersConnection: 'found: users(ARGS) PAGE',
  QueryVideoEventsConnection: 'found: videoEvents(ARGS) PAGE',
  ReportedMessageReportsConnection: 'node(id: $reported) { ... on ReportedMessage { found: reports(ARGS) PAGE } }',
  UserParticipationsConnection: 'user(id: $user) { found: participations(ARGS) PAGE }',
  VideoEventEngagementsConnection: 'videoEvent(id: $event) { found: engagements(ARGS) PAGE }',
  UserPerksConnection: 'videoEvent(id: $event) { host { found: perks(ARGS) PAGE } }',
  UserRedemptionsConnection: 'user(id: $user) { found: redemptions(ARGS) PAGE }',
  UserRewardRulesConnection: 'videoEvent(id: $event) { host { found: rewardRules(ARGS) PAGE } }',
  UserRewardsConnection: 'user(id: $user) { found: rewards(ARGS) PAGE }',
  UserWalletsConnection: 'user(id: $user) { found: wallets(ARGS) PAGE }',
  VideoEventGoalsConnection: 'videoEvent(id: $event) { found: goals(ARGS) PAGE }',
  VideoEventInvitesConnection: 'videoEvent(id: $event) { found: invites(ARGS) PAGE }',
  VideoEventMessagesConnection: 'videoEvent(id: $event) { found: messages(ARGS) PAGE }',
  VideoEventModerationLogConnection: 'videoEvent(id: $event) { found: moderationLog(ARGS) PAGE }',
  VideoEventPredictionsConnection: 'videoEvent(id: $event) { found: predictions(ARGS) PAGE }',
  VideoEventParticipantsConnection: 'videoEvent(id: $event) { found: participants(ARGS) PAGE }',
  VideoEventPollsConnection: 'videoEvent(id: $event) { found: polls(ARGS) PAGE }',
  VideoEventPresentParticipantsConnection: 'videoEvent(id: $event) { found: presentParticipants(ARGS) PAGE }',
  VideoEventQuestionsConnection: 'videoEvent(id: $event) { found: questions(ARGS) PAGE }',
  VideoEventReportedMessagesConnection: 'videoEvent(id: $event) { found: reportedMessages(ARGS) PAGE }',
  VideoEventRedemptionsConnection: 'videoEvent(id: $event) { found: redemptions(ARGS) PAGE }',
  VideoEventRewardsConnection: 'videoEvent(id: $event) { found: rewards(ARGS) PAGE }',
  VideoEventSanctionsConnection: 'videoEvent(id: $event) { found: sanctions(ARGS) PAGE }',
  VideoEventWaitlistConnection: 'videoEvent(id: $event) { found: waitlist(ARGS) PAGE }',
};

describe('a connection', () => {
  test('of every type is asked', () => {
    const types = Object.values(createSchema().getTypeMap())
      .filter(isObjectType)
      .flatMap((type) => Object.values(type.getFields()).map((field) => getNamedType(field.type).name));
    expect(Object.keys(connections).sort()).toEqual(
      [...new Set(types.filter((name) => name.endsWith('Connection') && !name.startsWith('__')))].sort(),
    );
  });

  interface Asked {
    at?: Stage;
    actor?: Actor;
    /** For arguments that name `$cursor`. */
    cursor?: string;
  }

  /** A page with its cursors. Only variables that the document uses may be declared. */
  async function page(
    connection: string,
    args: string,
    { at = stage, actor = stage.as.host, cursor }: Asked = {},
  ): Promise<Answer> {
    const body = connection.replace('ARGS', args).replace('PAGE', '{ edges { cursor } }');
    const variables = {
      event: at.eventId,
      participant: at.participantId,
      reported: at.reportedMessageId,
      user: at.as.participant.id,
      cursor,
    };
    const used = Object.entries(variables).filter(([name]) => body.includes(`$${name})`));
    const declared = used.map(([name]) => `$${name}: ${name === 'cursor' ? 'String' : 'ID!'}`).join(', ');
    return actor.post(`${declared === '' ? 'query' : `query(${declared})`} { ${body} }`, Object.fromEntries(used));
  }

  const cursorsIn = (answer: Answer): string[] =>
    [...JSON.stringify(answer).matchAll(/"cursor":"([^"]+)"/g)].map(([, cursor]) => cursor ?? '');

  /** Of every connection, of both events. */
  let foreign: string[];
  beforeAll(async () => {
    const pages = Object.values(connections).flatMap((connection) =>
      [stage, secret].map((at) => page(connection, 'first: 1', { at, actor: at.as.host })),
    );
    foreign = (await Promise.all(pages)).flatMap(cursorsIn);
  });

  test.each(Object.entries(connections))(
    '%s takes no cursor but its own, and none is a fault',
    async (_type, connection) => {
      const own = cursorsIn(await page(connection, 'first: 2'));
      expect(own.length).toBeGreaterThan(0);
      const id = rawId(stage.as.host.id);
      const forged = [
        ...[
          'S:',
          `S:${nobody}`,
          `S:${id.toUpperCase()}`,
          'S:-1',
          'I:1',
          'N:9223372036854775808',
          'D:0',
          'J:{}',
          'J:["__proto__"]',
          'T:[]',
        ].map((chunk) => `GPC:${chunk}`),
        `GPC:T:["S:${nobody}","S:${nobody}"]`,
        `GPC:T:["S:${nobody}"]`,
        ...inherited.flatMap((name) => [name, `GPC:${name}`, `GPC:S:${name}`, `message:${name}`]),
        ...['-1', '0', '9223372036854775808', '9007199254740991', '1e3'].map((sequence) => `message:${sequence}`),
        ...['VOTES:-1:0', 'VOTES:9999999999:0', 'VOTES:0:999999999999999', 'TIME:0:99999999999999', 'LOVE:0:0'].map(
          (place) => `question:${place}:${nobody}`,
        ),
      ].map((text) => Buffer.from(text).toString('base64'));
      const before = await rowsOf(server);
      for (const cursor of [...foreign, ...forged, stage.cursor, '', '-1', '9223372036854775808', ...inherited]) {
        for (const args of ['first: 2, after: $cursor', 'last: 2, before: $cursor']) {
          expectTyped([connection, cursor, args], await page(connection, args, { cursor }));
        }
      }
      expect(await rowsOf(server)).toEqual(before);
    },
  );

  test.each(Object.entries(connections))(
    "%s shows nothing of others' to who has one of their cursors",
    async (_type, connection) => {
      const { stranger } = stage.as;
      for (const cursor of cursorsIn(await page(connection, 'first: 2', { at: secret, actor: secret.as.host }))) {
        const answer = await page(connection, 'first: 100, after: $cursor', { at: secret, actor: stranger, cursor });
        expectTyped([connection, cursor], answer);
        // What everybody may list shows what everybody may list; all else of a private event is out of sight.
        const listed = connection.startsWith('found:')
          ? cursorsIn(await page(connection, 'first: 100', { at: secret, actor: stranger }))
          : [];
        for (const shown of cursorsIn(answer)) expect(listed).toContain(shown);
      }
    },
  );
});
