import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { noAddress } from './account-fields.ts';
import { InvalidTokenError } from './errors.ts';
import { issueMailToken, useMailToken } from './mail-tokens.ts';
import { type AccountMail, configuredMail } from './mails.ts';

/** The proof that an address is the user's. */
export interface EmailVerification {
  /**
   * Mails a token to the viewer's address. False: there is nothing to prove, for the address is verified or there is none.
   * Throws NotConfiguredError, UnavailableError.
   */
  requestEmailVerification(viewer: Viewer): Promise<boolean>;
  /** Needs no session: mail is read on other devices. Returns the user's id. Throws InvalidTokenError. */
  verifyEmail(input: { token: string }): Promise<string>;
}

export interface EmailVerificationDeps {
  write: Write;
  db: Db;
  /** Null: this server sends no mail. */
  mail: AccountMail | null;
}

export function createEmailVerification({ write, db, mail }: EmailVerificationDeps): EmailVerification {
  return {
    async requestEmailVerification({ id }) {
      const { mailer, mails } = configuredMail(mail);
      const user = await db.user.findUnique({
        where: { id, deletedAt: null },
        select: { email: true, username: true, emailVerifiedAt: true },
      });
      if (user === null) throw new UnauthenticatedError();
      if (user.emailVerifiedAt !== null || noAddress.test(user.email)) return false;
      mailer.post(async () =>
        mails.emailVerification(user, await issueMailToken(db, 'EMAIL_VERIFICATION', { ...user, userId: id })),
      );
      return true;
    },
    verifyEmail: ({ token }) =>
      write(async ({ tx }) => {
        const used = await useMailToken(tx, 'EMAIL_VERIFICATION', token);
        if (used === null) throw new InvalidTokenError();
        const changed = await tx.$executeRaw`
          UPDATE "User" SET "emailVerifiedAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
          WHERE id = ${used.userId}::uuid AND lower(email) = lower(${used.email}) AND "deletedAt" IS NULL`;
        if (changed === 0) throw new InvalidTokenError();
        return used.userId;
      }),
  };
}
