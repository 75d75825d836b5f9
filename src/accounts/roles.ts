import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Role } from '../generated/prisma/enums.ts';
import { roleChanged } from './entries.ts';
import type { Sessions } from './sessions.ts';

export interface RoleChange {
  userId: string;
  /** Before. The same as asked for: nothing was changed. */
  from: Role;
  endedSessions: number;
}

/** What an account may do everywhere. */
export interface Roles {
  /**
   * Gives the role and ends the user's sessions, since the tokens of these carry the old one: open sockets close with 4401 on
   * every instance within a second, and the next log-in has the new role. For administrators: throws ForbiddenError for anybody
   * else, and NotFoundError.
   */
  changeRole(viewer: Viewer, userId: string, role: Role): Promise<RoleChange>;
  /** The same by whoever runs the server. Nobody's permission is asked: it is not for requests. Throws NotFoundError. */
  setRole(username: string, role: Role): Promise<RoleChange>;
}

export function createRoles({ write, sessions }: { write: Write; sessions: Pick<Sessions, 'revokeAll'> }): Roles {
  const give = (which: Prisma.Sql, role: Role) =>
    write(async (work): Promise<RoleChange> => {
      const { id, role: from } = await lockUser(work.tx, which);
      return { userId: id, from, endedSessions: from === role ? 0 : await change(work, id, role) };
    });

  async function change(work: Work, userId: string, role: Role): Promise<number> {
    await work.tx.$executeRaw`
      UPDATE "User" SET role = ${role}::"Role", "updatedAt" = clock_timestamp() WHERE id = ${userId}::uuid`;
    work.append(feeds.user(userId), roleChanged.draft({ role }));
    return sessions.revokeAll(work, userId, 'ROLE_CHANGED');
  }

  return {
    async changeRole(viewer, userId, role) {
      if (viewer.role !== 'ADMIN') throw new ForbiddenError('Only administrators change roles.');
      return give(Prisma.sql`id = ${userId}::uuid`, role);
    },
    setRole: (username, role) => give(Prisma.sql`lower(username) = lower(${username})`, role),
  };
}

/** Locked as a log-in locks it, so that neither misses the other. Throws NotFoundError. */
export async function lockUser(tx: Transaction, which: Prisma.Sql): Promise<{ id: string; role: Role }> {
  const [user] = await tx.$queryRaw<{ id: string; role: Role }[]>`
    SELECT id, role FROM "User" WHERE ${which} AND "deletedAt" IS NULL FOR NO KEY UPDATE`;
  if (user === undefined) throw new NotFoundError('User');
  return user;
}
