import { createHash, randomBytes } from 'node:crypto';
import { sessionsRevoked } from '../auth/revocations.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Db, Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { NotFoundError } from '../errors.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { Session } from '../generated/prisma/client.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Role } from '../generated/prisma/enums.ts';
import { type SessionEnd, sessionRevoked } from './entries.ts';
import { InvalidRefreshTokenError } from './errors.ts';
import { visibleSessions } from './visibility.ts';

export interface SessionTokens {
  sessionId: string;
  accessToken: string;
  accessTokenExpiresAt: Date;
  refreshToken: string;
  refreshTokenExpiresAt: Date;
}

/** A session that was opened or renewed in a unit of work; `issue` turns it into tokens once that is committed. */
export interface Granted {
  sessionId: string;
  userId: string;
  role: Role;
  refreshToken: string;
  refreshTokenExpiresAt: Date;
}

export type SessionQuery = Pick<Prisma.SessionFindManyArgs, 'select' | 'include'>;

export interface Sessions {
  /** A new session in the caller's unit of work. Past 50 sessions of a user, the one longest unused ends. */
  open(work: Work, user: { id: string; role: Role }, device: string): Promise<Granted>;
  issue(granted: Granted): Promise<SessionTokens>;
  /** Ends all of the user's sessions in the caller's unit of work, with every token that an external issuer gave them. */
  revokeAll(work: Work, userId: string, reason: SessionEnd): Promise<number>;
  /** Ends, in the caller's unit of work, the live sessions that match, and states so. Returns how many. */
  revoke(work: Work, which: Prisma.Sql, reason: SessionEnd): Promise<number>;
  /** Uses the refresh token up and gives the next. A used one ends its session. Throws InvalidRefreshTokenError. */
  refresh(refreshToken: string): Promise<SessionTokens>;
  logOut(viewer: Viewer): Promise<void>;
  /** Ends every session of the viewer, this one too. Returns how many. */
  logOutEverywhere(viewer: Viewer): Promise<number>;
  /** Throws NotFoundError unless it is live and the viewer's own, or the viewer is an administrator. */
  revokeOne(viewer: Viewer, sessionId: string): Promise<void>;
  /** The viewer's live sessions, the last used first. */
  mine(viewer: Viewer, query: SessionQuery): Promise<Session[]>;
  /** Past 50 sessions of the user, ends those longest unused, in the caller's unit of work. */
  endSurplus(work: Work, userId: string): Promise<number>;
  /** When the newest access token handed out for it, or seen of an external issuer, expires; null when the session has ended. */
  validUntil(sessionId: string): Promise<Date | null>;
  /** Deletes sessions, refresh tokens and tokens of mails that nobody can ask about any more. Returns how many sessions. */
  forgetExpired(): Promise<number>;
}

export interface SessionsDeps {
  write: Write;
  db: Db;
  tokens: Tokens;
  auth: Pick<Config['auth'], 'accessTokenSeconds' | 'sessionSeconds'>;
  /** The database's clock. */
  now: () => number;
}

const maxSessions = 50;
/** Ended sessions stay this much longer than an access token, in seconds: instances that start learn of them. */
const keptSeconds = 300;

const live = Prisma.sql`"revokedAt" IS NULL AND "expiresAt" > clock_timestamp()`;
const hashOf = (refreshToken: string): string => createHash('sha256').update(refreshToken).digest('base64url');

/** The User-Agent as it is kept: no control characters, at most 200 characters. */
function deviceName(userAgent: string): string {
  return [...userAgent.slice(0, 1000).replace(/[\p{Cc}\p{Cs}]/gu, '')].slice(0, 200).join('').trim();
}

