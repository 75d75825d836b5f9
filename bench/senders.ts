import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Actor, join, signUp } from '../test/actor.ts';
import { answer } from '../test/child.ts';

// Senders in a process of their own: each sends a message or a reaction, waits for the answer, and sends the next.

const sendMessage = `mutation($input: SendMessageInput!) { sendMessage(input: $input) {
  ... on SendMessagePayload { sentMessage { id sequence } } ... on Error { code message } } }`;
const react = `mutation($input: ReactInput!) { react(input: $input) {
  ... on ReactPayload { eventId count } ... on Error { code message } } }`;

interface Wanted {
  url: string;
  eventId: string;
  count: number;
  over: 'WebSocket' | 'HTTP';
  /** Reactions of so many taps. @default messages */
  taps?: number;
  /** The server has no accounts: nobody signs up, and over HTTP any token will do. @default false */
  anonymous?: boolean;
}

type Send = () => Promise<string>;
type Sender = Pick<Actor, 'url'> & { readonly signedIn: { readonly accessToken: string } };
/** What each of them sends, again and again. */
interface Request {
  query: string;
  variables: { input: object };
}
let senders: Send[] = [];
let close: () => void = () => {};

async function prepare({ url, eventId, count, over, taps, anonymous = false }: Wanted): Promise<void> {
  close();
  const request: Request =
    taps === undefined
      ? { query: sendMessage, variables: { input: { eventId, text: 'x'.repeat(100) } } }
      : { query: react, variables: { input: { eventId, emoji: '👏', count: taps } } };
  const actors: Sender[] = [];
  for (let n = 0; n < count; n++)
    actors.push(anonymous ? { url, signedIn: { accessToken: 'none' } } : await seated(url, eventId));
  if (over === 'HTTP') {
    const agent = new Agent({ keepAlive: true, maxSockets: count });
    senders = actors.map((actor) => () => post(agent, actor, request));
    close = () => agent.destroy();
    return;
  }
  // Two for each sender, in turn: a socket may send 40 messages a second.
  const sockets = await Promise.all([...actors, ...actors].map(openSocket));
  const turns = actors.map(() => 0);
  senders = actors.map((_, place) => () => {
    const turn = (turns[place] ?? 0) % 2;
    turns[place] = turn + 1;
    const { socket, answers } = sockets[place + turn * count] ?? fail();
    const id = `${place}`;
    return new Promise((resolve) => {
      answers.set(id, resolve);
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: request }));
    });
  });
  close = () => {
    for (const { socket } of sockets) socket.terminate();
  };
}

function fail(): never {
  throw new Error('every sender has two sockets');
}

async function seated(url: string, eventId: string): Promise<Actor> {
  const actor = await signUp(url);
  await join(actor, eventId);
  return actor;
}

async function openSocket(actor: Sender) {
  const socket = new WebSocket(`${actor.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const answers = new Map<string, (answer: string) => void>();
  socket.on('close', (code, reason) => {
    for (const answer of answers.values()) answer(`the socket was closed with ${code} ${reason}`);
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const acknowledged = new Promise((resolve) => socket.once('message', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { accessToken: actor.signedIn.accessToken } }));
  await acknowledged;
  let last = '';
  socket.on('message', (data) => {
    const text = String(data);
    if (text.includes('"type":"complete"')) answers.get(`${JSON.parse(text).id}`)?.(last);
    else last = text;
  });
  return { socket, answers };
}

function post(agent: Agent, actor: Sender, sent: Request): Promise<string> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(sent);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${actor.signedIn.accessToken}`,
    };
    const asked = request(`${actor.url}/graphql`, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

interface Run {
  seconds: number;
  /** So many of the senders. @default all */
  only?: number;
  /** Between an answer and what is sent next, in ms. @default none */
  restMs?: number;
}

/** They send for so long. The delays are from sending to the acknowledgement, in ms. */
async function run({ seconds, only, restMs }: Run): Promise<{ acknowledged: number; delays: number[] }> {
  const until = performance.now() + seconds * 1000;
  const delays: number[] = [];
  await Promise.all(
    senders.slice(0, only).map(async (send) => {
      while (performance.now() < until) {
        const startedAt = performance.now();
        const answered = await send();
        if (answered.includes('"code"') || !answered.includes('"data"'))
          throw new Error(`one was not taken: ${answered}`);
        delays.push(performance.now() - startedAt);
        if (restMs !== undefined) await pause(restMs);
      }
    }),
  );
  return { acknowledged: delays.length, delays };
}

answer({ prepare, run });
