import type { Command } from './command.ts';
import { withInstance } from './instance.ts';

export const token: Command = {
  name: 'token',
  operands: ['<username>'],
  summary: 'Opens a session for a user and prints its access token.',
  help: `For scripts and for looking at the API as somebody. The session is one like any other: the user sees it in mySessions as
"ovation token" and can end it, and whoever holds the token is that user until it expires (ACCESS_TOKEN_SECONDS).`,
  run: (call) =>
    withInstance(call, async ({ capabilities: { accounts } }) => {
      const [username = ''] = call.operands;
      const { tokens } = await accounts.openSession(username, 'ovation token');
      call.print(tokens.accessToken);
      call.tell(
        `Good until ${tokens.accessTokenExpiresAt.toISOString()}, unless session ${tokens.sessionId} ends before.`,
      );
      return 0;
    }),
};
