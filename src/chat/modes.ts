import type { DomainError } from '../errors.ts';
import type { ChatModes } from '../events/access.ts';
import { BlockedWordError, ChatModeError, SlowModeError } from './errors.ts';
import { repeatAfterMs } from './rules.ts';

/** Why these modes do not take a text, whoever of those who do not moderate says it; null: they do. */
export function textRefused(
  text: string,
  modes: Pick<ChatModes, 'closed' | 'emoteOnly'>,
  isBlocked: (text: string) => boolean,
): DomainError | null {
  if (modes.closed) return new ChatModeError('CLOSED');
  if (isBlocked(text)) return new BlockedWordError();
  return modes.emoteOnly && !isEmotes(text) ? new ChatModeError('EMOTE_ONLY') : null;
}

// Old emoji may lack the selector that makes them colourful, or have one too many.
const emote = '\\p{RGI_Emoji}|\\p{Extended_Pictographic}|[\\s\\uFE0F]';
// No literal: the compiler's target does not know the flag, which every supported Node has.
const emotes = new RegExp(emote, 'gv');

/** Nothing but emoji and white space. */
// What is left over decides, not one expression for the whole: that could be matched in more ways than there is time to try.
export const isEmotes = (text: string): boolean => text.replace(emotes, '') === '';

/** A message as far as its time matters. Null: the rule does not hold for it. */
export interface Turn {
  /** Who speaks, for slow mode. */
  readonly participantId: string | null;
  /** What is said, for unique mode. */
  readonly textHash: string | null;
}

/** Milliseconds until somebody may speak again, or something be said again; 0 and absent: now. */
export interface Waits {
  readonly participants: ReadonlyMap<string, number>;
  readonly texts: ReadonlyMap<string, number>;
}

/**
 * Judges messages that arrived together as if each had come after the one before: what is taken makes those behind it wait, and what is
 * refused does not. Null: taken.
 */
export function judgeTurns(
  turns: readonly Turn[],
  { participants, texts }: Waits,
  { slowModeSeconds }: Pick<ChatModes, 'slowModeSeconds'>,
): (ChatModeError | SlowModeError | null)[] {
  const speakersWait = new Map(participants);
  const textsWait = new Map(texts);
  return turns.map(({ participantId, textHash }) => {
    const textWait = textHash === null ? 0 : (textsWait.get(textHash) ?? 0);
    if (textWait > 0) return new ChatModeError('UNIQUE', Math.ceil(textWait));
    const speakerWait = participantId === null ? 0 : (speakersWait.get(participantId) ?? 0);
    if (speakerWait > 0) return new SlowModeError(Math.ceil(speakerWait));
    if (textHash !== null) textsWait.set(textHash, repeatAfterMs);
    if (participantId !== null) speakersWait.set(participantId, slowModeSeconds * 1000);
    return null;
  });
}
