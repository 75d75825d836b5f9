import { beforeAll, describe, expect, test } from 'vitest';
import { Actor, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let ada: Actor;
beforeAll(async () => {
  ada = await server.signUp({ username: 'Ada_L' });
});

const logIn = (login: string, password = testPassword) =>
  server.guest.mutate('logIn', { login, password }, 'user { id } tokens { accessToken sessionId }');

describe('logIn', () => {
  test('takes the user name or the address, whatever the case', async () => {
    for (const login of ['Ada_L', 'ada_l', ' ADA_L ', 'Ada_L@example.test', 'ada_l@EXAMPLE.test']) {
      const { user, tokens } = await logIn(login);
      expect(user.id).toBe(ada.id);
      const session = { ...ada.signedIn, ...tokens };
      expect(await new Actor(server.url, session).ask('{ viewer { id } }')).toEqual({ viewer: { id: ada.id } });
    }
  });

  test('gives one answer for a wrong password, an unknown name and what could be no name', async () => {
    const answers = [
      await logIn('Ada_L', 'wrong password'),
      await logIn('nobody'),
      await logIn('nobody@example.test'),
      await logIn('AdaxL'),
      await logIn('%'),
      await logIn("' OR 1=1 --"),
      await logIn('Ada_L', ''),
    ];
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ __typename: 'InvalidCredentialsError', code: 'INVALID_CREDENTIALS' });
  });

  test('refuses what is too long or empty', async () => {
    expect(await logIn('')).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await logIn('x'.repeat(255))).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await logIn('Ada_L', 'x'.repeat(1025))).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await logIn('\u0000')).toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('remembers the device, shortened and without control characters', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': `Browser\t${'x'.repeat(400)}` },
      body: JSON.stringify({
        query: `mutation { logIn(input: { login: "ada_l", password: "${testPassword}" }) {
          ... on LogInPayload { tokens { accessToken sessionId } } } }`,
      }),
    });
    const { data } = await response.json();
    const again = new Actor(server.url, { ...ada.signedIn, ...data.logIn.tokens });
    const { mySessions } = await again.ask('{ mySessions { id device current } }');
    const [current] = mySessions.filter((session: { current: boolean }) => session.current);
    expect(current.id).toBe(data.logIn.tokens.sessionId);
    expect(current.device).toBe(`Browser${'x'.repeat(193)}`);
  });

  test('ends the session that was longest unused when there are more than 50', async () => {
    const busy = await server.signUp({ username: 'busy' });
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 5 }, () => logIn('busy')));
    const where = { user: { username: 'busy' }, revokedAt: null };
    expect(await server.app.db.session.count({ where })).toBe(50);
    expect(await busy.refusal('{ viewer { id } }')).toBe('UNAUTHENTICATED');
  });
});

describe('with rate limits', () => {
  const limited = useServer({ config: { rateLimits: true } });

  test('the eleventh log-in of a minute is refused, also within one document', async () => {
    const fields = Array.from({ length: 10 }, (_, index) => `try${index}: logIn(input: $input) { __typename }`);
    const document = `mutation($input: LogInInput!) { ${fields.join(' ')} }`;
    const { errors } = await limited.guest.post(document, { input: { login: 'nobody', password: 'x' } });
    expect(errors).toBeUndefined();
    const { errors: refused } = await limited.guest.post(document, { input: { login: 'nobody', password: 'x' } });
    expect(refused?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
  });
});
