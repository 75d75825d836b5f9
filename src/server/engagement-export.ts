import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { bearerToken } from '../auth/bearer.ts';
import type { WatchSession } from '../auth/session-watch.ts';
import { signedIn, type Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Client } from '../context.ts';
import type { Engagement } from '../engagement/engagement.ts';
import type { ExportedEngagement } from '../engagement/export.ts';
import type { EngagementFilter } from '../engagement/filter.ts';
import { type ExportFormat, exportFormats } from '../engagement/formats.ts';
import { NotFoundError } from '../errors.ts';
import { decodeGlobalId } from '../global-id.ts';
import { parseInput } from '../input.ts';
import type { Log } from '../log.ts';
import type { Admission } from './admission.ts';
import { badRequest } from './bad-request.ts';
import { clientOf } from './client.ts';
import type { BeginOperation } from './operations.ts';
import { answerOrigin } from './origins.ts';
import type { RateLimits } from './rate-limits.ts';
import { refuse } from './refusals.ts';

export interface EngagementExportDeps {
  config: Config;
  log: Log;
  admission: Admission;
  authenticate: (token: string | null) => Promise<Viewer | null>;
  watchSession: WatchSession;
  rateLimits: RateLimits;
  engagement: Pick<Engagement, 'export'>;
  begin: BeginOperation;
}

/** Answers a request whose path is one of an export's. */
export type EngagementExport = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>;

type Pages = AsyncGenerator<readonly ExportedEngagement[], undefined>;

interface Export {
  readonly eventId: string;
  readonly format: keyof typeof exportFormats;
  readonly filter: EngagementFilter;
}

const path = /^\/events\/([^/]{1,200})\/engagements\.(csv|jsonl)$/;

export const isExportPath = (pathname: string): boolean => path.test(pathname);

/**
 * GET /events/{id}/engagements.csv and .jsonl: all engagements of the VideoEvent with this global id, oldest first, for its host and
 * admins (`Authorization: Bearer`). `types` (names, with commas between them), `from` and `to` (RFC 3339; the first instant, and the
 * first one after the last) narrow them. Refusals have the API's form and codes, with statuses 400, 401, 403, 404, 405, 429 and 503.
 * A download that breaks off is not whole: then the connection is cut before the answer's end.
 */
export function createEngagementExport(deps: EngagementExportDeps): EngagementExport {
  const { config, log, admission, authenticate, rateLimits, engagement, begin } = deps;
  return async (request, response, requestId) => {
    response.setHeader('cache-control', 'no-store');
    if (answerOrigin(request, response, config)) return;
    const client = clientOf(request, config);
    let leave = () => {};
    const operation = begin({ transport: 'http', requestId, carrier: request.headers, onEnd: () => leave() });
    try {
      leave = await admission.enter(client);
      const asked = exportOf(request, response);
      const viewer = signedIn(await authenticate(bearerToken(request.headersDistinct.authorization ?? [])));
      operation.userId = viewer.id;
      await rateLimits.consume('export', [`user:${viewer.id}`]);
      const pages = await engagement.export(viewer, asked.eventId, asked.filter);
      const first = await pages.next();
      // From here on it costs what its reader takes: others need not wait for its place.
      operation.end();
      await send(response, { asked, viewer, client, requestId, pages: withFirst(first, pages) }, deps);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else refuse(request, response, error, { operation, log });
    } finally {
      operation.end();
    }
  };
}

/** What is asked for. Throws InvalidInputError, NotFoundError. */
function exportOf(request: IncomingMessage, response: ServerResponse): Export {
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET');
    throw badRequest('Ask for an export with GET.', { status: 405 });
  }
  const [pathname = '', search = ''] = (request.url ?? '').split('?', 2);
  const [, id = '', format] = path.exec(pathname) ?? [];
  const { typename, id: eventId } = decodeGlobalId(plain(id));
  if (typename !== 'VideoEvent') throw new NotFoundError('Event');
  return { eventId, format: format === 'csv' ? 'csv' : 'jsonl', filter: filterOf(new URLSearchParams(search)) };
}

/** Ids may have been escaped: their last sign is `=`. */
function plain(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new NotFoundError('Event');
  }
}

const instant = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 instant' })
  .transform((text) => new Date(text))
  .optional();
const query = z.object({ from: instant, to: instant });

function filterOf(search: URLSearchParams): EngagementFilter {
  const types = search.get('types');
  const bounds = parseInput(query, { from: search.get('from') ?? undefined, to: search.get('to') ?? undefined });
  return { ...bounds, types: types === null ? null : types.split(',') };
}

async function* withFirst(first: Awaited<ReturnType<Pages['next']>>, rest: Pages): Pages {
  if (first.done !== true) yield first.value;
  yield* rest;
}

interface Sending {
  asked: Export;
  viewer: Viewer;
  client: Client;
  requestId: string;
  pages: Pages;
}

/** Resolves when everything is sent, or nobody reads any more: pages are read only as fast as they leave. */
async function send(
  response: ServerResponse,
  { asked: { eventId, format }, viewer, client, requestId, pages }: Sending,
  { log, admission, watchSession }: EngagementExportDeps,
): Promise<void> {
  if (response.closed) return;
  response.writeHead(200, {
    'content-type': exportFormats[format].contentType,
    'content-disposition': `attachment; filename="engagements-${eventId}.${format}"`,
  });
  const about = { requestId, userId: viewer.id, eventId };
  const unwatch = watchSession(viewer, () => response.destroy());
  const told = { rows: 0 };
  try {
    await pipeline(text(exportFormats[format], pages, { told, turn: () => admission.turn(client) }), response);
    log.info({ ...about, ...told }, 'engagements were exported');
  } catch (error) {
    // The reader's doing, as a rule; the rest is ours.
    const isLeft = Object(error).code === 'ERR_STREAM_PREMATURE_CLOSE';
    log[isLeft ? 'info' : 'warn']({ ...about, ...told, err: error }, 'an export broke off');
  } finally {
    unwatch();
  }
}

async function* text(
  { head, rows }: ExportFormat,
  pages: Pages,
  { told, turn }: { told: { rows: number }; turn: () => Promise<void> },
): AsyncGenerator<string> {
  if (head !== '') yield head;
  for await (const page of pages) {
    yield rows(page);
    told.rows += page.length;
    // Every page is work like a request.
    await turn();
  }
}
