import { createTransport } from 'nodemailer';
import type { Config } from '../../config.ts';
import { codeOf, type Finding } from '../../finding.ts';
import { mailServerOf } from '../../mail/smtp.ts';
import { answerWithinMs, type Check } from './check.ts';

const timeouts = {
  connectionTimeout: answerWithinMs,
  greetingTimeout: answerWithinMs,
  socketTimeout: answerWithinMs,
  dnsTimeout: answerWithinMs,
};

function mailFinding(error: unknown, at: string): Finding {
  const said = error instanceof Error ? error.message : String(error);
  return codeOf(error) === 'EAUTH'
    ? {
        code: 'SMTP_LOGIN_REFUSED',
        problem: `The mail server at ${at} refuses the user or password: ${said}.`,
        remedy: 'Correct SMTP_URL: smtps://user:password@host:465, percent-encoded.',
      }
    : {
        code: 'SMTP_UNREACHABLE',
        problem: `No mail server answers at ${at} (${said}).`,
        remedy:
          'Correct host and port in SMTP_URL (smtps:// where TLS comes first, as on port 465; else smtp://), and let this machine reach it.',
      };
}

/** The mail server: whether it answers and takes the login. No mail is sent. */
export async function checkMail({ mail }: Config): Promise<Check> {
  const part = 'mail';
  if (mail === null) return { part, seen: 'none is sent', findings: [] };
  if (mail.smtpUrl === null) return { part, seen: 'to the log and to DATA_DIR/outbox', findings: [] };
  const { host, port } = mailServerOf(mail.smtpUrl);
  const at = `${host}:${port}`;
  try {
    await createTransport({ url: mail.smtpUrl, ...timeouts }).verify();
    return { part, seen: at, findings: [] };
  } catch (error) {
    return { part, seen: at, findings: [mailFinding(error, at)] };
  }
}
