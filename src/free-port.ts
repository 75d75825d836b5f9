import { createServer } from 'node:net';

/** A TCP port that nobody on 127.0.0.1 listens on now. Another program may take it before the caller does: be ready to ask again. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('This system offers no free TCP port.');
  return address.port;
}
