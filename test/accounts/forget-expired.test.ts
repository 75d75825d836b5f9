import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Accounts, createAccounts } from '../../src/accounts/accounts.ts';
import { loadKeys } from '../../src/auth/keys.ts';
import { createPasswords } from '../../src/auth/passwords.ts';
import { createTokens } from '../../src/auth/tokens.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { useServer } from '../harness.ts';

const server = useServer();
const passwords = createPasswords();
afterAll(() => passwords.close());
const auth = { accessTokenSeconds: 600, sessionSeconds: 3600 };
let accounts: Accounts;
beforeAll(async () => {
  const { db, hub } = server.app;
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const keys = await loadKeys({ keys: JSON.stringify({ keys: [await exportJWK(privateKey)] }), dataDir: '.' });
  const tokens = createTokens({ keys, issuer: 'ovation', ...auth });
  accounts = createAccounts({
    write: createWrite({ db, publish: hub.publish }),
    db,
    tokens,
    passwords,
    revocations: { isRevoked: () => false },
    mail: null,
    auth,
    now: Date.now,
  });
});

const rawId = (globalId: string): string => Buffer.from(globalId, 'base64').toString().split(':')[1] ?? '';

/** A session whose every instant lies so much further back. */
async function agedSession(seconds: number): Promise<string> {
  const id = rawId((await server.signUp()).signedIn.sessionId);
  await server.app.db.$executeRaw`
    UPDATE "Session" SET "lastUsedAt" = "lastUsedAt" - make_interval(secs => ${seconds}),
      "revokedAt" = "revokedAt" - make_interval(secs => ${seconds}),
      "expiresAt" = "lastUsedAt" - make_interval(secs => ${seconds}) + make_interval(secs => ${auth.sessionSeconds})
    WHERE id = ${id}::uuid`;
  await server.app.db.$executeRaw`
    UPDATE "RefreshToken" SET "createdAt" = "createdAt" - make_interval(secs => ${seconds}) WHERE "sessionId" = ${id}::uuid`;
  return id;
}

test('sessions and refresh tokens are deleted once nobody can ask about them', async () => {
  const { db } = server.app;
  const live = await agedSession(3000);
  const justExpired = await agedSession(3700);
  const longExpired = await agedSession(3600 + 901);
  const revoked = await agedSession(0);
  await db.$executeRaw`UPDATE "Session" SET "revokedAt" = clock_timestamp() WHERE id = ${revoked}::uuid`;
  expect(await accounts.forgetExpired()).toBe(1);
  const left = await db.session.findMany({ include: { refreshTokens: true }, orderBy: { id: 'asc' } });
  expect(left.map(({ id, refreshTokens }) => [id, refreshTokens.length])).toEqual([
    [live, 1],
    [justExpired, 0],
    [revoked, 1],
  ]);
  expect(left.some(({ id }) => id === longExpired)).toBe(false);
});

test('a session is valid until its newest access token expires; never once it has ended', async () => {
  const { db } = server.app;
  const id = rawId((await server.signUp()).signedIn.sessionId);
  const { lastUsedAt } = await db.session.findUniqueOrThrow({ where: { id } });
  expect(await accounts.sessionValidUntil(id)).toEqual(new Date(lastUsedAt.getTime() + 600_000));
  await db.$executeRaw`UPDATE "Session" SET "revokedAt" = clock_timestamp() WHERE id = ${id}::uuid`;
  expect(await accounts.sessionValidUntil(id)).toBeNull();
  expect(await accounts.sessionValidUntil('00000000-0000-7000-8000-000000000000')).toBeNull();
});

test('tokens of mails are deleted once they are past their time', async () => {
  const { db } = server.app;
  const userId = rawId((await server.signUp()).id);
  for (const [index, expiresAt] of [new Date(Date.now() - 5000), new Date(Date.now() + 60_000)].entries()) {
    const hash = String(index).repeat(43);
    await db.mailToken.create({
      data: { hash, userId, purpose: 'PASSWORD_RESET', email: 'a@example.test', expiresAt },
    });
  }
  await accounts.forgetExpired();
  expect((await db.mailToken.findMany()).map(({ hash }) => hash[0])).toEqual(['1']);
});

test("an external issuer's session stays as long as its tokens, revoked or not, and is valid until the last expires", async () => {
  const { db } = server.app;
  const userId = rawId((await server.signUp()).id);
  const at = (seconds: number) => new Date(Date.now() + seconds * 1000);
  const external = async (expiresAt: Date, revokedAt: Date | null) =>
    (await db.session.create({ data: { userId, device: 'issuer', externalKey: 'a key', expiresAt, revokedAt } })).id;
  const live = await external(at(60), null);
  const revoked = await external(at(60), at(-7200));
  const forgotten = await external(at(-7200), at(-7100));
  await accounts.forgetExpired();
  const left = (await db.session.findMany({ where: { externalKey: 'a key' } })).map(({ id }) => id);
  expect(left.sort()).toEqual([live, revoked].sort());
  expect(left).not.toContain(forgotten);
  const { expiresAt } = await db.session.findUniqueOrThrow({ where: { id: live } });
  expect(await accounts.sessionValidUntil(live)).toEqual(expiresAt);
});
