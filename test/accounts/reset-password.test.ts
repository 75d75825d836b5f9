import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { Actor, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';
import { SmtpServer } from '../mail/smtp-server.ts';
import { until } from '../wait.ts';

const smtp = await SmtpServer.start();
afterAll(() => smtp.close());
const mail = { smtpUrl: smtp.url, from: 'Ovation <ovation@example.test>', publicUrl: 'https://show.example.test' };
const server = useServer({ config: { mail } });

const request = (email: string) => server.guest.mutate('requestPasswordReset', { email }, 'validForSeconds');
const reset = (token: string, newPassword = 'another password') =>
  server.guest.mutate('resetPassword', { token, newPassword }, 'endedSessions');
const logIn = (login: string, password: string) =>
  server.guest.mutate('logIn', { login, password }, 'tokens { accessToken refreshToken sessionId }');
const addressOf = (actor: Actor) => `${actor.signedIn.username}@example.test`;
const invalid = { __typename: 'InvalidTokenError', code: 'INVALID_TOKEN' };

/** The token of a new mail to the actor. */
async function mailedToken(actor: Actor, count = 1): Promise<string> {
  await request(addressOf(actor));
  return (await smtp.mailTo(addressOf(actor), count)).token;
}

/** Every mail that was asked for has been written, sent or found to be nobody's. */
const mailIsQuiet = () => until(() => server.app.mailer?.stats.waiting === 0, { what: 'the end of all mail' });

let ada: Actor;
beforeEach(async () => {
  ada = await server.signUp();
});

describe('requestPasswordReset', () => {
  test('mails a link to the account with this address, whatever the case', async () => {
    expect(await request(addressOf(ada).toUpperCase())).toEqual({
      __typename: 'RequestPasswordResetPayload',
      validForSeconds: 3600,
    });
    const { text, from, subject, token } = await smtp.mailTo(addressOf(ada));
    expect(text).toContain(`https://show.example.test/reset-password?token=${token}`);
    expect(text).toContain(ada.signedIn.username);
    expect([from, subject]).toEqual([mail.from, 'Set a new password']);
    expect(token).toMatch(/^[\w-]{43}$/);
    const [row] = await server.app.db.mailToken.findMany({ where: { email: addressOf(ada) } });
    expect(JSON.stringify(row)).not.toContain(token);
  });

  test('answers the same when there is no such account, and mails nothing', async () => {
    const before = smtp.mails.length;
    expect(await request('nobody@example.test')).toEqual(await request(addressOf(ada)));
    await mailIsQuiet();
    expect(smtp.mails.slice(before).map(({ to }) => to)).toEqual([addressOf(ada)]);
  });

  test('mails nothing to a deleted account', async () => {
    const before = smtp.mails.length;
    await ada.mutate('deleteAccount', { password: testPassword });
    await request(addressOf(ada));
    const gone = await server.app.db.user.findMany({ where: { deletedAt: { not: null } } });
    for (const { email } of gone) await request(email);
    await mailIsQuiet();
    expect(smtp.mails).toHaveLength(before);
  });

  test('refuses what is no address', async () => {
    for (const email of ['', 'x', 'a@b\nBcc: c@example.test', `${'x'.repeat(250)}@example.test`])
      expect(await request(email)).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' });
  });
});

describe('resetPassword', () => {
  test('sets the password and ends every session, also those on open sockets', async () => {
    const { tokens } = await logIn(ada.signedIn.username, testPassword);
    const phone = new Actor(server.url, { ...ada.signedIn, ...tokens });
    const socket = phone.subscribe('subscription { myFeed(after: "none") { __typename } }');
    await socket.has(1);
    expect(await reset(await mailedToken(ada))).toEqual({ __typename: 'ResetPasswordPayload', endedSessions: 2 });
    await until(() => socket.closeCode !== null, { what: 'the end of the socket' });
    expect(socket.closeCode).toBe(4401);
    for (const actor of [ada, phone]) {
      expect(await actor.refusal('{ viewer { id } }')).toBe('UNAUTHENTICATED');
      expect(await server.guest.mutate('refreshSession', { refreshToken: actor.signedIn.refreshToken })).toMatchObject({
        code: 'INVALID_REFRESH_TOKEN',
      });
    }
    expect(await logIn(ada.signedIn.username, testPassword)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await logIn(ada.signedIn.username, 'another password')).toMatchObject({ __typename: 'LogInPayload' });
    await socket.close();
  });

  test('tells in the own feed why the sessions ended', async () => {
    await reset(await mailedToken(ada));
    const { tokens } = await logIn(ada.signedIn.username, 'another password');
    const [entry] = await server.app.db.feedEntry.findMany({
      where: { kind: 'SessionRevoked' },
      orderBy: { occurredAt: 'desc' },
      take: 1,
    });
    expect(entry?.payload).toMatchObject({ reason: 'PASSWORD_RESET' });
    expect(tokens.sessionId).not.toBe(ada.signedIn.sessionId);
  });

  test('takes a token once, of twenty at once too', async () => {
    const token = await mailedToken(ada);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => reset(token, `password number ${n}`)));
    const done = answers.flatMap((answer, n) => (answer.__typename === 'ResetPasswordPayload' ? [n] : []));
    expect(done).toHaveLength(1);
    for (const [n, answer] of answers.entries()) if (n !== done[0]) expect(answer).toMatchObject(invalid);
    expect(await logIn(ada.signedIn.username, `password number ${done[0]}`)).toMatchObject({
      __typename: 'LogInPayload',
    });
    expect(await reset(token)).toMatchObject(invalid);
  });

  test('makes the other tokens of the same account useless', async () => {
    const first = await mailedToken(ada);
    const second = await mailedToken(ada, 2);
    expect(await reset(first)).toMatchObject({ endedSessions: 1 });
    expect(await reset(second)).toMatchObject(invalid);
  });

  test('refuses a token past its time, unknown, of another purpose, or not a token', async () => {
    const token = await mailedToken(ada);
    await server.app.db.$executeRaw`
      UPDATE "MailToken" SET "expiresAt" = clock_timestamp() WHERE email = ${addressOf(ada)}`;
    await ada.ask('mutation { requestEmailVerification { __typename } }');
    const verification = (await smtp.mailTo(addressOf(ada), 2)).token;
    const computed = server.app.passwords.stats.computed;
    for (const bad of [token, 'A'.repeat(43), verification, '', '\u0000', ada.signedIn.accessToken, 'x'.repeat(10_000)])
      expect(await reset(bad)).toMatchObject(invalid);
    // What is refused costs no hash.
    expect(server.app.passwords.stats.computed).toBe(computed);
    expect(await ada.refusal('{ viewer { id } }')).toBeNull();
  });

  test('refuses a bad password and leaves the token good', async () => {
    const token = await mailedToken(ada);
    expect(await reset(token, 'short')).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await reset(token)).toMatchObject({ endedSessions: 1 });
  });

  test('a token dies with a changed password, a changed address and a deleted account', async () => {
    const [changed, moved, gone] = [await server.signUp(), await server.signUp(), await server.signUp()];
    const tokens = [await mailedToken(changed), await mailedToken(moved), await mailedToken(gone)];
    await changed.mutate('changePassword', { currentPassword: testPassword, newPassword: 'another password' });
    await moved.mutate('updateProfile', {
      email: `moved-${moved.signedIn.username}@example.test`,
      currentPassword: testPassword,
    });
    await gone.mutate('deleteAccount', { password: testPassword });
    for (const token of tokens) expect(await reset(token)).toMatchObject(invalid);
  });

  test('proves the address, too', async () => {
    await reset(await mailedToken(ada));
    const { tokens } = await logIn(ada.signedIn.username, 'another password');
    const again = new Actor(server.url, { ...ada.signedIn, ...tokens });
    const { viewer } = await again.ask('{ viewer { emailVerifiedAt } }');
    expect(viewer.emailVerifiedAt).toEqual(expect.any(String));
  });
});

