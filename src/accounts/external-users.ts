import { createHash } from 'node:crypto';
import type { ExternalToken } from '../auth/external-issuer.ts';
import type { Revocations } from '../auth/revocations.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { Role } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';
import { takenError } from './credentials.ts';
import { EmailTakenError, UsernameTakenError } from './errors.ts';
import { type NewAccount, proposeAccount } from './external-account.ts';
import type { Sessions } from './sessions.ts';

/** Users who log in at an external issuer. */
export interface ExternalUsers {
  /**
   * Whom the token stands for. At first sight of its subject an account is made. What it stands for is a session like any
   * other: listed, revoked, ended with its account. Throws UnauthenticatedError when that ended after the token was issued.
   */
  viewerOf(token: ExternalToken): Promise<Viewer>;
}

export interface ExternalUsersDeps {
  write: Write;
  db: Db;
  sessions: Pick<Sessions, 'endSurplus'>;
  revocations: Pick<Revocations, 'isRevoked'>;
}

/** A session that tokens of one key stand for. */
interface Standing {
  userId: string;
  role: Role;
  sessionId: string;
  /** When the last of its tokens seen so far expires, and when the newest one that is refused was issued; ms since 1970. */
  expiresAt: number;
  notBefore: number;
}

/** For so long an instance does not ask the database about a session again, in ms; less than revocations are remembered. */
const rememberedMs = 30_000;
const maxRemembered = 20_000;
/** Names that may turn out to be taken, before it is a fault. */
const attempts = 8;

const ended = () => new UnauthenticatedError('The session has ended. Log in again.');
const keyOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

export function createExternalUsers({ write, db, sessions, revocations }: ExternalUsersDeps): ExternalUsers {
  const remembered = new Map<string, Standing & { until: number }>();
  const pending = new Map<string, Promise<Standing>>();

  function recall(sessionKey: string): Standing | null {
    const standing = remembered.get(sessionKey);
    if (standing === undefined) return null;
    if (standing.until > performance.now() && !revocations.isRevoked(standing.sessionId)) return standing;
    remembered.delete(sessionKey);
    return null;
  }

  function remember(sessionKey: string, standing: Standing): void {
    remembered.delete(sessionKey);
    remembered.set(sessionKey, { ...standing, until: performance.now() + rememberedMs });
    const [oldest] = remembered.keys();
    if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest);
  }

  async function lookUp(token: ExternalToken, keys: Keys): Promise<Standing> {
    const known = await read(db, keys);
    if (known !== null && token.issuedAt <= known.notBefore) throw ended();
    const standing = standingOf(known);
    return standing !== null && standing.expiresAt >= token.expiresAt ? standing : establish(token, keys);
  }

  /** Makes whatever is missing: account, session; and lets the session last as long as the token. */
  async function establish(token: ExternalToken, keys: Keys): Promise<Standing> {
    const account = proposeAccount(token);
    for (let attempt = 1; ; attempt++) {
      try {
        return await write((work) => establishIn(work, token, { keys, account: account.next() }));
      } catch (error) {
        const taken = takenError(error);
        if (taken instanceof EmailTakenError) account.leaveEmail();
        // Perhaps by the same subject on another instance: then the next attempt finds that account.
        else if (!(taken instanceof UsernameTakenError)) throw error;
        if (attempt === attempts) throw error;
      }
    }
  }

  async function establishIn(
    work: Work,
    token: ExternalToken,
    { keys, account }: { keys: Keys; account: NewAccount },
  ): Promise<Standing> {
    const { tx } = work;
    const userId = (await lockIdentity(tx, token, keys)) ?? (await makeAccount(tx, token, { keys, account }));
    // Neither the role nor the account goes away before this is committed.
    await tx.$queryRaw`SELECT 1 FROM "User" WHERE id = ${userId}::uuid FOR SHARE`;
    const extended = await tx.$executeRaw`
      UPDATE "Session" SET "lastUsedAt" = clock_timestamp(),
        "expiresAt" = GREATEST("expiresAt", ${new Date(token.expiresAt)})
      WHERE "externalKey" = ${keys.session} AND "revokedAt" IS NULL`;
    if (extended === 0) {
      await tx.$executeRaw`
        INSERT INTO "Session" (id, "userId", device, "createdAt", "lastUsedAt", "expiresAt", "externalKey")
        VALUES (${newId()}::uuid, ${userId}::uuid, ${new URL(token.issuer).host.slice(0, 200)}, clock_timestamp(),
          clock_timestamp(), ${new Date(token.expiresAt)}, ${keys.session})`;
      await sessions.endSurplus(work, userId);
    }
    const standing = standingOf(await read(tx, keys));
    if (standing === null || token.issuedAt <= standing.notBefore) throw ended();
    return standing;
  }

  return {
    async viewerOf(token) {
      const identity = keyOf(token.issuer, token.subject);
      const keys = { identity, session: keyOf(identity, token.issuerSession ?? '') };
      let standing = recall(keys.session);
      if (standing === null || standing.expiresAt < token.expiresAt) {
        const question = `${keys.session} ${token.issuedAt} ${token.expiresAt}`;
        const asked = pending.get(question) ?? lookUp(token, keys).finally(() => pending.delete(question));
        pending.set(question, asked);
        standing = await asked;
        remember(keys.session, standing);
      }
      if (token.issuedAt <= standing.notBefore || revocations.isRevoked(standing.sessionId)) throw ended();
      const { userId, sessionId, role } = standing;
      return { id: userId, sessionId, role, expiresAt: token.expiresAt };
    },
  };
}

