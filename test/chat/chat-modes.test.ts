import { describe, expect, test } from 'vitest';
import { forgetTexts } from '../../src/chat/turns.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { setChat } from './chat-stage.ts';

const server = useServer();
const taken = expect.objectContaining({ __typename: 'SendMessagePayload' });

describe('sendMessage where the chat', () => {
  test('is closed is refused, and nothing is written; moderators and the host speak', async () => {
    const { set, say, ada, stranger, host, moderator } = await setChat(server);
    await set({ closed: true });
    const before = await rowsOf(server);
    expect(await say(ada, 'hello')).toEqual({
      __typename: 'ChatModeError',
      code: 'CHAT_MODE',
      message: 'The chat is closed.',
      mode: 'CLOSED',
      retryAfterMs: 0,
    });
    expect(await say(stranger, 'hello')).toMatchObject({ code: 'NOT_PARTICIPANT' });
    expect(await rowsOf(server)).toEqual(before);
    for (const keeper of [host, moderator]) expect(await say(keeper, 'be quiet')).toEqual(taken);
    await set({ closed: false });
    expect(await say(ada, 'hello')).toEqual(taken);
  });

  test('takes emoji only refuses words, but not of moderators', async () => {
    const { set, say, ada, moderator } = await setChat(server);
    await set({ emoteOnly: true });
    expect(await say(ada, 'hello 👋')).toMatchObject({ code: 'CHAT_MODE', mode: 'EMOTE_ONLY', retryAfterMs: 0 });
    expect(await say(ada, '👋🏽 👋🏽')).toEqual(taken);
    expect(await say(moderator, 'hello')).toEqual(taken);
  });

  test('blocks a word refuses it as a word of its own, and does not say which; moderators say it', async () => {
    const { set, say, ada, moderator } = await setChat(server);
    await set({ blockedWords: ['Spoiler', 'the  END'] });
    for (const text of ['no SPOILER!', 'this is the end', 's\u200bpoiler', 'ｓｐｏｉｌｅｒ']) {
      const refused = await say(ada, text);
      expect(refused).toMatchObject({ __typename: 'BlockedWordError', code: 'BLOCKED_WORD' });
      expect(refused.message).not.toMatch(/spoiler|the end/i);
    }
    expect(await say(ada, 'spoilers are the endings')).toEqual(taken);
    expect(await say(moderator, 'no spoiler')).toEqual(taken);
  });

  test('is unique takes a text once in 30 seconds, whoever says it and in whatever case; moderators repeat themselves', async () => {
    const { set, say, ada, bob, moderator, id } = await setChat(server);
    await set({ unique: true });
    const many = await Promise.all(
      Array.from({ length: 12 }, (_, n) => say(n % 2 === 0 ? ada : bob, `Same  again${' '.repeat(n)}`)),
    );
    expect(many.filter(({ __typename }) => __typename === 'SendMessagePayload')).toHaveLength(1);
    const refused = await say(bob, 'SAME again');
    expect(refused).toMatchObject({ code: 'CHAT_MODE', mode: 'UNIQUE' });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(30_000);
    for (const text of ['same again', 'same again']) expect(await say(moderator, text)).toEqual(taken);
    expect(await say(bob, 'same again!')).toEqual(taken);

    await server.app.db
      .$executeRaw`UPDATE "RecentText" SET "sentAt" = "sentAt" - interval '30 seconds' WHERE "eventId" = ${id}::uuid`;
    expect(await say(bob, 'same again')).toEqual(taken);
    expect(await forgetTexts(server.app.db)).toBeGreaterThan(0);
    expect(await server.app.db.recentText.count({ where: { eventId: id } })).toBe(1);
  });

  test('is slow and unique: what one mode refuses uses up nothing of the other', async () => {
    const { set, say, ada, bob } = await setChat(server);
    await set({ unique: true, slowModeSeconds: 60 });
    expect(await say(ada, 'first')).toEqual(taken);
    expect(await say(bob, 'first')).toMatchObject({ mode: 'UNIQUE' });
    expect(await say(ada, 'second')).toMatchObject({ code: 'SLOW_MODE' });
    expect(await say(bob, 'second')).toEqual(taken);
    expect((await say(bob, 'third')).retryAfterMs).toBeGreaterThan(50_000);
  });

  test('is not for participants only joins whoever speaks, and moderators hear of it', async () => {
    const { set, say, stranger, moderator, host, eventId, people, id } = await setChat(server);
    expect(await say(stranger, 'hello')).toMatchObject({ code: 'NOT_PARTICIPANT' });
    await set({ participantsOnly: false });
    const heard = await moderator.follow(eventId, '... on ParticipantJoined { user { userId } firstTime }', {
      kinds: ['ParticipantJoined', 'MessageSent'],
    });
    const both = await Promise.all(['hello', 'is this on?'].map((text) => say(stranger, text)));
    expect(both).toEqual([taken, taken]);
    expect(await heard.has(3)).toMatchObject([
      { __typename: 'ParticipantJoined', user: { userId: stranger.id }, firstTime: true },
      { __typename: 'MessageSent' },
      { __typename: 'MessageSent' },
    ]);
    const place = await server.app.db.participant.findFirstOrThrow({
      where: { eventId: id, userId: people.stranger.viewer.id },
      include: { engagements: true },
    });
    expect(place.engagements.map(({ engagementType }) => engagementType).sort()).toEqual([
      'JOIN',
      'MESSAGE',
      'MESSAGE',
    ]);
    const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { participantCount } }', {
      id: eventId,
    });
    expect(videoEvent.participantCount).toBe(4);
    await heard.close();
  });

  test('is not for participants only gives away no seat that is not free, and none to the banned, the uninvited or for a text it refuses', async () => {
    const { set, say, stranger, host, eventId } = await setChat(server, { capacity: 3 });
    await set({ participantsOnly: false, blockedWords: ['boo'] });
    const before = await rowsOf(server);
    expect(await say(stranger, 'boo')).toMatchObject({ code: 'BLOCKED_WORD' });
    expect(await say(stranger, 'hello')).toMatchObject({ code: 'CAPACITY_REACHED', capacity: 3 });
    expect(await rowsOf(server)).toEqual(before);
    await host.mutate('updateVideoEvent', { eventId, capacity: null, visibility: 'PRIVATE' });
    expect(await say(stranger, 'hello')).toMatchObject({ code: 'NOT_FOUND' });
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PUBLIC' });
    await host.mutate('banUser', { eventId, userId: stranger.id });
    expect(await say(stranger, 'hello')).toMatchObject({ code: 'SANCTIONED' });
  });
});

