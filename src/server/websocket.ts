import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, handleProtocols } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { Config } from '../config.ts';
import { SocketOutlet } from '../fanout/socket-outlet.ts';
import { clientOf } from './client.ts';
import { byteLimits } from './limits.ts';
import { isAllowedUpgrade } from './origins.ts';
import type { SlowSockets } from './slow-sockets.ts';
import { closeCodes, countMessages, dismiss, keepAlive, socketLimits } from './socket-manners.ts';
import { createSocketProtocol, type Extra, isSenseless, type SocketProtocolDeps } from './socket-protocol.ts';

export interface WebSocketDeps extends SocketProtocolDeps {
  slowSockets: SlowSockets;
  /** Told the close code of every socket that is gone. */
  onClosed?: (code: number) => void;
}

export interface WebSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly open: number;
  /** Closes every socket with 1012 and takes no new ones. Resolves when all are gone, or after `withinMs` without mercy. */
  drain(withinMs: number): Promise<void>;
}

/** GraphQL over WebSocket (graphql-transport-ws), through the same pipeline as HTTP. */
export function createWebSockets(deps: WebSocketDeps): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: byteLimits.socketMessage,
    maxFragments: socketLimits.fragments,
    autoPong: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const protocol = createSocketProtocol(deps);
  let draining = false;

  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const outlet = new SocketOutlet(socket, request.socket);
    const extra: Extra = { socket, outlet, client: clientOf(request, deps.config), viewer: null, release: [] };
    socket.on('error', (error) => deps.log.debug({ err: error }, 'a socket broke'));
    extra.release.push(keepAlive(socket));
    const messages = countMessages(socket);
    // Whatever makes the server work is a message.
    socket.on('ping', (data) => {
      if (socket.readyState === WebSocket.OPEN && messages.allowed()) socket.pong(data);
    });
    socket.on('pong', () => messages.allowed());
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => outlet.say(data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (listener) => {
          socket.on('message', (data, isBinary) => {
            if (socket.readyState !== WebSocket.OPEN || !messages.allowed()) return;
            if (isBinary) return dismiss(socket, 1003, 'Only text messages');
            listener(String(data)).catch((error: unknown) => {
              if (isSenseless(error)) return dismiss(socket, CloseCode.BadRequest, 'Invalid message received');
              deps.log.error({ err: error }, 'a socket message met a fault');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      extra,
    );
    const end = (code: number, reason: string) => {
      for (const release of extra.release.splice(0)) release();
      void closed(code, reason);
    };
    socket.once('close', (code, reason) => {
      end(code, String(reason));
      deps.onClosed?.(code);
    });
    // A client that stopped reading: it may come back. It is told so if it reads on before ws gives up the closing handshake (30 s);
    // its operations end now, so that until then it costs no more than what it has not taken yet.
    deps.slowSockets.watch(request.socket, () => {
      socket.close(closeCodes.overloaded, 'Too slow');
      end(closeCodes.overloaded, 'Too slow');
    });
  });

  return {
    upgrade(request, socket, head) {
      const refusal = refuseUpgrade(request, { draining, config: deps.config });
      if (refusal !== null) return refuse(socket, refusal);
      const leave = deps.places.ofNetwork.take(clientOf(request, deps.config).network);
      // Before the handshake: a flood from one place costs a line each.
      if (leave === null) return refuse(socket, 429);
      socket.once('close', leave);
      server.handleUpgrade(request, socket, head, (opened) => server.emit('connection', opened, request));
    },
    get open() {
      return server.clients.size;
    },
    async drain(withinMs) {
      draining = true;
      const gone = [...server.clients].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      for (const socket of server.clients) socket.close(closeCodes.restart, 'Restarting');
      const mercy = setTimeout(() => {
        for (const socket of server.clients) socket.terminate();
      }, withinMs);
      await Promise.all(gone);
      clearTimeout(mercy);
      server.close();
    },
  };
}

/** Node hands the socket over bare: without these listeners a reset would end the process, and one half closed would stay. */
function refuse(socket: Duplex, status: number): void {
  socket.once('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The HTTP status that an upgrade is refused with; null: it is taken. */
function refuseUpgrade(
  request: IncomingMessage,
  { draining, config }: { draining: boolean; config: Config },
): number | null {
  if (draining) return 503;
  if (request.url?.split('?', 1)[0] !== '/graphql') return 404;
  return isAllowedUpgrade(request, config) ? null : 403;
}
