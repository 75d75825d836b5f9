import { Role } from '../generated/prisma/enums.ts';
import { type Command, UsageError } from './command.ts';
import { withInstance } from './instance.ts';

const roles = Object.values(Role);

export const promote: Command = {
  name: 'user promote',
  operands: ['<username>', '<ROLE>'],
  summary: `Gives an account another role: ${roles.join(', ')}.`,
  help: `The way to the first administrator: nobody signs up as one. It takes a role away, too. The user's own feed tells of it and
their sessions end, since their tokens carry the old role: open sockets close within a second on every instance, and the next
log-in has the new role.`,
  async run(call) {
    const [username = '', asked = ''] = call.operands;
    const role = roles.find((name) => name === asked.toUpperCase());
    if (role === undefined) throw new UsageError(`There is no role ${asked}: ${roles.join(', ')}.`);
    const { from, endedSessions } = await withInstance(call, ({ capabilities: { accounts } }) =>
      accounts.setRole(username, role),
    );
    call.print(
      from === role
        ? `${username} is ${role} already.`
        : `${username} was ${from} and is ${role} now. Sessions ended: ${endedSessions}.`,
    );
    return 0;
  },
};
