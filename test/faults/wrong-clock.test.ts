import { beforeAll, expect, test, vi } from 'vitest';
import { loadKeys } from '../../src/auth/keys.ts';
import { createTokens } from '../../src/auth/tokens.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { Actor, signUp } from '../actor.ts';
import { LiveStream } from '../live-stream.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { compare, flawless, readLog, told } from './oracle.ts';
import { shiftedBy, shiftedClock } from './shifted-clock.ts';
import { select } from './sql.ts';
import { crowd, setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { Traffic } from './traffic.ts';

vi.setConfig({ testTimeout: 120_000 });

const offSeconds = 300;
/** Shorter than the clocks are off: by its own clock one instance would refuse every token, another take each far too long. */
const accessTokenSeconds = 120;
const watching = 9;
/** Rows whose createdAt, as every updatedAt, Prisma fills in, by the instance's clock: nothing is decided by it. */
const byPrisma = ['User', 'VideoEvent', 'Participant', 'EngagementLog', 'Reward'];
// A cursor of nobody's is answered at once, with a FeedReset: then the subscription is known to be live.
const ownFeed = 'subscription { myFeed(after: "none") { __typename } }';

describeRedis('the clock of one instance is five minutes fast, that of another five minutes slow', () => {
  const redis = useRedis();
  const cluster = useCluster({
    redisUrl: () => redis.url,
    instances: 1,
    env: {
      ACCESS_TOKEN_SECONDS: String(accessTokenSeconds),
      SESSION_SECONDS: String(2 * accessTokenSeconds),
      LOG_LEVEL: 'info',
    },
  });
  beforeAll(async () => {
    await cluster.start(shiftedClock(offSeconds));
    await cluster.start(shiftedClock(-offSeconds));
  });

  const databaseNow = async (): Promise<number> => {
    const [row] = await select<{ now: Date }>(cluster.databaseUrl, 'SELECT clock_timestamp() AS now');
    return row?.now.getTime() ?? 0;
  };

  /** The person with another access token of the same session, which is good for so long; negative: was, until then. */
  async function withToken({ url, signedIn }: Actor, seconds: number): Promise<Actor> {
    const keys = await loadKeys({ keys: null, dataDir: cluster.dataDir });
    const { token } = await createTokens({ keys, issuer: 'ovation', accessTokenSeconds: seconds }).sign({
      userId: decodeGlobalId(signedIn.userId).id,
      sessionId: decodeGlobalId(signedIn.sessionId).id,
      role: 'PARTICIPANT',
    });
    return new Actor(url, { ...signedIn, accessToken: token });
  }

  /** Asks the same on every instance. */
  const everywhere = <T>(person: Actor, ask: (there: Actor) => Promise<T>): Promise<T[]> =>
    Promise.all(cluster.urls.map((url) => ask(person.at(url))));
  const refusedAs = (person: Actor) => everywhere(person, (there) => there.refusal('{ viewer { id } }'));
  const three = <T>(value: T): T[] => [value, value, value];

  test('the instances have three times on their clocks', async () => {
    // Of their log lines, which have the time of the machine.
    const times = await Promise.all(
      cluster.instances.map((instance) =>
        until(() => /"time":(\d+)/.exec(instance.output)?.[1], { what: 'a line in the log of an instance' }),
      ),
    );
    const offMs = times.map((time) => Number(time) - Date.now());
    console.log(`clocks shifted by ${shiftedBy}: ${offMs.map((ms) => Math.round(ms / 1000)).join(', ')} s`);
    const [right = 0, fast = 0, slow = 0] = offMs;
    // They were started up to a minute apart.
    expect(fast - right).toBeGreaterThan((offSeconds - 120) * 1000);
    expect(slow - right).toBeLessThan(-(offSeconds - 120) * 1000);
  });

  test('feeds lose nothing and keep order, and every entry has its time from the database', async () => {
    const from = await databaseNow();
    const { eventId, cursor, participants } = await setStage(cluster, { participants: 9 });
    const { urls } = cluster;
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
    const swarm = new Swarm({ count: watching, urls, eventId, after: cursor });
    try {
      const traffic = new Traffic({ senders: participants, urls, eventId, rate: 100 });
      await Promise.all([traffic.flows(300), flow.lasts(3000)]);
      const sent = await traffic.stop();
      const flowed = await flow.judged();
      await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));
      const to = await databaseNow();
      const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
      const verdict = compare(log, swarm.received);
      console.log(`wrong clocks: ${told(verdict)}; ${sent.length} messages\n${toldFlow('beside it', flowed)}`);
      expect(verdict).toEqual(flawless(log.length * watching));
      expect(traffic.refusals).toEqual([]);
      const times = log.map(({ occurredAt }) => occurredAt);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.filter((time) => time < from || time > to)).toEqual([]);
      expect(flowed).toMatchObject({
        verdict: flawless(flowed.verdict.expected),
        unknown: 0,
        resets: 0,
        reconnections: 0,
        ends: [],
      });
    } finally {
      await Promise.all([swarm.close(), flow.ends()]);
    }
  });

  test('a session that is opened or refreshed on any instance is good on every other, for its time', async () => {
    for (const url of cluster.urls) {
      const person = await signUp(url);
      const streams = cluster.urls.map((there) => LiveStream.open(there, person.signedIn.accessToken, ownFeed, {}));
      await Promise.all(streams.map((stream) => stream.has(1)));
      expect(await refusedAs(person)).toEqual(three(null));
      const listed = await everywhere(person, (there) => there.ask('{ mySessions { id } }'));
      expect(listed).toEqual(three({ mySessions: [{ id: person.signedIn.sessionId }] }));
      expect(await refusedAs(await withToken(person, 30))).toEqual(three(null));
      expect(await refusedAs(await withToken(person, -30))).toEqual(three('UNAUTHENTICATED'));

      const { tokens } = await person.mutate(
        'refreshSession',
        { refreshToken: person.signedIn.refreshToken },
        'tokens { accessToken accessTokenExpiresAt refreshTokenExpiresAt }',
      );
      const now = await databaseNow();
      const seconds = [tokens.accessTokenExpiresAt, tokens.refreshTokenExpiresAt].map(
        (expires) => (Date.parse(expires) - now) / 1000,
      );
      // To the second, but for the time that asking takes.
      expect(Math.abs((seconds[0] ?? 0) - accessTokenSeconds)).toBeLessThan(30);
      expect(Math.abs((seconds[1] ?? 0) - 2 * accessTokenSeconds)).toBeLessThan(30);
      const fresh = new Actor(url, { ...person.signedIn, accessToken: tokens.accessToken });
      expect(await refusedAs(fresh)).toEqual(three(null));
      expect(streams.map(({ closeCode }) => closeCode)).toEqual(three(null));

      await fresh.ask('mutation { logOut { __typename } }');
      await until(async () => (await refusedAs(fresh)).every((code) => code === 'UNAUTHENTICATED'), {
        what: 'the token to be refused on every instance',
      });
      await until(() => streams.every(({ closeCode }) => closeCode === 4401), { what: 'every socket to be closed' });
    }
  });

  test('a socket whose session was not refreshed is closed when its token expires, on every instance', async () => {
    const [person] = await crowd(cluster, 1);
    if (person === undefined) throw new Error('a crowd of one is one');
    await select(cluster.databaseUrl, `UPDATE "Session" SET "lastUsedAt" = now() - interval '1 hour' WHERE id = $1`, [
      decodeGlobalId(person.signedIn.sessionId).id,
    ]);
    const { signedIn } = await withToken(person, 3);
    const streams = cluster.urls.map((url) => LiveStream.open(url, signedIn.accessToken, ownFeed, {}));
    await Promise.all(streams.map((stream) => stream.has(1)));
    await until(() => streams.every(({ closeCode }) => closeCode !== null), {
      what: 'every socket to be closed',
    });
    expect(streams.map(({ closeCode }) => closeCode)).toEqual(three(4401));
  });

  test('slow mode counts the same time on every instance', async () => {
    const { eventId, participants } = await setStage(cluster, { participants: 3, input: { slowModeSeconds: 60 } });
    for (const [place, participant] of participants.entries()) {
      const first = await participant.at(cluster.urls[place] ?? '').mutate('sendMessage', { eventId, text: 'first' });
      expect(first.__typename).toBe('SendMessagePayload');
      const answers = await everywhere(participant, (there) =>
        there.ask(
          `mutation($input: SendMessageInput!) { sendMessage(input: $input) {
            __typename ... on SlowModeError { retryAfterMs } } }`,
          { input: { eventId, text: 'second' } },
        ),
      );
      for (const { sendMessage } of answers) {
        expect(sendMessage.__typename).toBe('SlowModeError');
        expect(sendMessage.retryAfterMs).toBeGreaterThan(0);
        expect(sendMessage.retryAfterMs).toBeLessThanOrEqual(60_000);
      }
    }
  });

  test('what is decided or ordered by a time has it from the database, whoever wrote it', async () => {
    const { host } = await setStage(cluster);
    for (const url of cluster.urls) {
      const [person, elsewhere] = [await signUp(url), host.at(url)];
      const userId = person.id;
      const { videoEvent } = await elsewhere.mutate(
        'createVideoEvent',
        { title: 'A show', scheduledAt: '2030-01-01T00:00:00Z', streamUrl: 'https://stream.example.test/live.m3u8' },
        'videoEvent { id }',
      );
      for (const step of ['scheduleVideoEvent', 'startVideoEvent'])
        await elsewhere.mutate(step, { eventId: videoEvent.id });
      for (const step of ['joinVideoEvent', 'leaveVideoEvent', 'joinVideoEvent'])
        await person.mutate(step, { eventId: videoEvent.id });
      await elsewhere.mutate('appointModerator', { eventId: videoEvent.id, userId });
      await elsewhere.mutate('inviteToVideoEvent', { eventId: videoEvent.id, userIds: [userId] });
    }
    const columns = await select<{ table_name: string; column_name: string }>(
      cluster.databaseUrl,
      `SELECT table_name, column_name FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type LIKE 'timestamp%' AND table_name NOT LIKE '\\_%'
         AND column_name NOT IN ('expiresAt', 'runAt', 'scheduledAt', 'updatedAt')
         AND NOT (column_name = 'createdAt' AND table_name = ANY($1)) ORDER BY 1, 2`,
      [byPrisma],
    );
    expect(columns.length).toBeGreaterThan(15);
    const wrong: string[] = [];
    for (const { table_name: table, column_name: column } of columns) {
      // Entries of a crowd's aged session apart, nothing here is four minutes old.
      const [row] = await select<{ count: string }>(
        cluster.databaseUrl,
        `SELECT count(*) FROM "${table}" WHERE "${column}" > clock_timestamp() + interval '1 minute'
           OR "${column}" BETWEEN clock_timestamp() - interval '30 minutes' AND clock_timestamp() - interval '4 minutes'`,
      );
      if (row?.count !== '0') wrong.push(`${row?.count} ${table}.${column}`);
    }
    expect(wrong).toEqual([]);
  });

  test('rules pay by the same time on every instance, and what one paid is told on the others', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 3, paysForMessages: false });
    const now = await databaseNow();
    const inSeconds = (seconds: number): string => new Date(now + seconds * 1000).toISOString();
    const paying = { eventId, trigger: 'MESSAGE', points: 1 };
    // By the clock of one instance or another, the first is not to pay yet, the second pays, and the cooldown is over.
    const rules = [
      { title: 'Until soon', activeTo: inSeconds(150), cooldownSeconds: 120 },
      { title: 'Not yet', activeFrom: inSeconds(150) },
      { title: 'No more', activeTo: inSeconds(-5) },
      { title: 'Since a moment', activeFrom: inSeconds(-5), cooldownSeconds: 120 },
    ];
    for (const rule of rules) {
      const { code } = await host.mutate('createRewardRule', { ...paying, ...rule });
      expect(code).toBeUndefined();
    }
    for (const participant of participants) {
      const { feedCursor } = (await participant.ask('{ viewer { feedCursor } }')).viewer;
      const streams = cluster.urls.map((url) =>
        participant
          .at(url)
          .subscribe(
            'subscription($after: String) { myFeed(after: $after) { __typename ... on PointsChanged { rewardReason } } }',
            {
              after: feedCursor,
            },
          ),
      );
      for (let again = 0; again < 3; again++)
        await everywhere(participant, (there) => there.mutate('sendMessage', { eventId, text: 'Hello' }));
      const once = [{ rewardReason: 'Since a moment' }, { rewardReason: 'Until soon' }];
      for (const stream of streams) {
        const told = [await stream.nextBut('RankChanged'), await stream.nextBut('RankChanged')];
        expect(told).toEqual(expect.arrayContaining(once.map((item) => expect.objectContaining(item))));
      }
      const { viewer } = await participant.ask('{ viewer { rewards(first: 10) { totalCount } } }');
      expect(viewer.rewards.totalCount).toBe(2);
      await Promise.all(streams.map((stream) => stream.close()));
    }
  });
});
