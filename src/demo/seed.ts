import type { App } from '../app.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import type { Role } from '../generated/prisma/enums.ts';
import { type DemoMessage, demoEvents, demoPassword, demoPeople } from './script.ts';

/** What a person can log in with. */
export interface Demo {
  accounts: readonly { username: string; what: string }[];
  password: string;
}

type Stage = Pick<App, 'db' | 'capabilities'>;
type Cast = ReadonlyMap<string, Viewer>;

/** Any number that nothing else here uses: the key of the lock under which instances that start together take turns. */
const lockKey = 6828467;
const turnMs = 60_000;

/**
 * Loads the demo data through the capabilities, as their users would. What is there already stays as it is, so it can run at
 * every start, on several instances at once, and after one that was killed midway.
 */
export async function seed(stage: Stage): Promise<Demo> {
  await stage.db.$transaction(
    async (turn) => {
      await turn.$executeRaw`SELECT pg_advisory_xact_lock(${lockKey})`;
      const cast: Cast = new Map(
        await Promise.all(
          demoPeople.map(async ({ username, role }) => [username, await person(stage, username, role)] as const),
        ),
      );
      for (const event of demoEvents) await play(stage, cast, event);
    },
    { timeout: turnMs, maxWait: turnMs },
  );
  return { accounts: demoPeople, password: demoPassword };
}

async function person(
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

function member(cast: Cast, username: string): Viewer {
  const found = cast.get(username);
  if (found === undefined) throw new Error(`${username} is not in the demo's cast`);
  return found;
}

async function play(stage: Stage, cast: Cast, script: (typeof demoEvents)[number]): Promise<void> {
  const { db, capabilities } = stage;
  const { events, moderation, participation } = capabilities;
  const host = member(cast, script.host);
  const { title, description, streamUrl, coverImageUrl } = script;
  const known = await db.videoEvent.findFirst({ where: { hostId: host.id, title }, select: { id: true } });
  const eventId =
    known?.id ??
    (
      await events.create(host, {
        title,
        description,
        streamUrl,
        coverImageUrl,
        scheduledAt: new Date(Date.now() + script.startsInMinutes * 60_000),
      })
    ).eventId;
  const { status } = await db.videoEvent.findUniqueOrThrow({ where: { id: eventId }, select: { status: true } });
  if (status === script.becomes) return;
  if (status === 'DRAFT') await events.move(host, eventId, 'schedule');
  for (const moderator of script.moderators) {
    await moderation.appoint(host, { eventId, userId: member(cast, moderator).id });
  }
  for (const guest of script.audience) await participation.join(member(cast, guest), { eventId });
  await talk(stage, cast, eventId, script.chat);
  if (script.becomes === 'SCHEDULED') return;
  if (status !== 'LIVE') await events.move(host, eventId, 'start');
  if (script.becomes === 'ENDED') {
    await events.move(host, eventId, 'end');
    await moveToThePast(db, eventId, script.startsInMinutes);
  }
}

async function talk(
  { capabilities: { chat } }: Stage,
  cast: Cast,
  eventId: string,
  lines: readonly DemoMessage[],
): Promise<void> {
  for (const [index, { from, text }] of lines.entries()) {
    await chat.send(member(cast, from), { eventId, text, idempotencyKey: `demo-${eventId.slice(0, 13)}-${index}` });
  }
}

/** A show that is over began and ended some time ago. */
async function moveToThePast(db: Db, eventId: string, startsInMinutes: number): Promise<void> {
  const startedAt = new Date(Date.now() + startsInMinutes * 60_000);
  const endedAt = new Date(startedAt.getTime() + 3_600_000);
  await db.videoEvent.update({ where: { id: eventId }, data: { scheduledAt: startedAt, startedAt, endedAt } });
}
