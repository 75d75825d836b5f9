import { beforeAll, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();
const limited = useServer({ config: { rateLimits: true } });

let host: Actor;
let ada: Actor;
let eventId: string;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  ada = await server.signUp();
  eventId = await createEvent(host, 'LIVE');
  await join(ada, eventId);
});

const row = 'engagement { id engagementType payload count subject { id } participant { user { id } } event { id } }';
const log = (actor: Actor, input: Record<string, unknown> = {}, selection = row) =>
  actor.mutate('logEngagement', { eventId, engagementType: 'song.skipped', ...input }, selection);

/** In the log, of an event. */
const logged = (id = eventId) =>
  server.app.db.engagementLog.findMany({
    where: { eventId: decodeGlobalId(id).id, engagementType: { startsWith: 's' } },
    orderBy: { engagementTime: 'asc' },
  });

/** Refused so, with nothing written. */
async function refused(actor: Actor, input: Record<string, unknown>, code: string): Promise<void> {
  const before = await rowsOf(server);
  expect(await log(actor, input, '__typename')).toMatchObject({ code });
  expect(await rowsOf(server)).toEqual(before);
}

describe('logEngagement', () => {
  test('writes down what a participant did, with what the client says of it, and tells nobody', async () => {
    const before = await server.app.db.feedEntry.count();
    const payload = { song: 'Ode', place: { act: 2, tags: ['slow', null, true, 1.5] } };
    const { engagement } = await log(ada, { payload });
    expect(engagement).toMatchObject({
      engagementType: 'song.skipped',
      payload,
      count: 1,
      subject: null,
      participant: { user: { id: ada.id } },
      event: { id: eventId },
    });
    const node = 'query($id: ID!) { node(id: $id) { ... on EngagementLog { payload } } }';
    expect(await ada.ask(node, { id: engagement.id })).toEqual({ node: { payload } });
    expect(await server.app.db.feedEntry.count()).toBe(before);
  });

  test('needs no payload, and takes one from the document itself', async () => {
    expect((await log(ada)).engagement.payload).toBeNull();
    const document = `mutation { logEngagement(input: { eventId: "${eventId}", engagementType: "s", payload: { a: [1, { b: "c" }] } }) {
      ... on LogEngagementPayload { engagement { payload } } } }`;
    expect((await ada.ask(document)).logEngagement.engagement.payload).toEqual({ a: [1, { b: 'c' }] });
  });

  test('takes them from the host, who joined nothing', async () => {
    const own = await createEvent(host, 'SCHEDULED');
    const { engagement } = await log(host, { eventId: own });
    expect(engagement.participant.user.id).toBe(host.id);
  });

  test.each([
    ['MESSAGE'],
    ['VOTE'],
    ['Song'],
    ['9lives'],
    ['.song'],
    ['song skipped'],
    ['söng'],
    [''],
    ['s'.repeat(51)],
    ['song\u0000'],
  ])('refuses the name %j', async (engagementType) => {
    await refused(ada, { engagementType }, 'INVALID_INPUT');
  });

  test('takes names of 1 and of 50 characters', async () => {
    for (const engagementType of ['s', `s${'-'.repeat(49)}`, 'say_0.1-x']) {
      expect((await log(ada, { engagementType })).engagement.engagementType).toBe(engagementType);
    }
  });

  test.each([
    ['five objects deep', { a: { b: { c: { d: {} } } } }],
    ['of more than a kilobyte', { a: 'x'.repeat(1024 - 7) }],
    ['of more than a kilobyte in UTF-8', { a: 'ö'.repeat(510) }],
    ['with a key __proto__', JSON.parse('{ "a": { "__proto__": { "admin": true } } }')],
    ['with NUL', { a: 'x\u0000' }],
    ['with half a character in a key', { '\ud800': 1 }],
  ])('refuses a payload %s', async (_what, payload) => {
    await refused(ada, { payload }, 'INVALID_INPUT');
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  test('refuses numbers that JSON cannot hold', async () => {
    const document = `mutation { logEngagement(input: { eventId: "${eventId}", engagementType: "s", payload: { a: 1e999 } }) {
      ... on Error { code } } }`;
    expect((await ada.ask(document)).logEngagement).toEqual({ code: 'INVALID_INPUT' });
  });

  test('takes a payload of exactly a kilobyte and four objects deep', async () => {
    const wide = { a: 'x'.repeat(1024 - 8) };
    const deep = { a: [{ c: [1] }] };
    expect((await log(ada, { payload: wide })).engagement.payload).toEqual(wide);
    expect((await log(ada, { payload: deep })).engagement.payload).toEqual(deep);
  });

  test.each([[[]], ['text'], [1]])('a payload that is no object, %j, is no request', async (payload) => {
    const document = 'mutation($input: LogEngagementInput!) { logEngagement(input: $input) { __typename } }';
    expect(await ada.refusal(document, { input: { eventId, engagementType: 's', payload } })).toBe('BAD_REQUEST');
  });

  test('refuses who did not join, who does not see the event, and guests', async () => {
    const stranger = await server.signUp();
    await refused(stranger, {}, 'NOT_PARTICIPANT');
    const secret = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    await refused(stranger, { eventId: secret }, 'NOT_FOUND');
    const document = 'mutation($input: LogEngagementInput!) { logEngagement(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input: { eventId, engagementType: 's' } })).toBe('UNAUTHENTICATED');
  });

  test.each(['DRAFT', 'ENDED', 'CANCELLED'] as const)('refuses them while the event is %s', async (status) => {
    await refused(host, { eventId: await createEvent(host, status) }, 'EVENT_NOT_OPEN');
  });

  test('refuses the timed out, until that is lifted', async () => {
    const rude = await server.signUp();
    await join(rude, eventId);
    await host.mutate('timeOutUser', { eventId, userId: rude.id, seconds: 60 });
    await refused(rude, {}, 'SANCTIONED');
    await host.mutate('liftSanction', { eventId, userId: rude.id });
    expect((await log(rude)).__typename).toBe('LogEngagementPayload');
  });

  test('the same idempotency key writes once and answers the same; another payload under it is refused', async () => {
    const input = { idempotencyKey: 'key-1', payload: { n: 1 }, engagementType: 'said.once' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => log(ada, input)));
    expect(new Set(answers.map(({ engagement }) => engagement.id)).size).toBe(1);
    expect((await logged()).filter(({ engagementType }) => engagementType === 'said.once')).toHaveLength(1);
    await refused(ada, { ...input, payload: { n: 2 } }, 'IDEMPOTENCY_CONFLICT');
  });

  test('of a burst every one is written, and each is its own', async () => {
    const count = 120;
    const show = await createEvent(host, 'LIVE');
    const crowd = await Promise.all(Array.from({ length: 3 }, () => server.signUp()));
    for (const person of crowd) await join(person, show);
    const answers = await Promise.all(
      Array.from({ length: count }, (_, n) => {
        const person = crowd[n % crowd.length];
        if (person === undefined) throw new Error('a crowd has people');
        return log(person, { eventId: show, engagementType: 'storm', payload: { n } });
      }),
    );
    expect(new Set(answers.map(({ engagement }) => engagement.id)).size).toBe(count);
    const rows = await logged(show);
    expect(rows.map(({ payload }) => Object(payload).n).sort((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, n) => n),
    );
    answers.forEach(({ engagement }, n) => {
      expect(engagement.payload).toEqual({ n });
      expect(engagement.participant.user.id).toBe(crowd[n % crowd.length]?.id);
    });
  });

  test('what is taken while the event ends was done before its end; the rest is refused', async () => {
    const show = await createEvent(host, 'LIVE');
    await join(ada, show);
    let taken = 0;
    /** Goes on until it is refused. */
    const goOn = async (): Promise<string> => {
      for (;;) {
        const { code } = await log(ada, { eventId: show, engagementType: 'storm' }, '__typename');
        if (code !== undefined) return code;
        taken++;
      }
    };
    const storm = Array.from({ length: 6 }, goOn);
    await until(() => taken > 30, { what: 'the storm to blow' });
    await host.mutate('endVideoEvent', { eventId: show });
    expect(new Set(await Promise.all(storm))).toEqual(new Set(['EVENT_NOT_OPEN']));
    const { endedAt } = await server.app.db.videoEvent.findUniqueOrThrow({ where: { id: decodeGlobalId(show).id } });
    const rows = await logged(show);
    expect(rows).toHaveLength(taken);
    expect(rows.filter(({ engagementTime }) => endedAt === null || engagementTime > endedAt)).toEqual([]);
    console.log(`an event ended in a storm of engagements: ${taken} taken`);
  });

  test('60 a minute, counted for themselves: other mutations go on', async () => {
    const owner = await limited.signUp({ role: 'HOST' });
    const show = await createEvent(owner, 'LIVE');
    const field = `logEngagement(input: { eventId: "${show}", engagementType: "s" }) { __typename }`;
    const many = (count: number) => Array.from({ length: count }, (_, n) => `m${n}: ${field}`).join(' ');
    for (let n = 0; n < 3; n++) await owner.ask(`mutation { ${many(20)} }`);
    expect(await owner.refusal(`mutation { ${field} }`)).toBe('RATE_LIMITED');
    expect(await owner.mutate('sendMessage', { eventId: show, text: 'still here' })).toMatchObject({
      __typename: 'SendMessagePayload',
    });
  });
});
