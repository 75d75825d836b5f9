import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { Role } from '../generated/prisma/enums.ts';
import type { Sessions } from './sessions.ts';

/** What an account may do everywhere. */
export interface Roles {
  /**
   * Ends the user's sessions: their tokens carry the old role. Returns how many; none when the role stays as it is.
   * Throws NotFoundError.
   */
  setRole(userId: string, role: Role): Promise<number>;
  /** The same by an administrator. Throws ForbiddenError for anybody else, and NotFoundError. */
  changeRole(viewer: Viewer, userId: string, role: Role): Promise<number>;
}

export function createRoles({ write, sessions }: { write: Write; sessions: Pick<Sessions, 'revokeAll'> }): Roles {
  async function setRole(userId: string, role: Role): Promise<number> {
    return write(async (work) => {
      const [user] = await work.tx.$queryRaw<{ role: Role }[]>`
        SELECT role FROM "User" WHERE id = ${userId}::uuid AND "deletedAt" IS NULL FOR NO KEY UPDATE`;
      if (user === undefined) throw new NotFoundError('User');
      if (user.role === role) return 0;
      await work.tx.$executeRaw`
        UPDATE "User" SET role = ${role}::"Role", "updatedAt" = clock_timestamp() WHERE id = ${userId}::uuid`;
      return sessions.revokeAll(work, userId, 'ROLE_CHANGED');
    });
  }
  return {
    setRole,
    async changeRole(viewer, userId, role) {
      if (viewer.role !== 'ADMIN') throw new ForbiddenError('Only administrators change roles.');
      return setRole(userId, role);
    },
  };
}
