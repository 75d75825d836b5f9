import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { until } from '../wait.ts';

/** A mail as the server took it. */
export interface Delivered {
  from: string;
  to: string;
  /** Headers and body as they came. */
  raw: string;
}

/** A mail server for tests: takes what the protocol allows, and misbehaves when told to. */
export class SmtpServer {
  readonly mails: Delivered[] = [];
  /** What it does with whoever connects. `refuse`: answers 451 to a mail; `silent`: says no more. */
  mode: 'take' | 'refuse' | 'silent' = 'take';
  /** Mails that were refused. */
  refusals = 0;
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<SmtpServer> {
    const smtp = new SmtpServer();
    smtp.#server.listen(0, '127.0.0.1');
    await once(smtp.#server, 'listening');
    return smtp;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the mail server listens on a port');
    return `smtp://127.0.0.1:${address.port}`;
  }

  /** The newest mail to this address, once there are `count` of them. */
  async mailTo(address: string, count = 1): Promise<ReadMail> {
    const to = () => this.mails.filter((mail) => mail.to === address);
    await until(() => to().length >= count, { what: `mail ${count} to ${address}` });
    return readMail(to().at(-1)?.raw ?? '');
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    if (this.mode === 'silent') return;
    const say = (line: string) => socket.write(`${line}\r\n`);
    let mail: Delivered = { from: '', to: '', raw: '' };
    let inData = false;
    say('220 test');
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
      .on('error', () => {})
      .on('line', (line) => {
        if (this.mode === 'silent') return;
        if (inData) {
          if (line !== '.') {
            mail.raw += `${line.replace(/^\./, '')}\n`;
            return;
          }
          inData = false;
          this.mails.push(mail);
          mail = { from: '', to: '', raw: '' };
          say('250 taken');
        } else if (/^(EHLO|HELO)/i.test(line)) say('250 test');
        else if (/^MAIL FROM:/i.test(line)) {
          mail.from = /<(.*?)>/.exec(line)?.[1] ?? '';
          say('250 ok');
        } else if (/^RCPT TO:/i.test(line)) {
          mail.to = /<(.*?)>/.exec(line)?.[1] ?? '';
          if (this.mode === 'refuse') {
            this.refusals++;
            say(`451 <${mail.to}> try again`);
          } else say('250 ok');
        } else if (/^DATA/i.test(line)) {
          inData = true;
          say('354 go on');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else say('250 ok');
      });
  }
}

export interface ReadMail {
  subject: string;
  from: string;
  text: string;
  /** What the link in it carries; empty: there is none. */
  token: string;
}

/** Reads a mail of one plain part, quoted-printable or not. */
export function readMail(raw: string): ReadMail {
  const [head = '', ...body] = raw.split('\n\n');
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? '';
  const text = /^content-transfer-encoding: quoted-printable/im.test(head)
    ? body
        .join('\n\n')
        .replace(/=\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    : body.join('\n\n');
  return {
    subject: header('subject'),
    from: header('from'),
    text,
    token: /[?]token=([\w-]+)/.exec(text)?.[1] ?? '',
  };
}
