import { randomBytes } from 'node:crypto';
import type { ExecutionResult } from 'graphql';
import type { Data } from './data.ts';
import { LiveStream } from './live-stream.ts';

type Variables = Record<string, unknown>;
// What a test asks for is what it asserts: the shape of its own document's answer.
export interface Session {
  userId: string;
  username: string;
  accessToken: string;
  refreshToken: string;
  sessionId: string;
}

/** Somebody who uses the API of one instance: a guest, or the holder of a session. */
export class Actor {
  readonly url: string;
  readonly session: Session | null;

  constructor(url: string, session: Session | null) {
    this.url = url;
    this.session = session;
  }

  /** The same person on another instance. */
  at(url: string): Actor {
    return new Actor(url, this.session);
  }

  /** The signed-up user's global id. */
  get id(): string {
    return this.signedIn.userId;
  }

  get signedIn(): Session {
    if (this.session === null) throw new Error('a guest has no session');
    return this.session;
  }

  /** The whole answer to a POST. */
  async post(query: string, variables: Variables = {}): Promise<ExecutionResult<Data> & { status: number }> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(this.session === null ? {} : { authorization: `Bearer ${this.session.accessToken}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return { ...((await response.json()) as ExecutionResult<Data>), status: response.status };
  }

  /** The data of an operation that meets no top-level error. */
  async ask(query: string, variables: Variables = {}): Promise<Data> {
    const { data, errors } = await this.post(query, variables);
    if (errors !== undefined) throw new Error(`top-level errors: ${JSON.stringify(errors)}`);
    return data;
  }

  /** The code of the first top-level error; null when there is none. */
  async refusal(query: string, variables: Variables = {}): Promise<unknown> {
    const { errors } = await this.post(query, variables);
    return errors?.[0]?.extensions?.code ?? null;
  }

  /** The one result of a mutation `name(input: NameInput!)`, with `selection` of the payload or the error's type and code. */
  async mutate(name: string, input: Variables, selection = '__typename'): Promise<Data> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const document = `mutation($input: ${type}Input!) { result: ${name}(input: $input) {
      __typename ... on ${type}Payload { ${selection} } ... on Error { code message } } }`;
    return (await this.ask(document, { input })).result;
  }

  /**
   * The event's feed from now on, or behind `after`: nothing that is written after this resolves is missed. `selection` is of
   * the items; each has `__typename`, `cursor` and `sequence` too. The caller closes the stream.
   */
  async follow(
    eventId: string,
    selection = '',
    { after, kinds }: { after?: string; kinds?: string[] } = {},
  ): Promise<LiveStream> {
    const position =
      after ??
      (await this.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId })).videoEvent
        ?.feedCursor;
    return this.subscribe(
      `subscription($eventId: ID!, $after: String, $kinds: [VideoEventFeedKind!]) {
        videoEventFeed(eventId: $eventId, after: $after, kinds: $kinds) {
          __typename ... on FeedItem { cursor sequence } ${selection} } }`,
      { eventId, after: position, kinds },
    );
  }

  /** A subscription over WebSocket. The caller closes it. */
  subscribe(query: string, variables: Variables = {}): LiveStream {
    return LiveStream.open(this.url, this.session?.accessToken ?? null, query, variables);
  }
}

export interface SignUpOptions {
  role?: 'PARTICIPANT' | 'HOST';
  username?: string;
  password?: string;
}

export const testPassword = 'correct horse battery';

const newName = (): string => `user_${randomBytes(5).toString('hex')}`;

/** A new account, through the API. */
export async function signUp(
  url: string,
  { role = 'PARTICIPANT', username = newName(), password = testPassword }: SignUpOptions = {},
): Promise<Actor> {
  const result = await new Actor(url, null).mutate(
    'signUp',
    { username, password, role, email: `${username}@example.test` },
    'user { id username } tokens { accessToken refreshToken sessionId }',
  );
  if (result.__typename !== 'SignUpPayload') throw new Error(`sign-up was refused: ${JSON.stringify(result)}`);
  return new Actor(url, { userId: result.user.id, username: result.user.username, ...result.tokens });
}

export type EventStatus = 'DRAFT' | 'SCHEDULED' | 'LIVE' | 'INTERRUPTED' | 'ENDED' | 'CANCELLED';

const pathTo: Record<EventStatus, string[]> = {
  DRAFT: [],
  SCHEDULED: ['scheduleVideoEvent'],
  LIVE: ['scheduleVideoEvent', 'startVideoEvent'],
  INTERRUPTED: ['scheduleVideoEvent', 'startVideoEvent', 'interruptVideoEvent'],
  ENDED: ['scheduleVideoEvent', 'startVideoEvent', 'endVideoEvent'],
  CANCELLED: ['scheduleVideoEvent', 'cancelVideoEvent'],
};

/** An event of `host` in this status, through the API; its global id. */
export async function createEvent(host: Actor, status: EventStatus = 'LIVE', input: Variables = {}): Promise<string> {
  const created = await host.mutate(
    'createVideoEvent',
    {
      title: 'A show',
      scheduledAt: new Date(Date.now() + 3_600_000).toISOString(),
      streamUrl: 'https://stream.example.test/live.m3u8',
      ...input,
    },
    'videoEvent { id }',
  );
  if (created.__typename !== 'CreateVideoEventPayload') throw new Error(`no event: ${JSON.stringify(created)}`);
  const { id } = created.videoEvent;
  for (const step of pathTo[status]) {
    const { code } = await host.mutate(step, { eventId: id });
    if (code !== undefined) throw new Error(`${step} was refused: ${code}`);
  }
  return id;
}

/** Takes a place in the event. */
export async function join(actor: Actor, eventId: string): Promise<void> {
  const { code } = await actor.mutate('joinVideoEvent', { eventId });
  if (code !== undefined) throw new Error(`joining was refused: ${code}`);
}
