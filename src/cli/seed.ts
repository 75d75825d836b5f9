import { readConfig } from '../config.ts';
import { seed as seedDemo } from '../demo/seed.ts';
import { type Command, CommandError } from './command.ts';
import { withInstance } from './instance.ts';

export const seed: Command = {
  name: 'seed',
  operands: [],
  summary: 'Loads the demo data.',
  help: `Five accounts and four events, live, over and to come, with what an audience does in them, made through the API's own rules.
What is there already stays as it is. Their passwords are public, so there are none in production.`,
  async run(call) {
    if (readConfig(call.env).production) throw new CommandError('There is no demo data in production.');
    const { accounts, password } = await withInstance(call, (app) => seedDemo(app));
    for (const { username, what } of accounts) call.print(`${username.padEnd(12)} ${what}`);
    call.tell(`The password of each is ${password}.`);
    return 0;
  },
};
