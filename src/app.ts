import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createAccounts } from './accounts/accounts.ts';
import { type AccountMail, createMails } from './accounts/mails.ts';
import { createOwnFeed } from './accounts/own-feed.ts';
import { createAnalytics } from './analytics/analytics.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { createExternalIssuer } from './auth/external-issuer.ts';
import { createPasswords, type Passwords } from './auth/passwords.ts';
import { createRevocations } from './auth/revocations.ts';
import { createSessionWatch } from './auth/session-watch.ts';
import { createTokens } from './auth/tokens.ts';
import { createChat } from './chat/chat.ts';
import { closeInTurn } from './close-in-turn.ts';
import type { Config } from './config.ts';
import { type ConfigFiles, loadConfigFiles } from './config-files.ts';
import type { Capabilities } from './context.ts';
import { type Db, openDatabase } from './db/client.ts';
import { createClock } from './db/clock.ts';
import { createEngagement } from './engagement/engagement.ts';
import type { EventPulseValues } from './event-pulse.ts';
import { createEvents } from './events/events.ts';
import { createGuard } from './events/guard.ts';
import type { FanOut } from './fanout/fan-out.ts';
import { createHub, type Hub } from './feed/hub.ts';
import { createWrite } from './feed/unit-of-work.ts';
import { readOpenGoals } from './goals/counting.ts';
import { createGoals } from './goals/goals.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createJobs } from './jobs/jobs.ts';
import { createLeaderboards } from './leaderboards/leaderboards.ts';
import type { Log } from './log.ts';
import { createMailer, type Mailer } from './mail/mailer.ts';
import { createOutbox } from './mail/outbox.ts';
import { createSmtpTransport } from './mail/smtp.ts';
import { createModeration } from './moderation/moderation.ts';
import { createParticipation } from './participation/participation.ts';
import { createPolls } from './polls/polls.ts';
import { readOpenPollTallies } from './polls/tallies.ts';
import { createPredictions } from './predictions/predictions.ts';
import { readOpenTotals } from './predictions/totals.ts';
import { createPresence } from './presence/presence.ts';
import { createSampling } from './presence/sampling.ts';
import { createPulses } from './pulse/pulses.ts';
import { createQuestions } from './questions/questions.ts';
import { createReactions, type Reactions } from './reactions/reactions.ts';
import type { Broker } from './realtime/broker.ts';
import { createMemoryBroker } from './realtime/memory-broker.ts';
import { createRedisBroker } from './realtime/redis-broker.ts';
import { planReminders, remindersDuty } from './reminders/remind.ts';
import { createReminders } from './reminders/reminders.ts';
import { createReports } from './reports/reports.ts';
import { createRewards } from './rewards/rewards.ts';
import { createSchema } from './schema.ts';
import { createFront } from './server/front.ts';
import { createMetrics } from './server/metrics.ts';
import { createRateLimits, noRateLimits } from './server/rate-limits.ts';
import { traceWrites } from './server/tracing.ts';
import { waitlistDuties } from './waitlist/offers.ts';
import { createWaitlist } from './waitlist/waitlist.ts';

export interface AppOptions {
  config: Config;
  /** Where the migrated database is: the configured one, or the embedded one that was started. */
  databaseUrl: string;
  log: Log;
  /** For who read them before, so as to touch nothing when they are wrong. @default read here */
  files?: ConfigFiles;
  /** Fault tests put something between the app and its broker. @default the broker as it is */
  wrapBroker?: (broker: Broker) => Broker;
  /** `false`: every subscription is executed for itself, to compare with. @default true */
  sharedFanOut?: boolean;
  /** `false`: serves nobody, for the command line: the capabilities alone. @default true */
  listening?: boolean;
  /** Messages, and reactions, committed together at most; 1: each in a transaction of its own, to compare with. @default 128 and 512 */
  largestBatch?: number;
}

