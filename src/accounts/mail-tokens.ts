import { createHash, randomBytes } from 'node:crypto';
import type { Transaction } from '../db/client.ts';
import type { MailTokenPurpose } from '../generated/prisma/enums.ts';

/** How long the token of a mail is good, in seconds. */
export const mailTokenSeconds: Readonly<Record<MailTokenPurpose, number>> = {
  PASSWORD_RESET: 3600,
  EMAIL_VERIFICATION: 24 * 3600,
};

export interface MailTokenUse {
  userId: string;
  /** Where the token was sent. */
  email: string;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** A new token for a mail to this address. Only its hash is kept. */
export async function issueMailToken(
  tx: Pick<Transaction, '$executeRaw'>,
  purpose: MailTokenPurpose,
  { userId, email }: MailTokenUse,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await tx.$executeRaw`
    INSERT INTO "MailToken" (hash, "userId", purpose, email, "expiresAt")
    VALUES (${hashOf(token)}, ${userId}::uuid, ${purpose}::"MailTokenPurpose", ${email},
      clock_timestamp() + make_interval(secs => ${mailTokenSeconds[purpose]}))`;
  return token;
}

/** Whether somebody could use it: asked before work is spent on it. */
export async function isMailToken(
  tx: Pick<Transaction, '$queryRaw'>,
  purpose: MailTokenPurpose,
  token: string,
): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "MailToken"
    WHERE hash = ${hashOf(token)} AND purpose = ${purpose}::"MailTokenPurpose" AND "expiresAt" > clock_timestamp()`;
  return found.length > 0;
}

/** Uses the token up, and with it the user's others of the same purpose. Null: it was not good (any more). */
export async function useMailToken(
  tx: Transaction,
  purpose: MailTokenPurpose,
  token: string,
): Promise<MailTokenUse | null> {
  const [used] = await tx.$queryRaw<MailTokenUse[]>`
    DELETE FROM "MailToken"
    WHERE hash = ${hashOf(token)} AND purpose = ${purpose}::"MailTokenPurpose" AND "expiresAt" > clock_timestamp()
    RETURNING "userId", email`;
  if (used === undefined) return null;
  await forgetMailTokens(tx, used.userId, purpose);
  return used;
}

export async function forgetMailTokens(tx: Transaction, userId: string, purpose?: MailTokenPurpose): Promise<void> {
  await tx.mailToken.deleteMany({ where: { userId, purpose } });
}
