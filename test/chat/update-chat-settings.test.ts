import { describe, expect, test } from 'vitest';
import { createEvent } from '../actor.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { startInstance, useServer } from '../harness.ts';
import { setChat } from './chat-stage.ts';

const server = useServer();
const settings = 'chatSettings { slowModeSeconds participantsOnly unique emoteOnly closed blockedWords }';
const query = `query($id: ID!) { videoEvent(id: $id) { slowModeSeconds ${settings} } }`;
const fact = '... on ChatSettingsChanged { eventId slowModeSeconds participantsOnly unique emoteOnly closed }';
const asCreated = { slowModeSeconds: 0, participantsOnly: true, unique: false, emoteOnly: false, closed: false };

describe('updateChatSettings', () => {
  test('changes what is given; everybody hears of it on every instance, of blocked words only that something changed', async () => {
    const { eventId, moderator, host, ada, admin } = await setChat(server);
    const elsewhere = await startInstance({ databaseUrl: server.databaseUrl });
    const there = await ada.at(elsewhere.url).follow(eventId, fact, { kinds: ['ChatSettingsChanged'] });
    const here = await server.guest.follow(eventId, fact, { kinds: ['ChatSettingsChanged'] });

    const changes = { unique: true, emoteOnly: true, blockedWords: ['Zebra', ' zebra ', 'Ａｐｐｌｅ  pie'] };
    const changed = await moderator.mutate('updateChatSettings', { eventId, ...changes }, `videoEvent { ${settings} }`);
    const blockedWords = ['apple pie', 'zebra'];
    expect(changed.videoEvent.chatSettings).toEqual({ ...asCreated, unique: true, emoteOnly: true, blockedWords });
    const told = { ...asCreated, unique: true, emoteOnly: true, eventId, __typename: 'ChatSettingsChanged' };
    for (const stream of [here, there]) {
      const item = await stream.next();
      expect(item).toEqual({ ...told, cursor: item.cursor, sequence: item.sequence });
      expect(JSON.stringify(item)).not.toMatch(/zebra|apple/);
    }
    for (const [actor, words] of [
      [host, blockedWords],
      [admin, blockedWords],
      [ada, null],
      [server.guest, null],
    ] as const) {
      expect((await actor.ask(query, { id: eventId })).videoEvent.chatSettings.blockedWords).toEqual(words);
    }
    await moderator.mutate('updateChatSettings', { eventId, blockedWords: [] });
    expect((await host.ask(query, { id: eventId })).videoEvent.chatSettings.blockedWords).toEqual([]);
    expect(await here.next()).toMatchObject({ __typename: 'ChatSettingsChanged', unique: true });
    await Promise.all([here.close(), there.close()]);
    await elsewhere.drain(1000);
  });

  test('has one slow mode with updateVideoEvent: either tells both facts', async () => {
    const { eventId, host, ada, set, id } = await setChat(server);
    const kinds = ['ChatSettingsChanged', 'VideoEventUpdated'];
    const items =
      '... on ChatSettingsChanged { pace: slowModeSeconds } ... on VideoEventUpdated { event { slowModeSeconds } }';
    const stream = await ada.follow(eventId, items, { kinds });
    await set({ slowModeSeconds: 7 });
    expect((await host.ask(query, { id: eventId })).videoEvent.slowModeSeconds).toBe(7);
    await host.mutate('updateVideoEvent', { eventId, slowModeSeconds: 9 });
    expect((await host.ask(query, { id: eventId })).videoEvent.chatSettings.slowModeSeconds).toBe(9);
    expect(await stream.has(4)).toMatchObject([
      { event: { slowModeSeconds: 7 } },
      { pace: 7 },
      { event: { slowModeSeconds: 9 } },
      { pace: 9 },
    ]);
    const { chatRevision } = await server.app.db.videoEvent.findUniqueOrThrow({ where: { id } });
    expect(chatRevision).toBe(2);
    await stream.close();
  });

  test('writes one line in the moderation log, and nothing where nothing changes', async () => {
    const { eventId, moderator, host, set } = await setChat(server);
    await set({ closed: true, blockedWords: ['zebra'] }, moderator);
    const before = await rowsOf(server);
    expect(await set({ closed: true, unique: null, blockedWords: ['ZEBRA'] })).toMatchObject({ videoEvent: {} });
    expect(await set({})).toMatchObject({ videoEvent: {} });
    expect(await rowsOf(server)).toEqual(before);
    const log =
      'query($id: ID!) { videoEvent(id: $id) { moderationLog(first: 1) { edges { node { kind actor { id } } } } } }';
    const { videoEvent } = await host.ask(log, { id: eventId });
    expect(videoEvent.moderationLog.edges).toEqual([
      { node: { kind: 'CHAT_SETTINGS_CHANGED', actor: { id: moderator.id } } },
    ]);
  });

  test.each([
    ['slowModeSeconds', { slowModeSeconds: 121 }],
    ['slowModeSeconds', { slowModeSeconds: -1 }],
    ['blockedWords', { blockedWords: Array.from({ length: 201 }, (_, n) => `word${n}`) }],
    ['blockedWords.1', { blockedWords: ['fine', 'x'.repeat(51)] }],
    ['blockedWords.0', { blockedWords: [' '] }],
    ['blockedWords.0', { blockedWords: ['\u200b'] }],
  ])('refuses a %s out of bounds, and writes nothing', async (path, changes) => {
    const { eventId, host } = await setChat(server);
    const before = await rowsOf(server);
    const document = `mutation($input: UpdateChatSettingsInput!) { result: updateChatSettings(input: $input) {
      ... on InvalidInputError { code issues { path } } } }`;
    const { result } = await host.ask(document, { input: { eventId, closed: true, ...changes } });
    expect(result).toEqual({ code: 'INVALID_INPUT', issues: [{ path }] });
    expect(await rowsOf(server)).toEqual(before);
  });

  test('takes 200 words of 50 characters', async () => {
    const { set, say, ada } = await setChat(server);
    const words = Array.from({ length: 200 }, (_, n) => `${'💥'.repeat(47)}${n + 100}`);
    expect(await set({ blockedWords: words })).toMatchObject({ videoEvent: {} });
    expect(await say(ada, `oh ${words[199]}`)).toMatchObject({ code: 'BLOCKED_WORD' });
  });

  test('is for the host and moderators, and not once the show is over', async () => {
    const { eventId, ada, stranger, admin, host, set } = await setChat(server);
    for (const actor of [ada, stranger])
      expect(await set({ closed: true }, actor)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await set({ closed: true }, admin)).toMatchObject({ videoEvent: {} });
    const mutation = 'mutation($input: UpdateChatSettingsInput!) { updateChatSettings(input: $input) { __typename } }';
    expect(await server.guest.refusal(mutation, { input: { eventId, closed: true } })).toBe('UNAUTHENTICATED');
    const draft = await createEvent(host, 'DRAFT');
    expect(await host.mutate('updateChatSettings', { eventId: draft, closed: true })).toEqual({
      __typename: 'UpdateChatSettingsPayload',
    });
    expect(await stranger.mutate('updateChatSettings', { eventId: draft, closed: true })).toMatchObject({
      code: 'NOT_FOUND',
    });
    await host.mutate('endVideoEvent', { eventId });
    expect(await set({ closed: false })).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });
});
