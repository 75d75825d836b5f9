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

const fields = 'id title cost stock cooldownSeconds maxPerEvent maxPerUser archivedAt';
const create = (by: Actor, input: object = {}) =>
  by.mutate('createPerk', { title: 'A song', cost: 10, ...input }, `perk { ${fields} }`);
const offer = async (input: object = {}): Promise<string> => (await create(host, input)).perk.id;
const pay = (to: Actor, points: number) =>
  host.mutate('grantReward', { eventId, userId: to.id, points, reason: 'to spend' });
const redemption = 'redemption { id points note status perk { id } user { id } }';
const redeem = (by: Actor, perkId: string, input: object = {}) =>
  by.mutate('redeemPerk', { eventId, perkId, ...input }, redemption);
const settle = (by: Actor, mutation: 'fulfilRedemption' | 'cancelRedemption', redemptionId: string) =>
  by.mutate(mutation, { redemptionId }, redemption);

async function balanceOf(user: Actor): Promise<number> {
  const { viewer } = await user.ask('{ viewer { wallets(first: 1) { edges { node { balance } } } } }');
  return viewer.wallets.edges[0]?.node.balance ?? 0;
}
async function perkOf(perkId: string, asked: Actor = host) {
  return (await asked.ask(`query($id: ID!) { node(id: $id) { ... on Perk { ${fields} } } }`, { id: perkId })).node;
}
/** Why it cannot be had. */
async function refusal(by: Actor, perkId: string) {
  const document = `mutation($input: RedeemPerkInput!) { redeemPerk(input: $input) {
    __typename ... on PerkUnavailableError { perkRefusal retryAfterMs } ... on InsufficientPointsError { balance } } }`;
  return (await by.ask(document, { input: { eventId, perkId } })).redeemPerk;
}

