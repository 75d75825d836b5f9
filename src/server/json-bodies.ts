import type { IncomingMessage } from 'node:http';
import type { GraphQLError } from 'graphql';
import { UnavailableError } from '../errors.ts';
import { badRequest } from './bad-request.ts';
import { byteLimits } from './limits.ts';

export interface JsonBodies {
  /**
   * Resolves to the object that the body is. Throws what the client is to be told, as soon as that is known: what is too large
   * is not read to its end.
   */
  read(request: IncomingMessage): Promise<object>;
}

interface Arriving {
  bytes: number;
  giveUp: () => void;
}

/**
 * Reads requests' bodies: JSON and nothing else, no uploads, and no forms, which a foreign page could send without asking first.
 * @param most bytes of bodies that are still arriving, over all requests. Past them the one that takes longest is given up.
 */
export function createJsonBodies({ most = byteLimits.arriving }: { most?: number } = {}): JsonBodies {
  /** The oldest first. */
  const arriving = new Set<Arriving>();
  let held = 0;

  function collect(request: IncomingMessage): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      const body: Arriving = {
        bytes: 0,
        giveUp: () => over(() => reject(new UnavailableError('The request took too long to arrive.'))),
      };
      const onData = (part: Buffer) => {
        parts.push(part);
        body.bytes += part.length;
        held += part.length;
        if (body.bytes > byteLimits.body || parts.length > byteLimits.bodyParts) over(() => reject(tooLarge()));
        else if (held > most) [...arriving][0]?.giveUp();
      };
      const onEnd = () => over(() => resolve(Buffer.concat(parts)));
      const onClose = () => over(() => reject(badRequest('The request ended too early.')));
      const over = (settle: () => void) => {
        if (!arriving.delete(body)) return;
        held -= body.bytes;
        request.off('data', onData).off('end', onEnd).off('close', onClose);
        settle();
      };
      arriving.add(body);
      request.on('data', onData).on('end', onEnd).on('close', onClose);
    });
  }

  return {
    async read(request) {
      refuseUnread(request);
      return parse(await collect(request));
    },
  };
}

/** What the headers alone say. */
function refuseUnread({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'];
  if (!isJson(headers['content-type']) || (encoding !== undefined && encoding !== 'identity')) {
    throw badRequest('Send the operation as application/json.', { status: 415 });
  }
  if (Number(headers['content-length'] ?? 0) > byteLimits.body) throw tooLarge();
}

/** RFC 8259: JSON is UTF-8. */
const isJson = (contentType = ''): boolean =>
  /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?(;\s*)?$/i.test(contentType.trim());

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(body: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    throw badRequest('The body is not JSON.');
  }
  if (Array.isArray(value)) throw badRequest('One operation in a request.');
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    throw badRequest('The body is not a JSON object with a query.');
  }
  return value;
}

const tooLarge = (): GraphQLError =>
  badRequest(`A request's body has at most ${byteLimits.body} bytes.`, { status: 413 });
