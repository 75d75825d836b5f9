import { createHash } from 'node:crypto';

/** What is drawn like nothing and would let one text pass for another: joiners, fillers, variation selectors. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * The form in which texts are compared: two that read the same are the same. Compatible characters are one (NFKC), as are cases, and
 * stretches of white space; what is invisible is left out.
 */
export const comparable = (text: string): string =>
  text.normalize('NFKC').replace(invisible, '').toLowerCase().normalize('NFKC').replace(/\s+/gu, ' ').trim();

/** SHA-256 of that form, in base64: what was said is remembered without its words. */
export const textHashOf = (text: string): string => createHash('sha256').update(comparable(text)).digest('base64');
