import type { Transaction } from '../db/client.ts';
import { type ChatModes, moderates } from '../events/access.ts';
import type { Batch } from '../feed/batch.ts';
import { readBlockedWords, wordFilter } from './blocked-words.ts';
import { textHashOf } from './comparable.ts';
import { judgeTurns, textRefused } from './modes.ts';
import type { Sending, Speakers } from './sending.ts';
import { type Claimed, claimTexts, claimTurns } from './turns.ts';

/** What is judged here is said by people who do not moderate: who does is free of every mode. */
interface Judged {
  sending: Sending;
  participantId: string | null;
}

function judgedIn(batch: Batch<Sending>, speakers: Speakers): { judged: Judged[]; modes: ChatModes | null } {
  let modes: ChatModes | null = null;
  const judged = batch.open.flatMap((sending) => {
    const speaker = speakers.get(sending);
    if (speaker === undefined || moderates(speaker.standing)) return [];
    modes = speaker.standing.event.chat;
    return [{ sending, participantId: speaker.participantId }];
  });
  return { judged, modes };
}

/** What the chat does not take, whenever it is said, drops out. */
export async function judgeTexts(
  tx: Transaction,
  eventId: string,
  { batch, speakers }: { batch: Batch<Sending>; speakers: Speakers },
): Promise<void> {
  const { judged, modes } = judgedIn(batch, speakers);
  if (modes === null) return;
  const isBlocked = wordFilter(modes.blocksWords ? await readBlockedWords(tx, eventId) : []);
  for (const { sending } of judged) {
    const refusal = textRefused(sending.text, modes, isBlocked);
    if (refusal !== null) batch.refuse(sending, refusal);
  }
}

const unclaimed: Claimed = { waits: new Map(), release: async () => {} };

/** What is said too soon, by the same person or in the same words, drops out. Who speaks has a place by now. */
export async function judgePace(
  tx: Transaction,
  eventId: string,
  { batch, speakers }: { batch: Batch<Sending>; speakers: Speakers },
): Promise<void> {
  const { judged, modes } = judgedIn(batch, speakers);
  if (modes === null) return;
  const { slowModeSeconds, unique } = modes;
  if (slowModeSeconds === 0 && !unique) return;
  const turns = judged.map(({ sending, participantId }) => ({
    participantId: slowModeSeconds > 0 ? participantId : null,
    textHash: unique ? textHashOf(sending.text) : null,
  }));
  const ids = distinct(turns.map(({ participantId }) => participantId));
  const hashes = distinct(turns.map(({ textHash }) => textHash));
  const participants = ids.length === 0 ? unclaimed : await claimTurns(tx, ids, slowModeSeconds);
  const texts = hashes.length === 0 ? unclaimed : await claimTexts(tx, eventId, hashes);

  const refusals = judgeTurns(turns, { participants: participants.waits, texts: texts.waits }, modes);
  const taken = turns.filter((_, place) => refusals[place] === null);
  await participants.release(
    without(
      ids,
      taken.map(({ participantId }) => participantId),
    ),
  );
  await texts.release(
    without(
      hashes,
      taken.map(({ textHash }) => textHash),
    ),
  );
  for (const [place, { sending }] of judged.entries()) {
    const refusal = refusals[place];
    if (refusal != null) batch.refuse(sending, refusal);
  }
}

const distinct = (values: readonly (string | null)[]): string[] => [...new Set(values.flatMap((value) => value ?? []))];

function without(values: readonly string[], used: readonly (string | null)[]): string[] {
  const inUse = new Set(used);
  return values.filter((value) => !inUse.has(value));
}
