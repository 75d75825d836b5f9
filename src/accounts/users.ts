import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { Prisma, User } from '../generated/prisma/client.ts';
import { parseInput, text } from '../input.ts';
import { avatarUrl, displayName, email, givenPassword, noAddress, username } from './account-fields.ts';
import { type Credentials, takenError } from './credentials.ts';
import { InvalidCredentialsError } from './errors.ts';
import { forgetMailTokens } from './mail-tokens.ts';
import type { AccountMail, Addressee } from './mails.ts';

export type UserQuery = Pick<Prisma.UserFindManyArgs, 'select' | 'include'>;
export type UserPage = UserQuery & Pick<Prisma.UserFindManyArgs, 'cursor' | 'take' | 'skip'>;

/** Absent or null: stays as it is. */
export interface UpdateProfileInput {
  username?: string | null;
  displayName?: string | null;
  /** Null takes it away. */
  avatarUrl?: string | null;
  remindersOn?: boolean | null;
  /** Needs `currentPassword`. */
  email?: string | null;
  currentPassword?: string | null;
}

export interface Users {
  /** Null for a guest. */
  viewer(viewer: Viewer | null, query: UserQuery): Promise<User | null>;
  /** Deleted accounts too: what refers to them shows them as "deleted user". */
  byId(id: string, query: UserQuery): Promise<User | null>;
  /** One that a mutation has just written: rows of accounts stay for ever. */
  known(id: string, query: UserQuery): Promise<User>;
  /** Without regard to case; no deleted accounts. */
  byName(name: string, query: UserQuery): Promise<User | null>;
  /** By user name; those whose user name or display name contains `search`, without regard to case; no deleted accounts. */
  list(search: string | null, page: UserPage): Promise<User[]>;
  count(search: string | null): Promise<number>;
  /**
   * A new address is not verified, and the old one is told. Throws InvalidInputError, InvalidCredentialsError,
   * UsernameTakenError, EmailTakenError.
   */
  updateProfile(viewer: Viewer, input: UpdateProfileInput): Promise<void>;
}

const searchInput = z.object({ search: text(0, 50).nullable() });
const profileInput = z
  .object({
    username: username.nullish(),
    displayName: displayName.nullish(),
    avatarUrl: avatarUrl.nullish(),
    remindersOn: z.boolean().nullish(),
    email: email.nullish(),
    currentPassword: givenPassword.nullish(),
  })
  .refine(({ email, currentPassword }) => email == null || currentPassword != null, {
    path: ['currentPassword'],
    error: 'is needed to change the email address',
  });

/** The text itself, where % _ and \ have a meaning in LIKE. */
const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

function matching(search: string | null): Prisma.UserWhereInput {
  const sought = parseInput(searchInput, { search }).search ?? '';
  if (sought === '') return { deletedAt: null };
  const contains = { contains: literally(sought), mode: 'insensitive' } as const;
  return { deletedAt: null, OR: [{ username: contains }, { displayName: contains }] };
}

export interface UsersDeps {
  write: Write;
  db: Db;
  credentials: Pick<Credentials, 'confirm'>;
  /** Null: this server sends no mail. */
  mail: AccountMail | null;
}

export function createUsers({ write, db, credentials, mail }: UsersDeps): Users {
  /**
   * The address up to now, which is to be told: who sits at somebody else's screen should not pass unnoticed. Null: it stays,
   * or there was none. Throws InvalidCredentialsError.
   */
  async function changeEmail(
    tx: Transaction,
    userId: string,
    { email, password }: { email: string; password: string },
  ) {
    const [before] = await tx.$queryRaw<Addressee[]>`
      SELECT email, username FROM "User"
      WHERE id = ${userId}::uuid AND password = ${password} AND "deletedAt" IS NULL FOR NO KEY UPDATE`;
    if (before === undefined) throw new InvalidCredentialsError();
    if (before.email.toLowerCase() === email.toLowerCase()) return null;
    await forgetMailTokens(tx, userId);
    await tx.user.update({ where: { id: userId }, data: { emailVerifiedAt: null } });
    return noAddress.test(before.email) ? null : before;
  }

  return {
    viewer: async (viewer, query) =>
      viewer === null ? null : db.user.findUnique({ ...query, where: { id: viewer.id, deletedAt: null } }),
    byId: (id, query) => db.user.findUnique({ ...query, where: { id } }),
    known: (id, query) => db.user.findUniqueOrThrow({ ...query, where: { id } }),
    async byName(name, query) {
      const { data: known } = username.safeParse(name);
      if (known === undefined) return null;
      const [user] = await db.$queryRaw<{ id: string }[]>`
        SELECT id FROM "User" WHERE lower(username) = lower(${known}) AND "deletedAt" IS NULL`;
      return user === undefined ? null : db.user.findUnique({ ...query, where: { id: user.id } });
    },
    list: async (search, page) =>
      db.user.findMany({ ...page, where: matching(search), orderBy: [{ username: 'asc' }, { id: 'asc' }] }),
    count: async (search) => db.user.count({ where: matching(search) }),
    async updateProfile(viewer, input) {
      const { currentPassword, ...changes } = parseInput(profileInput, input);
      const { email } = changes;
      const password =
        email == null || currentPassword == null ? null : await credentials.confirm(viewer, currentPassword);
      const former = await write(async ({ tx }) => {
        const former =
          email == null || password === null ? null : await changeEmail(tx, viewer.id, { email, password });
        const { count } = await tx.user.updateMany({
          where: { id: viewer.id, deletedAt: null },
          data: {
            username: changes.username ?? undefined,
            displayName: changes.displayName ?? undefined,
            avatarUrl: changes.avatarUrl,
            remindersOn: changes.remindersOn ?? undefined,
            email: email ?? undefined,
          },
        });
        if (count === 0) throw new UnauthenticatedError();
        return former;
      }).catch((error: unknown) => {
        throw takenError(error);
      });
      // The change is made: a mail that is not sent does not undo it.
      if (former !== null) mail?.mailer.tryPost(async () => mail.mails.emailChanged(former));
    },
  };
}
