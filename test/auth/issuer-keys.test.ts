import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { Actor } from '../actor.ts';
import { RawSocket } from '../api/raw-socket.ts';
import { startInstance } from '../harness.ts';
import { until } from '../wait.ts';
import { isRefused, useExternalIssuer, viewer } from './external-stage.ts';
import { Issuer } from './issuer.ts';

const { oidc, server, holder } = await useExternalIssuer();

describe('The issuer’s keys', () => {
  let own: Issuer;
  let app: App;
  beforeAll(async () => {
    own = await Issuer.start();
    const config = { oidc: { ...oidc, issuer: own.url, jwksSeconds: 1 } };
    app = await startInstance({ databaseUrl: server.databaseUrl, config });
  });
  afterAll(async () => {
    await app.drain(2000);
    await own.goAway();
  });

  const at = async (kid: string) => holder(await own.token({ sub: 'keys' }, { kid }), app.url);

  test('are read when they are first needed, and not for each token', async () => {
    expect(own.asked).toEqual({ discovery: 0, keys: 0 });
    for (let n = 0; n < 10; n++) expect(await (await at('first')).refusal(viewer)).toBeNull();
    expect(own.asked.discovery).toBe(1);
    expect(own.asked.keys).toBeLessThan(10);
  });

  test('may be exchanged: the new one is found, the old one refused once it is gone', async () => {
    const first = own.keys.get('first');
    await own.addKey('second', 'ES256');
    await until(async () => (await (await at('second')).refusal(viewer)) === null, {
      what: 'the new key to be taken',
    });
    expect(await (await at('first')).refusal(viewer)).toBeNull();
    own.keys.delete('first');
    const old = holder(await own.token({ sub: 'keys' }, { kid: 'first', key: first }), app.url);
    await until(() => isRefused(old), { what: 'the old key to be refused' });
    expect(await (await at('second')).refusal(viewer)).toBeNull();
  });

  test('stay good while the issuer is down; a new one is a retryable refusal until it is back', async () => {
    await own.goAway();
    await own.addKey('third', 'ES256');
    for (let n = 0; n < 5; n++) expect(await (await at('second')).refusal(viewer)).toBeNull();
    const newcomer = await at('third');
    // Within its cooldown the key set counts as new, and what it does not hold as made up.
    const refusal = await until(
      async () => {
        const { errors, status } = await newcomer.post(viewer);
        return errors?.[0]?.extensions?.code === 'UNAVAILABLE' ? { status, ...errors[0].extensions } : null;
      },
      { what: 'the key set to be looked for' },
    );
    expect(refusal).toMatchObject({ status: 503, retryable: true, retryAfterMs: expect.any(Number) });
    const socket = await RawSocket.connect(app.url, newcomer.signedIn.accessToken);
    expect(await socket.closed()).toBe(1013);
    expect(await (await at('second')).refusal(viewer)).toBeNull();
    await own.comeBack();
    await until(async () => (await newcomer.refusal(viewer)) === null, {
      what: 'the new key to be taken',
    });
  });

  test('need not be there at the start', async () => {
    const late = await Issuer.start();
    await late.goAway();
    const config = { oidc: { ...oidc, issuer: late.url } };
    const early = await startInstance({ databaseUrl: server.databaseUrl, config });
    const token = await late.token({ sub: 'early' });
    expect(await holder(token, early.url).refusal(viewer)).toBe('UNAVAILABLE');
    expect(await new Actor(early.url, null).refusal(viewer)).toBeNull();
    await late.comeBack();
    await until(async () => (await holder(token, early.url).refusal(viewer)) === null, {
      what: 'the issuer to be found',
    });
    await early.drain(2000);
    await late.goAway();
  });
});
