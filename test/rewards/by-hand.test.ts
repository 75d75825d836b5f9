import { beforeEach, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let host: Actor;
let ada: Actor;
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  ada = await server.signUp();
  eventId = await createEvent(host, 'LIVE');
  await join(ada, eventId);
});

const line = 'reward { id points kind reason eventId actor { id } user { id } wallet { balance host { id } } }';
const change = (by: Actor, mutation: 'grantReward' | 'revokeReward', points: number, input: object = {}) =>
  by.mutate(mutation, { eventId, userId: ada.id, points, reason: 'well done', ...input }, line);
const grant = (by: Actor, points: number, input: object = {}) => change(by, 'grantReward', points, input);
const revoke = (by: Actor, points: number, input: object = {}) => change(by, 'revokeReward', points, input);

async function walletsOf(user: Actor, asked: Actor = user): Promise<{ balance: number; host: { id: string } }[]> {
  const document = `query($id: ID!) { user(id: $id) { wallets(first: 10) { edges { node { balance host { id } } } } } }`;
  const found = await asked.ask(document, { id: user.id });
  return found.user.wallets.edges.map(({ node }: { node: unknown }) => node);
}
const balanceOf = async (user: Actor): Promise<number> => (await walletsOf(user))[0]?.balance ?? 0;
const written = () => server.app.db.reward.count();

describe('grantReward', () => {
  test('puts points into the wallet with the host, and tells the user in their own feed', async () => {
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const feed = ada.subscribe(
      'subscription($after: String) { myFeed(after: $after) { __typename ... on PointsChanged { rewardId hostId eventId kind points rewardReason balance } } }',
      { after: feedCursor },
    );
    const { reward } = await grant(host, 40);
    expect(reward).toMatchObject({
      points: 40,
      kind: 'GRANTED',
      reason: 'well done',
      eventId,
      actor: { id: host.id },
      user: { id: ada.id },
      wallet: { balance: 40, host: { id: host.id } },
    });
    expect(await feed.next()).toEqual({
      __typename: 'PointsChanged',
      rewardId: reward.id,
      hostId: host.id,
      eventId,
      kind: 'GRANTED',
      points: 40,
      rewardReason: 'well done',
      balance: 40,
    });
    await feed.close();
    expect(await walletsOf(ada)).toEqual([{ balance: 40, host: { id: host.id } }]);
  });

  test('of another host goes into another wallet', async () => {
    const other = await server.signUp({ role: 'HOST' });
    const otherEvent = await createEvent(other, 'LIVE');
    await join(ada, otherEvent);
    await grant(host, 40);
    await other.mutate('grantReward', { eventId: otherEvent, userId: ada.id, points: 7, reason: 'hello' });
    expect(await walletsOf(ada)).toEqual([
      { balance: 40, host: { id: host.id } },
      { balance: 7, host: { id: other.id } },
    ]);
    // A host sees what came from themselves.
    expect(await walletsOf(ada, other)).toEqual([{ balance: 7, host: { id: other.id } }]);
    expect(await walletsOf(ada, await server.signUp())).toEqual([]);
    expect(await walletsOf(ada, server.guest)).toEqual([]);
  });

  test('with one idempotency key is done once, also twenty times at once', async () => {
    const twenty = await Promise.all(Array.from({ length: 20 }, () => grant(host, 5, { idempotencyKey: 'once' })));
    expect(new Set(twenty.map(({ reward }) => reward.id)).size).toBe(1);
    expect(await balanceOf(ada)).toBe(5);
    expect((await grant(host, 6, { idempotencyKey: 'once' })).code).toBe('IDEMPOTENCY_CONFLICT');
    expect(await balanceOf(ada)).toBe(5);
  });

  test.each([0, -1, 1_000_001])('of %d points is refused', async (points) => {
    const before = await written();
    expect((await grant(host, points)).code).toBe('INVALID_INPUT');
    expect(await written()).toBe(before);
  });

  test.each([1.5, 2 ** 31, 1e30])('of %d points is no request at all', async (points) => {
    const document = `mutation($input: GrantRewardInput!) { grantReward(input: $input) { __typename } }`;
    const input = { eventId, userId: ada.id, points, reason: 'well done' };
    expect(await host.refusal(document, { input })).toBe('BAD_REQUEST');
  });

  test.each(['', ' ', 'x'.repeat(201)])('without a reason that can be read is refused', async (reason) => {
    expect((await grant(host, 1, { reason })).code).toBe('INVALID_INPUT');
  });

  test('to oneself is refused, to the host by an admin, too', async () => {
    await join(host, eventId);
    expect((await grant(host, 1, { userId: host.id })).code).toBe('FORBIDDEN');
    expect((await grant(await admin(server), 1, { userId: host.id })).code).toBe('FORBIDDEN');
    expect(await walletsOf(host)).toEqual([]);
  });

  test('to who never joined, or is nobody, is refused', async () => {
    const stranger = await server.signUp();
    expect((await grant(host, 1, { userId: stranger.id })).code).toBe('NOT_FOUND');
    const gone = Buffer.from('User:0190a0a0-0000-7000-8000-000000000000').toString('base64');
    expect((await grant(host, 1, { userId: gone })).code).toBe('NOT_FOUND');
  });

  test('by anybody but the host and admins is refused', async () => {
    const before = await written();
    const moderator = await server.signUp();
    await host.mutate('appointModerator', { eventId, userId: moderator.id });
    const others = [ada, moderator, await server.signUp({ role: 'HOST' })];
    for (const other of others) expect((await grant(other, 1)).code).toBe('FORBIDDEN');
    expect(
      await server.guest.refusal(
        `mutation { grantReward(input: { eventId: "${eventId}", userId: "${ada.id}", points: 1, reason: "x" }) { __typename } }`,
      ),
    ).toBe('UNAUTHENTICATED');
    expect(await written()).toBe(before);
    expect((await grant(await admin(server), 3)).reward.points).toBe(3);
  });

  test('in an event that one may not know of is refused as in none', async () => {
    const other = await server.signUp({ role: 'HOST' });
    const secret = await createEvent(other, 'LIVE', { visibility: 'PRIVATE' });
    expect((await grant(host, 1, { eventId: secret })).code).toBe('NOT_FOUND');
  });
});

