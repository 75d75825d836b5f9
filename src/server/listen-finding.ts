import type { Config } from '../config.ts';
import type { Finding } from '../finding.ts';

/** What it means that `host` and `port` cannot be listened on. `code` is Node's. */
export function listenFinding(code: string, { port, host }: Pick<Config, 'port' | 'host'>): Finding {
  switch (code) {
    case 'EADDRINUSE':
      return {
        code: 'PORT_IN_USE',
        problem: `The port is in use: another program listens on ${host}:${port}.`,
        remedy: `Set PORT to another one, or end that program (ss -ltnp 'sport = :${port}' shows it).`,
      };
    case 'EACCES':
      return {
        code: 'PORT_FORBIDDEN',
        problem: `This user may not listen on port ${port}.`,
        remedy: 'Set PORT to one above 1023, with a load balancer in front.',
      };
    default:
      return {
        code: 'HOST_INVALID',
        problem: `HOST ${host} cannot be listened on (${code}).`,
        remedy: 'Set HOST to an address of this machine; 0.0.0.0 for all of them.',
      };
  }
}
