/** Names that clients' software gives: a lower-case letter, then letters, digits, `_`, `.` and `-`. Ours are upper case. */
export const customType = /^[a-z][a-z0-9_.-]{0,49}$/;

/** Every name there can be. Also a CHECK in the database. */
export const anyType = /^([A-Z][A-Z0-9_]{0,39}|[a-z][a-z0-9_.-]{0,49})$/;

/** Of a payload: bytes as JSON in UTF-8, and objects and lists within one another, the payload itself counted. */
export const payloadLimits = { bytes: 1024, depth: 4 } as const;

/** Why this is no payload; null: it is one. PostgreSQL's jsonb holds neither NUL nor half characters. */
export function payloadIssue(payload: unknown): string | null {
  const issue = valueIssue(payload, 1);
  if (issue !== null) return issue;
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  return bytes > payloadLimits.bytes ? `must have at most ${payloadLimits.bytes} bytes as JSON` : null;
}

function valueIssue(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return textIssue(value);
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'must not have numbers too large for JSON';
  if (typeof value !== 'object' || value === null) return null;
  if (depth > payloadLimits.depth)
    return `must have at most ${payloadLimits.depth} objects and lists within one another`;
  for (const [key, inner] of Object.entries(value)) {
    // Merged into an object somewhere, it would be more than a key.
    if (key === '__proto__') return 'must not have a key __proto__';
    const issue = textIssue(key) ?? valueIssue(inner, depth + 1);
    if (issue !== null) return issue;
  }
  return null;
}

const textIssue = (text: string): string | null =>
  /[\0\p{Cs}]/u.test(text) ? 'must not have NUL or half characters' : null;
