import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { messageSent } from '../../src/chat/entries.ts';
import { openDatabase } from '../../src/db/client.ts';
import { feeds } from '../../src/feed/entry.ts';
import { createHub } from '../../src/feed/hub.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { newId } from '../../src/ids.ts';
import { createRedisBroker } from '../../src/realtime/redis-broker.ts';

// Appends chat facts to an event's feed at a rate that chat over the API does not reach on a small machine: several a
// transaction. Arguments: database, Redis, event id, user id, entries a second, seconds. Prints how many were appended.
const [databaseUrl = '', redisUrl = '', eventId = '', userId = '', rate = '', seconds = ''] = process.argv.slice(2);
const batch = 50;

const log = pino({ level: 'silent' });
const database = openDatabase({ url: databaseUrl, pool: 4, log });
const broker = await createRedisBroker({ urls: [redisUrl], log });
const hub = createHub({ db: database.db, broker, log });
const write = createWrite({ db: database.db, publish: hub.publish });
const actor = { userId, username: 'flood', displayName: 'Flood', avatarUrl: null };

const startedAt = performance.now();
const elapsed = (): number => performance.now() - startedAt;
let appended = 0;
while (elapsed() < Number(seconds) * 1000) {
  await pause(Math.max(0, (appended * 1000) / Number(rate) - elapsed()));
  const first = appended;
  await write(async ({ append }) => {
    for (let number = first; number < first + batch; number++) {
      const text = `flood ${number} ${'🎉'.repeat(480)}`;
      const fact = { messageId: newId(), eventId, text, removedBy: null, actor, replyToId: null };
      append(feeds.event(eventId), messageSent.draft(fact, { actorId: userId, subjectId: fact.messageId }));
    }
  });
  appended += batch;
}
process.stdout.write(`${appended}\n`);
await hub.close();
await broker.close();
await database.close();
