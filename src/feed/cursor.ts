/** A place in one feed: just after the entry with this sequence. */
export interface Position {
  readonly feed: string;
  readonly epoch: string;
  readonly sequence: number;
}

const shape = /^1\|([^|]{1,80})\|([a-z0-9]{1,32})\|(0|[1-9][0-9]{0,15})$/;

/** Opaque to clients. Holds nothing secret and grants nothing: whoever uses a cursor is authorised anew. */
export function encodeCursor({ feed, epoch, sequence }: Position): string {
  return Buffer.from(`1|${feed}|${epoch}|${sequence}`).toString('base64url');
}

/** Null for anything `encodeCursor` did not make. */
export function decodeCursor(cursor: string): Position | null {
  if (cursor.length > 300) return null;
  const [, feed, epoch, digits] = shape.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (feed === undefined || epoch === undefined || digits === undefined) return null;
  const sequence = Number(digits);
  if (!Number.isSafeInteger(sequence)) return null;
  const position = { feed, epoch, sequence };
  return encodeCursor(position) === cursor ? position : null;
}