describe('revokeReward', () => {
  test('takes points back, down to none', async () => {
    await grant(host, 40);
    const { reward } = await revoke(host, 15, { reason: 'a mistake' });
    expect(reward).toMatchObject({ points: -15, kind: 'REVOKED', reason: 'a mistake', wallet: { balance: 25 } });
    expect((await revoke(host, 25)).reward.wallet.balance).toBe(0);
  });

  test('of more than there is is refused with what there is, and takes nothing', async () => {
    await grant(host, 10);
    const before = await written();
    const document = `mutation($input: RevokeRewardInput!) { revokeReward(input: $input) {
      __typename ... on InsufficientPointsError { code balance } } }`;
    const input = { eventId, userId: ada.id, points: 11, reason: 'too much' };
    expect((await host.ask(document, { input })).revokeReward).toEqual({
      __typename: 'InsufficientPointsError',
      code: 'INSUFFICIENT_POINTS',
      balance: 10,
    });
    expect([await written(), await balanceOf(ada)]).toEqual([before, 10]);
  });

  test('many at once never takes more than there is', async () => {
    await grant(host, 10);
    const answers = await Promise.all(Array.from({ length: 20 }, () => revoke(host, 3)));
    expect(answers.filter(({ __typename }) => __typename === 'RevokeRewardPayload')).toHaveLength(3);
    expect(answers.filter(({ code }) => code === 'INSUFFICIENT_POINTS')).toHaveLength(17);
    expect(await balanceOf(ada)).toBe(1);
  });

  test('with one idempotency key is done once; of the key of a grant it is a conflict', async () => {
    await grant(host, 10, { idempotencyKey: 'given' });
    expect((await revoke(host, 10, { idempotencyKey: 'given' })).code).toBe('IDEMPOTENCY_CONFLICT');
    const [first, again] = [
      await revoke(host, 4, { idempotencyKey: 'taken' }),
      await revoke(host, 4, { idempotencyKey: 'taken' }),
    ];
    expect(again.reward.id).toBe(first.reward.id);
    expect(await balanceOf(ada)).toBe(6);
  });

  test('by anybody but the host and admins is refused, and of nonsense, and of nobody', async () => {
    await grant(host, 10);
    expect((await revoke(ada, 1)).code).toBe('FORBIDDEN');
    expect((await revoke(host, 0)).code).toBe('INVALID_INPUT');
    expect((await revoke(host, 1, { userId: (await server.signUp()).id })).code).toBe('NOT_FOUND');
    expect(await balanceOf(ada)).toBe(10);
  });
});

