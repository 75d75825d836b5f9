import type { Transaction } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import { feeds } from '../feed/entry.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Role } from '../generated/prisma/enums.ts';
import type { LoggedIn } from './credentials.ts';
import { roleChanged } from './entries.ts';
import type { Sessions } from './sessions.ts';

export interface RoleChange {
  userId: string;
  /** Before. The same as asked for: nothing was changed. */
  from: Role;
  sessionsEnded: number;
}

/** What whoever runs the server does to an account. Nobody's permission is asked: it is not for requests. */
export interface Administration {
  /** A session of the user's without their password; it can be seen and ended like any other. Throws NotFoundError. */
  openSession(username: string, device: string): Promise<LoggedIn>;
  /**
   * Gives the role and ends the user's sessions, since the tokens of these carry the old one: open sockets close with 4401 on
   * every instance within a second, and the next log-in has the new role. Throws NotFoundError.
   */
  changeRole(username: string, role: Role): Promise<RoleChange>;
}

/** Locked as a log-in locks it, so that neither misses the other. */
async function lockUser(tx: Transaction, username: string): Promise<{ id: string; role: Role }> {
  const [user] = await tx.$queryRaw<{ id: string; role: Role }[]>`
    SELECT id, role FROM "User" WHERE lower(username) = lower(${username}) AND "deletedAt" IS NULL FOR NO KEY UPDATE`;
  if (user === undefined) throw new NotFoundError('User');
  return user;
}

export function createAdministration({
  write,
  sessions,
}: {
  write: Write;
  sessions: Pick<Sessions, 'open' | 'issue' | 'revoke'>;
}): Administration {
  return {
    async openSession(username, device) {
      const granted = await write(async (work) => sessions.open(work, await lockUser(work.tx, username), device));
      return { userId: granted.userId, tokens: await sessions.issue(granted) };
    },
    changeRole: (username, role) =>
      write(async (work) => {
        const user = await lockUser(work.tx, username);
        if (user.role === role) return { userId: user.id, from: role, sessionsEnded: 0 };
        await work.tx.user.update({ where: { id: user.id }, data: { role }, select: { id: true } });
        work.append(feeds.user(user.id), roleChanged.draft({ role }));
        const sessionsEnded = await sessions.revoke(work, Prisma.sql`"userId" = ${user.id}::uuid`, 'ROLE_CHANGED');
        return { userId: user.id, from: user.role, sessionsEnded };
      }),
  };
}
