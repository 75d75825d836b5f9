import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { loadKeys } from '../../src/auth/keys.ts';
import { createTokens } from '../../src/auth/tokens.ts';
import type { Viewer as AuthViewer } from '../../src/auth/viewer.ts';
import type { Role } from '../../src/generated/prisma/enums.ts';
import { encodeGlobalId } from '../../src/global-id.ts';
import { Actor, testPassword } from '../actor.ts';
import { keysDirectory, type TestServer } from '../harness.ts';

/** An account with a session. */
export interface Person {
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
  const tokens = createTokens({
    keys: await loadKeys({ keys: null, dataDir: keysDirectory }),
    issuer: 'ovation',
    accessTokenSeconds: tokenSeconds,
  });
  passwordHash ??= server.app.passwords.hash(testPassword);
  const password = await passwordHash;
  const names = Object.keys(roles) as Name[];
  const rows = names.map((name) => ({
    name,
    userId: randomUUID(),
    sessionId: randomUUID(),
    username: `${name}_${randomBytes(6).toString('hex')}`,
    refreshToken: randomBytes(32).toString('base64url'),
  }));
  const { db } = server.app;
  const expiresAt = new Date(Date.now() + 86_400_000);
  await db.user.createMany({
    data: rows.map(({ name, userId, username }) => ({
      id: userId,
      username,
      email: `${username}@example.test`,
      emailVerifiedAt: new Date(),
      password,
      role: roles[name],
      displayName: name,
      avatarUrl: `https://pictures.example.test/${name}.png`,
    })),
  });
  await db.session.createMany({
    data: rows.map(({ userId, sessionId }) => ({ id: sessionId, userId, device: 'stage', expiresAt })),
  });
  await db.refreshToken.createMany({
    data: rows.map(({ sessionId, refreshToken }) => ({ sessionId, hash: hashOf(refreshToken) })),
  });
  const people = await Promise.all(
    rows.map(async ({ name, userId, sessionId, username, refreshToken }): Promise<[Name, Person]> => {
      const role = roles[name];
      const { token } = await tokens.sign({ userId, sessionId, role });
      const actor = new Actor(server.url, {
        userId: encodeGlobalId('User', userId),
        username,
        accessToken: token,
        refreshToken,
        sessionId: encodeGlobalId('Session', sessionId),
      });
      const viewer = { id: userId, sessionId, role, expiresAt: Date.now() + tokenSeconds * 1000 };
      return [name, { actor, viewer, email: `${username}@example.test` }];
    }),
  );
  return Object.fromEntries(people) as Record<Name, Person>;
}

const hashOf = (refreshToken: string): string => createHash('sha256').update(refreshToken).digest('base64url');