describe('createPerk', () => {
  test('offers something for points, which everybody may see', async () => {
    const { perk } = await create(host, { stock: 3, cooldownSeconds: 5, maxPerEvent: 2, maxPerUser: 1 });
    const offered = {
      id: perk.id,
      title: 'A song',
      cost: 10,
      stock: 3,
      cooldownSeconds: 5,
      maxPerEvent: 2,
      maxPerUser: 1,
      archivedAt: null,
    };
    expect(perk).toEqual(offered);
    expect(await perkOf(perk.id, server.guest)).toEqual(offered);
    const { user } = await ada.ask('query($id: ID!) { user(id: $id) { perks { edges { node { id } } } } }', {
      id: host.id,
    });
    expect(user.perks.edges).toEqual([{ node: { id: perk.id } }]);
  });

  test('with one idempotency key makes one', async () => {
    const [first, again] = [await create(host, { idempotencyKey: 'k' }), await create(host, { idempotencyKey: 'k' })];
    expect(again.perk.id).toBe(first.perk.id);
    expect((await create(host, { idempotencyKey: 'k', cost: 11 })).code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test.each([
    { cost: 0 },
    { cost: -1 },
    { cost: 1_000_001 },
    { title: ' ' },
    { title: 'x'.repeat(61) },
    { stock: -1 },
    { cooldownSeconds: -1 },
    { maxPerEvent: 0 },
    { maxPerUser: 0 },
  ])('with %o is refused', async (input) => {
    expect((await create(host, input)).code).toBe('INVALID_INPUT');
  });

  test('by who is no host is refused', async () => {
    expect((await create(ada)).code).toBe('FORBIDDEN');
  });
});

describe('updatePerk and archivePerk', () => {
  const update = (by: Actor, input: Record<string, unknown>) => by.mutate('updatePerk', input, `perk { ${fields} }`);
  const archive = (by: Actor, perkId: string) => by.mutate('archivePerk', { perkId }, `perk { ${fields} }`);

  test('change what is given, take limits away, and keep the price of what was redeemed', async () => {
    const perkId = await offer({ stock: 3 });
    await pay(ada, 10);
    const redeemed = await redeem(ada, perkId);
    const { perk } = await update(host, { perkId, cost: 20, stock: null });
    expect(perk).toMatchObject({ cost: 20, stock: null, title: 'A song' });
    expect((await settle(host, 'cancelRedemption', redeemed.redemption.id)).redemption.points).toBe(10);
    expect(await balanceOf(ada)).toBe(10);
  });

  test('what is archived is the host’s alone to see, and stays as it is', async () => {
    const perkId = await offer();
    expect((await archive(host, perkId)).perk.archivedAt).not.toBeNull();
    expect((await archive(host, perkId)).perk.archivedAt).not.toBeNull();
    expect([await perkOf(perkId, ada), await perkOf(perkId, server.guest)]).toEqual([null, null]);
    expect((await update(host, { perkId, cost: 1 })).code).toBe('NOT_FOUND');
  });

  test('others are refused, and nonsense', async () => {
    const perkId = await offer();
    const other = await server.signUp({ role: 'HOST' });
    for (const by of [ada, other]) {
      expect((await update(by, { perkId, cost: 1 })).code).toBe('FORBIDDEN');
      expect((await archive(by, perkId)).code).toBe('FORBIDDEN');
    }
    expect((await update(host, { perkId, cost: 0 })).code).toBe('INVALID_INPUT');
    const gone = Buffer.from('Perk:0190a0a0-0000-7000-8000-000000000000').toString('base64');
    expect((await update(host, { perkId: gone })).code).toBe('NOT_FOUND');
    expect((await archive(host, gone)).code).toBe('NOT_FOUND');
    expect((await update(await admin(server), { perkId, cost: 7 })).perk.cost).toBe(7);
  });
});

describe('redeemPerk', () => {
  test('spends the points, takes from the stock, and tells moderators and the user', async () => {
    const perkId = await offer({ stock: 2 });
    await pay(ada, 25);
    const queue = await host.follow(
      eventId,
      '... on PerkRedeemed { redemptionId perkId title points note user { userId } }',
    );
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const own = ada.subscribe(
      'subscription($after: String) { myFeed(after: $after) { __typename ... on PointsChanged { kind points rewardReason balance } } }',
      { after: feedCursor },
    );
    const { redemption } = await redeem(ada, perkId, { note: 'Blue in Green, please' });
    expect(redemption).toMatchObject({
      points: 10,
      note: 'Blue in Green, please',
      status: 'UNFULFILLED',
      perk: { id: perkId },
    });
    const told = { __typename: 'PerkRedeemed', redemptionId: redemption.id, perkId, title: 'A song', points: 10 };
    expect(await queue.next()).toMatchObject({ ...told, note: 'Blue in Green, please', user: { userId: ada.id } });
    expect(await own.nextBut('RankChanged')).toEqual({
      __typename: 'PointsChanged',
      kind: 'SPENT',
      points: -10,
      rewardReason: 'A song',
      balance: 15,
    });
    await Promise.all([queue.close(), own.close()]);
    expect([await balanceOf(ada), (await perkOf(perkId)).stock]).toEqual([15, 1]);
  });

  test('with one idempotency key is done once', async () => {
    const perkId = await offer();
    await pay(ada, 25);
    const answers = await Promise.all([1, 2, 3, 4].map(() => redeem(ada, perkId, { idempotencyKey: 'once' })));
    expect(new Set(answers.map(({ redemption }) => redemption.id)).size).toBe(1);
    expect((await redeem(ada, perkId, { idempotencyKey: 'once', note: 'x' })).code).toBe('IDEMPOTENCY_CONFLICT');
    expect(await balanceOf(ada)).toBe(15);
  });

  test('of the last pieces by many at once sells as many as there are', async () => {
    const perkId = await offer({ stock: 3 });
    const people = await Promise.all(Array.from({ length: 12 }, () => server.signUp()));
    for (const person of people) {
      await join(person, eventId);
      await pay(person, 10);
    }
    const answers = await Promise.all(people.map((person) => redeem(person, perkId)));
    expect(answers.filter(({ __typename }) => __typename === 'RedeemPerkPayload')).toHaveLength(3);
    expect(answers.filter(({ code }) => code === 'PERK_UNAVAILABLE')).toHaveLength(9);
    const balances = await Promise.all(people.map(balanceOf));
    expect(balances.filter((balance) => balance === 0)).toHaveLength(3);
    expect(balances.filter((balance) => balance === 10)).toHaveLength(9);
    expect((await perkOf(perkId)).stock).toBe(0);
    expect((await verifyLedger(server.app.db)).differences).toEqual([]);
  });

  test('with too little is refused with what there is, and costs nothing and no piece', async () => {
    const perkId = await offer({ stock: 1 });
    await pay(ada, 9);
    expect(await refusal(ada, perkId)).toEqual({ __typename: 'InsufficientPointsError', balance: 9 });
    expect([await balanceOf(ada), (await perkOf(perkId)).stock]).toEqual([9, 1]);
  });

  test('is refused out of stock, in the cooldown, beyond the limits of the event and the user, and once archived', async () => {
    await pay(ada, 1000);
    const bob = await server.signUp();
    await join(bob, eventId);
    await pay(bob, 1000);
    const why = async (input: object, first: Actor, then: Actor) => {
      const perkId = await offer(input);
      await redeem(first, perkId);
      return refusal(then, perkId);
    };
    const unavailable = (perkRefusal: string) => ({
      __typename: 'PerkUnavailableError',
      perkRefusal,
      retryAfterMs: null,
    });
    expect(await why({ stock: 1 }, ada, bob)).toEqual(unavailable('OUT_OF_STOCK'));
    expect(await why({ maxPerEvent: 1 }, ada, bob)).toEqual(unavailable('MAX_PER_EVENT'));
    expect(await why({ maxPerUser: 1 }, ada, ada)).toEqual(unavailable('MAX_PER_USER'));
    const cooling = await why({ cooldownSeconds: 60 }, ada, bob);
    expect(cooling.perkRefusal).toBe('COOLDOWN');
    expect(cooling.retryAfterMs).toBeGreaterThan(0);
    expect(cooling.retryAfterMs).toBeLessThanOrEqual(60_000);
    const perkId = await offer();
    await host.mutate('archivePerk', { perkId });
    expect(await refusal(bob, perkId)).toEqual(unavailable('ARCHIVED'));
    expect([await balanceOf(ada), await balanceOf(bob)]).toEqual([960, 1000]);
  });

  test('of another host, or of none, is refused', async () => {
    const other = await server.signUp({ role: 'HOST' });
    const foreign = (await create(other)).perk.id;
    await pay(ada, 100);
    expect((await redeem(ada, foreign)).code).toBe('NOT_FOUND');
    expect((await redeem(ada, Buffer.from('Perk:0190a0a0-0000-7000-8000-000000000000').toString('base64'))).code).toBe(
      'NOT_FOUND',
    );
    expect(await balanceOf(ada)).toBe(100);
  });

  test('is for participants of an open event who are not sanctioned', async () => {
    const perkId = await offer();
    expect((await redeem(await server.signUp(), perkId)).code).toBe('NOT_PARTICIPANT');
    expect((await redeem(host, perkId)).code).toBe('FORBIDDEN');
    expect((await redeem(ada, perkId, { note: 'x'.repeat(201) })).code).toBe('INVALID_INPUT');
    await pay(ada, 100);
    await host.mutate('timeOutUser', { eventId, userId: ada.id, seconds: 60 });
    expect((await redeem(ada, perkId)).code).toBe('SANCTIONED');
    await host.mutate('liftSanction', { eventId, userId: ada.id });
    await host.mutate('endVideoEvent', { eventId });
    expect((await redeem(ada, perkId)).code).toBe('EVENT_NOT_OPEN');
    expect(await balanceOf(ada)).toBe(100);
  });
});

describe('fulfilRedemption and cancelRedemption', () => {
  test('settle it once: fulfilled it stays paid, cancelled the points and the piece come back', async () => {
    const perkId = await offer({ stock: 5, maxPerUser: 2 });
    await pay(ada, 20);
    const [first, second] = [await redeem(ada, perkId), await redeem(ada, perkId)].map(
      ({ redemption }) => redemption.id,
    );
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const own = ada.subscribe(
      `subscription($after: String) { myFeed(after: $after) { __typename
        ... on RedemptionFulfilled { redemptionId } ... on RedemptionCancelled { redemptionId points } ... on PointsChanged { kind balance } } }`,
      { after: feedCursor },
    );
    expect((await settle(host, 'fulfilRedemption', first)).redemption.status).toBe('FULFILLED');
    expect((await settle(host, 'cancelRedemption', second)).redemption.status).toBe('CANCELLED');
    const told = [await own.nextBut('RankChanged'), await own.nextBut('RankChanged'), await own.nextBut('RankChanged')];
    expect(told).toEqual([
      { __typename: 'RedemptionFulfilled', redemptionId: first },
      { __typename: 'PointsChanged', kind: 'REFUNDED', balance: 10 },
      { __typename: 'RedemptionCancelled', redemptionId: second, points: 10 },
    ]);
    await own.close();
    expect([await balanceOf(ada), (await perkOf(perkId)).stock]).toEqual([10, 4]);
    // What was cancelled does not count: another one may be had.
    expect((await redeem(ada, perkId)).__typename).toBe('RedeemPerkPayload');
    for (const mutation of ['fulfilRedemption', 'cancelRedemption'] as const)
      for (const id of [first, second]) expect((await settle(host, mutation, id)).code).toBe('REDEMPTION_SETTLED');
    expect(await balanceOf(ada)).toBe(0);
  });

  test('ten cancellations at once give back once', async () => {
    const perkId = await offer({ stock: 1 });
    await pay(ada, 10);
    const { redemption } = await redeem(ada, perkId);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => settle(host, 'cancelRedemption', redemption.id)),
    );
    expect(answers.filter(({ code }) => code === 'REDEMPTION_SETTLED')).toHaveLength(9);
    expect([await balanceOf(ada), (await perkOf(perkId)).stock]).toEqual([10, 1]);
  });

  test('others are refused; the queue is the host’s, and everybody’s own', async () => {
    const perkId = await offer();
    await pay(ada, 20);
    const { redemption } = await redeem(ada, perkId);
    const other = await server.signUp({ role: 'HOST' });
    for (const mutation of ['fulfilRedemption', 'cancelRedemption'] as const) {
      expect((await settle(ada, mutation, redemption.id)).code).toBe('FORBIDDEN');
      expect((await settle(other, mutation, redemption.id)).code).toBe('NOT_FOUND');
    }
    const gone = Buffer.from('Redemption:0190a0a0-0000-7000-8000-000000000000').toString('base64');
    expect((await settle(host, 'fulfilRedemption', gone)).code).toBe('NOT_FOUND');
    const queue = async (asked: Actor, status: string | null = null) => {
      const document = `query($id: ID!, $status: RedemptionStatus) { videoEvent(id: $id) {
        redemptions(status: $status) { edges { node { id } } } } }`;
      const { videoEvent } = await asked.ask(document, { id: eventId, status });
      return videoEvent.redemptions.edges.map(({ node }: { node: { id: string } }) => node.id);
    };
    expect([await queue(host), await queue(ada), await queue(other), await queue(server.guest)]).toEqual([
      [redemption.id],
      [redemption.id],
      [],
      [],
    ]);
    expect([await queue(host, 'FULFILLED'), await queue(host, 'UNFULFILLED')]).toEqual([[], [redemption.id]]);
    expect(
      await server.app.db.redemption.count({ where: { id: decodeGlobalId(redemption.id).id, status: 'UNFULFILLED' } }),
    ).toBe(1);
  });
});
