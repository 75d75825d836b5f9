import { Batch } from '../feed/batch.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { Engaged } from '../participation/engaged.ts';
import { type Joining, joinTogether } from '../participation/join-together.ts';
import type { Sending, Speaker, Speakers } from './sending.ts';

/**
 * Gives places to those who speak without one, where the chat lets them; who finds no seat drops out. Only their joining takes the
 * event's lock: a message from a place does not. Tells also who of them was never here before.
 */
export async function seatNewcomers(
  work: Work,
  eventId: string,
  { batch, speakers }: { batch: Batch<Sending>; speakers: Speakers },
): Promise<{ speakers: Speakers; joined: Engaged[] }> {
  const newcomers = batch.open.filter((sending) => speakers.get(sending)?.participantId === null);
  if (newcomers.length === 0) return { speakers, joined: [] };
  const joinings = new Map<Sending, Joining>(
    newcomers.map((sending) => [sending, { viewer: sending.viewer, eventId, accepting: false, key: null }]),
  );
  const comingIn = new Batch([...joinings.values()]);
  const joined = await joinTogether(work, eventId, comingIn);
  const seated = new Map<Sending, Speaker>(speakers);
  for (const [sending, joining] of joinings) {
    const verdict = comingIn.verdictOf(joining);
    const speaker = speakers.get(sending);
    if (speaker === undefined) continue;
    if ('value' in verdict) seated.set(sending, { ...speaker, participantId: verdict.value });
    else if (verdict.refusal instanceof Error) batch.refuse(sending, verdict.refusal);
  }
  return { speakers: seated, joined };
}
