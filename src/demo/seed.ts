import type { App } from '../app.ts';
import type { Viewer } from '../auth/viewer.ts';
import { createWrite } from '../feed/unit-of-work.ts';
import type { Role } from '../generated/prisma/enums.ts';
import { demoPassword, demoPeople } from './people.ts';
import { play } from './play.ts';
import { demoEvents, lastPlayed } from './script.ts';

/** What a person can log in with. */
export interface Demo {
  accounts: readonly { username: string; what: string }[];
  password: string;
}

/** What of an instance the demo needs. */
type Stage = Pick<App, 'db' | 'hub' | 'capabilities'>;

/** Any number that nothing else here uses: the key of the lock under which instances that start together take turns. */
const lockKey = 6828467;
const turnMs = 60_000;

/**
 * Loads the demo data through the capabilities, as their users would. What is there already stays as it is, so it can run at
 * every start, on several instances at once, and after one that was killed midway.
 */
export async function seed(stage: Stage): Promise<Demo> {
  const { db, hub, capabilities } = stage;
  await db.$transaction(
    async (turn) => {
      await turn.$executeRaw`SELECT pg_advisory_xact_lock(${lockKey})`;
      const cast = new Map(
        await Promise.all(
          demoPeople.map(async ({ username, role }) => [username, await account(stage, username, role)] as const),
        ),
      );
      const person = (username: string) => memberOf(cast, username);
      if (await wasPlayed(stage, person(lastPlayed.host))) return;
      const write = createWrite({ db, publish: hub.publish });
      for (const event of demoEvents) await play({ db, capabilities, write, person }, event);
    },
    { timeout: turnMs, maxWait: turnMs },
  );
  return { accounts: demoPeople, password: demoPassword };
}

async function account(
  { db, capabilities: { accounts } }: Stage,
  username: string,
  role: 'HOST' | 'PARTICIPANT',
): Promise<Viewer> {
  const known = await db.user.findFirst({ where: { username }, select: { id: true, role: true } });
  if (known !== null) return viewer(known.id, known.role);
  const { userId, tokens } = await accounts.signUp(
    { username, role, email: `${username}@demo.example`, password: demoPassword, displayName: displayNameOf(username) },
    'demo data',
  );
  const joined = { ...viewer(userId, role), sessionId: tokens.sessionId };
  await accounts.logOut(joined);
  return joined;
}

const displayNameOf = (username: string): string => username.charAt(0).toUpperCase() + username.slice(1);

/** Acts for an account without a session of its own. */
const viewer = (id: string, role: Role): Viewer => ({ id, role, sessionId: id, expiresAt: 0 });

function memberOf(cast: ReadonlyMap<string, Viewer>, username: string): Viewer {
  const found = cast.get(username);
  if (found === undefined) throw new Error(`${username} is not in the demo's cast`);
  return found;
}

/** Whether the last event is over. Whatever became of the others since then stays. */
async function wasPlayed({ db }: Stage, host: Viewer): Promise<boolean> {
  return (await db.videoEvent.count({ where: { hostId: host.id, title: lastPlayed.title, status: 'ENDED' } })) > 0;
}
