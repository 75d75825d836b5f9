// A process that owns an embedded PostgreSQL, for tests that kill it: `embedded-owner.ts <directory> wait|leave`.
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';

const [directory = '', then] = process.argv.slice(2);
const { url } = await startEmbeddedPostgres({ directory, settings: { fsync: 'off' } });
console.log(url);
process.on('SIGTERM', () => process.exit());
if (then === 'wait') setInterval(() => {}, 60_000);
