import { z } from 'zod';
import type { Passwords } from '../auth/passwords.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { violatesUnique } from '../db/faults.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Role } from '../generated/prisma/enums.ts';
import { parseInput } from '../input.ts';
import { displayName, email, givenPassword, login, newPassword, username } from './account-fields.ts';
import { EmailTakenError, InvalidCredentialsError, UsernameTakenError } from './errors.ts';
import { forgetMailTokens } from './mail-tokens.ts';
import type { Sessions, SessionTokens } from './sessions.ts';

export interface SignUpInput {
  username: string;
  email: string;
  password: string;
  /** @default the username */
  displayName?: string | null;
  role: 'PARTICIPANT' | 'HOST';
}

export interface LogInInput {
  /** User name or email. */
  login: string;
  password: string;
}

export interface ChangePasswordInput {
  currentPassword: string;
  newPassword: string;
}

export interface LoggedIn {
  userId: string;
  tokens: SessionTokens;
}

/** What proves who somebody is. `device` is the client's User-Agent. */
export interface Credentials {
  /** Throws UnavailableError while too many passwords wait to be hashed: asked before a log-in is counted, or an account read. */
  admitPassword(): void;
  /** Throws InvalidInputError, UsernameTakenError, EmailTakenError. */
  signUp(input: SignUpInput, device: string): Promise<LoggedIn>;
  /** Throws InvalidInputError; InvalidCredentialsError, as late for an account that does not exist as for one that does. */
  logIn(input: LogInInput, device: string): Promise<LoggedIn>;
  /** Ends the viewer's other sessions. Returns how many. Throws InvalidInputError, InvalidCredentialsError. */
  changePassword(viewer: Viewer, input: ChangePasswordInput): Promise<number>;
  /** The hash that the password matches, to be compared again in the transaction. Throws InvalidCredentialsError. */
  confirm(viewer: Viewer, password: string): Promise<string>;
  /** The same for an account that has no password (an external issuer's): the access token is proof enough. */
  confirmWithout(viewer: Viewer): Promise<string>;
}

export interface CredentialsDeps {
  write: Write;
  db: Db;
  passwords: Passwords;
  sessions: Sessions;
}

const signUpInput = z.object({
  username,
  email,
  password: newPassword,
  displayName: displayName.nullish(),
  role: z.enum(['PARTICIPANT', 'HOST']),
});
const logInInput = z.object({ login, password: givenPassword });
const changePasswordInput = z.object({ currentPassword: givenPassword, newPassword });

/** The domain's words for an account that cannot have this name or address. */
export function takenError(error: unknown): unknown {
  if (violatesUnique(error, 'User_username_lower_key')) return new UsernameTakenError();
  if (violatesUnique(error, 'User_email_lower_key')) return new EmailTakenError();
  return error;
}

export function createCredentials({ write, db, passwords, sessions }: CredentialsDeps): Credentials {
  async function confirm(viewer: Viewer, password: string): Promise<string> {
    const find = () => db.user.findUnique({ where: { id: viewer.id, deletedAt: null }, select: { password: true } });
    const user = await passwords.verify(find, password);
    if (user === null) throw new InvalidCredentialsError();
    return user.password;
  }

  /** By user name or email. A user name has no @, so at most one account matches. */
  async function accountOf(login: string): Promise<{ id: string; password: string } | undefined> {
    const [account] = await db.$queryRaw<{ id: string; password: string }[]>`
      SELECT id, password FROM "User"
      WHERE (lower(username) = lower(${login}) OR lower(email) = lower(${login})) AND "deletedAt" IS NULL`;
    return account;
  }

  return {
    admitPassword: () => passwords.admit(),
    confirm,
    async confirmWithout({ id }) {
      const user = await db.user.findUnique({ where: { id, deletedAt: null }, select: { password: true } });
      if (user?.password !== '') throw new InvalidCredentialsError();
      return user.password;
    },
    async signUp(input, device) {
      const { password, displayName, ...account } = parseInput(signUpInput, input);
      const data = {
        ...account,
        displayName: displayName ?? account.username,
        password: await passwords.hash(password),
      };
      const granted = await write(async (work) => {
        const user = await work.tx.user.create({ data, select: { id: true, role: true } });
        return sessions.open(work, user, device);
      }).catch((error: unknown) => {
        throw takenError(error);
      });
      return { userId: granted.userId, tokens: await sessions.issue(granted) };
    },
    async logIn(input, device) {
      const { login, password } = parseInput(logInInput, input);
      const account = await passwords.verify(() => accountOf(login), password);
      if (account === null) throw new InvalidCredentialsError();
      const granted = await write(async (work) => {
        // One log-in at a time, for the number of sessions; and a password that is being changed must not open a session
        // that the change does not see and end.
        const [user] = await work.tx.$queryRaw<{ id: string; role: Role }[]>`
          SELECT id, role FROM "User" WHERE id = ${account.id}::uuid AND password = ${account.password}
          FOR NO KEY UPDATE`;
        if (user === undefined) throw new InvalidCredentialsError();
        return sessions.open(work, user, device);
      });
      return { userId: granted.userId, tokens: await sessions.issue(granted) };
    },
    async changePassword(viewer, input) {
      const parsed = parseInput(changePasswordInput, input);
      const current = await confirm(viewer, parsed.currentPassword);
      const password = await passwords.hash(parsed.newPassword);
      return write(async (work) => {
        const { count } = await work.tx.user.updateMany({
          where: { id: viewer.id, password: current },
          data: { password },
        });
        if (count === 0) throw new InvalidCredentialsError();
        await forgetMailTokens(work.tx, viewer.id, 'PASSWORD_RESET');
        const others = Prisma.sql`"userId" = ${viewer.id}::uuid AND id <> ${viewer.sessionId}::uuid`;
        return sessions.revoke(work, others, 'PASSWORD_CHANGED');
      });
    },
  };
}
