import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

const bearer = /^Bearer +([^\s]+)$/i;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** /metrics in Prometheus' text format. With a token: for who sends it as `Authorization: Bearer`. */
export function createMetricsPage(
  registry: Pick<Registry, 'metrics' | 'contentType'>,
  { token }: { token: string | null },
) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const given = bearer.exec(request.headers.authorization ?? '')?.[1];
    if (token !== null && (given === undefined || !timingSafeEqual(digest(given), digest(token)))) {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="metrics"' }).end();
      return;
    }
    const text = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(text);
  };
}
