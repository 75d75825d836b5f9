import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** Whether the client wants to go on with WebSocket. Whatever else it offers, HTTP/2 without TLS say, may be ignored. */
export const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.trim().toLowerCase() === 'websocket';

/**
 * Has a request answered as if it had offered no upgrade, as HTTP allows (RFC 9110, 7.8). Node takes the connection away from HTTP
 * for any: it is given back once, with the request as it came but for the offer, and closed behind the answer. Java's HttpClient
 * offers h2c on each connection.
 */
export function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, behindHead: Buffer): void {
  socket.unshift(Buffer.concat([Buffer.from(headWithoutOffer(request), 'latin1'), behindHead]));
  server.emit('connection', socket);
}

const left: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings']);

function headWithoutOffer({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`, 'Connection: close'];
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const [name = '', value = ''] = rawHeaders.slice(place, place + 2);
    if (!left.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
