import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Db } from '../db/client.ts';
import { type Found, find, nothing } from '../demo/found.ts';
import { tour } from '../demo/tour.ts';
import { keepSession } from './graphiql-session.ts';

/** Answers whoever asks for a page. */
export type GraphiqlPage = (response: ServerResponse) => Promise<void>;

/** GraphiQL moves a tab away under the pointer that presses it, and so misses the first click on each. */
const style = '.graphiql-tab { transform: none !important; }';

/** Stands where something is put in for each who opens the page. */
const marker = '@@put-in@@';
const markedTabs = [{ query: marker }];

/** GraphiQL, served without a network: the page carries everything it needs. Its tabs walk through a live event. */
export function createGraphiqlPage({ db }: { db: Db }): GraphiqlPage {
  let page: Promise<Page> | null = null;
  return async (response) => {
    page ??= render();
    const { beforeOurs, beforeTheirs, beforeTabs, end } = await page;
    const nonce = randomBytes(16).toString('base64');
    const ours = Buffer.from(`<style>${style}</style><script nonce="${nonce}">${keepSession}</script>`);
    const tabs = Buffer.from(JSON.stringify(tour(await findAnything(db)).map((query) => ({ query }))));
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentPolicy(nonce),
    });
    for (const part of [beforeOurs, ours, beforeTheirs, Buffer.from(`<script nonce="${nonce}">`), beforeTabs, tabs]) {
      response.write(part);
    }
    response.end(end);
  };
}

/** Monaco makes its styles and its workers as it goes; scripts are those of the page, and it talks to nobody else. */
const contentPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Nine megabytes, between which stands what differs. */
type Page = Readonly<Record<'beforeOurs' | 'beforeTheirs' | 'beforeTabs' | 'end', Buffer>>;

async function render(): Promise<Page> {
  // Loaded when somebody first looks at it.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  // GraphiQL sends no headers over WebSocket, so its subscriptions go over SSE.
  const html = renderGraphiQL({ title: 'Ovation', subscriptionsProtocol: 'SSE', defaultTabs: markedTabs });
  const [head, body] = cut(html, '</head>');
  const [beforeScript, script] = cut(body, '<script>');
  const [beforeTabs, end] = cut(script, JSON.stringify(markedTabs));
  const bytes = (text: string) => Buffer.from(text);
  return {
    beforeOurs: bytes(head),
    beforeTheirs: bytes(`</head>${beforeScript}`),
    beforeTabs: bytes(beforeTabs),
    end: bytes(end),
  };
}

function cut(text: string, at: string): [before: string, behind: string] {
  const place = text.indexOf(at);
  if (place < 0) throw new Error(`GraphiQL's page has no ${at}`);
  return [text.slice(0, place), text.slice(place + at.length)];
}

/** The page needs no database. */
const findAnything = (db: Db): Promise<Found> => find(db).catch(() => nothing);
