import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { loadKeys } from '../../src/auth/keys.ts';
import { createTokens } from '../../src/auth/tokens.ts';
import type { Viewer as AuthViewer } from '../../src/auth/viewer.ts';
import type { Role } from '../../src/generated/prisma/enums.ts';
import { encodeGlobalId } from '../../src/global-id.ts';
import { Actor, testPassword } from '../actor.ts';
import { keysDirectory, type TestServer } from '../harness.ts';

/** Where an account and its session stand in the database, and what it got to go on with. */
export interface Account {
  userId: string;
  /** Ends as `userId` does. */
  username: string;
  role: Role;
  sessionId: string;
  refreshToken: string;
}

/** An account with a session. */
export interface Person {
  account: Account;
  actor: Actor;
  /** The same for the capabilities, by which a stage is set. */
  viewer: AuthViewer;
  email: string;
}

const tokenSeconds = 600;
let passwordHash: Promise<string> | undefined;

/**
 * Many people at once, with `testPassword`: their rows are written straight to the database and their tokens signed with the
 * harness' key, since hashing a password for each is not what these tests are about.
 */
export async function createPeople<Name extends string>(
  server: TestServer,
  roles: Readonly<Record<Name, Role>>,
): Promise<Record<Name, Person>> {
  passwordHash ??= server.app.passwords.hash(testPassword);
  const password = await passwordHash;
  const names = Object.keys(roles) as Name[];
  const accounts = names.map((name) => {
    const userId = randomUUID();
    const username = `${name}_${userId.slice(-12)}`;
    return { name, userId, username, role: roles[name], sessionId: randomUUID(), refreshToken: newRefreshToken() };
  });
  const { db } = server.app;
  const expiresAt = new Date(Date.now() + 86_400_000);
  await db.user.createMany({
    data: accounts.map(({ name, userId, username, role }) => ({
      id: userId,
      username,
      email: `${username}@example.test`,
      emailVerifiedAt: new Date(),
      password,
      role,
      displayName: name,
      avatarUrl: `https://pictures.example.test/${name}.png`,
    })),
  });
  await db.session.createMany({
    data: accounts.map(({ userId, sessionId }) => ({ id: sessionId, userId, device: 'stage', expiresAt })),
  });
  await db.refreshToken.createMany({
    data: accounts.map(({ sessionId, refreshToken }) => ({ sessionId, hash: hashOf(refreshToken) })),
  });
  const named = accounts.map(({ name, ...account }) => [name, account] as const);
  return peopleOf(server, Object.fromEntries(named) as Record<Name, Account>);
}

/** Those whose rows these are, with access tokens signed with the harness' key. */
export async function peopleOf<Name extends string>(
  { url }: TestServer,
  accounts: Readonly<Record<Name, Account>>,
): Promise<Record<Name, Person>> {
  const tokens = createTokens({
    keys: await loadKeys({ keys: null, dataDir: keysDirectory }),
    issuer: 'ovation',
    accessTokenSeconds: tokenSeconds,
  });
  const people = (Object.entries(accounts) as [Name, Account][]).map(
    async ([name, account]): Promise<[Name, Person]> => {
      const { userId, sessionId, role, username, refreshToken } = account;
      const { token } = await tokens.sign({ userId, sessionId, role });
      const actor = new Actor(url, {
        userId: encodeGlobalId('User', userId),
        username,
        accessToken: token,
        refreshToken,
        sessionId: encodeGlobalId('Session', sessionId),
      });
      const viewer = { id: userId, sessionId, role, expiresAt: Date.now() + tokenSeconds * 1000 };
      return [name, { account, actor, viewer, email: `${username}@example.test` }];
    },
  );
  return Object.fromEntries(await Promise.all(people)) as Record<Name, Person>;
}

export const newRefreshToken = (): string => randomBytes(32).toString('base64url');

/** What the database has of a refresh token. */
export const hashOf = (refreshToken: string): string => createHash('sha256').update(refreshToken).digest('base64url');
