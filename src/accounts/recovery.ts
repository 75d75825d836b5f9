import { z } from 'zod';
import type { Passwords } from '../auth/passwords.ts';
import type { Db } from '../db/client.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { parseInput } from '../input.ts';
import { email, newPassword } from './account-fields.ts';
import { InvalidTokenError } from './errors.ts';
import { isMailToken, issueMailToken, useMailToken } from './mail-tokens.ts';
import { type AccountMail, type Addressee, configuredMail, type Mails } from './mails.ts';
import type { Sessions } from './sessions.ts';

/** A way back for who forgot the password. */
export interface Recovery {
  /**
   * Returns before the account is looked for: neither the answer nor its time tells whether there is one.
   * Throws InvalidInputError, NotConfiguredError, UnavailableError.
   */
  requestPasswordReset(input: { email: string }): Promise<void>;
  /** Ends every session of the user; returns how many. Throws InvalidInputError, InvalidTokenError. */
  resetPassword(input: { token: string; newPassword: string }): Promise<number>;
}

export interface RecoveryDeps {
  write: Write;
  db: Db;
  passwords: Passwords;
  sessions: Pick<Sessions, 'revokeAll'>;
  /** Null: this server sends no mail. */
  mail: AccountMail | null;
}

const requestInput = z.object({ email });
const resetInput = z.object({ token: z.string(), newPassword });

export function createRecovery({ write, db, passwords, sessions, mail }: RecoveryDeps): Recovery {
  async function writeResetMail(address: string, mails: Mails) {
    // Who never had a password gets one only by an address that is surely theirs: the issuer's word alone is not enough.
    const [user] = await db.$queryRaw<(Addressee & { id: string })[]>`
      SELECT id, email, username FROM "User"
      WHERE lower(email) = lower(${address}) AND "deletedAt" IS NULL
        AND (password <> '' OR "emailVerifiedAt" IS NOT NULL)`;
    if (user === undefined) return null;
    return mails.passwordReset(user, await issueMailToken(db, 'PASSWORD_RESET', { ...user, userId: user.id }));
  }

  return {
    async requestPasswordReset(input) {
      const { mailer, mails } = configuredMail(mail);
      const { email: address } = parseInput(requestInput, input);
      mailer.post(() => writeResetMail(address, mails));
    },
    async resetPassword(input) {
      const parsed = parseInput(resetInput, input);
      passwords.admit();
      if (!(await isMailToken(db, 'PASSWORD_RESET', parsed.token))) throw new InvalidTokenError();
      const password = await passwords.hash(parsed.newPassword);
      return write(async (work) => {
        const used = await useMailToken(work.tx, 'PASSWORD_RESET', parsed.token);
        if (used === null) throw new InvalidTokenError();
        // Who reads the mails of an address has it.
        const changed = await work.tx.$executeRaw`
          UPDATE "User" SET password = ${password}, "updatedAt" = clock_timestamp(),
            "emailVerifiedAt" = COALESCE("emailVerifiedAt", clock_timestamp())
          WHERE id = ${used.userId}::uuid AND lower(email) = lower(${used.email}) AND "deletedAt" IS NULL`;
        if (changed === 0) throw new InvalidTokenError();
        return sessions.revokeAll(work, used.userId, 'PASSWORD_RESET');
      });
    },
  };
}