describe('a change of the chat while messages are on their way', () => {
  test('holds for a message that was judged before it and waited for its place', async () => {
    const { say, ada, id } = await setChat(server);
    const { db } = server.app;
    let sending: ReturnType<typeof say> | undefined;
    await db.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM "Feed" WHERE name = ${`event:${id}`} FOR UPDATE`;
        sending = say(ada, 'too late');
        await until(
          async () => {
            const [row] = await db.$queryRaw<{ waiting: boolean }[]>`
              SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS waiting`;
            return row?.waiting;
          },
          { what: 'the message to wait for its place' },
        );
        await tx.$executeRaw`
          UPDATE "VideoEvent" SET "chatClosed" = true, "chatRevision" = "chatRevision" + 1 WHERE id = ${id}::uuid`;
      },
      { timeout: 30_000 },
    );
    expect(await sending).toMatchObject({ code: 'CHAT_MODE', mode: 'CLOSED' });
    expect(await db.message.count({ where: { eventId: id } })).toBe(0);
  });

  test('every message is judged by the settings that hold at its place in the feed', async () => {
    const { set, say, ada, bob, id } = await setChat(server);
    let over = false;
    const answers = { taken: 0, refused: 0 };
    const talk = async (speaker: typeof ada) => {
      while (!over) answers[(await say(speaker, 'on and on')).code === undefined ? 'taken' : 'refused']++;
    };
    const talking = [ada, bob, ada, bob].map(talk);
    for (let change = 0; change < 12; change++) await set({ closed: change % 2 === 0 });
    over = true;
    await Promise.all(talking);

    const entries = await server.app.db.feedEntry.findMany({
      where: { feed: `event:${id}` },
      orderBy: { sequence: 'asc' },
    });
    let closed = false;
    const late: bigint[] = [];
    for (const { kind, payload, sequence } of entries) {
      if (kind === 'ChatSettingsChanged') closed = Object(payload).closed;
      if (kind === 'MessageSent' && closed) late.push(sequence);
    }
    console.log(
      `12 changes of the chat: ${answers.taken} messages taken, ${answers.refused} refused, ${late.length} in the wrong`,
    );
    expect(late).toEqual([]);
    expect(entries.filter(({ kind }) => kind === 'MessageSent')).toHaveLength(answers.taken);
    expect(answers.refused).toBeGreaterThan(0);
    expect(answers.taken).toBeGreaterThan(0);
  });
});
