import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Log } from '../log.ts';
import { byteLimits } from './limits.ts';
import { presentError } from './masking.ts';
import type { Operation } from './operations.ts';

const graphqlResponse = 'application/graphql-response+json';

const facts = z.object({
  retryAfterMs: z.number().optional().catch(undefined),
  http: z.object({ status: z.number().int() }).catch({ status: 400 }),
});

/** Answers a request that the pipeline never sees, as the pipeline would: an error with a code, for any GraphQL client. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  { operation, log }: { operation: Operation; log: Log },
): void {
  const presented = presentError(error, { log, requestId: operation.requestId, suggestions: false });
  operation.answered([presented]);
  if (response.closed) return;
  const { retryAfterMs, http } = facts.parse({ ...presented.extensions, http: presented.extensions.http });
  if (retryAfterMs !== undefined) response.setHeader('retry-after', Math.ceil(retryAfterMs / 1000));
  const accepted = request.headers.accept?.includes(graphqlResponse) === true;
  response
    .writeHead(http.status, { 'content-type': `${accepted ? graphqlResponse : 'application/json'}; charset=utf-8` })
    .end(JSON.stringify({ errors: [presented] }));
  if (!request.complete) readOn(request);
}

/** A client that still sends gets to read the answer when it is done, unless that takes too much. */
function readOn(request: IncomingMessage): void {
  let left = byteLimits.afterRefusal;
  request.on('data', (part: Buffer) => {
    left -= Math.max(part.length, byteLimits.afterRefusal / byteLimits.bodyParts);
    if (left < 0) request.destroy();
  });
}
