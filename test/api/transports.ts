import type { GraphQLFormattedError } from 'graphql';
import { createClient as createEventStreamClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** One operation and who sends it. */
export interface Request {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
  extensions?: Record<string, unknown>;
  token?: string;
}

/** What came back first: a result, or the errors in place of one. */
export interface Answer {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
}

export type Transport = (url: string, request: Request) => Promise<Answer>;

const authorization = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

const accept = 'application/graphql-response+json, application/json';

export async function fetchOverPost(url: string, { token, ...body }: Request): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json', ...authorization(token) },
    body: JSON.stringify(body),
  });
}

export async function fetchOverGet(
  url: string,
  { token, query, variables = {}, extensions = {} }: Request,
): Promise<Response> {
  const parameters = new URLSearchParams({
    query,
    variables: JSON.stringify(variables),
    extensions: JSON.stringify(extensions),
  });
  return fetch(`${url}/graphql?${parameters}`, { headers: { accept, ...authorization(token) } });
}

const overPost: Transport = async (url, request) => (await (await fetchOverPost(url, request)).json()) as Answer;
const overGet: Transport = async (url, request) => (await (await fetchOverGet(url, request)).json()) as Answer;

const overWebSocket: Transport = async (url, { token, ...payload }) => {
  const client = createSocketClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token === undefined ? {} : { accessToken: token },
  });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      client.subscribe<Record<string, unknown>>(payload, {
        next: resolve,
        // Errors in place of a result are an array; anything else is the connection's.
        error: (error) => (Array.isArray(error) ? resolve({ errors: error }) : reject(error)),
        complete: () => reject(new Error('the operation ended without a result')),
      });
    });
  } finally {
    await client.dispose();
  }
};

const overEventStream: Transport = async (url, { token, ...payload }) => {
  const client = createEventStreamClient({ url: `${url}/graphql`, retryAttempts: 0, headers: authorization(token) });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      client.subscribe<Record<string, unknown>>(payload, {
        next: (result) => resolve(result as Answer),
        error: reject,
        complete: () => reject(new Error('the operation ended without a result')),
      });
    });
  } finally {
    client.dispose();
  }
};

/** Every way an operation reaches the server, by name. */
export const transports: Readonly<Record<string, Transport>> = {
  POST: overPost,
  GET: overGet,
  WebSocket: overWebSocket,
  SSE: overEventStream,
};

export const codesOf = ({ errors }: Answer): unknown[] => (errors ?? []).map(({ extensions }) => extensions?.code);
