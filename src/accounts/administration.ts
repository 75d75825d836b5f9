import type { Write } from '../feed/unit-of-work.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { LoggedIn } from './credentials.ts';
import { lockUser } from './roles.ts';
import type { Sessions } from './sessions.ts';

/** What whoever runs the server does to an account. Nobody's permission is asked: it is not for requests. */
export interface Administration {
  /** A session of the user's without their password; it can be seen and ended like any other. Throws NotFoundError. */
  openSession(username: string, device: string): Promise<LoggedIn>;
}

export interface AdministrationDeps {
  write: Write;
  sessions: Pick<Sessions, 'open' | 'issue'>;
}

export function createAdministration({ write, sessions }: AdministrationDeps): Administration {
  return {
    async openSession(username, device) {
      const which = Prisma.sql`lower(username) = lower(${username})`;
      const granted = await write(async (work) => sessions.open(work, await lockUser(work.tx, which), device));
      return { userId: granted.userId, tokens: await sessions.issue(granted) };
    },
  };
}
