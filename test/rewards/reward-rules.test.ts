import { beforeEach, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';
import { createRule, makeRule, ruleFields, setScene } from './rule.ts';

const server = useServer();
let host: Actor;
let otherHost: Actor;
let admin: Actor;
let ada: Actor;
let bob: Actor;
let eventId: string;
beforeEach(async () => {
  ({ host, otherHost, admin, ada, bob, eventId } = await setScene(server));
});

const change = (by: Actor, ruleId: string, input: object) =>
  by.mutate('updateRewardRule', { ruleId, ...input }, `rewardRule { ${ruleFields} }`);
const archive = (by: Actor, ruleId: string) => by.mutate('archiveRewardRule', { ruleId }, 'rewardRule { archivedAt }');
const written = async () => [await server.app.db.rewardRule.count(), await server.app.db.idempotencyKey.count()];
const absent = Buffer.from('RewardRule:0190a0a0-0000-7000-8000-000000000000').toString('base64');

const inEvent = async (asked: Actor, id = eventId): Promise<string[]> => {
  const { videoEvent } = await asked.ask('query($id: ID!) { videoEvent(id: $id) { rewardRules { title } } }', { id });
  return videoEvent.rewardRules.map(({ title }: { title: string }) => title);
};
const ofHost = async (asked: Actor): Promise<string[]> => {
  const { user } = await asked.ask(
    'query($id: ID!) { user(id: $id) { rewardRules(first: 10) { totalCount edges { node { title } } } } }',
    { id: host.id },
  );
  expect(user.rewardRules.totalCount).toBe(user.rewardRules.edges.length);
  return user.rewardRules.edges.map(({ node }: { node: { title: string } }) => node.title);
};

describe('createRewardRule', () => {
  test('makes a rule for all events of the host', async () => {
    const input = { cooldownSeconds: 60, maxPerEvent: 3, activeFrom: '2026-01-01T00:00:00.000Z' };
    expect((await makeRule(host, input)).rewardRule).toEqual({
      id: expect.any(String),
      host: { id: host.id },
      eventId: null,
      title: 'For talking',
      trigger: 'MESSAGE',
      engagementType: null,
      minutes: null,
      points: 5,
      cooldownSeconds: 60,
      maxPerEvent: 3,
      activeFrom: '2026-01-01T00:00:00.000Z',
      activeTo: null,
      archivedAt: null,
    });
  });

  test('makes a rule for one event, also by an admin, whose host pays', async () => {
    const { rewardRule } = await makeRule(admin, {
      eventId,
      trigger: 'CUSTOM',
      engagementType: 'quiz.won',
    });
    expect(rewardRule).toMatchObject({ eventId, host: { id: host.id }, trigger: 'CUSTOM', engagementType: 'quiz.won' });
  });

  test('with one idempotency key is done once, also ten times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => makeRule(host, { idempotencyKey: 'once' })));
    expect(new Set(answers.map(({ rewardRule }) => rewardRule.id)).size).toBe(1);
    expect((await makeRule(host, { idempotencyKey: 'once', points: 6 })).code).toBe('IDEMPOTENCY_CONFLICT');
    expect(await inEvent(host)).toEqual(['For talking']);
  });

  test.each([
    { points: 0 },
    { points: -1 },
    { points: 10_001 },
    { cooldownSeconds: -1 },
    { cooldownSeconds: 7 * 24 * 3600 + 1 },
    { maxPerEvent: 0 },
    { maxPerEvent: -1 },
    { title: ' ' },
    { title: 'x'.repeat(61) },
    { trigger: 'CUSTOM' },
    { trigger: 'CUSTOM', engagementType: 'MESSAGE' },
    { trigger: 'CUSTOM', engagementType: '' },
    { engagementType: 'quiz.won' },
    { trigger: 'MINUTES_WATCHED' },
    { trigger: 'MINUTES_WATCHED', minutes: 0 },
    { trigger: 'MINUTES_WATCHED', minutes: 1441 },
    { minutes: 5 },
    { activeFrom: '2026-02-01T00:00:00Z', activeTo: '2026-01-01T00:00:00Z' },
    { activeFrom: '2026-02-01T00:00:00Z', activeTo: '2026-02-01T00:00:00Z' },
    { activeTo: '0001-01-01T00:00:00Z' },
  ])('of %o is refused', async (input) => {
    const before = await written();
    expect((await makeRule(host, input)).code).toBe('INVALID_INPUT');
    expect(await written()).toEqual(before);
  });

  test.each([
    { points: 1.5 },
    { points: 2 ** 31 },
    { cooldownSeconds: 1e30 },
    { maxPerEvent: 0.5 },
    { trigger: 'WEALTH' },
  ])('of %o is no request at all', async (input) => {
    const document = 'mutation($input: CreateRewardRuleInput!) { createRewardRule(input: $input) { __typename } }';
    const given = { input: { title: 'For talking', trigger: 'MESSAGE', points: 5, ...input } };
    expect(await host.refusal(document, given)).toBe('BAD_REQUEST');
  });

  test('is refused to whoever hosts nothing, and in events of others', async () => {
    await host.mutate('appointModerator', { eventId, userId: bob.id });
    expect((await makeRule(ada)).code).toBe('FORBIDDEN');
    for (const other of [ada, bob, otherHost]) expect((await makeRule(other, { eventId })).code).toBe('FORBIDDEN');
    const secret = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    for (const other of [ada, otherHost]) expect((await makeRule(other, { eventId: secret })).code).toBe('NOT_FOUND');
    expect(
      await server.guest.refusal(
        'mutation { createRewardRule(input: { title: "x", trigger: JOIN, points: 1 }) { __typename } }',
      ),
    ).toBe('UNAUTHENTICATED');
    expect(await inEvent(host)).toEqual([]);
  });

  test('of more than 50 that hold is refused, also of many at once; one that is archived makes room', async () => {
    await createRule(host);
    const hostId = decodeGlobalId(host.id).id;
    const rest = Array.from({ length: 44 }, (_, n) => ({
      hostId,
      title: `${n}`,
      trigger: 'VOTE' as const,
      points: 1,
    }));
    await server.app.db.rewardRule.createMany({ data: rest });
    const answers = await Promise.all(Array.from({ length: 10 }, () => makeRule(host)));
    expect(answers.filter(({ code }) => code === 'INVALID_INPUT')).toHaveLength(5);
    // Those of an event are counted for themselves.
    const ofEvent = await createRule(host, { eventId });
    await archive(host, ofEvent);
    expect((await makeRule(host)).code).toBe('INVALID_INPUT');
    await archive(host, answers.find(({ rewardRule }) => rewardRule !== undefined)?.rewardRule.id);
    expect((await makeRule(host)).code).toBeUndefined();
  });
});

