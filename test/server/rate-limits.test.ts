import { describe, expect, test } from 'vitest';
import { createEvent, signUp } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer({ config: { rateLimits: true } });

const many = (count: number, field: string) => Array.from({ length: count }, (_, n) => `m${n}: ${field}`).join('\n');

describe('rate limits', () => {
  test('fields count, not requests: the eleventh logIn of one document is refused and told when to come back', async () => {
    const field = 'logIn(input: { login: "nobody", password: "wrong password" }) { __typename }';
    const { data, errors } = await server.guest.post(`mutation { ${many(11, field)} }`);
    expect(data).toBeNull();
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.path).toEqual(['m10']);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
    expect(errors?.[0]?.extensions?.retryAfterMs).toBeGreaterThan(0);
  });

  test('120 mutations a minute for one user, over every transport together; others go on', async () => {
    const [busy, calm] = [await signUp(server.url), await signUp(server.url)];
    const field = 'updateProfile(input: { displayName: "Busy" }) { __typename }';
    for (let n = 0; n < 4; n++) await busy.ask(`mutation { ${many(29, field)} }`);
    const stream = busy.subscribe(`mutation { ${many(5, field)} }`);
    await stream.ended();
    expect(JSON.stringify(stream.results)).toContain('RATE_LIMITED');
    expect(await busy.refusal(`mutation { ${field} }`)).toBe('RATE_LIMITED');
    expect(await calm.refusal(`mutation { ${field} }`)).toBeNull();
    await stream.close();
  });

  test('messages come in small portions, 20 in 10 seconds; other mutations of the user go on', async () => {
    const talker = await signUp(server.url, { role: 'HOST' });
    const eventId = await createEvent(talker);
    const field = `sendMessage(input: { eventId: "${eventId}", text: "And another thing" }) { __typename }`;
    const { errors } = await talker.post(`mutation { ${many(21, field)} }`);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({ path: ['m20'], extensions: { code: 'RATE_LIMITED' } });
    expect(errors?.[0]?.extensions?.retryAfterMs).toBeLessThanOrEqual(10_000);
    expect(
      await talker.refusal('mutation { updateProfile(input: { displayName: "Talker" }) { __typename } }'),
    ).toBeNull();
  });

  test('queries are not counted', async () => {
    const reader = await signUp(server.url);
    for (let n = 0; n < 130; n++) await reader.ask('{ viewer { id } }');
  });
});
