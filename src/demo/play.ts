import { setTimeout as pause } from 'node:timers/promises';
import type { Viewer } from '../auth/viewer.ts';
import { databaseNow } from '../db/clock.ts';
import { feeds } from '../feed/entry.ts';
import { moveToThePast, type Shift } from './past.ts';
import type { Beat, Scene, Theatre } from './scene.ts';
import type { DemoEvent, PastEvent } from './script.ts';

const minuteMs = 60_000;

/** Plays an event. What of it was played before stays as it is. */
export async function play(theatre: Theatre, script: DemoEvent): Promise<void> {
  const { db, capabilities, person } = theatre;
  const host = person(script.host);
  const eventId = await planned(theatre, script, host);
  const statusNow = async () =>
    (await db.videoEvent.findUniqueOrThrow({ where: { id: eventId }, select: { status: true } })).status;
  if ((await statusNow()) === 'DRAFT') await capabilities.events.move(host, eventId, 'schedule');
  const status = await statusNow();
  // Whoever looked at it between two starts may have ended it or called it off.
  if (status !== 'SCHEDULED' && status !== 'LIVE') return;
  for (const username of script.moderators) {
    await capabilities.moderation.appoint(host, { eventId, userId: person(username).id });
  }
  for (const username of script.audience) await capabilities.participation.join(person(username), { eventId });
  if (script.becomes !== 'SCHEDULED' && status === 'SCHEDULED') await capabilities.events.move(host, eventId, 'start');
  const begun = { ...theatre, eventId, host };
  if (script.becomes === 'ENDED') return playInThePast(begun, script);
  for (const [index, beat] of script.show.entries()) await playBeat(begun, index, beat);
}

/** The script's event; made where there is none. */
async function planned({ db, capabilities }: Theatre, script: DemoEvent, host: Viewer): Promise<string> {
  const { title, description, streamUrl, coverImageUrl, capacity, startsInMinutes } = script;
  const known = await db.videoEvent.findFirst({ where: { hostId: host.id, title }, select: { id: true } });
  if (known !== null) return known.id;
  const scheduledAt = new Date(Date.now() + startsInMinutes * minuteMs);
  const event = { title, description, streamUrl, coverImageUrl, capacity, scheduledAt };
  return (await capabilities.events.create(host, event)).eventId;
}

type Begun = Omit<Scene, 'key'>;

const playBeat = (begun: Begun, index: number, beat: Beat) =>
  beat({ ...begun, key: `demo-${begun.eventId.slice(0, 13)}-${index}` });

/** Plays a show in a moment, and dates each beat back to its minute. */
async function playInThePast(begun: Begun, script: PastEvent): Promise<void> {
  const { db, capabilities, eventId, host, person } = begun;
  const startedAt = new Date(Date.now() + script.startsInMinutes * minuteMs);
  const at = (minute: number) => new Date(startedAt.getTime() + minute * minuteMs);
  const shifts: Shift[] = await sinceTheBeginning(begun, startedAt);
  const turnTo = async (minute: number): Promise<void> => {
    // Times have milliseconds: what was done before and what comes now must not share one.
    await pause(3);
    const from = await databaseNow(db);
    shifts.push({ from, by: at(minute).getTime() - from.getTime() });
  };
  for (const [index, [minute, beat]] of script.show.entries()) {
    await turnTo(minute);
    await playBeat(begun, index, beat);
  }
  await turnTo(script.minutes);
  await capabilities.events.move(host, eventId, 'end');
  const watched = Object.entries(script.watched).map(
    ([username, [from, to]]) => [person(username).id, { from: at(from), to: at(to) }] as const,
  );
  await moveToThePast(db, { eventId, shifts, startedAt, endedAt: at(script.minutes), watched: new Map(watched) });
}

/** People joined in the hour before it went live. */
async function sinceTheBeginning({ db, eventId }: Begun, startedAt: Date): Promise<Shift[]> {
  const [event, { originAt }] = await Promise.all([
    db.videoEvent.findUniqueOrThrow({ where: { id: eventId } }),
    db.feed.findUniqueOrThrow({ where: { name: feeds.event(eventId) } }),
  ]);
  const live = event.startedAt;
  if (live === null || originAt === null) throw new Error('the show has not begun');
  const by = startedAt.getTime() - originAt.getTime();
  return [
    { from: new Date(0), by: by - 60 * minuteMs },
    { from: live, by },
  ];
}
