import { describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { testPassword } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { startInstance } from '../harness.ts';
import { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';
import { isRefused, newSubject, nextSecond, now, useExternalIssuer, viewer } from './external-stage.ts';

const { issuer, oidc, server, person } = await useExternalIssuer();

describe('The session that tokens of a subject stand for', () => {
  test('ends by log-out for every token issued until then; a later one opens another', async () => {
    const sub = newSubject();
    const [one, two] = [await person({ sub }), await person({ sub, jti: 'another' })];
    const socket = LiveStream.open(
      server.url,
      two.signedIn.accessToken,
      'subscription { myFeed(after: "none") { __typename } }',
      {},
    );
    await socket.has(1);
    const { viewer: before } = await one.ask(viewer);
    await one.ask('mutation { logOut { __typename } }');
    await until(() => socket.closeCode !== null, { what: 'the end of the socket' });
    expect(socket.closeCode).toBe(4401);
    expect([await isRefused(one), await isRefused(two)]).toEqual([true, true]);
    await nextSecond();
    const again = await person({ sub });
    expect((await again.ask(viewer)).viewer.id).toBe(before.id);
    expect([await isRefused(one), await isRefused(two)]).toEqual([true, true]);
    await socket.close();
  });

  test('is one for each session of the issuer, where its tokens name those', async () => {
    const sub = newSubject();
    const [laptop, phone] = [await person({ sub, sid: 'laptop' }), await person({ sub, sid: 'phone' })];
    await laptop.ask(viewer);
    const { mySessions } = await phone.ask('{ mySessions { id current } }');
    expect(mySessions).toHaveLength(2);
    const other = mySessions.find(({ current }: { current: boolean }) => !current);
    await phone.mutate('revokeSession', { sessionId: other.id });
    await until(() => isRefused(laptop), { what: 'a refusal' });
    expect(await isRefused(phone)).toBe(false);
  });

  test('is refused after a log-out everywhere, also with a token nobody has seen yet', async () => {
    const sub = newSubject();
    const [seen, unseen] = [await person({ sub, sid: 'seen' }), await person({ sub, sid: 'unseen' })];
    await seen.ask(viewer);
    await seen.ask('mutation { logOutEverywhere { __typename } }');
    expect([await isRefused(seen), await isRefused(unseen)]).toEqual([true, true]);
  });

  test('ends on the other instances, too', async () => {
    const second: App = await startInstance({ databaseUrl: server.databaseUrl, config: { oidc } });
    const sub = newSubject();
    const here = await person({ sub });
    const there = here.at(second.url);
    expect([await isRefused(here), await isRefused(there)]).toEqual([false, false]);
    await here.ask('mutation { logOut { __typename } }');
    await until(() => isRefused(there), { what: 'a refusal on the other instance' });
    await second.drain(2000);
  });

  test('keeps its socket when a newer token of it is seen, over whatever transport', async () => {
    const sub = newSubject();
    const token = await issuer.token({ sub, exp: now() + 3 });
    const kept = LiveStream.open(server.url, token, 'subscription { myFeed(after: "none") { __typename } }', {});
    await kept.has(1);
    const lapsing = newSubject();
    const lapsed = LiveStream.open(
      server.url,
      await issuer.token({ sub: lapsing, exp: now() + 3 }),
      'subscription { myFeed(after: "none") { __typename } }',
      {},
    );
    await lapsed.has(1);
    await (await person({ sub })).ask(viewer);
    await until(() => lapsed.closeCode !== null, { what: 'the end of the other socket' });
    expect([lapsed.closeCode, kept.closeCode]).toEqual([4401, null]);
    await Promise.all([kept.close(), lapsed.close()]);
  });

  test('ends when its user’s role changes, and goes on in the new one', async () => {
    const boss = await admin(server);
    const sub = newSubject();
    const grace = await person({ sub });
    const { viewer: account } = await grace.ask(viewer);
    await boss.mutate('changeRole', { userId: account.id, role: 'HOST' });
    await until(() => isRefused(grace), { what: 'a refusal' });
    await nextSecond();
    expect((await (await person({ sub })).ask(viewer)).viewer.role).toBe('HOST');
  });

  test('ends with the account, which needs no password to be deleted; what comes later is somebody new', async () => {
    const sub = newSubject();
    const [grace, unseen] = [
      await person({ sub, preferred_username: 'leaving' }),
      await person({ sub, sid: 'unseen' }),
    ];
    const { viewer: account } = await grace.ask(viewer);
    expect(await grace.mutate('deleteAccount', { password: 'a guess' })).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await grace.mutate('deleteAccount', {}, 'userId')).toMatchObject({ userId: account.id });
    expect([await isRefused(grace), await isRefused(unseen)]).toEqual([true, true]);
    const identities = await server.app.db.externalIdentity.findMany();
    expect(JSON.stringify(identities)).not.toContain(sub);
    await nextSecond();
    const { viewer: next } = await (await person({ sub, preferred_username: 'leaving' })).ask(viewer);
    expect(next.id).not.toBe(account.id);
    expect(next.username).toBe('leaving');
  });
});

describe('An account without a password', () => {
  test('is not logged into with one, and its deletion without one is no other account’s', async () => {
    await (await person({ sub: newSubject(), preferred_username: 'passwordless' })).ask(viewer);
    for (const password of ['', 'password', 'null'])
      expect(await server.guest.mutate('logIn', { login: 'passwordless', password })).toMatchObject({
        code: 'INVALID_CREDENTIALS',
      });
    const ada = await server.signUp();
    expect(await ada.mutate('deleteAccount', {})).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await ada.mutate('deleteAccount', { password: null })).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await ada.mutate('deleteAccount', { password: testPassword })).toMatchObject({
      __typename: 'DeleteAccountPayload',
    });
  });
});
