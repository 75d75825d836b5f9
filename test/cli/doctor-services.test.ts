import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../src/free-port.ts';
import { Issuer } from '../auth/issuer.ts';
import { SmtpServer } from '../mail/smtp-server.ts';
import { diagnose, onlyFinding } from './command-line.ts';
import { listening } from './lying-proxy.ts';

const seenOf = ({ checks }: Awaited<ReturnType<typeof diagnose>>, part: string) =>
  checks.find((check) => check.part === part)?.seen;

describe('ovation doctor looks at the mail server', () => {
  let smtp: SmtpServer;
  beforeAll(async () => {
    smtp = await SmtpServer.start();
  });
  afterAll(() => smtp.close());

  test('and finds nothing wrong with one that answers, and sends no mail', async () => {
    const diagnosis = await diagnose({ SMTP_URL: smtp.url });
    expect(diagnosis).toMatchObject({ code: 0, found: [] });
    expect(smtp.url).toContain(seenOf(diagnosis, 'mail'));
    expect(smtp.mails).toEqual([]);
  });

  test('and names one that is not there, or says nothing', async () => {
    const silent = await listening(() => {});
    for (const port of [await freePort(), silent]) {
      const finding = await onlyFinding({ SMTP_URL: `smtp://u:hush@127.0.0.1:${port}` });
      expect(finding).toMatchObject({ exit: 1, code: 'SMTP_UNREACHABLE' });
      expect(finding.problem).toContain(`127.0.0.1:${port}`);
      expect(finding.remedy).toContain('SMTP_URL');
      expect(JSON.stringify(finding)).not.toContain('hush');
    }
  });

  test('and names a login that it refuses', async () => {
    const port = await listening((socket) => {
      socket.write('220 test\r\n');
      socket.on('data', (line) =>
        socket.write(/^EHLO/.test(String(line)) ? '250-test\r\n250 AUTH PLAIN\r\n' : '535 wrong\r\n'),
      );
    });
    const finding = await onlyFinding({ SMTP_URL: `smtp://u:hush@127.0.0.1:${port}` });
    expect(finding).toMatchObject({ exit: 1, code: 'SMTP_LOGIN_REFUSED' });
    expect(finding.problem).toContain('535 wrong');
    expect(JSON.stringify(finding)).not.toContain('hush');
  });
});

describe('ovation doctor looks at the issuer of tokens', () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await Issuer.start();
  });
  afterAll(() => issuer.goAway());

  test('and finds its keys, over its discovery document or where it is told', async () => {
    const given = { OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: 'ovation' };
    for (const env of [given, { ...given, OIDC_JWKS_URL: `${issuer.url}/keys` }]) {
      const diagnosis = await diagnose(env);
      expect(diagnosis).toMatchObject({ code: 0, found: [] });
      expect(seenOf(diagnosis, 'token issuer')).toBe(`${issuer.url}, keys: 1`);
    }
  });

  test.each([
    ['is not there', async () => `http://127.0.0.1:${await freePort()}`, 'ECONNREFUSED'],
    ['has no discovery document', async () => `${issuer.url}/other`, 'answered with 404'],
    ['is called otherwise', async () => `${issuer.url}/`, 'names another issuer'],
  ])('and names one that %s', async (_what, url, problem) => {
    const finding = await onlyFinding({ OIDC_ISSUER: await url(), OIDC_AUDIENCE: 'ovation' });
    expect(finding).toMatchObject({ exit: 1, code: 'OIDC_KEYS_UNREADABLE' });
    expect(finding.problem).toContain(problem);
    expect(finding.remedy).toContain('OIDC_ISSUER');
  });
});
