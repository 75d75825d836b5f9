import { z } from 'zod';
import { InvalidInputError } from './errors.ts';

// C0 and C1 controls, except line feed and tab where a text may have lines; lone surrogates, which are no text and which
// PostgreSQL's jsonb refuses; and the bidirectional overrides that let a text disguise itself.
const controls = /[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu;
const controlsButLines = /(?![\n\t])[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu;

const codePoints = (text: string): number => [...text].length;

/** So many marks on one character are no writing: to put them in order takes the square of their number (UAX #15, Stream-Safe Text). */
const piledMarks = /\p{M}{31,}/u;

/** Of a text of `max` characters before it is normalised, in UTF-16 units: composed, a character may take the room of four. */
const roomFor = (max: number): number => 4 * max + 256;

/** A text as it is kept: NFC, trimmed, without control characters, `min` to `max` code points. */
export function text(min: number, max: number, { lines = false }: { lines?: boolean } = {}) {
  const length = min > 0 ? `must have ${min} to ${max} characters` : `must have at most ${max} characters`;
  return z.string().transform((raw, { issues }) => {
    const refuse = (message: string) => {
      issues.push({ code: 'custom', message, input: raw });
      return z.NEVER;
    };
    // Before anything is spent on it.
    if (raw.length > roomFor(max)) return refuse(length);
    const plain = raw.replace(lines ? controlsButLines : controls, '').trim();
    if (piledMarks.test(plain)) return refuse('must have at most 30 marks on a character');
    const value = plain.normalize('NFC');
    const count = codePoints(value);
    return count >= min && count <= max ? value : refuse(length);
  });
}

/** An absolute https URL without credentials and control characters, at most 2,048 characters. */
export const httpsUrl = z
  .string()
  .trim()
  .max(2048, { error: 'must have at most 2048 characters' })
  .refine(isHttpsUrl, { error: 'must be an https URL' });

function isHttpsUrl(value: string): boolean {
  // A URL's parser drops or escapes control characters; kept is what was given.
  if (/[\p{Cc}\p{Cs}]/u.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.protocol === 'https:' && url.username === '' && url.password === '';
}

/** The value in its kept form. Throws InvalidInputError naming every issue. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidInputError(
    result.error.issues.map((issue) => ({ path: issue.path.map(String).join('.') || 'input', message: issue.message })),
  );
}
