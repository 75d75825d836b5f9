import { verifyScores } from '../leaderboards/scores.ts';
import { verifyLedger } from '../rewards/verify.ts';
import type { Command } from './command.ts';
import { withInstance } from './instance.ts';

export const verify: Command = {
  name: 'ledger verify',
  operands: [],
  summary: 'Adds up the ledger of rewards and compares it with every balance and every score of a leaderboard.',
  help: `Prints each wallet whose balance is not the sum of its rewards, and each score that is not the sum of what was earned, and exits
with 1 if there is one: there never should be. It reads one moment of the database for each of the two and changes nothing, so it may run
beside the server.`,
  run: (call) =>
    withInstance(call, async ({ db }) => {
      const { wallets, rewards, differences } = await verifyLedger(db);
      for (const { walletId, userId, hostId, balance, ledger } of differences) {
        call.print(
          `wallet ${walletId} of user ${userId} with host ${hostId}: ${balance} points, ${ledger} by the ledger`,
        );
      }
      call.print(`${wallets} wallets, ${rewards} rewards, ${differences.length} differences.`);
      const { scores, differences: wrong, miscounted } = await verifyScores(db);
      for (const { ownerId, period, userId, points, ledger } of wrong) {
        call.print(
          `score of user ${userId} on board ${ownerId} (${period}): ${points} points, ${ledger} by the ledger`,
        );
      }
      if (miscounted > 0) call.print(`${miscounted} buckets of scores do not hold as many as they count`);
      call.print(`${scores} scores, ${wrong.length} differences.`);
      return differences.length + wrong.length + miscounted === 0 ? 0 : 1;
    }),
};
