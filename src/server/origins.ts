import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config.ts';

type OriginRules = Pick<Config, 'allowedOrigins' | 'production'>;

/** The front ends that may talk to this server from a browser; outside production any on this machine. */
export function isAllowedOrigin(origin: string, { allowedOrigins, production }: OriginRules): boolean {
  if (allowedOrigins.includes(origin)) return true;
  if (production || !URL.canParse(origin)) return false;
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(origin).hostname);
}

/** May this upgrade become a socket? Programs send no Origin; a page of this server's own address needs no permission. */
export function isAllowedUpgrade({ headers }: IncomingMessage, rules: OriginRules): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  return (URL.canParse(origin) && new URL(origin).host === host) || isAllowedOrigin(origin, rules);
}

/** What a page of an allowed origin may send: who asks, what, and how its own logs and traces call it. */
const preflightHeaders = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, x-request-id, traceparent, tracestate',
  'access-control-max-age': '600',
};

/** Lets a page of an allowed origin read the answer (CORS). True: the request was only a page's question, and is answered. */
export function answerOrigin(
  { method, headers: { origin } }: IncomingMessage,
  response: ServerResponse,
  rules: OriginRules,
): boolean {
  const isAllowed = origin !== undefined && isAllowedOrigin(origin, rules);
  response.setHeader('vary', 'Origin');
  if (isAllowed) {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-expose-headers', 'x-request-id, retry-after');
  }
  if (method !== 'OPTIONS') return false;
  response.writeHead(204, isAllowed ? preflightHeaders : {}).end();
  return true;
}
