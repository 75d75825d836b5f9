import { expect, test } from 'vitest';
import { createPeople } from '../authorisation/people.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { useServer } from '../harness.ts';
import { setScene } from './scene.ts';

const server = useServer();

test('a profile says whether its user is reminded; they are by default', async () => {
  const { ada, bob } = await setScene(server);
  const own = async () => (await ada.actor.ask('{ viewer { remindersOn } }')).viewer.remindersOn;
  expect(await own()).toBe(true);
  const off = await ada.actor.mutate('updateProfile', { remindersOn: false }, 'user { id remindersOn }');
  expect(off).toEqual({ __typename: 'UpdateProfilePayload', user: { id: ada.actor.id, remindersOn: false } });
  const document = 'query($id: ID!) { user(id: $id) { remindersOn } }';
  expect((await bob.actor.ask(document, { id: ada.actor.id })).user).toEqual({ remindersOn: null });
  await ada.actor.mutate('updateProfile', { displayName: 'Ada' });
  expect(await own()).toBe(false);
  await ada.actor.mutate('updateProfile', { remindersOn: true });
  expect(await own()).toBe(true);
});

test('muteReminders is for participants and the host, of their own places', async () => {
  const { host, ada, eventId } = await setScene(server);
  const place = 'participant { remindersMuted user { id } }';
  for (const one of [ada, host]) {
    for (const muted of [true, false]) {
      expect(await one.actor.mutate('muteReminders', { eventId, muted }, place)).toEqual({
        __typename: 'MuteRemindersPayload',
        participant: { remindersMuted: muted, user: { id: one.actor.id } },
      });
    }
  }
  await ada.actor.mutate('muteReminders', { eventId, muted: true });
  const document = `query($id: ID!) { videoEvent(id: $id) {
    participantCount participants { edges { node { user { id } remindersMuted } } } } }`;
  const { videoEvent } = await host.actor.ask(document, { id: eventId });
  const shown = videoEvent.participants.edges.map(
    ({ node }: { node: { user: { id: string }; remindersMuted: unknown } }) => [
      node.user.id === host.actor.id,
      node.remindersMuted,
    ],
  );
  expect(shown.sort()).toEqual([
    [false, null],
    [false, null],
    [false, null],
    [true, false],
  ]);
  // The host's place takes no seat.
  expect(videoEvent.participantCount).toBe(3);
});

test('muteReminders is refused to who holds no place, sees no event, or comes after it', async () => {
  const { host, ada, cid, eventId } = await setScene(server);
  const { stranger } = await createPeople(server, { stranger: 'PARTICIPANT' });
  await cid.actor.mutate('leaveVideoEvent', { eventId });
  const draft = await host.actor.mutate(
    'createVideoEvent',
    { title: 'Unseen', scheduledAt: new Date().toISOString() },
    'videoEvent { id }',
  );
  const unseen = draft.videoEvent.id;
  const rows = await rowsOf(server);
  const refused = async (one: typeof ada, id: string) =>
    (await one.actor.mutate('muteReminders', { eventId: id, muted: true })).code;
  expect(await refused(stranger, eventId)).toBe('NOT_PARTICIPANT');
  expect(await refused(cid, eventId)).toBe('NOT_PARTICIPANT');
  expect(await refused(ada, unseen)).toBe('NOT_FOUND');
  expect(await refused(host, unseen)).toBe('EVENT_NOT_OPEN');
  expect(await rowsOf(server)).toEqual(rows);
  await host.actor.mutate('cancelVideoEvent', { eventId });
  expect(await refused(ada, eventId)).toBe('EVENT_NOT_OPEN');
  const mutation = 'mutation($input: MuteRemindersInput!) { muteReminders(input: $input) { __typename } }';
  expect(await server.guest.refusal(mutation, { input: { eventId, muted: true } })).toBe('UNAUTHENTICATED');
});
