import { randomBytes } from 'node:crypto';
import type { ExternalToken } from '../auth/external-issuer.ts';
import { newId } from '../ids.ts';
import { displayName, email, placeholderAddress, username } from './account-fields.ts';

/** A user's first row. */
export interface NewAccount {
  id: string;
  username: string;
  displayName: string;
  email: string;
  emailVerifiedAt: Date | null;
}

/** Proposals for the account of a subject nobody has seen yet, until one is free. */
export interface AccountProposals {
  /** The first has the name that the token asks for, the later ones something behind it. */
  next(): NewAccount;
  /** The address is another account's. Whose it is now, only that account's password can tell: they are not joined. */
  leaveEmail(): void;
}

export function proposeAccount(token: ExternalToken): AccountProposals {
  const base = nameFrom(token.username ?? token.email ?? '');
  let address = email.safeParse(token.email).data ?? null;
  let round = 0;
  return {
    next() {
      const id = newId();
      const suffix = round++ === 0 ? '' : `_${randomBytes(3).toString('hex')}`;
      const name = `${base.slice(0, 30 - suffix.length)}${suffix}`;
      return {
        id,
        username: name,
        displayName: displayName.safeParse(token.username).data ?? name,
        email: address ?? placeholderAddress(id),
        emailVerifiedAt: address !== null && token.emailVerified ? new Date() : null,
      };
    },
    leaveEmail() {
      address = null;
      round = 0;
    },
  };
}

/** A user name as near to the claim as the rules allow: `Ada Lovelace@example.org` becomes `Ada_Lovelace`. */
function nameFrom(claim: string): string {
  const letters = claim
    .split('@', 1)
    .join('')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 30);
  return username.safeParse(letters).success ? letters : `user_${randomBytes(4).toString('hex')}`;
}
