import { fact } from '../feed/entry.ts';
import type { Role } from '../generated/prisma/enums.ts';

export type SessionEnd =
  | 'LOGGED_OUT'
  | 'REVOKED'
  | 'PASSWORD_CHANGED'
  | 'PASSWORD_RESET'
  | 'ROLE_CHANGED'
  | 'TOKEN_REUSED'
  | 'ACCOUNT_DELETED';

/** In the user's own feed. `sessionId` is the raw id. */
export const sessionRevoked = fact<{ sessionId: string; reason: SessionEnd }>()('SessionRevoked');

/** In the user's own feed. */
export const roleChanged = fact<{ role: Role }>()('RoleChanged');

/** In every feed that told of the user: their profile is gone from it, and clients forget it too. `userId` is the raw id. */
export const profileDeleted = fact<{ userId: string }>()('ProfileDeleted');
