import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Client } from '../context.ts';

/** Where a request comes from. Behind a trusted proxy its last `X-Forwarded-For` entry counts: earlier ones are the client's word. */
export function clientOf(request: IncomingMessage, { trustProxy }: { trustProxy: boolean }): Client {
  const forwarded = trustProxy
    ? String(request.headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : undefined;
  const address = withoutPort(forwarded || (request.socket.remoteAddress ?? 'unknown'));
  return {
    address,
    network: networkOf(address),
    device: request.headers['user-agent'] ?? '',
  };
}

/** Some proxies write the client's port, too: `203.0.113.7:40000`, `[2001:db8::1]:40000`. */
function withoutPort(address: string): string {
  const [, ipv6, ipv4] = /^(?:\[(.+)\](?::\d+)?|([\d.]+):\d+)$/.exec(address) ?? [];
  return ipv6 ?? ipv4 ?? address;
}

/** An IPv6 host chooses freely among the 2^64 addresses of its line: they are counted as one. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const behind = groups(tail ?? '');
  const zeros = new Array<string>(tail === undefined ? 0 : Math.max(0, 8 - groups(head).length - behind.length)).fill(
    '0',
  );
  const line = [...groups(head), ...zeros, ...behind]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16));
  return `${line.join(':')}::/64`;
}