describe('the ledger', () => {
  test('is read by the user and the host, and nobody else', async () => {
    await grant(host, 1);
    await revoke(host, 1);
    const ledger = async (asked: Actor) => {
      const rewards = 'rewards(first: 10) { totalCount edges { node { points } } }';
      const found = await asked.ask(
        `query($user: ID!, $event: ID!) { user(id: $user) { ${rewards} } videoEvent(id: $event) { ${rewards} } }`,
        { user: ada.id, event: eventId },
      );
      return [found.user, found.videoEvent].map(({ rewards }) =>
        rewards.edges.map(({ node }: { node: { points: number } }) => node.points),
      );
    };
    const all = [
      [-1, 1],
      [-1, 1],
    ];
    for (const reader of [ada, host, await admin(server)]) expect(await ledger(reader)).toEqual(all);
    for (const other of [await server.signUp(), await server.signUp({ role: 'HOST' }), server.guest])
      expect(await ledger(other)).toEqual([[], []]);
  });

  test('only grows: the database refuses to change or delete a line', async () => {
    const { reward } = await grant(host, 1);
    const { id } = decodeGlobalId(reward.id);
    const { db } = server.app;
    await expect(db.$executeRaw`UPDATE "Reward" SET points = 100 WHERE id = ${id}::uuid`).rejects.toThrow('only grows');
    await expect(db.$executeRaw`DELETE FROM "Reward" WHERE id = ${id}::uuid`).rejects.toThrow('only grows');
    await expect(db.$executeRaw`TRUNCATE "Reward"`).rejects.toThrow('only grows');
  });

  test('is kept when the account is deleted, and agrees with every balance', async () => {
    await grant(host, 12);
    const user = decodeGlobalId(ada.id).id;
    await ada.ask(`mutation { deleteAccount(input: { password: "correct horse battery" }) { __typename } }`);
    const { db } = server.app;
    expect(await db.reward.count({ where: { userId: user } })).toBe(1);
    expect((await grant(host, 1)).code).toBe('NOT_FOUND');
    const { differences, wallets } = await verifyLedger(db);
    expect(differences).toEqual([]);
    expect(wallets).toBeGreaterThan(0);
  });

  test('that a balance does not agree with is found', async () => {
    await grant(host, 12);
    const { db } = server.app;
    const userId = decodeGlobalId(ada.id).id;
    await db.$executeRaw`UPDATE "Wallet" SET balance = 13 WHERE "userId" = ${userId}::uuid`;
    const { differences } = await verifyLedger(db);
    expect(differences).toMatchObject([{ userId, hostId: decodeGlobalId(host.id).id, balance: 13, ledger: 12 }]);
    await db.$executeRaw`UPDATE "Wallet" SET balance = 12 WHERE "userId" = ${userId}::uuid`;
  });
});