describe('updateRewardRule', () => {
  test('changes what is given; null takes a limit away', async () => {
    const ruleId = await createRule(host, { cooldownSeconds: 60, maxPerEvent: 3, activeTo: '2090-01-01T00:00:00Z' });
    expect((await change(host, ruleId, { points: 7, maxPerEvent: null })).rewardRule).toMatchObject({
      title: 'For talking',
      points: 7,
      cooldownSeconds: 60,
      maxPerEvent: null,
      activeTo: '2090-01-01T00:00:00.000Z',
    });
    const changed = await change(admin, ruleId, { title: 'Talk', cooldownSeconds: 0, activeTo: null });
    expect(changed.rewardRule).toMatchObject({ title: 'Talk', points: 7, cooldownSeconds: 0, activeTo: null });
  });

  test.each([
    { points: 0 },
    { points: 10_001 },
    { cooldownSeconds: -1 },
    { maxPerEvent: 0 },
    { title: '' },
    { activeTo: '2026-01-01T00:00:00Z' },
  ])('to %o is refused', async (input) => {
    const ruleId = await createRule(host, { activeFrom: '2026-02-01T00:00:00Z' });
    expect((await change(host, ruleId, input)).code).toBe('INVALID_INPUT');
  });

  test('is the host’s and admins’; what is archived or unknown is not found', async () => {
    const ruleId = await createRule(host);
    for (const other of [ada, otherHost]) expect((await change(other, ruleId, { points: 7 })).code).toBe('FORBIDDEN');
    const document = 'mutation($input: UpdateRewardRuleInput!) { updateRewardRule(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input: { ruleId, points: 7 } })).toBe('UNAUTHENTICATED');
    const secret = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    const hidden = await createRule(host, { eventId: secret });
    expect((await change(ada, hidden, { points: 7 })).code).toBe('NOT_FOUND');
    await archive(host, ruleId);
    for (const id of [ruleId, absent]) expect((await change(host, id, { points: 7 })).code).toBe('NOT_FOUND');
  });
});

describe('archiveRewardRule', () => {
  test('ends a rule for good; again changes nothing', async () => {
    const ruleId = await createRule(host);
    const first = await archive(host, ruleId);
    expect(first.rewardRule.archivedAt).toEqual(expect.any(String));
    expect(await archive(admin, ruleId)).toEqual(first);
    expect(await inEvent(host)).toEqual([]);
  });

  test('is the host’s and admins’', async () => {
    const ruleId = await createRule(host);
    for (const other of [ada, otherHost]) expect((await archive(other, ruleId)).code).toBe('FORBIDDEN');
    const document = 'mutation($input: ArchiveRewardRuleInput!) { archiveRewardRule(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input: { ruleId } })).toBe('UNAUTHENTICATED');
    expect((await archive(host, absent)).code).toBe('NOT_FOUND');
    await archive(host, ruleId);
    // Whoever did not make it knows of it no more.
    expect((await archive(ada, ruleId)).code).toBe('NOT_FOUND');
  });
});

describe('what an event pays for', () => {
  test('are its own rules, and its host’s for all else, and whoever sees the event knows', async () => {
    await createRule(host, { title: 'Talking anywhere' });
    await createRule(host, { title: 'Voting anywhere', trigger: 'VOTE' });
    await createRule(host, { title: 'A quiz', trigger: 'CUSTOM', engagementType: 'quiz.won' });
    await createRule(host, { title: 'Talking here', eventId });
    await createRule(host, { title: 'A song', trigger: 'CUSTOM', engagementType: 'song.sung', eventId });
    const elsewhere = await createEvent(host, 'LIVE');
    for (const asked of [host, ada, server.guest]) {
      expect(await inEvent(asked)).toEqual(['Voting anywhere', 'A quiz', 'Talking here', 'A song']);
      expect(await inEvent(asked, elsewhere)).toEqual(['Talking anywhere', 'Voting anywhere', 'A quiz']);
    }
    expect(await inEvent(ada, await createEvent(otherHost))).toEqual([]);
  });

  test('in a hidden event is known to who sees it; what is archived, to the host', async () => {
    const secret = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    await createRule(host, { title: 'Talking' });
    await createRule(host, { title: 'Talking in secret', eventId: secret });
    await archive(host, await createRule(host, { title: 'Once', trigger: 'VOTE' }));
    const all = ['Talking', 'Talking in secret', 'Once'];
    for (const asked of [host, admin]) expect(await ofHost(asked)).toEqual(all);
    for (const asked of [ada, server.guest]) expect(await ofHost(asked)).toEqual(['Talking']);
    await host.mutate('inviteToVideoEvent', { eventId: secret, userIds: [ada.id] });
    expect(await ofHost(ada)).toEqual(['Talking', 'Talking in secret']);
  });
});
