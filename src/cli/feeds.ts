import { renewEpochs } from '../feed/epoch.ts';
import type { Command } from './command.ts';
import { withInstance } from './instance.ts';

export const newEpoch: Command = {
  name: 'feeds new-epoch',
  operands: [],
  summary: 'Tells every client that the database was restored.',
  help: `Run it once after the database was restored from a backup, before clients come back. What they saw since the backup did not
happen in this database, so a cursor from before is answered with a FeedReset (OLD_EPOCH) and they fetch anew what they show;
without it they would wait behind places that other facts will take. Everything changes in one transaction. Harmless at other
times, but for the reload it causes.`,
  run: (call) =>
    withInstance(call, async ({ db }) => {
      call.print(`${await renewEpochs(db)} feeds have a new epoch.`);
      return 0;
    }),
};