export function createSessions({ write, db, tokens, auth, now }: SessionsDeps): Sessions {
  const { accessTokenSeconds, sessionSeconds } = auth;
  async function grant(tx: Transaction, session: { id: string; userId: string }, role: Role): Promise<Granted> {
    const [renewed] = await tx.$queryRaw<{ expiresAt: Date }[]>`
      UPDATE "Session" SET "lastUsedAt" = clock_timestamp(),
        "expiresAt" = clock_timestamp() + make_interval(secs => ${sessionSeconds})
      WHERE id = ${session.id}::uuid RETURNING "expiresAt"`;
    if (renewed === undefined) throw new Error(`session ${session.id} went away while it was locked`);
    const refreshToken = randomBytes(32).toString('base64url');
    await tx.$executeRaw`
      INSERT INTO "RefreshToken" (hash, "sessionId", "createdAt")
      VALUES (${hashOf(refreshToken)}, ${session.id}::uuid, clock_timestamp())`;
    return {
      sessionId: session.id,
      userId: session.userId,
      role,
      refreshToken,
      refreshTokenExpiresAt: renewed.expiresAt,
    };
  }

  async function revoke({ tx, append }: Work, which: Prisma.Sql, reason: SessionEnd): Promise<number> {
    const ended = await tx.$queryRaw<{ id: string; userId: string }[]>`
      UPDATE "Session" SET "revokedAt" = clock_timestamp() WHERE ${which} AND ${live} RETURNING id, "userId"`;
    if (ended.length === 0) return 0;
    append(feeds.sessions, sessionsRevoked.draft({ sessionIds: ended.map(({ id }) => id) }));
    for (const { id, userId } of ended) append(feeds.user(userId), sessionRevoked.draft({ sessionId: id, reason }));
    return ended.length;
  }

  function endSurplus(work: Work, userId: string): Promise<number> {
    const surplus = Prisma.sql`id IN (
      SELECT id FROM "Session" WHERE "userId" = ${userId}::uuid AND ${live}
      ORDER BY "lastUsedAt" DESC, id DESC OFFSET ${maxSessions})`;
    return revoke(work, surplus, 'REVOKED');
  }

  async function revokeAll(work: Work, userId: string, reason: SessionEnd): Promise<number> {
    // First: whoever is about to open a session for a token of theirs holds the identity's lock.
    await work.tx.$executeRaw`
      UPDATE "ExternalIdentity" SET "notBefore" = clock_timestamp() WHERE "userId" = ${userId}::uuid`;
    return revoke(work, Prisma.sql`"userId" = ${userId}::uuid`, reason);
  }

  async function issue({ sessionId, userId, role, ...refresh }: Granted): Promise<SessionTokens> {
    const { token, expiresAt } = await tokens.sign({ userId, sessionId, role });
    return { sessionId, accessToken: token, accessTokenExpiresAt: expiresAt, ...refresh };
  }

  return {
    issue,
    revoke,
    revokeAll,
    endSurplus,
    async open(work, { id: userId, role }, device) {
      const { tx } = work;
      const at = await databaseNow(tx);
      const { id } = await tx.session.create({
        data: { userId, device: deviceName(device), createdAt: at, lastUsedAt: at, expiresAt: at },
      });
      const granted = await grant(tx, { id, userId }, role);
      await endSurplus(work, userId);
      return granted;
    },
    async refresh(refreshToken) {
      const hash = hashOf(refreshToken);
      const granted = await write(async (work) => {
        const { tx } = work;
        // The session's lock lets one refresh at a time decide, and no revocation in between.
        const [session] = await tx.$queryRaw<{ id: string; userId: string; role: Role }[]>`
          SELECT s.id, s."userId", u.role FROM "Session" s
          JOIN "RefreshToken" t ON t."sessionId" = s.id JOIN "User" u ON u.id = s."userId"
          WHERE t.hash = ${hash} AND s."revokedAt" IS NULL AND s."expiresAt" > clock_timestamp()
          FOR UPDATE OF s`;
        if (session === undefined) return null;
        const used = await tx.$executeRaw`
          UPDATE "RefreshToken" SET "usedAt" = clock_timestamp() WHERE hash = ${hash} AND "usedAt" IS NULL`;
        if (used === 1) return grant(tx, session, session.role);
        // Two hold this token, and one of them is not whom it was given to.
        await revoke(work, Prisma.sql`id = ${session.id}::uuid`, 'TOKEN_REUSED');
        return null;
      });
      if (granted === null) throw new InvalidRefreshTokenError();
      return issue(granted);
    },
    async logOut({ sessionId }) {
      await write((work) => revoke(work, Prisma.sql`id = ${sessionId}::uuid`, 'LOGGED_OUT'));
    },
    logOutEverywhere: ({ id }) => write((work) => revokeAll(work, id, 'LOGGED_OUT')),
    async revokeOne(viewer, sessionId) {
      const own = viewer.role === 'ADMIN' ? Prisma.empty : Prisma.sql`AND "userId" = ${viewer.id}::uuid`;
      const ended = await write((work) => revoke(work, Prisma.sql`id = ${sessionId}::uuid ${own}`, 'REVOKED'));
      if (ended === 0) throw new NotFoundError('Session');
    },
    mine: (viewer, query) =>
      db.session.findMany({
        ...query,
        // Some have expired and are not yet deleted.
        where: { AND: [visibleSessions(viewer)], userId: viewer.id, expiresAt: { gt: new Date(now()) } },
        orderBy: [{ lastUsedAt: 'desc' }, { id: 'desc' }],
      }),
    async validUntil(sessionId) {
      const [session] = await db.$queryRaw<{ until: Date }[]>`
        SELECT CASE WHEN "externalKey" IS NULL
          THEN "lastUsedAt" + make_interval(secs => ${accessTokenSeconds}) ELSE "expiresAt" END AS until
        FROM "Session" WHERE id = ${sessionId}::uuid AND ${live}`;
      return session?.until ?? null;
    },
    async forgetExpired() {
      await db.$executeRaw`
        DELETE FROM "MailToken" WHERE "expiresAt" < clock_timestamp()`;
      await db.$executeRaw`
        DELETE FROM "RefreshToken" WHERE "createdAt" < clock_timestamp() - make_interval(secs => ${sessionSeconds})`;
      return db.$executeRaw`
        DELETE FROM "Session" WHERE
          CASE WHEN "externalKey" IS NULL THEN COALESCE("revokedAt", "expiresAt") ELSE GREATEST("revokedAt", "expiresAt") END
          < clock_timestamp() - make_interval(secs => ${accessTokenSeconds + keptSeconds})`;
    },
  };
}
