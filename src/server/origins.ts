import type { IncomingMessage } from 'node:http';
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
