import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type Actor, testPassword } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';
import { SmtpServer } from '../mail/smtp-server.ts';

const smtp = await SmtpServer.start();
afterAll(() => smtp.close());
const server = useServer({
  config: { mail: { smtpUrl: smtp.url, from: 'ovation@example.test', publicUrl: 'https://show.example.test' } },
});

const request = (actor: Actor) =>
  actor.ask(`mutation { requestEmailVerification {
    __typename ... on RequestEmailVerificationPayload { sent validForSeconds } ... on Error { code } } }`);
const verify = (actor: Actor, token: string) =>
  actor.mutate('verifyEmail', { token }, 'user { id email emailVerifiedAt }');
const addressOf = (actor: Actor) => `${actor.signedIn.username}@example.test`;
const verifiedAt = async (actor: Actor) => (await actor.ask('{ viewer { emailVerifiedAt } }')).viewer.emailVerifiedAt;
const invalid = { __typename: 'InvalidTokenError', code: 'INVALID_TOKEN' };

async function mailedToken(actor: Actor, address = addressOf(actor), count = 1): Promise<string> {
  expect((await request(actor)).requestEmailVerification.sent).toBe(true);
  return (await smtp.mailTo(address, count)).token;
}

let ada: Actor;
beforeEach(async () => {
  ada = await server.signUp();
});

describe('requestEmailVerification', () => {
  test("mails a link to the viewer's address", async () => {
    expect(await request(ada)).toEqual({
      requestEmailVerification: {
        __typename: 'RequestEmailVerificationPayload',
        sent: true,
        validForSeconds: 24 * 3600,
      },
    });
    const { text, token } = await smtp.mailTo(addressOf(ada));
    expect(text).toContain(`https://show.example.test/verify-email?token=${token}`);
  });

  test('has nothing to do for a verified address', async () => {
    await verify(ada, await mailedToken(ada));
    expect((await request(ada)).requestEmailVerification.sent).toBe(false);
  });

  test('needs a session', async () => {
    expect(await server.guest.refusal('mutation { requestEmailVerification { __typename } }')).toBe('UNAUTHENTICATED');
  });
});

describe('verifyEmail', () => {
  test('proves the address, without a session, and tells its user alone', async () => {
    const token = await mailedToken(ada);
    expect(await verifiedAt(ada)).toBeNull();
    const { user } = await verify(server.guest, token);
    expect(user).toEqual({ id: ada.id, email: null, emailVerifiedAt: null });
    expect(await verifiedAt(ada)).toEqual(expect.any(String));
    const question = 'query($id: ID!) { user(id: $id) { emailVerifiedAt } }';
    const [stranger, boss] = [await server.signUp(), await admin(server)];
    expect((await stranger.ask(question, { id: ada.id })).user.emailVerifiedAt).toBeNull();
    expect((await boss.ask(question, { id: ada.id })).user.emailVerifiedAt).toEqual(expect.any(String));
  });

  test('takes a token once and within its time, and no other', async () => {
    const used = await mailedToken(ada);
    await verify(ada, used);
    const late = await server.signUp();
    const expired = await mailedToken(late);
    await server.app.db.$executeRaw`
      UPDATE "MailToken" SET "expiresAt" = clock_timestamp() WHERE email = ${addressOf(late)}`;
    await server.guest.mutate('requestPasswordReset', { email: addressOf(late) });
    const ofAnotherPurpose = (await smtp.mailTo(addressOf(late), 2)).token;
    for (const token of [used, expired, ofAnotherPurpose, 'A'.repeat(43), '', '\u0000', 'x'.repeat(10_000)])
      expect(await verify(ada, token)).toMatchObject(invalid);
    expect(await verifiedAt(late)).toBeNull();
  });
});

describe('a new address', () => {
  const moveTo = (actor: Actor, email: string) =>
    actor.mutate('updateProfile', { email, currentPassword: testPassword }, 'user { email emailVerifiedAt }');

  test('is not verified, and the old one is told', async () => {
    await verify(ada, await mailedToken(ada));
    const next = `next-${addressOf(ada)}`;
    expect((await moveTo(ada, next)).user).toEqual({ email: next, emailVerifiedAt: null });
    const told = await smtp.mailTo(addressOf(ada), 2);
    expect(told).toMatchObject({ subject: 'Your email address was changed', token: '' });
    await verify(ada, await mailedToken(ada, next));
    expect(await verifiedAt(ada)).toEqual(expect.any(String));
  });

  test('is not proven by a token that went to the old one', async () => {
    const token = await mailedToken(ada);
    await moveTo(ada, `next-${addressOf(ada)}`);
    expect(await verify(ada, token)).toMatchObject(invalid);
    expect(await verifiedAt(ada)).toBeNull();
  });

  test('written in another case is the same one', async () => {
    await verify(ada, await mailedToken(ada));
    const shouted = addressOf(ada).toUpperCase();
    expect((await moveTo(ada, shouted)).user).toEqual({ email: shouted, emailVerifiedAt: expect.any(String) });
  });
});
