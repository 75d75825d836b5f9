import { Actor, testPassword } from '../actor.ts';
import type { TestServer } from '../harness.ts';

/** Nobody signs up as an administrator: the role is given in the database, and taken up by the next log-in. */
export async function admin(server: TestServer): Promise<Actor> {
  const { username } = (await server.signUp()).signedIn;
  await server.app.db.user.updateMany({ where: { username }, data: { role: 'ADMIN' } });
  const result = await server.guest.mutate(
    'logIn',
    { login: username, password: testPassword },
    'user { id username } tokens { accessToken refreshToken sessionId }',
  );
  return new Actor(server.url, { userId: result.user.id, username: result.user.username, ...result.tokens });
}
