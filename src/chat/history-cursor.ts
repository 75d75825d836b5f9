import { InvalidInputError } from '../errors.ts';
import type { Message } from './message.ts';

/** A Relay cursor of the chat's history: the message's sequence. Opaque to clients, and none of the feed's cursors. */
export const encodeMessageCursor = ({ sequence }: Pick<Message, 'sequence'>): string =>
  Buffer.from(`message:${sequence}`).toString('base64url');

/** Null for no cursor. Throws InvalidInputError for anything that is none. */
export function decodeMessageCursor(cursor: string | null | undefined): number | null {
  if (cursor == null) return null;
  const [, digits] = /^message:([1-9][0-9]{0,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (digits === undefined) throw new InvalidInputError([{ path: 'cursor', message: 'is none of this connection' }]);
  return Number(digits);
}
