import { expect, test } from 'vitest';
import { Actor, signUp, testPassword } from '../actor.ts';
import { LiveStream } from '../live-stream.ts';
import { describeRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useBreakableRedis } from './breakable-redis.ts';
import { useCluster } from './cluster.ts';
import { EventStream } from './event-stream.ts';
import { select } from './sql.ts';

// A cursor of nobody's is answered at once, with a FeedReset: then the subscription is known to be live.
const ownFeed = 'subscription { myFeed(after: "none") { __typename } }';

/** What a session has open on one instance. */
interface Open {
  url: string;
  socket: LiveStream;
  stream: EventStream;
}

describeRedis('a session ends on one instance', () => {
  const redis = useBreakableRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  const elsewhere = () => cluster.urls.slice(1);

  async function open(person: Actor): Promise<Open[]> {
    const token = person.signedIn.accessToken;
    return Promise.all(
      elsewhere().map(async (url) => {
        const socket = LiveStream.open(url, token, ownFeed, {});
        const stream = new EventStream(url, token, ownFeed);
        await Promise.all([socket.has(1), stream.has(1)]);
        return { url, socket, stream };
      }),
    );
  }

  async function logIn({ url, signedIn: { username } }: Actor): Promise<Actor> {
    const { tokens } = await new Actor(url, null).mutate(
      'logIn',
      { login: username, password: testPassword },
      'tokens { accessToken refreshToken sessionId }',
    );
    return new Actor(url, { userId: '', username, ...tokens });
  }

  /** Resolves with the time until everything of the session is over on the other instances, in ms since `since`. */
  async function allOver(person: Actor, opened: readonly Open[], since: number, limitMs: number): Promise<number> {
    await Promise.all(
      opened.map(async ({ url, socket, stream }) => {
        await until(() => socket.closeCode !== null, { limitMs, what: `the socket on ${url} to be closed` });
        await until(() => stream.over, { limitMs, what: `the stream on ${url} to end` });
        await until(async () => (await person.at(url).refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', {
          limitMs,
          what: `the token to be refused on ${url}`,
        });
      }),
    );
    return performance.now() - since;
  }

  function expectEnded(opened: readonly Open[]): void {
    for (const { socket, stream } of opened) {
      expect(socket.closeCode).toBe(4401);
      expect(stream.completed).toBe(true);
      expect(stream.results.at(-1).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    }
  }

  const close = async (opened: readonly Open[]) => {
    for (const { socket, stream } of opened) {
      stream.close();
      await socket.close();
    }
  };

  const logOut = (person: Actor) => person.ask('mutation { logOut { __typename } }');
  const logOutEverywhere = (person: Actor) => person.ask('mutation { logOutEverywhere { __typename } }');

  test('log-out closes its sockets with 4401, ends its streams and refuses its token on the others', async () => {
    const person = await signUp(cluster.instance(0).url);
    const opened = await open(person);
    await logOut(person);
    const ms = await allOver(person, opened, performance.now(), 5000);
    console.log(`log-out: over on the other instances ${Math.round(ms)} ms after its acknowledgement`);
    expectEnded(opened);
    await close(opened);
  });

  test('a changed password ends the other sessions everywhere, and leaves the one that changed it', async () => {
    const person = await signUp(cluster.instance(0).url);
    const phone = await logIn(person);
    const [here, there] = await Promise.all([open(person), open(phone)]);
    const changed = await person.mutate('changePassword', {
      currentPassword: testPassword,
      newPassword: 'another battery staple',
    });
    const ms = await allOver(phone, there, performance.now(), 5000);
    console.log(`changed password: over on the other instances ${Math.round(ms)} ms after its acknowledgement`);
    expect(changed.__typename).toBe('ChangePasswordPayload');
    expectEnded(there);
    expect(here.map(({ socket, stream }) => [socket.closeCode, stream.over])).toEqual([
      [null, false],
      [null, false],
    ]);
    await close([...here, ...there]);
  });

  test('logging out everywhere ends every session of the user on every instance', async () => {
    const person = await signUp(cluster.instance(0).url);
    const phone = await logIn(person);
    const [here, there] = await Promise.all([open(person), open(phone)]);
    await logOutEverywhere(person);
    const since = performance.now();
    const times = await Promise.all([allOver(person, here, since, 5000), allOver(phone, there, since, 5000)]);
    console.log(`log-out everywhere: over ${Math.round(Math.max(...times))} ms after its acknowledgement`);
    expectEnded([...here, ...there]);
    await close([...here, ...there]);
  });

  test('a deleted account has nothing open anywhere', async () => {
    const person = await signUp(cluster.instance(0).url);
    const phone = await logIn(person);
    const [here, there] = await Promise.all([open(person), open(phone)]);
    await person.mutate('deleteAccount', { password: testPassword });
    const since = performance.now();
    const times = await Promise.all([allOver(person, here, since, 5000), allOver(phone, there, since, 5000)]);
    console.log(`deleted account: over ${Math.round(Math.max(...times))} ms after its acknowledgement`);
    expectEnded([...here, ...there]);
    await close([...here, ...there]);
  });

  test('a changed role ends every session that has the old one', async () => {
    const boss = await signUp(cluster.instance(0).url);
    await select(cluster.databaseUrl, `UPDATE "User" SET role = 'ADMIN' WHERE username = $1`, [boss.signedIn.username]);
    const admin = await logIn(boss);
    const person = await signUp(cluster.instance(0).url);
    const opened = await open(person);
    const changed = await admin.mutate('changeRole', { userId: person.id, role: 'HOST' }, 'endedSessions');
    const ms = await allOver(person, opened, performance.now(), 5000);
    console.log(`changed role: over on the other instances ${Math.round(ms)} ms after its acknowledgement`);
    expect(changed).toEqual({ __typename: 'ChangeRolePayload', endedSessions: 1 });
    expectEnded(opened);
    await close(opened);
  });

  test('while Redis hangs the log brings it', async () => {
    const person = await signUp(cluster.instance(0).url);
    const opened = await open(person);
    redis.pause();
    try {
      await logOut(person);
      const ms = await allOver(person, opened, performance.now(), 5000);
      console.log(`log-out while Redis hangs: over ${Math.round(ms)} ms after its acknowledgement`);
      expectEnded(opened);
    } finally {
      redis.goOn();
    }
    await close(opened);
  });
});