describe('with rate limits', () => {
  const limited = useServer({ config: { mail, rateLimits: true } });

  test('the sixth mail of an hour for one address is refused, whether there is such an account or not', async () => {
    const field = (n: number, email: string) =>
      `m${n}: requestPasswordReset(input: { email: "${email}" }) { __typename }`;
    for (const email of ['known@example.test', 'unknown@example.test']) {
      const document = `mutation { ${Array.from({ length: 6 }, (_, n) => field(n, email)).join(' ')} }`;
      const { errors } = await limited.guest.post(document);
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.path).toEqual(['m5']);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
    }
  });
});

describe('a mail server that takes nothing', () => {
  const stuck = useServer({ config: { mail: { ...mail, smtpUrl: 'smtp://127.0.0.1:1' } } });

  test('is not noticed by who asks for mail', async () => {
    const bob = await stuck.signUp();
    const answers = [];
    for (const email of [addressOf(bob), 'nobody@example.test'])
      answers.push(await stuck.guest.mutate('requestPasswordReset', { email }, 'validForSeconds'));
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ __typename: 'RequestPasswordResetPayload' });
    await until(() => stuck.app.mailer?.stats.waiting === 1, { what: 'one mail that waits for another attempt' });
  });
});

describe('a server that sends no mail', () => {
  const silent = useServer({ config: { mail: null } });

  test('says so to everybody', async () => {
    const bob = await silent.signUp();
    for (const email of ['nobody@example.test', addressOf(bob)])
      expect(await silent.guest.mutate('requestPasswordReset', { email })).toMatchObject({ code: 'NOT_CONFIGURED' });
    const { result } = await bob.ask('mutation { result: requestEmailVerification { ... on Error { code } } }');
    expect(result).toEqual({ code: 'NOT_CONFIGURED' });
  });
});
