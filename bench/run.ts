import { fanout } from './fanout.ts';
import { leaderboard } from './leaderboard.ts';
import { reactions } from './reactions.ts';
import { read } from './read.ts';
import { publish, type Report } from './report.ts';
import { resume } from './resume.ts';
import { sockets } from './sockets.ts';
import { write } from './write.ts';

const benches: Record<string, () => Promise<Report>> = { fanout, write, resume, sockets, read, reactions, leaderboard };

// `npm run bench`: all of them; `npm run bench fanout`: this one.
const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) {
  const bench = benches[name];
  if (bench === undefined) throw new Error(`there is no bench ${name}; there are ${Object.keys(benches).join(', ')}`);
  await publish(await bench());
}
