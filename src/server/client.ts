import type { IncomingMessage } from 'node:http';
import type { Client } from '../context.ts';

/** Where a request comes from. Behind a trusted proxy its last `X-Forwarded-For` entry counts: earlier ones are the client's word. */
export function clientOf(request: IncomingMessage, { trustProxy }: { trustProxy: boolean }): Client {
  const forwarded = trustProxy
    ? String(request.headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : undefined;
  return {
    address: forwarded || (request.socket.remoteAddress ?? 'unknown'),
    device: request.headers['user-agent'] ?? '',
  };
}

/** The token of an `Authorization: Bearer` header; null for anything else. */
export function bearer(authorization: unknown): string | null {
  if (typeof authorization !== 'string') return null;
  return /^Bearer ([^\s]+)$/i.exec(authorization)?.[1] ?? null;
}
