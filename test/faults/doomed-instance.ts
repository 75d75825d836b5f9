import { writeSync } from 'node:fs';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import type { Broker } from '../../src/realtime/broker.ts';

// An instance that is killed exactly between a commit and its publishing: the DIES_AT-th on the feeds of events. What it could
// not publish any more is the last thing it says.

function deadly(broker: Broker, diesAt: number): Broker {
  let messages = 0;
  return {
    kind: broker.kind,
    get state() {
      return broker.state;
    },
    get channels() {
      return broker.channels;
    },
    publish(channel, message) {
      if (channel.startsWith('feed:event:')) messages++;
      if (messages === diesAt) {
        writeSync(1, `unpublished ${message}\n`);
        process.kill(process.pid, 'SIGKILL');
      }
      broker.publish(channel, message);
    },
    subscribe: broker.subscribe,
    onChange: broker.onChange,
    close: broker.close,
  };
}

const config = readConfig(process.env);
const app = await createApp({
  config,
  databaseUrl: config.databaseUrl ?? '',
  log: createLog(config),
  wrapBroker: (broker) => deadly(broker, Number(process.env.DIES_AT)),
});
process.stdout.write(`GraphQL ${app.url}/graphql\n`);
