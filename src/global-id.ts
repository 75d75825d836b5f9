import { NotFoundError } from './errors.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The Relay id of an object: base64 of its type's name and its UUID. */
export function encodeGlobalId(typename: string, id: string): string {
  return Buffer.from(`${typename}:${id}`).toString('base64');
}

/** Takes only what `encodeGlobalId` makes. Throws NotFoundError: anything else names nothing. */
export function decodeGlobalId(globalId: string): { typename: string; id: string } {
  const [, typename, id] = /^([A-Za-z]{1,40}):(.{36})$/.exec(Buffer.from(globalId, 'base64').toString()) ?? [];
  if (typename === undefined || id === undefined || !uuid.test(id)) throw new NotFoundError('Object');
  return { typename, id };
}
