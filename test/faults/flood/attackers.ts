import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { answer } from '../../child.ts';

// Clients that mean no good, all at the same time, and what each was answered.

export interface AttackOptions {
  /** Instances, which they take in turns. */
  urls: readonly string[];
  /** An account whose password they guess. */
  login: string;
  /** Somebody who has joined the event, and floods its chat. */
  eventId: string;
  token: string;
}

/** How many were answered with which code; a socket's with its close code. */
export type Answered = Record<string, number>;

export interface Attacked {
  logIns: Answered;
  aliases: Answered;
  messages: Answered;
  frames: Answered;
  ms: number;
}

const address = (): string => [203, ...randomBytes(3)].join('.');

async function post(url: string, query: string, variables: object, headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as {
    data?: Record<string, { __typename: string; code?: string }> | null;
    errors?: { extensions: { code: string } }[];
  };
  const [result] = Object.values(data ?? {});
  return errors?.[0]?.extensions.code ?? result?.code ?? result?.__typename ?? 'nothing';
}

async function count(answers: Iterable<Promise<string>>): Promise<Answered> {
  const counted: Answered = {};
  for (const code of await Promise.all(answers)) counted[code] = (counted[code] ?? 0) + 1;
  return counted;
}

const times = <T>(number: number, make: (place: number) => T): T[] =>
  Array.from({ length: number }, (_, place) => make(place));

const logInFields = 'logIn(input: $input) { __typename ... on Error { code } }';

/** One after the other in each lane. */
async function inLanes(lanes: number, each: number, send: (place: number) => Promise<string>): Promise<Answered> {
  const answers: Promise<string>[] = [];
  await Promise.all(
    times(lanes, async (lane) => {
      for (let turn = 0; turn < each; turn++) {
        const sent = send(lane * each + turn);
        answers.push(sent);
        await sent;
      }
    }),
  );
  return count(answers);
}

/** One that says a thousand things at once. Resolves with its close code. */
function shout(url: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('error', () => {});
    socket.once('close', (code) => resolve(String(code)));
    socket.once('open', () => {
      socket.send('{"type":"connection_init"}');
      for (let frame = 0; frame < 1000; frame++) socket.send('{"type":"ping"}');
    });
  });
}

async function attack({ urls, login, eventId, token }: AttackOptions): Promise<Attacked> {
  const startedAt = performance.now();
  const url = (place: number): string => urls[place % urls.length] ?? '';
  const input = { login, password: 'a guess' };
  const guesses = times(100, (place) => `a${place}: ${logInFields}`).join(' ');
  const sendMessage =
    'mutation($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on Error { code } } }';
  const [logIns, aliases, messages, frames] = await Promise.all([
    // Each from an address and for an account of its own: no rate limit stands before the hashing.
    count(
      times(500, (place) => {
        const guess = { login: `nobody_${place}`, password: 'a guess' };
        const document = `mutation($input: LogInInput!) { ${logInFields} }`;
        return post(url(place), document, { input: guess }, { 'x-forwarded-for': address() });
      }),
    ),
    inLanes(4, 25, (place) =>
      post(url(place), `mutation($input: LogInInput!) { ${guesses} }`, { input }, { 'x-forwarded-for': address() }),
    ),
    inLanes(8, 50, (place) =>
      post(
        url(place),
        sendMessage,
        { input: { eventId, text: `noise ${place}` } },
        { authorization: `Bearer ${token}` },
      ),
    ),
    inLanes(4, 10, (place) => shout(url(place))),
  ]);
  return { logIns, aliases, messages, frames, ms: performance.now() - startedAt };
}

answer({ attack });
