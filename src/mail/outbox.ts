import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Log } from '../log.ts';
import type { Transport } from './mailer.ts';

/** So many mails are kept, the newest. */
const kept = 200;

/** For development: each mail becomes a line of the log and a file that mail programs open. Never used in production. */
export function createOutbox({ directory, from, log }: { directory: string; from: string; log: Log }): Transport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return {
    async send(mail) {
      const { message } = await composer.sendMail({ ...mail, from, disableFileAccess: true, disableUrlAccess: true });
      await mkdir(directory, { recursive: true });
      const name = `${new Date().toISOString().replace(/\W/g, '')}-${randomBytes(4).toString('hex')}.eml`;
      const file = join(directory, name);
      await writeFile(file, message, { mode: 0o600, flag: 'wx' });
      log.info({ file, to: mail.to, subject: mail.subject, text: mail.text }, 'a mail was written to the outbox');
      await prune(directory);
    },
    server: null,
    close: () => composer.close(),
  };
}

/** Names begin with the time, so the oldest come first. */
async function prune(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.eml')).sort();
  for (const name of names.slice(0, -kept)) await rm(join(directory, name), { force: true });
}
