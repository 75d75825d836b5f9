import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Actor, join, signUp } from '../test/actor.ts';
import { answer } from '../test/child.ts';

// Senders in a process of their own: each sends a message, waits for the answer, and sends the next.

const mutation = `mutation($input: SendMessageInput!) { sendMessage(input: $input) {
  ... on SendMessagePayload { sentMessage { id sequence } } ... on Error { code message } } }`;

interface Wanted {
  url: string;
  eventId: string;
  count: number;
  over: 'WebSocket' | 'HTTP';
}

type Send = (text: string) => Promise<string>;
let senders: Send[] = [];
let close: () => void = () => {};

async function prepare({ url, eventId, count, over }: Wanted): Promise<void> {
  close();
  const actors: Actor[] = [];
  for (let n = 0; n < count; n++) {
    const actor = await signUp(url);
    await join(actor, eventId);
    actors.push(actor);
  }
  if (over === 'HTTP') {
    const agent = new Agent({ keepAlive: true, maxSockets: count });
    senders = actors.map((actor) => (text) => post(agent, actor, { eventId, text }));
    close = () => agent.destroy();
    return;
  }
  // Two for each sender, in turn: a socket may send 40 messages a second.
  const sockets = await Promise.all([...actors, ...actors].map(openSocket));
  const turns = actors.map(() => 0);
  senders = actors.map((_, place) => (text) => {
    const turn = (turns[place] ?? 0) % 2;
    turns[place] = turn + 1;
    const { socket, answers } = sockets[place + turn * count] ?? fail();
    const id = `${place}`;
    return new Promise((resolve) => {
      answers.set(id, resolve);
      socket.send(
        JSON.stringify({
          id,
          type: 'subscribe',
          payload: { query: mutation, variables: { input: { eventId, text } } },
        }),
      );
    });
  });
  close = () => {
    for (const { socket } of sockets) socket.terminate();
  };
}

function fail(): never {
  throw new Error('every sender has two sockets');
}

async function openSocket(actor: Actor) {
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

function post(agent: Agent, actor: Actor, input: { eventId: string; text: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ query: mutation, variables: { input } });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${actor.signedIn.accessToken}`,
    };
    const sent = request(`${actor.url}/graphql`, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

interface Run {
  seconds: number;
  /** So many of the senders. @default all */
  only?: number;
  /** Between an answer and the next message, in ms. @default none */
  restMs?: number;
}

/** They send for so long. The delays are from sending to the acknowledgement, in ms. */
async function run({ seconds, only, restMs }: Run): Promise<{ acknowledged: number; delays: number[] }> {
  const until = performance.now() + seconds * 1000;
  const delays: number[] = [];
  const text = 'x'.repeat(100);
  await Promise.all(
    senders.slice(0, only).map(async (send) => {
      while (performance.now() < until) {
        const startedAt = performance.now();
        const answered = await send(text);
        if (!answered.includes('"sentMessage"')) throw new Error(`a message was not taken: ${answered}`);
        delays.push(performance.now() - startedAt);
        if (restMs !== undefined) await pause(restMs);
      }
    }),
  );
  return { acknowledged: delays.length, delays };
}

answer({ prepare, run });