interface Keys {
  /** Of issuer and subject. */
  identity: string;
  /** Of these and the issuer's session. */
  session: string;
}

/** What the database knows of an identity; each null: not yet, or no longer. */
type Known = { [Key in Exclude<keyof Standing, 'notBefore'>]: Standing[Key] | null } & Pick<Standing, 'notBefore'>;

/** Null: nobody has seen the subject. */
async function read(db: Pick<Transaction, '$queryRaw'>, keys: Keys): Promise<Known | null> {
  const [row] = await db.$queryRaw<
    (Omit<Known, 'expiresAt' | 'notBefore'> & { expiresAt: Date | null; notBefore: Date })[]
  >`
    SELECT u.id AS "userId", u.role, s.id AS "sessionId", s."expiresAt",
      GREATEST(i."notBefore", to_timestamp(0),
        (SELECT max("revokedAt") FROM "Session" WHERE "externalKey" = ${keys.session})) AS "notBefore"
    FROM "ExternalIdentity" i
    LEFT JOIN "User" u ON u.id = i."userId" AND u."deletedAt" IS NULL
    LEFT JOIN "Session" s ON s."externalKey" = ${keys.session} AND s."revokedAt" IS NULL AND s."userId" = u.id
    WHERE i.key = ${keys.identity}`;
  if (row === undefined) return null;
  return { ...row, expiresAt: row.expiresAt?.getTime() ?? null, notBefore: row.notBefore.getTime() };
}

function standingOf(known: Known | null): Standing | null {
  if (known === null) return null;
  const { userId, role, sessionId, expiresAt, notBefore } = known;
  if (userId === null || role === null || sessionId === null || expiresAt === null) return null;
  return { userId, role, sessionId, expiresAt, notBefore };
}

/** The user of the identity, which stays locked; null: it has none. Throws UnauthenticatedError for a token of before its end. */
async function lockIdentity(tx: Transaction, token: ExternalToken, keys: Keys): Promise<string | null> {
  await tx.$queryRaw`SELECT 1 FROM "ExternalIdentity" WHERE key = ${keys.identity} FOR UPDATE`;
  const known = await read(tx, keys);
  if (known !== null && token.issuedAt <= known.notBefore) throw ended();
  return known?.userId ?? null;
}

async function makeAccount(
  tx: Transaction,
  token: ExternalToken,
  { keys, account }: { keys: Keys; account: NewAccount },
): Promise<string> {
  await tx.user.create({ data: { ...account, password: '' } });
  await tx.$executeRaw`
    INSERT INTO "ExternalIdentity" (key, issuer, subject, "userId")
    VALUES (${keys.identity}, ${token.issuer}, ${token.subject}, ${account.id}::uuid)
    ON CONFLICT (key) DO UPDATE SET subject = EXCLUDED.subject, "userId" = EXCLUDED."userId"
      WHERE "ExternalIdentity"."userId" IS NULL`;
  // Who found it locked by somebody that made it meanwhile made an account for nothing.
  const [identity] = await tx.$queryRaw<{ userId: string | null }[]>`
    SELECT "userId" FROM "ExternalIdentity" WHERE key = ${keys.identity}`;
  const userId = identity?.userId ?? account.id;
  if (userId !== account.id) await tx.user.delete({ where: { id: account.id } });
  return userId;
}
