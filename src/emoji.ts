/** Properties of sequences: no literal has them before TypeScript's ES2024. */
const sequences = 'v';
/** What Unicode recommends for general interchange: one picture, whatever the number of code points. */
const single = new RegExp('^\\p{RGI_Emoji}$', sequences);
/** Asks for the picture where a character has a plain form too. */
const asPicture = '\uFE0F';

/** The one emoji that a text is, in the form in which it is kept: keyboards leave the request for the picture out. Null: it is none. */
export function emojiIn(text: string): string | null {
  return [text, `${text}${asPicture}`].find((form) => single.test(form)) ?? null;
}
