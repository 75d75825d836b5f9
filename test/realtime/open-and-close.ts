import { pino } from 'pino';
import { createRedisBroker } from '../../src/realtime/redis-broker.ts';

// Run as a process of its own: it ends by itself only if close() has left no socket and no timer.
const [url = ''] = process.argv.slice(2);
const broker = await createRedisBroker({ urls: [url], prefix: 'ovation-test:', log: pino({ level: 'silent' }) });
const end = await broker.subscribe('a', () => {});
broker.onChange(() => {});
broker.publish('a', 'x');
void broker.subscribe('b', () => {});
void end();
await broker.close();
process.stdout.write(`closed ${performance.now()}\n`);
process.on('exit', () => process.stdout.write(`ended ${performance.now()}\n`));
