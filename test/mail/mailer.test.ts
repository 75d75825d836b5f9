import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { UnavailableError } from '../../src/errors.ts';
import { createMailer, type Mail } from '../../src/mail/mailer.ts';
import { createSmtpTransport } from '../../src/mail/smtp.ts';
import type { Actor } from '../actor.ts';
import { testLog, useServer } from '../harness.ts';
import { recordingLog } from '../realtime/recording-log.ts';
import { scrape } from '../server/scrape.ts';
import { until } from '../wait.ts';
import { readMail, SmtpServer } from './smtp-server.ts';

const smtp = await SmtpServer.start();
const dataDir = await mkdtemp(join(tmpdir(), 'ovation-outbox-'));
afterAll(() => Promise.all([smtp.close(), rm(dataDir, { recursive: true })]));
const from = 'Ovation <ovation@example.test>';
const addressOf = (actor: Actor) => `${actor.signedIn.username}@example.test`;

describe('with a mail server', () => {
  const { log, lines } = recordingLog();
  const mail = { smtpUrl: smtp.url, from, publicUrl: 'https://show.example.test' };
  const server = useServer({ config: { mail }, log });
  afterEach(() => {
    smtp.mode = 'take';
  });
  const request = (email: string) => server.guest.mutate('requestPasswordReset', { email });

  test('a mail that is refused at first is sent again', async () => {
    const ada = await server.signUp();
    smtp.mode = 'refuse';
    expect(await request(addressOf(ada))).toMatchObject({ __typename: 'RequestPasswordResetPayload' });
    await until(() => smtp.refusals > 0, { what: 'a refusal' });
    smtp.mode = 'take';
    const { token } = await smtp.mailTo(addressOf(ada));
    expect(await server.guest.mutate('resetPassword', { token, newPassword: 'another password' })).toMatchObject({
      __typename: 'ResetPasswordPayload',
    });
    const told = lines.join('\n');
    expect(told).toContain('a mail could not be sent');
    expect(told).not.toContain(token);
    expect(told).not.toContain(addressOf(ada));
    // Which server it was.
    const [refused] = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a mail could not be sent');
    const { hostname, port } = new URL(smtp.url);
    expect(refused).toMatchObject({ host: hostname, port: Number(port) });
  });

  test('mails are counted by what became of them', async () => {
    const mails = async (outcome: string) =>
      (await scrape(server.url)).get(`ovation_mails_total{outcome="${outcome}"}`) ?? Number.NaN;
    const before = await mails('sent');
    const ada = await server.signUp();
    await request(addressOf(ada));
    await smtp.mailTo(addressOf(ada));
    await until(async () => (await mails('sent')) === before + 1, { what: 'a mail that is counted' });
    expect(await mails('failed')).toBe(0);
  });

  test('answers are the same while the mail server says nothing', async () => {
    const ada = await server.signUp();
    smtp.mode = 'silent';
    const answers = await Promise.all([request(addressOf(ada)), request('nobody@example.test')]);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ __typename: 'RequestPasswordResetPayload' });
    // The one mail hangs, the other was none.
    await until(() => server.app.mailer?.stats.waiting === 1, { what: 'one mail that hangs' });
  });
});

describe('the queue', () => {
  const mail = (n: number): Mail => ({ to: `user${n}@example.test`, subject: 'Hello', text: `Number ${n}\n` });

  test('takes so many and refuses the rest, which may come back', async () => {
    const silent = await SmtpServer.start();
    silent.mode = 'silent';
    const transport = createSmtpTransport({ url: silent.url, from });
    const mailer = createMailer({ transport, log: testLog, capacity: 5, retries: [] });
    for (let n = 0; n < 5; n++) mailer.post(async () => mail(n));
    expect(() => mailer.post(async () => mail(5))).toThrow(UnavailableError);
    expect(() => mailer.tryPost(async () => mail(6))).not.toThrow();
    expect(mailer.stats).toEqual({ sent: 0, failed: 1, waiting: 5 });
    await silent.close();
    await until(() => mailer.stats.waiting === 0, { what: 'the end of every attempt' });
    expect(mailer.stats.failed).toBe(6);
    // Places are given back.
    mailer.post(async () => null);
    await until(() => mailer.stats.waiting === 0, { what: 'nothing to send' });
    await mailer.close();
  });

  test('what is to be sent at the end is sent', async () => {
    const last = await SmtpServer.start();
    const mailer = createMailer({ transport: createSmtpTransport({ url: last.url, from }), log: testLog });
    for (let n = 0; n < 20; n++) mailer.post(async () => mail(n));
    await mailer.close();
    expect(last.mails.map(({ to }) => to).sort()).toEqual(Array.from({ length: 20 }, (_, n) => mail(n).to).sort());
    expect(mailer.stats).toEqual({ sent: 20, failed: 0, waiting: 0 });
    expect(() => mailer.post(async () => null)).toThrow(UnavailableError);
    await last.close();
  });

  test('a mail that cannot be written is logged, and hinders none', async () => {
    const { log, lines } = recordingLog();
    const mailer = createMailer({ transport: createSmtpTransport({ url: smtp.url, from }), log });
    mailer.post(() => Promise.reject(new Error('the database is away')));
    mailer.post(async () => mail(77));
    await smtp.mailTo('user77@example.test');
    await mailer.close();
    expect(lines.join('\n')).toContain('the database is away');
    expect(mailer.stats).toEqual({ sent: 1, failed: 1, waiting: 0 });
  });

  test('an address cannot bring headers or readers of its own', async () => {
    const mailer = createMailer({ transport: createSmtpTransport({ url: smtp.url, from }), log: testLog });
    mailer.post(async () => ({
      ...mail(1),
      subject: 'Hello\r\nBcc: eve@example.test',
      text: 'Hi\r\n.\r\nRCPT TO:<eve>',
    }));
    await smtp.mailTo('user1@example.test');
    await mailer.close();
    const { raw } = smtp.mails.at(-1) ?? { raw: '' };
    expect(raw).not.toMatch(/^Bcc:/m);
    expect(smtp.mails.map(({ to }) => to)).not.toContain('eve@example.test');
  });
});

describe('without a mail server, in development', () => {
  const { log, lines } = recordingLog();
  const server = useServer({ config: { dataDir }, log });

  test('mails are written to the outbox and to the log, and work', async () => {
    const ada = await server.signUp();
    await server.guest.mutate('requestPasswordReset', { email: addressOf(ada) });
    const outbox = join(dataDir, 'outbox');
    const written = () => readdir(outbox).catch(() => [] as string[]);
    await until(async () => (await written()).length > 0, { what: 'a file in the outbox' });
    await until(() => server.app.mailer?.stats.waiting === 0, { what: 'the end of the mail' });
    const [file = ''] = await written();
    const { token } = readMail(await readFile(join(outbox, file), 'utf8'));
    expect(lines.join('\n')).toContain(`http://localhost:3000/reset-password?token=${token}`);
    expect(await server.guest.mutate('resetPassword', { token, newPassword: 'another password' })).toMatchObject({
      __typename: 'ResetPasswordPayload',
    });
  });
});
