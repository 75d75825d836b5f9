import { NotConfiguredError } from '../errors.ts';
import type { Mail, Mailer } from '../mail/mailer.ts';
import { mailTokenSeconds } from './mail-tokens.ts';

/** What the mails say. Whoever wants other words has the mutations and their tokens. */
export interface Mails {
  passwordReset(to: Addressee, token: string): Mail;
  emailVerification(to: Addressee, token: string): Mail;
  /** To the address up to now. */
  emailChanged(to: Addressee): Mail;
}

export interface Addressee {
  email: string;
  username: string;
}

/** Mail as accounts use it: who sends, and what it says. */
export interface AccountMail {
  mailer: Mailer;
  mails: Mails;
}

/** What asks for mail says where there is none. */
export function configuredMail(mail: AccountMail | null): AccountMail {
  if (mail === null) throw new NotConfiguredError('This server sends no mail (SMTP_URL is not set).');
  return mail;
}

const hours = (seconds: number): string => (seconds === 3600 ? 'one hour' : `${seconds / 3600} hours`);

/** @param publicUrl the front end's, without a slash at its end */
export function createMails({ publicUrl }: { publicUrl: string }): Mails {
  const link = (page: string, token: string) => `${publicUrl}/${page}?token=${token}`;
  const mail = ({ email, username }: Addressee, subject: string, lines: readonly string[]): Mail => ({
    to: email,
    subject,
    text: [`Hello ${username},`, ...lines].join('\n\n').concat('\n'),
  });
  return {
    passwordReset: (to, token) =>
      mail(to, 'Set a new password', [
        `open this page within ${hours(mailTokenSeconds.PASSWORD_RESET)} to set a new password:`,
        link('reset-password', token),
        'If you did not ask for this, leave it: nothing changes.',
      ]),
    emailVerification: (to, token) =>
      mail(to, 'Confirm your email address', [
        `open this page within ${hours(mailTokenSeconds.EMAIL_VERIFICATION)} to confirm that this address is yours:`,
        link('verify-email', token),
        'If you did not ask for this, leave it: nothing changes.',
      ]),
    emailChanged: (to) =>
      mail(to, 'Your email address was changed', [
        'the email address of your account was changed; mails go to the new one from now on.',
        'If this was not you, tell whoever runs this service.',
      ]),
  };
}
