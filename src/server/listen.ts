import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config.ts';
import { codeOf, FindingError } from '../finding.ts';
import { listenFinding } from './listen-finding.ts';

/**
 * Connections that the system holds until this process takes them, as far as the system allows (net.core.somaxconn). Beyond, it drops
 * or resets them: when an instance ends, all its clients come to the others in one moment.
 */
const backlog = 8192;

/** Resolves when the server accepts connections. Throws FindingError where the port cannot be had. */
export function listen(http: Server, { port, host }: Pick<Config, 'port' | 'host'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      const finding = listenFinding(codeOf(error) ?? error.message, { port, host });
      reject(new FindingError(finding, { cause: error }));
    };
    http.once('error', refuse);
    http.listen({ port, host, backlog }, () => {
      http.off('error', refuse);
      resolve();
    });
  });
}

/** Where it can be reached from this machine, without a path. Port 0: it does not listen. */
export function urlOf(address: string | AddressInfo | null, host: string): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
