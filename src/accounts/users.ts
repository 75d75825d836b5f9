import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { InvalidCredentialsError, UnauthenticatedError } from '../errors.ts';
import type { Prisma, User } from '../generated/prisma/client.ts';
import { parseInput, text } from '../input.ts';
import { avatarUrl, displayName, email, givenPassword, username } from './account-fields.ts';
import { type Credentials, takenError } from './credentials.ts';

export type UserQuery = Pick<Prisma.UserFindManyArgs, 'select' | 'include'>;
export type UserPage = UserQuery & Pick<Prisma.UserFindManyArgs, 'cursor' | 'take' | 'skip'>;

/** Absent or null: stays as it is. */
export interface UpdateProfileInput {
  username?: string | null;
  displayName?: string | null;
  /** Null takes it away. */
  avatarUrl?: string | null;
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
  /** Throws InvalidInputError, InvalidCredentialsError, UsernameTakenError, EmailTakenError. */
  updateProfile(viewer: Viewer, input: UpdateProfileInput): Promise<void>;
}

const searchInput = z.object({ search: text(0, 50).nullable() });
const profileInput = z
  .object({
    username: username.nullish(),
    displayName: displayName.nullish(),
    avatarUrl: avatarUrl.nullish(),
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

export function createUsers({ db, credentials }: { db: Db; credentials: Pick<Credentials, 'confirm'> }): Users {
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
      const confirmed =
        changes.email == null || currentPassword == null
          ? {}
          : { password: await credentials.confirm(viewer, currentPassword) };
      const { count } = await db.user
        .updateMany({
          where: { id: viewer.id, deletedAt: null, ...confirmed },
          data: {
            username: changes.username ?? undefined,
            displayName: changes.displayName ?? undefined,
            avatarUrl: changes.avatarUrl,
            email: changes.email ?? undefined,
          },
        })
        .catch((error: unknown) => {
          throw takenError(error);
        });
      if (count === 0) throw changes.email == null ? new UnauthenticatedError() : new InvalidCredentialsError();
    },
  };
}