/** A running instance. */
export interface App {
  /** `http://host:port`, without a path. Of no use where nothing listens. */
  url: string;
  db: Db;
  hub: Hub;
  broker: Broker;
  /** Null: not shared. */
  fanOut: FanOut | null;
  /** What the API does, for programs that are part of the server: the demo data. */
  capabilities: Capabilities & { readonly reactions: Reactions };
  passwords: Passwords;
  /** Null: this instance sends no mail. */
  mailer: Mailer | null;
  /**
   * Not ready at once. After the configured delay open sockets get 1012; what runs finishes, for at most `withinMs`; then everything
   * is closed.
   * @default 8000
   */
  drain(withinMs?: number): Promise<void>;
}

/** What each part gets to say when the time for draining is over, in ms. */
const lastWordMs = 400;

/** The composition root: the only place that wires parts together. Resolves when the instance accepts connections. */
export async function createApp({
  config,
  databaseUrl,
  log,
  files,
  wrapBroker = (broker) => broker,
  sharedFanOut = true,
  listening = true,
  largestBatch,
}: AppOptions): Promise<App> {
  const { keys, persistedOperations } = files ?? (await loadConfigFiles(config));
  const metrics = config.metrics === null ? null : createMetrics();
  const database = openDatabase({
    url: databaseUrl,
    pool: config.databasePool,
    prepare: config.databasePrepare,
    log,
  });
  const { db } = database;
  const broker = wrapBroker(
    config.redisUrls === null
      ? createMemoryBroker({ log })
      : await createRedisBroker({ urls: [...config.redisUrls], log }),
  );
  const hub = createHub({ db, broker, log, windowMs: config.fanOutWindowMs });
  const leaderboards = createLeaderboards({ db, broker, log });
  const write = traceWrites(
    createWrite({
      db,
      publish(committed) {
        hub.publish(committed);
        leaderboards.hear(committed);
      },
    }),
  );

  const clock = await createClock({ db, log });
  const { now } = clock;
  const tokens = createTokens({ ...config.auth, now, keys });
  const revocations = await createRevocations({ hub, db, accessTokenSeconds: config.auth.accessTokenSeconds, log });
  const mail = createAccountMail(config, log);
  const passwords = createPasswords();
  const accounts = createAccounts({ write, db, tokens, passwords, revocations, mail, auth: config.auth, now });
  const issuer = config.oidc === null ? null : createExternalIssuer(config.oidc, { now, log });
  const external = issuer === null ? null : { issuer, viewerOf: accounts.externalViewer };
  const authenticate = createAuthenticate({ tokens, revocations, external });
  const watchSession = createSessionWatch({ revocations, validUntil: accounts.sessionValidUntil, now, log });
  const limits = config.rateLimits
    ? await createRateLimits(config.redisUrls, { log, onRefusal: metrics?.onRateLimited })
    : noRateLimits;
  const presence = createPresence({ db, now, log, onChange: (eventId) => pulses.touch(eventId, 'viewerCount') });
  const rewards = createRewards({ write, db });
  const { onEngaged } = rewards;
  const reactions = createReactions({
    write,
    db,
    largestBatch,
    onEngaged,
    onReacted: (eventId) => pulses.touch(eventId, 'reactions'),
  });
  const pulses = createPulses<EventPulseValues>({
    parts: {
      viewerCount: { read: presence.count, none: 0 },
      reactions: { read: reactions.tallies, none: [] },
      polls: { read: (eventIds) => readOpenPollTallies(db, eventIds), none: [] },
      predictions: { read: (eventIds) => readOpenTotals(db, eventIds), none: [] },
      goals: { read: (eventIds) => readOpenGoals(db, eventIds), none: [] },
    },
    broker,
    log,
  });
  const polls = createPolls({ write, db, onEngaged, onTallied: (eventId) => pulses.touch(eventId, 'polls') });
  const predictions = createPredictions({
    write,
    db,
    onStaked: (eventId) => pulses.touch(eventId, 'predictions'),
  });
  const goals = createGoals({ write, db, onProgress: (eventId) => pulses.touch(eventId, 'goals') });
  const guard = createGuard({ db, hub, log, attend: presence.attend });
  const waitlist = createWaitlist({ db, write });
  const capabilities = {
    accounts,
    ownFeed: createOwnFeed({ db, hub }),
    events: createEvents({
      write,
      db,
      hub,
      guard,
      hooks: {
        onScheduled: [planReminders],
        onOver: [waitlist.close, reactions.onOver, polls.onOver, predictions.onOver, goals.onOver],
      },
    }),
    participation: createParticipation({ write, db, onEngaged }),
    waitlist,
    reminders: createReminders({ write }),
    chat: createChat({ write, db, onEngaged, largestBatch, onBatch: metrics?.onBatch }),
    questions: createQuestions({ write, db, onEngaged }),
    polls,
    predictions,
    goals,
    moderation: createModeration({ write, db }),
    reactions,
    reports: createReports({ write, db }),
    presence,
    pulses,
    analytics: createAnalytics({ db }),
    engagement: createEngagement({ write, db, onEngaged }),
    leaderboards,
    rewards,
  };

  const front = createFront({
    config,
    log,
    metrics,
    schema: createSchema(),
    sharedFanOut,
    persistedOperations,
    capabilities,
    rateLimits: limits,
    db,
    broker,
    jwks: tokens.jwks,
    authenticate,
    watchSession,
  });
  const { fanOut } = front;
  const housekeeping = createHousekeeping({
    db,
    accounts,
    retention: config.retention,
    log,
    onPruned: metrics?.onPruned,
  });
  const jobs = listening
    ? createJobs({
        db,
        write,
        duties: [
          remindersDuty,
          ...waitlistDuties,
          reactions.counting,
          polls.duty,
          rewards.duty,
          ...predictions.duties,
          goals.duty,
          leaderboards.duty,
        ],
        rounds: [housekeeping, presence.sweep, createSampling({ db }), rewards.watching, goals.counting],
        log,
        onRun: metrics?.onJobRun,
      })
    : null;
  const mailer = mail?.mailer ?? null;
  metrics?.watch({ hub, fanOut, broker, database, passwords, sockets: front.sockets, jobs, mailer });
  if (listening) await front.listen();

  return {
    url: front.url,
    db,
    hub,
    broker,
    fanOut,
    capabilities,
    passwords,
    mailer,
    async drain(withinMs = 8000) {
      await front.retire();
      const endsAt = performance.now() + withinMs;
      await front.leave(withinMs);
      // What did not end in time, or waits for a database that hangs, is begun anew elsewhere; the process is about to end it.
      const inTime = (closing: Promise<unknown> | undefined) =>
        Promise.race([closing, pause(Math.max(0, endsAt - performance.now()) + lastWordMs, undefined, { ref: false })]);
      await closeInTurn(log, [
        // Ends the streams of SSE: their clients come back elsewhere.
        ['hub', () => hub.close()],
        ['pulses', () => pulses.close()],
        ['leaderboards', () => leaderboards.close()],
        ['front', () => front.close()],
        ['clock', () => clock.close()],
        ['jobs', () => inTime(jobs?.close())],
        ['presence', () => inTime(presence.close())],
        ['passwords', () => passwords.close()],
        ['mail', () => mailer?.close()],
        ['issuer', () => issuer?.close()],
        ['revocations', () => revocations.close()],
        ['broker', () => broker.close()],
        ['rate limits', () => limits.close()],
        ['database', () => inTime(database.close())],
      ]);
    },
  };
}

function createAccountMail({ mail, dataDir }: Config, log: Log): AccountMail | null {
  if (mail === null) return null;
  const { smtpUrl, from } = mail;
  const transport =
    smtpUrl === null
      ? createOutbox({ directory: join(dataDir, 'outbox'), from, log })
      : createSmtpTransport({ url: smtpUrl, from });
  return { mailer: createMailer({ transport, log }), mails: createMails(mail) };
}
