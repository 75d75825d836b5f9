import type { Db, Transaction } from '../db/client.ts';
import { comparable } from './comparable.ts';

/** What an event blocks at most; of each word or phrase, in code points. */
export const blockedWordLimits = { words: 200, longest: 50 } as const;

const startsAsWord = /^[\p{L}\p{M}\p{N}]/u;
const endsAsWord = /[\p{L}\p{M}\p{N}]$/u;

/**
 * Tells whether a text has one of these words or phrases, which are comparable. They are found as whole words: `ass` is not in `class`.
 * What begins or ends with a sign is found beside anything.
 */
export function wordFilter(words: readonly string[]): (text: string) => boolean {
  if (words.length === 0) return () => false;
  // Not one expression for all words: to compile it takes longer than to judge a batch.
  return (text) => {
    const compared = comparable(text);
    return words.some((word) => isIn(compared, word));
  };
}

function isIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const end = at + word.length;
    // Two units hold the character beside it, whatever its length.
    const goesOnBefore = startsAsWord.test(word) && endsAsWord.test(text.slice(Math.max(0, at - 2), at));
    const goesOnAfter = endsAsWord.test(word) && startsAsWord.test(text.slice(end, end + 2));
    if (!goesOnBefore && !goesOnAfter) return true;
  }
  return false;
}

/** The words that an event blocks, in the order of their letters. */
export async function readBlockedWords(db: Db | Transaction, eventId: string): Promise<string[]> {
  const rows = await db.blockedWord.findMany({ where: { eventId }, select: { word: true }, orderBy: { word: 'asc' } });
  return rows.map(({ word }) => word);
}

/** Blocks these words and no others. */
export async function writeBlockedWords(tx: Transaction, eventId: string, words: readonly string[]): Promise<void> {
  await tx.blockedWord.deleteMany({ where: { eventId, word: { notIn: [...words] } } });
  await tx.blockedWord.createMany({ data: words.map((word) => ({ eventId, word })), skipDuplicates: true });
}
