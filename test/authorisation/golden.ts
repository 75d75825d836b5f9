/** Who gets an item: everybody who sees the event, or its host and moderators. */
export type Audience = 'everybody' | 'keepers';

export interface GoldenItem {
  to: Audience;
  /** All of the item but `cursor`; ids by the names of `readable`, every instant as `time`, and offsets in a stream as `offset`. */
  item: Record<string, unknown>;
}

const profile = (name: string) => ({
  userId: `User ${name}`,
  username: name,
  displayName: name,
  avatarUrl: `https://pictures.example.test/${name}.png`,
});

const deleted = (name: string) => ({
  userId: `User ${name}`,
  username: 'deleted',
  displayName: 'deleted user',
  avatarUrl: null,
});

const show = {
  eventId: 'VideoEvent 1',
  title: 'A show',
  description: 'To be seen.',
  streamUrl: 'https://stream.example.test/live.m3u8',
  coverImageUrl: null,
  scheduledAt: 'time',
  status: 'SCHEDULED',
  visibility: 'PUBLIC',
  startedAt: null,
  endedAt: null,
  capacity: null,
  slowModeSeconds: 0,
};
const renamed = { ...show, title: 'Another show' };
const live = { ...renamed, status: 'LIVE', startedAt: 'time' };

/**
 * What the script of redaction.test.ts states, in order. `now`: as it is told the moment it happens; otherwise as it is told to
 * whoever reads it after the end, when texts were removed and carol has deleted her account.
 */
export function golden({ now }: { now: boolean }): GoldenItem[] {
  const [host, bob, dora] = ['host', 'bob', 'dora'].map(profile);
  const carol = (now ? profile : deleted)('carol');
  const message = (place: number, sequence: number, author: unknown, text: string, more: object = {}) => ({
    id: `Message ${place}`,
    eventId: 'VideoEvent 1',
    text,
    removedBy: null,
    author,
    replyToId: null,
    sequence,
    sentAt: 'time',
    ...more,
  });
  const removed = (by: string) => (now ? {} : { text: null, removedBy: by });
  const hello = message(1, 6, carol, 'Hello', removed('AUTHOR'));
  const answer = message(2, 7, bob, 'Hello to you', { replyToId: 'Message 1' });
  const rude = message(3, 13, bob, 'Something rude', removed('MODERATOR'));

  const items: [Audience, string, Record<string, unknown>][] = [
    ['keepers', 'ParticipantJoined', { participantId: 'Participant 1', user: carol, firstTime: true }],
    ['everybody', 'MessageSent', { message: hello }],
    ['everybody', 'MessageSent', { message: answer }],
    ['everybody', 'MessagePinned', { message: answer }],
    ['everybody', 'MessageUnpinned', { messageId: 'Message 2' }],
    ['everybody', 'MessagePinned', { message: hello }],
    ['everybody', 'MessageRemoved', { messageId: 'Message 1', removedBy: 'AUTHOR' }],
    ['everybody', 'MessageUnpinned', { messageId: 'Message 1' }],
    ['everybody', 'MessageSent', { message: rude }],
    ['everybody', 'MessageRemoved', { messageId: 'Message 3', removedBy: 'MODERATOR' }],
    ['everybody', 'ModeratorAppointed', { moderator: carol }],
    ['everybody', 'ModeratorDismissed', { moderator: carol }],
    ['keepers', 'UserInvited', { user: dora }],
    ['keepers', 'UserUninvited', { user: dora }],
    [
      'keepers',
      'SanctionImposed',
      { eventId: 'VideoEvent 1', user: dora, sanction: { kind: 'TIMEOUT', reason: 'too loud', until: 'time' } },
    ],
    ['keepers', 'SanctionLifted', { eventId: 'VideoEvent 1', user: dora }],
    ['keepers', 'ParticipantLeft', { participantId: 'Participant 1', user: carol }],
    ['everybody', 'VideoEventUpdated', { event: renamed, host }],
    ['everybody', 'VideoEventWentLive', { event: live, host }],
    ['everybody', 'VideoEventInterrupted', { event: { ...live, status: 'INTERRUPTED' }, host }],
    ['everybody', 'VideoEventResumed', { event: live, host }],
    ['keepers', 'ParticipantJoined', { participantId: 'Participant 1', user: carol, firstTime: false }],
    ['everybody', 'MessageSent', { message: message(4, 27, carol, 'Farewell') }],
    ['everybody', 'ProfileDeleted', { userId: 'User carol' }],
    ['everybody', 'VideoEventEnded', { event: { ...live, status: 'ENDED', endedAt: 'time' }, host }],
  ];
  const firstSequence = 5;
  const onAir = items.findIndex(([, type]) => type === 'VideoEventWentLive');
  return items.map(([to, __typename, content], place) => ({
    to,
    item: {
      __typename,
      ...content,
      sequence: firstSequence + place,
      occurredAt: 'time',
      streamOffset: place < onAir ? null : 'offset',
    },
  }));
}
