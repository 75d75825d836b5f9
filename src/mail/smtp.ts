import { createTransport } from 'nodemailer';
import type { Transport } from './mailer.ts';

/** Milliseconds. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** Whom SMTP_URL names. Without a port: the one that nodemailer takes. */
export function mailServerOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port === '' ? (protocol === 'smtps:' ? 465 : 587) : Number(port) };
}

/** A mail server, on at most two connections that are kept for a while. TLS as its URL says; STARTTLS where it is offered. */
export function createSmtpTransport({ url, from }: { url: string; from: string }): Transport {
  const smtp = createTransport({ url, pool: true, maxConnections: 2, ...timeouts });
  return {
    async send(mail) {
      await smtp.sendMail({ ...mail, from, disableFileAccess: true, disableUrlAccess: true });
    },
    server: mailServerOf(url),
    close: () => smtp.close(),
  };
}
