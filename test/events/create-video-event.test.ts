import { beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';
import { admin } from './admin.ts';

const server = useServer();
let host: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
});

const scheduledAt = '2030-05-01T18:00:00.000Z';
const countOf = (actor: Actor): Promise<number> =>
  actor.ask('{ videoEvents(filter: { mine: true }) { totalCount } }').then(({ videoEvents }) => videoEvents.totalCount);

describe('createVideoEvent', () => {
  test('plans a draft of the viewer, with defaults', async () => {
    const result = await host.mutate(
      'createVideoEvent',
      { title: '  A \u0000night\u202E ', scheduledAt },
      `videoEvent { title description streamUrl coverImageUrl scheduledAt status visibility startedAt endedAt capacity
        participantCount slowModeSeconds host { id } viewerStanding feedCursor createdAt updatedAt }`,
    );
    expect(result.videoEvent).toEqual({
      title: 'A night',
      description: '',
      streamUrl: null,
      coverImageUrl: null,
      scheduledAt,
      status: 'DRAFT',
      visibility: 'PUBLIC',
      startedAt: null,
      endedAt: null,
      capacity: null,
      participantCount: 0,
      slowModeSeconds: 0,
      host: { id: host.id },
      viewerStanding: 'HOST',
      feedCursor: expect.any(String),
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
  });

  test('keeps what is given', async () => {
    const given = {
      title: '🎤'.repeat(200),
      description: 'two\nlines',
      streamUrl: 'https://stream.example.test/a.m3u8',
      coverImageUrl: 'https://pictures.example.test/a.png',
      scheduledAt,
      capacity: 10,
      visibility: 'PRIVATE',
      slowModeSeconds: 120,
    };
    const fields = Object.keys(given).join(' ');
    expect((await host.mutate('createVideoEvent', given, `videoEvent { ${fields} }`)).videoEvent).toEqual(given);
  });

  test.each([
    ['title', { title: ' ' }],
    ['title', { title: 'x'.repeat(201) }],
    ['description', { description: 'x'.repeat(5001) }],
    ['streamUrl', { streamUrl: 'http://stream.example.test/a' }],
    ['streamUrl', { streamUrl: 'https://me:secret@stream.example.test/a' }],
    ['coverImageUrl', { coverImageUrl: 'javascript:alert(1)' }],
    ['capacity', { capacity: 0 }],
    ['capacity', { capacity: 1_000_001 }],
    ['slowModeSeconds', { slowModeSeconds: 121 }],
    ['slowModeSeconds', { slowModeSeconds: -1 }],
    ['scheduledAt', { scheduledAt: '0001-01-01T00:00:00Z' }],
    ['idempotencyKey', { idempotencyKey: 'k'.repeat(65) }],
  ])('a wrong %s is refused by name, and nothing is written', async (path, wrong) => {
    const before = await countOf(host);
    const document = `mutation($input: CreateVideoEventInput!) { result: createVideoEvent(input: $input) {
      __typename ... on InvalidInputError { code issues { path } } } }`;
    const { result } = await host.ask(document, { input: { title: 'A', scheduledAt, ...wrong } });
    expect(result).toEqual({ __typename: 'InvalidInputError', code: 'INVALID_INPUT', issues: [{ path }] });
    expect(await countOf(host)).toBe(before);
  });

  test('is for hosts and admins: a participant is refused, a guest has to log in', async () => {
    const participant = await server.signUp();
    const input = { title: 'A', scheduledAt };
    expect(await participant.mutate('createVideoEvent', input)).toMatchObject({ code: 'FORBIDDEN' });
    const document = 'mutation($input: CreateVideoEventInput!) { createVideoEvent(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input })).toBe('UNAUTHENTICATED');
    const { __typename } = await (await admin(server)).mutate('createVideoEvent', input);
    expect(__typename).toBe('CreateVideoEventPayload');
  });

  test('the same idempotency key 20 times at once makes one event; with another input it is a conflict', async () => {
    const other = await server.signUp({ role: 'HOST' });
    const input = { title: 'Once', scheduledAt, idempotencyKey: 'key-1' };
    const results = await Promise.all(
      Array.from({ length: 20 }, () => other.mutate('createVideoEvent', input, 'videoEvent { id }')),
    );
    expect(new Set(results.map(({ videoEvent }) => videoEvent.id)).size).toBe(1);
    expect(await countOf(other)).toBe(1);
    const conflict = await other.mutate('createVideoEvent', { ...input, title: 'Twice' });
    expect(conflict).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });
});
