import { describe, expect, test } from 'vitest';
import { type Actor, createEvent, type EventStatus, join, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();

const deleteAccount = (actor: Actor, password = testPassword) => actor.mutate('deleteAccount', { password }, 'userId');
const rawId = (globalId: string): string => Buffer.from(globalId, 'base64').toString().split(':')[1] ?? '';
const seatsTaken = async (eventId: string) =>
  (await server.app.db.videoEvent.findUniqueOrThrow({ where: { id: rawId(eventId) } })).seatsTaken;

describe('deleteAccount', () => {
  test('leaves an anonymous row and no way in', async () => {
    const ada = await server.signUp({ username: 'ada' });
    const twin = await server.guest.mutate(
      'logIn',
      { login: 'ada', password: testPassword },
      'tokens { refreshToken }',
    );
    expect(await deleteAccount(ada)).toEqual({ __typename: 'DeleteAccountPayload', userId: ada.id });
    await until(async () => (await ada.refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', { what: 'a refusal' });
    for (const { refreshToken } of [ada.signedIn, twin.tokens])
      expect(await server.guest.mutate('refreshSession', { refreshToken })).toMatchObject({
        code: 'INVALID_REFRESH_TOKEN',
      });
    for (const login of ['ada', 'ada@example.test', 'deleted'])
      expect(await server.guest.mutate('logIn', { login, password: testPassword })).toMatchObject({
        code: 'INVALID_CREDENTIALS',
      });
    const row = await server.app.db.user.findUniqueOrThrow({ where: { id: rawId(ada.id) } });
    expect(row).toMatchObject({
      displayName: 'deleted user',
      avatarUrl: null,
      password: '',
      deletedAt: expect.any(Date),
    });
    expect(JSON.stringify(row)).not.toContain('"ada');
    // The name and the address are free again.
    expect((await server.signUp({ username: 'ada' })).id).not.toBe(ada.id);
  });

  test('needs the password', async () => {
    const ada = await server.signUp();
    expect(await deleteAccount(ada, 'wrong')).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await deleteAccount(ada, 'x'.repeat(1025))).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await ada.refusal('{ viewer { id } }')).toBeNull();
  });

  test('is refused while the user hosts a scheduled or live event', async () => {
    for (const status of ['SCHEDULED', 'LIVE', 'INTERRUPTED'] as const) {
      const host = await server.signUp({ role: 'HOST' });
      await createEvent(host, status);
      await createEvent(host, 'DRAFT');
      expect(await deleteAccount(host)).toMatchObject({ __typename: 'HostingEventError', code: 'HOSTING_EVENT' });
      expect(await server.app.db.videoEvent.count({ where: { hostId: rawId(host.id) } })).toBe(2);
      expect(await host.refusal('{ viewer { id } }')).toBeNull();
    }
  });

  test('takes drafts along and leaves what is over', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const draft = await createEvent(host, 'DRAFT', { title: 'A secret plan' });
    await host.mutate('updateVideoEvent', { eventId: draft, description: 'not for everybody' });
    for (const status of ['ENDED', 'CANCELLED'] satisfies EventStatus[]) await createEvent(host, status);
    expect(await deleteAccount(host)).toMatchObject({ userId: host.id });
    const left = await server.app.db.videoEvent.findMany({ where: { hostId: rawId(host.id) }, orderBy: { id: 'asc' } });
    expect(left.map(({ status }) => status)).toEqual(['ENDED', 'CANCELLED']);
    const told = await server.app.db.feedEntry.findMany({ where: { feed: `event:${rawId(draft)}` } });
    expect(told.map(({ kind }) => kind)).toEqual(['VideoEventDeleted']);
  });

  test('frees the seats of the user and no others', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const [ada, other] = [await server.signUp(), await server.signUp()];
    const [first, second] = [await createEvent(host), await createEvent(host)];
    for (const event of [first, second]) await join(ada, event);
    await join(other, first);
    await deleteAccount(ada);
    expect([await seatsTaken(first), await seatsTaken(second)]).toEqual([1, 0]);
    expect(await server.app.db.participant.count({ where: { userId: rawId(ada.id), leftAt: null } })).toBe(0);
  });

  test('its messages stay as of "deleted user", in the feed that is running and in replays', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const ada = await server.signUp({ username: 'very_private' });
    const event = await createEvent(host);
    await join(ada, event);
    const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: event });
    await ada.mutate('sendMessage', { eventId: event, text: 'hello' });
    await host.mutate('sendMessage', { eventId: event, text: 'welcome' });
    const running = await host.follow(event, '... on ProfileDeleted { userId }');
    await deleteAccount(ada);
    expect(await running.next()).toMatchObject({ __typename: 'ProfileDeleted', userId: ada.id });
    await running.close();
    const replay = await host.follow(event, '... on MessageSent { message { text author { username displayName } } }', {
      after: videoEvent.feedCursor,
      kinds: ['MessageSent'],
    });
    expect((await replay.has(2)).map(({ message }) => message)).toEqual([
      { text: 'hello', author: { username: 'deleted', displayName: 'deleted user' } },
      { text: 'welcome', author: { username: host.signedIn.username, displayName: host.signedIn.username } },
    ]);
    await replay.close();
    const log = await server.app.db.feedEntry.findMany({ where: { feed: { startsWith: 'event:' } } });
    expect(JSON.stringify(log.map(({ payload }) => payload))).not.toContain('very_private');
  });

  test('who took part in silence is spoken of to moderators alone', async () => {
    const [host, ada] = [await server.signUp({ role: 'HOST' }), await server.signUp()];
    const event = await createEvent(host, 'LIVE');
    await join(ada, event);
    const [moderating, watching] = [await host.follow(event), await server.guest.follow(event)];
    await deleteAccount(ada);
    await host.mutate('sendMessage', { eventId: event, text: 'going on' });
    const told = async (stream: typeof moderating, items: number) =>
      (await stream.has(items)).map(({ __typename }) => __typename);
    expect(await told(moderating, 2)).toEqual(['ProfileDeleted', 'MessageSent']);
    expect(await told(watching, 1)).toEqual(['MessageSent']);
    await Promise.all([moderating.close(), watching.close()]);
  });

  test('needs a session', async () => {
    const document = 'mutation { deleteAccount(input: { password: "x" }) { __typename } }';
    expect(await server.guest.refusal(document)).toBe('UNAUTHENTICATED');
  });
});
