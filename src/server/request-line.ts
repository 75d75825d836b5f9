import type { IncomingMessage } from 'node:http';
import { badRequest } from './bad-request.ts';

/** A name or an address with or without a port (RFC 3986): nothing that would become another URL. */
const authority = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;

/**
 * Refuses what the pipeline would stumble over before it looks: a Host that no URL can have, and parameters of a GET that are to be
 * JSON and are not. Throws what the client is to be told.
 */
export function checkRequestLine({ method, url = '/', headers: { host } }: IncomingMessage): void {
  if (host !== undefined && !authority.test(host)) throw badRequest('The Host header is no host.');
  if (method !== 'GET' || !url.includes('?')) return;
  const parameters = new URLSearchParams(url.slice(url.indexOf('?')));
  for (const name of ['variables', 'extensions']) {
    const given = parameters.get(name);
    if (given !== null && given !== '' && !isJsonObject(given)) throw badRequest(`${name} is no JSON object.`);
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}
