import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Message } from 'graphql-ws';
import { RawSocket } from '../api/raw-socket.ts';
import { until } from '../wait.ts';
import type { Hostile } from './hostile-documents.ts';

/** What became of a request: the HTTP status or the close code, and the codes of the errors in the answer. */
export interface Verdict {
  /** The HTTP status; on a WebSocket the code it was closed with, 0 when it stays open. */
  status: number;
  codes: unknown[];
  body: string;
}

const accept = 'application/graphql-response+json, application/json';

/** The answer to one HTTP request over a connection of its own, however the sending of its body fares. */
export function exchange(
  url: string,
  {
    method = 'POST',
    headers = {},
    body,
    localAddress,
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer; localAddress?: string },
): Promise<Verdict & { headers: IncomingMessage['headers'] }> {
  return new Promise((resolve, reject) => {
    // Node's server ends a connection that is not to be kept while the client still sends.
    const kept = { connection: 'keep-alive', ...headers };
    const sent = request(url, { method, headers: kept, agent: false, localAddress });
    let isAnswered = false;
    sent.once('response', (response) => {
      isAnswered = true;
      text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, codes: codesIn(body), body, headers: response.headers });
        sent.destroy();
      }, reject);
    });
    sent.on('error', (error) => {
      if (!isAnswered) reject(error);
    });
    sent.end(body);
  });
}

/** In JSON, and in the first of several server-sent events. */
function codesIn(body: string): unknown[] {
  const json = /^data: (.*)$/m.exec(body)?.[1] ?? body;
  if (!json.startsWith('{')) return [];
  const { errors = [] }: { errors?: { extensions: { code: unknown } }[] } = JSON.parse(json);
  return [...new Set(errors.map(({ extensions }) => extensions.code))];
}

const overHttp =
  (accepted: string) =>
  (url: string, operation: Hostile): Promise<Verdict> =>
    exchange(`${url}/graphql`, {
      headers: { 'content-type': 'application/json', accept: accepted },
      body: JSON.stringify(operation),
    });

const overGet = (url: string, { query, variables, operationName }: Hostile): Promise<Verdict> => {
  const parameters = new URLSearchParams({
    query,
    ...(variables === undefined ? {} : { variables: JSON.stringify(variables) }),
    ...(operationName === undefined ? {} : { operationName }),
  });
  // Node closes a connection that goes on and on before it has said a word.
  const address = `/graphql?${parameters}`.slice(0, 20_000);
  return exchange(`${url}${address}`, { method: 'GET', headers: { accept } });
};

const overSocket = async (url: string, operation: Hostile): Promise<Verdict> => {
  const socket = await RawSocket.connect(url);
  try {
    socket.send({ type: 'subscribe', id: '1', payload: operation } as Message);
    const answer = await until(
      () => socket.closeCode ?? socket.received.find(({ type }) => type === 'next' || type === 'error'),
      { what: 'an answer over WebSocket' },
    );
    if (typeof answer === 'number') return { status: answer, codes: [], body: '' };
    const { type, payload } = answer;
    const body = JSON.stringify(type === 'error' ? { errors: payload } : payload);
    return { status: 0, codes: codesIn(body), body };
  } finally {
    socket.close();
  }
};

/** Every way an operation reaches the server. */
export const deliveries: Readonly<Record<string, (url: string, operation: Hostile) => Promise<Verdict>>> = {
  POST: overHttp(accept),
  GET: overGet,
  SSE: overHttp('text/event-stream'),
  WebSocket: overSocket,
};
